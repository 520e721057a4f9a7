"""Score arrays: arrays of scores and labels that another program made, checked and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions, gathered
from fusionscope.evaluation.table_file import column_of

NONE: Mapping[str, np.ndarray] = MappingProxyType({})


def predictions_of(
    arrays: Mapping[str, np.ndarray],
    heads: Mapping[str, np.ndarray],
    name: str,
    model: str,
    classes: tuple[str, ...],
    columns: Mapping[str, np.ndarray] = NONE,
) -> Predictions:
    """Check names, labels and scores, and make predictions of them.

    Args:
        arrays: ``clip`` (N,), ``label`` (N,) indices or names, and ``classes`` (K,) where known.
        heads: name -> (N, K) scores.
        name: the file's name, for errors.
        classes: K names, instead of those in ``arrays``; without any, the classes are numbered.
        columns: name -> (N,) what else is known of the clips.

    Raises:
        InputError: something is missing, has another shape, or occurs twice.
    """
    missing = [key for key in ("clip", "label") if key not in arrays]
    if missing or not heads:
        raise InputError(
            f"{name} has no {' and no '.join([*missing, *([] if heads else ['scores'])])}; needed: "
            "clip, label, classes and (N, K) scores for each head"
        )
    clips = tuple(map(str, arrays["clip"].ravel().tolist()))
    named = classes or tuple(map(str, arrays.get("classes", np.array([])).ravel().tolist()))
    for head, scores in heads.items():
        fits = scores.ndim == 2 and len(scores) == len(clips) and scores.dtype.kind in "fiu"
        if not fits or (named and scores.shape[1] != len(named)):
            raise InputError(
                f"{printable(head)} of {name} has the shape {scores.shape}; needed: numbers of "
                f"shape ({len(clips)}, {len(named) or 'K'}), clips and classes"
            )
        if not np.isfinite(scores).all():
            row = int(np.argwhere(~np.isfinite(scores))[0, 0])
            raise InputError(
                f"{printable(head)} of {printable(clips[row])} in {name} is not finite; needed: "
                "finite numbers"
            )
        named = named or tuple(str(k) for k in range(scores.shape[1]))
    for kind, values in (("clip", clips), ("class", named)):
        value, count = Counter(values).most_common(1)[0] if values else ("", 0)
        if count > 1:
            raise InputError(
                f"the {kind} {printable(value)} occurs {count} times in {name}; needed: once"
            )
    labels = _indices(arrays["label"].ravel(), named, name)
    if len(labels) != len(clips):
        raise InputError(f"{name} has {len(labels)} labels for {len(clips)} clips; needed: as many")
    about = {name: column_of([*map(_cell, of.tolist())]) for name, of in columns.items()}
    known = {name: column for name, column in about.items() if column is not None}
    return gathered(
        Answers(model, str(head), named, clips, labels, scores.astype(float), columns=known)
        for head, scores in heads.items()
    )


def _cell(value: object) -> str:
    return "" if value != value else str(value)  # nan is an empty cell


def _indices(labels: np.ndarray, classes: tuple[str, ...], name: str) -> np.ndarray:
    """Labels, indices or names, as indices into the classes."""
    place = {label: k for k, label in enumerate(classes)}
    known = [place.get(label, -1) for label in map(str, labels.tolist())]
    if labels.dtype.kind in "iu":
        known = [int(k) if 0 <= k < len(classes) else -1 for k in labels.tolist()]
    if -1 in known:
        odd = printable(str(labels[known.index(-1)]))
        raise InputError(
            f"the label {odd!r} in {name} is not a class; needed: an index below {len(classes)}, "
            "or a class's name"
        )
    return np.array(known)
