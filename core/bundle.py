"""Bundle: what a page shows as plain arrays, before any colour, in one file for NumPy.

``np.load(file)`` gives every array by its name; ``about`` is a JSON text that says what each is.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from core.explain.attributions import Attribution
from core.explain.ledger import TERMS, Passes
from core.pipeline import Analysis

Arrays = dict[str, np.ndarray]

_MEANING = {
    "frames": "(N, H, W, 3) uint8 RGB",
    "flow": "(N-1, 2, H, W) float32 pixels of the frame, x before y; field n leads from frame n on",
    "chunk_frames": "(T,) the frame that each chunk's appearance is",
    "chunk_spans": "(T, 2) the first and last frame that each chunk's motion speaks of",
    "map": "(T, h, w) what is drawn",
    "extent": "left, top, right, bottom of that grid in shares of the picture",
    "scores": "(K,) scores of a head before the softmax",
    "terms": "of the score of the class that is said, at the head that decides: "
    + ", ".join(TERMS),
}


def arrays_of_run(run: Analysis, prefix: str = "") -> Arrays:
    """What is shown of a run: pictures, flow, maps, scores and the ledger."""
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
    """What a method says of each stream."""
    arrays: Arrays = {}
    for stream, one in found.maps.items():
        arrays[f"map_{found.method}_{stream}"] = one.cells.astype(np.float32)
        arrays[f"extent_{found.method}_{stream}"] = np.array(one.extent)
    return arrays


def terms_of(passes: Passes) -> np.ndarray:
    """(4,) the ledger of what is said, in the order of ``TERMS``."""
    ledger = asdict(passes.ledger(passes.deciding, passes.said))
    return np.array([ledger[term] for term in TERMS])


def about_run(run: Analysis, prefix: str = "") -> dict[str, Any]:
    """What must be known of a run's arrays."""
    card, clip = run.trace.card, run.trace.clip
    told = {
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
    return {prefix + name: value for name, value in told.items()}


def pack_bundle(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> bytes:
    """Arrays and words -> an .npz that ``np.load`` reads without pickles."""
    file = io.BytesIO()
    words = json.dumps({**about, "arrays": _MEANING}, ensure_ascii=False)
    np.savez_compressed(file, allow_pickle=False, about=np.array(words), **arrays)
    return file.getvalue()
