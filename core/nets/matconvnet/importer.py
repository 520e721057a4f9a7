"""Importer: MatConvNet's files in, a card and its weights out, under a name."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import save_file

from core.card import Card, read_card, write_card
from core.draft import draft, made
from core.nets.matconvnet.convert import Converted, convert, join
from core.nets.matconvnet.graph import read_graph
from core.records import InputError

_RECIPE = "fusionscope import-mat "
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")


def import_mat(
    files: Sequence[Path], folder: Path, name: str = "", labels: Path | None = None
) -> tuple[Card, tuple[str, ...]]:
    """Write NAME.safetensors and NAME.json; return the card, and what was taken for granted.

    Args:
        files: one network, or a spatial and a temporal stream whose predictions are averaged.
        folder: made where it is missing.
        name: empty: the files' own.
        labels: a file with one class a line; None: they are numbered.

    Raises:
        InputError: a file is no such network, the labels do not fit it, or the name is taken.
    """
    if len(files) not in (1, 2):
        raise InputError(f"found {len(files)} files; needed one network, or two base streams")
    name = name or "+".join(re.sub(r"[^\w.-]", "-", path.stem) for path in files)
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name a model; needed letters, digits, . _ + and -")
    _free(folder, name)
    found = _converted(files)
    said = " and ".join(path.name for path in files)
    card = dataclasses.replace(
        found.card,
        name=name,
        title=name,
        labels=read_labels(labels, len(found.card.labels)) if labels else found.card.labels,
        data=f"imported from {said}; the file does not say what it was trained on",
        recipe=_RECIPE + " ".join(path.name for path in files),
        licence="that of the imported files",
    )
    return _written(found, card, folder), found.notes


def read_labels(path: Path, count: int) -> tuple[str, ...]:
    """The classes' names, one a line, in the order of the scores; "1 Name" is Name too.

    Raises:
        InputError: the file cannot be read, or holds another number of names than the network.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{path.name} cannot be read as text: {problem}") from problem
    lines = [line for line in lines if line]
    parts = [line.split(maxsplit=1) for line in lines]
    if all(len(p) == 2 and p[0] == str(k) for k, p in enumerate(parts, start=1)):
        lines = [p[1] for p in parts]
    if len(lines) != count:
        raise InputError(f"{path.name} holds {len(lines)} labels; the network tells {count} apart")
    twice = next((line for k, line in enumerate(lines) if line in lines[:k]), None)
    if twice is not None:
        raise InputError(f"{path.name} holds the label {twice} twice; needed one for each class")
    return tuple(lines)


def _converted(files: Sequence[Path]) -> Converted:
    found = [convert(read_graph(path)) for path in files]
    return found[0] if len(found) == 1 else join(*found)


def _free(folder: Path, name: str) -> None:
    """A name may be taken by an earlier import, and by nothing else."""
    cards = folder / f"{name}.json"
    if cards.exists() and not read_card(cards).recipe.startswith(_RECIPE):
        raise InputError(f"{folder} holds a model {name} already; give another --name")


def _written(found: Converted, card: Card, folder: Path) -> Card:
    """Write the weights as they are in the file, in single precision, and the card."""
    count = sum(
        value.numel()
        for key, value in found.weights.items()
        if not key.endswith(("running_mean", "running_var", "num_batches_tracked"))
    )
    try:
        made(folder)
        with draft(folder / f"{card.name}.safetensors") as unfinished:
            save_file({key: value.contiguous() for key, value in found.weights.items()}, unfinished)
            with unfinished.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        card = dataclasses.replace(card, sha256=digest, parameters=count)
        write_card(card, folder / f"{card.name}.json")
    except OSError as problem:
        raise InputError(f"{folder} cannot be written to: {problem.strerror}") from problem
    return card
