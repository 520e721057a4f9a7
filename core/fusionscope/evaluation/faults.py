"""Faults: what is odd about predictions of other programs, each in one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from fusionscope.base.records import digest_of, printable
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions

_PUNCTUATION = re.compile(r"[^0-9a-z]")
_NAMED = 3  # examples in a sentence


def repeated_clips(heads: Sequence[Answers]) -> list[tuple[str, ...]]:
    """Clips to which every head gives the same scores, to the bit: copies under several names.

    Args:
        heads: on the same clips, in the same order.
    """
    first = heads[0]
    _, at, counts = np.unique(first.scores.sum(axis=1), return_inverse=True, return_counts=True)
    by_scores: dict[str, list[str]] = {}
    for row in np.flatnonzero(counts[at] > 1):  # only these can be equal
        clip = first.clips[row]
        by_scores.setdefault(digest_of(*(head.scores[row] for head in heads)), []).append(clip)
    return [tuple(clips) for clips in by_scores.values() if len(clips) > 1]


def repeated_words(heads: Sequence[Answers]) -> str:
    """Say which clips seem to be copies of each other; empty if none is."""
    found = repeated_clips(heads)
    if not found:
        return ""
    count = sum(map(len, found))
    named = "; ".join(" and ".join(map(printable, clips[:2])) for clips in found[:_NAMED])
    more = " …" if len(found) > _NAMED or any(len(clips) > 2 for clips in found) else ""
    return (
        f"{count} clips have the same scores as another in every head, so they may be copies of "
        f"{len(found)} clip{'' if len(found) == 1 else 's'} and count several times: {named}{more}."
    )


def other_classes(several: Sequence[Predictions]) -> list[str]:
    """Say which predictions of the same clips cannot be compared, as their classes differ."""
    found = []
    for at, one in enumerate(several):
        for other in several[:at]:
            if _share_clips(one, other) and (differs := _difference(one, other)):
                found.append(f"{_whose(one)} and {_whose(other)} cannot be compared: {differs}.")
    return found


def _difference(one: Predictions, other: Predictions) -> str:
    """How two sets of classes differ, if most of them are the same."""
    here, there = {*one.classes} - {*other.classes}, {*other.classes} - {*one.classes}
    spelled = {_plain(name): name for name in sorted(there)}
    pairs = [(name, spelled[_plain(name)]) for name in sorted(here) if _plain(name) in spelled]
    if pairs:
        first = " and ".join(repr(printable(name)) for name in pairs[0])
        return f"{len(pairs)} classes differ only in spelling, such as {first}"
    if len({*one.classes} & {*other.classes}) < 2 * max(len(here), len(there)):
        return ""  # another data set
    missing = [
        f"{_whose(whose)} has no class {printable(min(names))!r}"
        + (f" nor {len(names) - 1} more" if len(names) > 1 else "")
        for names, whose in ((there, one), (here, other))
        if names
    ]
    return ", and ".join(missing)


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("", name.lower())


def _whose(predictions: Predictions) -> str:
    model, head = next(iter(predictions.heads))
    return printable(f"{model}: {head}")


def _share_clips(one: Predictions, other: Predictions) -> bool:
    first, second = (next(iter(each.heads.values())).clips for each in (one, other))
    return not {*first}.isdisjoint(second)
