"""Folder: clips sorted into one folder a class, as examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fusionscope.base import user_files
from fusionscope.base.records import InputError, Progress, no_progress, printable
from fusionscope.data.datasets import Item, open_data
from fusionscope.nets.network import Network
from fusionscope.teaching.examples import Example
from fusionscope.teaching.tower_maps import tower_maps
from fusionscope.video.clip import Clip, read_clip

Clips = Mapping[str, Sequence[Clip | Path | str]]
"""Class -> its clips, or the files of them."""


def examples_in(
    folder: Path, network: Network, groups: str = "", progress: Progress = no_progress
) -> tuple[list[Example], dict[str, str]]:
    """Read ``class/clip.mp4`` -> the examples, and clip -> why it could not be used.

    Args:
        groups: a regular expression; what it finds in the file's name, or its first group, is the
            clip's group: the person or the sitting. Empty: groups are unknown.
        progress: called as ``progress("maps", done)``, ``done`` in 0..1.

    Raises:
        InputError: the folder does not exist, or a class has no clip that can be used.
    """
    found = open_data("folder", folder)
    for place in user_files.listed(found.root):
        if place.is_dir() and place.name not in found.labels:
            raise InputError(
                f"the class {printable(place.name)} has no video; needed: a clip or more"
            )
    pattern = _pattern(groups)
    named = [(item.id, item.label, item.path, _group(item, pattern)) for item in found.items]
    return _examples(named, network, progress)


def examples_of(
    clips: Clips, network: Network, progress: Progress = no_progress
) -> tuple[list[Example], dict[str, str]]:
    """Turn clips, by class, into examples; the rest as ``examples_in``."""
    named = [
        (f"{label}/{_name(one, number)}", label, one, "")
        for label, some in clips.items()
        for number, one in enumerate(some, start=1)
    ]
    empty = [label for label, some in clips.items() if not some]
    if empty:
        raise InputError(f"the class {printable(empty[0])} has no clip; needed: one or more")
    return _examples(named, network, progress)


def _examples(
    named: Sequence[tuple[str, str, Clip | Path | str, str]], network: Network, progress: Progress
) -> tuple[list[Example], dict[str, str]]:
    examples, problems = [], {}
    for done, (name, label, source, group) in enumerate(named, start=1):
        try:
            clip = source if isinstance(source, Clip) else read_clip(source, start=0.0)
            examples.append(Example(label, tower_maps(network, clip), name, group))
        except InputError as problem:
            problems[name] = str(problem)
        progress("maps", done / len(named))
    there = {example.label for example in examples}
    for name, label, _, _ in named:
        if label not in there:
            raise InputError(
                f"no clip of the class {printable(label)} can be used: {problems[name]}"
            )
    return examples, problems


def _name(one: Clip | Path | str, number: int) -> str:
    name = one.name if isinstance(one, Clip) else Path(one).name
    return f"{number}. {name or 'clip'}"


def _pattern(groups: str) -> re.Pattern[str] | None:
    try:
        return re.compile(groups) if groups else None
    except re.error as problem:
        raise InputError(
            f"{printable(groups)!r} is not a regular expression: {problem}"
        ) from problem


def _group(item: Item, pattern: re.Pattern[str] | None) -> str:
    """The person or the sitting, read from the file's name; empty if there is none."""
    found = pattern.search(item.path.name) if pattern else None
    return "" if found is None else (found[1] if found.groups() else found[0]) or ""
