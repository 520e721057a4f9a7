"""FiftyOne export: classifications in the JSON that FiftyOne imports.

``fiftyone.types.FiftyOneDataset`` is a folder with ``samples.json``: ``{"samples": [...]}``, an
object for each clip with ``filepath``, ``tags`` and a field for each label, such as ``{"_cls":
"Classification", "label": "cat", "confidence": 0.8, "logits": [...]}``. FiftyOne's importer reads
what is written here as such a data set without a version, the form in which samples are given
field by field (``LegacyFiftyOneDatasetImporter``, FiftyOne 1.22).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError, printable
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions
from fusionscope.explain.measures import probabilities

TRUTH = "ground_truth"
OWN = "clip_"  # start of the fields that hold columns, as FiftyOne has names of its own


def write_fiftyone(predictions: Predictions, folder: Path, videos: Path) -> int:
    """Write ``samples.json`` and ``metadata.json``; return the number of clips.

    Args:
        folder: made if it is missing; import it with ``fiftyone.Dataset.from_dir(dataset_dir=...,
            dataset_type=fiftyone.types.FiftyOneDataset)``.
        videos: the folder that the column ``path`` is relative to; a clip without a path is
            ``videos`` and its name.

    Raises:
        InputError: two heads disagree on a label, or a file cannot be written.
    """
    samples: dict[str, dict[str, Any]] = {}
    names = _field_names(predictions)
    for pair, one in predictions.heads.items():
        sure, said = probabilities(one.scores).max(axis=1), one.said
        for row, clip in enumerate(one.clips):
            truth = _label(one.classes[one.labels[row]])
            sample = samples.setdefault(clip, {"filepath": "", "tags": [], TRUTH: truth})
            if sample[TRUTH] != truth:
                raise InputError(
                    f"two heads have other labels of {printable(clip)}; needed: the same label"
                )
            path = one.paths[row] if one.paths else ""
            if path or not sample["filepath"]:
                sample["filepath"] = str(videos / (path or clip).replace("\\", "/"))
            logits = np.round(one.scores[row], 5).tolist()
            sample[names[pair]] = _label(one.classes[said[row]], float(sure[row]), logits)
            sample |= _about(one, row)
    make_folder(folder)
    told = {"info": {"classes": list(predictions.classes)}}
    for name, content in (("samples", {"samples": [*samples.values()]}), ("metadata", told)):
        with atomic_write(folder / f"{name}.json") as unfinished:
            unfinished.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return len(samples)


def _field_names(predictions: Predictions) -> dict[tuple[str, str], str]:
    """Names of the heads as FiftyOne allows them: letters, digits and underscores."""
    heads = [head for _, head in predictions.heads]
    found: dict[tuple[str, str], str] = {}
    for model, head in predictions.heads:
        whole = head if heads.count(head) == 1 else f"{model}_{head}"
        name = re.sub(r"\W", "_", whole).strip("_") or "head"
        while name in (*found.values(), TRUTH, "filepath", "tags") or name.startswith(OWN):
            name += "_"
        found[model, head] = name
    return found


def _label(label: str, confidence: float | None = None, logits: Any = None) -> dict[str, Any]:
    known = {"confidence": confidence, "logits": logits} if logits is not None else {}
    return {"_cls": "Classification", "label": label, **known}


def _about(one: Answers, row: int) -> dict[str, Any]:
    """The clip's name, group and columns."""
    found: dict[str, Any] = {f"{OWN}name": one.clips[row]}
    if one.groups:
        found[f"{OWN}group"] = one.groups[row]
    for name, column in one.columns.items():
        value = column[row]
        known = value if isinstance(value, str) else float(value)
        if known not in ("",) and known == known:
            found[OWN + re.sub(r"\W", "_", name)] = known
    return found
