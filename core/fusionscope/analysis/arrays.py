"""Arrays: what a page shows as plain arrays, before any colour, in one file for NumPy.

``np.load(file)`` returns every array by its name; ``about`` is JSON text that describes them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from fusionscope.analysis.analysis import Analysis
from fusionscope.explain.ledger.ledger import TERMS, Passes

if TYPE_CHECKING:
    from fusionscope.explain.attribution.records import Attribution

Arrays = dict[str, np.ndarray]

_MEANING = {
    "frames": "(N, H, W, 3) uint8 RGB",
    "flow": "(N-1, 2, H, W) float32 pixels, x before y; field n leads from frame n to frame n + 1",
    "chunk_frames": "(T,) the frame from which each chunk's appearance is taken",
    "chunk_spans": "(T, 2) the first and last frame of each chunk's flow fields",
    "map": "(T, h, w) the values drawn",
    "extent": "left, top, right, bottom of the map in shares of the picture",
    "scores": "(K,) scores of a head before softmax",
    "terms": "of the score of the predicted class, at the deciding head: " + ", ".join(TERMS),
}


def arrays_of_run(run: Analysis, prefix: str = "") -> Arrays:
    """The arrays of a run: frames, flow, maps, scores and ledger."""
    trace = run.trace
    found = {
        "frames": trace.clip.frames,
        "flow": trace.flow.astype(np.float32),
        "chunk_frames": np.asarray(trace.snippets.frames),
        "chunk_spans": np.asarray(trace.snippets.spans),
        "terms": terms_of(run.passes),
    }
    for heat in run.maps:
        found[f"map_{heat.key}"] = heat.cells.astype(np.float32)
        found[f"extent_{heat.key}"] = np.array(heat.extent)
    for head, scores in trace.logits.items():
        found[f"scores_{head}"] = scores
    return {prefix + name: value for name, value in found.items()}


def arrays_of_attribution(found: Attribution) -> Arrays:
    """The attribution map of each stream."""
    arrays: Arrays = {}
    for stream, one in found.maps.items():
        arrays[f"map_{found.method}_{stream}"] = one.cells.astype(np.float32)
        arrays[f"extent_{found.method}_{stream}"] = np.array(one.extent)
    return arrays


def terms_of(passes: Passes) -> np.ndarray:
    """(4,) the ledger of the predicted class, in the order of ``TERMS``."""
    ledger = asdict(passes.ledger(passes.deciding, passes.said))
    return np.array([ledger[term] for term in TERMS])


def about_run(run: Analysis, prefix: str = "") -> dict[str, Any]:
    """What a reader of the arrays must know: model, clip, classes, units of the maps."""
    card, clip = run.trace.card, run.trace.clip
    about = {
        "model": card.name,
        "sha256": card.sha256,
        "labels": list(card.labels),
        "clip": clip.name,
        "digest": clip.digest,
        "fps": clip.fps,
        "flow_method": card.flow,
        "maps": {heat.key: {"what": heat.detail, "unit": heat.unit} for heat in run.maps},
        "said": run.passes.said if run.passes.taught else None,
    }
    return {prefix + name: value for name, value in about.items()}


def pack_bundle(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> bytes:
    """Arrays and their description -> an .npz that ``np.load`` reads without pickles."""
    file = io.BytesIO()
    words = json.dumps({**about, "arrays": _MEANING}, ensure_ascii=False)
    np.savez_compressed(file, allow_pickle=False, about=np.array(words), **arrays)
    return file.getvalue()
