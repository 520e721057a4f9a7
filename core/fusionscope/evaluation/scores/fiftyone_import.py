"""FiftyOne import: classifications in the ``samples.json`` that FiftyOne exports.

See ``fiftyone_export`` for the form. A classification without logits gives the probability of one
class only. Its other classes then share the rest equally: prediction and confidence are kept, the
order of the others is not known.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.evaluation.answers import Answers, Column
from fusionscope.evaluation.scores.fiftyone_export import OWN, TRUTH

_KINDS = ("Classification", "Classifications")
_SMALLEST = 1e-12  # a probability; keeps its logarithm finite
_LARGEST = 8 * 100_000 + 1024  # bytes of one clip's logits


def is_fiftyone(told: Any) -> bool:
    """Whether JSON has the form of ``samples.json``."""
    return isinstance(told, Mapping) and isinstance(told.get("samples"), list)


def read_fiftyone(
    told: Mapping[str, Any], name: str, model: str, classes: Sequence[str]
) -> list[Answers]:
    """Predictions of the fields that hold classifications.

    The truth is the field ``ground_truth``. Clips without it, or without a head's field, are left
    out of that head.

    Args:
        classes: the order of the logits; needed if there are some.

    Raises:
        InputError: there is no truth, no other classification, or logits do not fit the classes.
    """
    samples = [one for one in told["samples"] if isinstance(one, Mapping)]
    truths = [_class_of(one.get(TRUTH)) for one in samples]
    fields = dict.fromkeys(
        field
        for one in samples
        for field, value in one.items()
        if field != TRUTH and _is_label(value)
    )
    if not any(truths) or not fields:
        missing = f"field {TRUTH} with a classification" if fields else "field with predictions"
        raise InputError(
            f"{name} has no {missing}; needed: classifications in {TRUTH} and in one field a head"
        )
    named = tuple(classes) or tuple(
        sorted({*filter(None, truths), *_labels(samples, list(fields))})
    )
    clips = _clip_names(samples)
    found = []
    for field in fields:
        rows = [k for k, one in enumerate(samples) if truths[k] and _is_label(one.get(field))]
        if not rows:
            continue
        scores = np.stack(
            [_scores(samples[k][field], named, clips[k], bool(classes)) for k in rows]
        )
        for k in rows:
            if truths[k] not in named:
                raise InputError(
                    f"the label {printable(truths[k])!r} of {printable(clips[k])} is not a class; "
                    f"needed: one of the {len(named)} classes"
                )
        groups = tuple(str(samples[k].get(f"{OWN}group", "")) for k in rows)
        found.append(
            Answers(
                model,
                field,
                named,
                tuple(clips[k] for k in rows),
                np.array([named.index(truths[k]) for k in rows]),
                scores,
                groups if all(groups) else (),
                tuple(str(samples[k].get("filepath", "")) for k in rows),
                columns=_columns([samples[k] for k in rows]),
            )
        )
    return found


def _is_label(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("_cls") in _KINDS


def _entries(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The single classifications of a label."""
    several = value.get("classifications")
    return [one for one in several if isinstance(one, Mapping)] if several else [value]


def _class_of(value: Any) -> str:
    return str(_entries(value)[0].get("label") or "") if _is_label(value) else ""


def _labels(samples: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> set[str]:
    """All classes that classifications name."""
    labels = (one[field] for one in samples for field in fields if _is_label(one.get(field)))
    return {
        str(entry["label"]) for value in labels for entry in _entries(value) if "label" in entry
    }


def _clip_names(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    """A name for each sample: the one it was exported with, else its file's, if that is unique."""
    files = [str(one.get("filepath", at)).replace("\\", "/") for at, one in enumerate(samples)]
    stems = [PurePosixPath(file).stem for file in files]
    names = [str(one.get(f"{OWN}name") or stem) for one, stem in zip(samples, stems, strict=True)]
    return names if len({*names}) == len(names) else files


def _scores(value: Mapping[str, Any], classes: Sequence[str], clip: str, known: bool) -> np.ndarray:
    """Scores of one clip, (K,): its logits, or the logarithm of its probabilities."""
    logits = _logits(value.get("logits"))
    if logits is not None:
        if not known or logits.shape != (len(classes),) or not np.isfinite(logits).all():
            raise InputError(
                f"{printable(clip)} has {logits.size} logits for {len(classes)} classes; needed: "
                "the classes in their order (--classes FILE), and a finite number for each"
            )
        return logits
    given = {str(one.get("label")): _share(one.get("confidence")) for one in _entries(value)}
    rest = max(0.0, 1 - sum(given.values())) / max(1, len(classes) - len(given))
    return np.log(np.maximum([given.get(name, rest) for name in classes], _SMALLEST))


def _share(confidence: Any) -> float:
    """A confidence in 0..1; 1 where there is none."""
    return min(1.0, max(0.0, float(confidence))) if isinstance(confidence, int | float) else 1.0


def _logits(value: Any) -> np.ndarray | None:
    """Numbers as a list, or as FiftyOne stores them: a compressed NPY array in base 64."""
    if isinstance(value, Mapping) and "$binary" in value:
        value = value["$binary"]
        value = value.get("base64") if isinstance(value, Mapping) else value
    try:
        if isinstance(value, str):
            content = zlib.decompressobj().decompress(base64.b64decode(value), _LARGEST)
            return np.asarray(np.load(BytesIO(content), allow_pickle=False), float).ravel()
        return np.asarray(value, float) if isinstance(value, list) else None
    except (ValueError, OSError, EOFError, zlib.error, binascii.Error) as problem:
        raise InputError(
            f"logits cannot be read ({printable(str(problem))}); needed: a list of numbers"
        ) from problem


def _columns(samples: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Columns from the simple fields of the samples."""
    names = dict.fromkeys(
        field
        for one in samples
        for field, value in one.items()
        if isinstance(value, str | int | float)
        and not field.startswith("_")
        and field not in ("filepath", "id", f"{OWN}name", f"{OWN}group")
    )
    found: dict[str, Column] = {}
    for field in names:
        values = [one.get(field) for one in samples]
        if all(value is None or isinstance(value, int | float) for value in values):
            found[field.removeprefix(OWN)] = np.array(
                [np.nan if value is None else float(value) for value in values]
            )
        else:
            found[field.removeprefix(OWN)] = tuple(
                "" if value is None else str(value) for value in values
            )
    return found
