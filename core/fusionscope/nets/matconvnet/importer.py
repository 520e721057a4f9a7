"""Importer: convert MatConvNet files and save the card and weights under a name."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import save_file

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError
from fusionscope.base.user_files import read_classes
from fusionscope.card import Card, read_card, write_card
from fusionscope.nets.matconvnet.conversion import Converted, convert, join
from fusionscope.nets.matconvnet.layer_graph import read_graph

_RECIPE = "fusionscope import-mat "
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")


def import_mat(
    files: Sequence[Path], folder: Path, name: str = "", labels: Path | None = None
) -> tuple[Card, tuple[str, ...]]:
    """Write NAME.safetensors and NAME.json; return the card and notes on assumed values.

    Args:
        files: one network, or a spatial and a temporal stream whose predictions are averaged.
        folder: created if missing.
        name: empty: taken from the files' names.
        labels: a file with one class per line; None: classes are numbered.

    Raises:
        InputError: a file is not a supported network, the labels do not fit, or the name is taken.
    """
    if len(files) not in (1, 2):
        raise InputError(f"found {len(files)} files; one network or two base streams are needed")
    name = name or "+".join(re.sub(r"[^\w.-]", "-", path.stem) for path in files)
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot name a model; use letters, digits, and . _ + -")
    _free(folder, name)
    found = _converted(files)
    sources = " and ".join(path.name for path in files)
    card = dataclasses.replace(
        found.card,
        name=name,
        title=name,
        labels=read_labels(labels, len(found.card.labels)) if labels else found.card.labels,
        data=f"imported from {sources}; training data unknown",
        recipe=_RECIPE + " ".join(path.name for path in files),
        licence="that of the imported files",
    )
    return _written(found, card, folder), found.notes


def read_labels(path: Path, count: int) -> tuple[str, ...]:
    """Read class names, one per line, in the order of the scores; "1 Name" means Name.

    Raises:
        InputError: the file cannot be read, has a duplicate, or does not have ``count`` names.
    """
    lines = read_classes(path)
    if len(lines) != count:
        raise InputError(f"{path.name} has {len(lines)} labels; the network has {count} classes")
    twice = next((line for k, line in enumerate(lines) if line in lines[:k]), None)
    if twice is not None:
        raise InputError(f"{path.name} has the label {twice} twice; each class needs its own")
    return tuple(lines)


def _converted(files: Sequence[Path]) -> Converted:
    found = [convert(read_graph(path)) for path in files]
    return found[0] if len(found) == 1 else join(*found)


def _free(folder: Path, name: str) -> None:
    """Check that a name is free or belongs to an earlier import, which may be overwritten."""
    cards = folder / f"{name}.json"
    if cards.exists() and not read_card(cards).recipe.startswith(_RECIPE):
        raise InputError(f"{folder} already has a model {name}; choose another --name")


def _written(found: Converted, card: Card, folder: Path) -> Card:
    """Write the weights, in single precision as in the file, and the card."""
    count = sum(
        value.numel()
        for key, value in found.weights.items()
        if not key.endswith(("running_mean", "running_var", "num_batches_tracked"))
    )
    try:
        make_folder(folder)
        with atomic_write(folder / f"{card.name}.safetensors") as unfinished:
            save_file({key: value.contiguous() for key, value in found.weights.items()}, unfinished)
            with unfinished.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        card = dataclasses.replace(card, sha256=digest, parameters=count)
        write_card(card, folder / f"{card.name}.json")
    except OSError as problem:
        raise InputError(f"cannot write to {folder}: {problem.strerror}") from problem
    return card
