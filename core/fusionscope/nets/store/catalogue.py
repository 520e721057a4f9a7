"""Zoo: the networks there are: trained ones beside their cards, and adapted ones.

Those in ``checkpoints/`` come with the project. A user's own lie in a folder of theirs, built of
our parts, or come by entry point. A name is given once: the project's own first, then the folder.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fusionscope.base import user_files
from fusionscope.base.paths import models_folder, shipped
from fusionscope.base.records import InputError, printable
from fusionscope.card import Card, read_card
from fusionscope.nets.store.adapter import Adapter, adapters
from fusionscope.nets.store.weight_files import ENDINGS

FOLDER = shipped("checkpoints")


@dataclass(frozen=True)
class CatalogueEntry:
    """A network that was found, or what is wrong with it."""

    name: str
    card: Card | None = None
    problem: str = ""  # in one sentence
    origin: str = ""  # where a user's own is from; empty: it comes with the project
    folder: Path | None = None  # where its card lies; None: an adapter builds it
    adapter: Adapter | None = None


def networks() -> list[CatalogueEntry]:
    """Every network there is, the broken ones among them; the default of the app comes first."""
    folder = models_folder()
    own = [dataclasses.replace(one, origin=f"yours, in {folder}") for one in _in_folder(folder)]
    listed = [*sorted(_in_folder(FOLDER), key=_rank), *map(_hashed, own), *_adapted()]
    first: dict[str, CatalogueEntry] = {}
    for number, one in enumerate(listed):
        if one.card is None:
            continue
        other = first.setdefault(one.name, one)
        if other is not one:
            whose = other.origin or "a network of the project"
            problem = f"the name {one.name} is taken ({whose}); needed: another"
            listed[number] = dataclasses.replace(one, card=None, problem=problem)
    return listed


def cards(folder: Path | None = None) -> dict[str, Card]:
    """Name -> card of every network that is not broken, of one folder or of all there are."""
    listed = networks() if folder is None else sorted(_in_folder(folder), key=_rank)
    return {one.name: one.card for one in listed if one.card}


def card_named(name: str, folder: Path | None = None) -> Card:
    """The card of that name.

    Raises:
        InputError: there is none, and says which there are; or it is broken, and says how.
    """
    known = cards(folder)
    if name in known:
        return known[name]
    for one in networks() if folder is None else _in_folder(folder):
        if one.name == name:
            raise InputError(f"the model {name} cannot be used: {one.problem}")
    raise InputError(
        f"there is no model {printable(name)!r}; there are {', '.join(known) or 'none'}"
    )


def parts_of(card: Card, folder: Path) -> list[tuple[Card, Path]]:
    """The networks that a card's weights are those of, each with the folder that it lies in.

    One of the card's own folder comes before one of the project's.

    Raises:
        InputError: one lies in neither, or is broken.
    """
    parts = []
    for name in card.weights.split("+"):
        for place in (folder, FOLDER):
            if any(one.name == name for one in _in_folder(place)):
                parts.append((card_named(name, place), place))
                break
        else:
            raise InputError(
                f"{card.name} is made of {name}, which lies neither beside it nor in the project"
            )
    return parts


def _rank(one: CatalogueEntry) -> tuple[object, ...]:
    """The best of the fused networks first, then the single streams."""
    card = one.card
    if card is None:
        return True, one.name
    right = card.accuracy[-1][1] if card.accuracy else 0.0  # of the average, where there is one
    return False, card.fusion is None, card.world != "toybox", -right, one.name


def _in_folder(folder: Path) -> list[CatalogueEntry]:
    """What lies in a folder: each card, and weights that lack one."""
    listed = []
    try:
        files = user_files.listed(folder)
    except InputError as problem:
        return [CatalogueEntry(folder.name, problem=str(problem), folder=folder)]
    for path in files:
        if path.suffix != ".json":
            continue
        try:
            card = read_card(path)
        except InputError as problem:
            listed.append(CatalogueEntry(path.stem, problem=str(problem), folder=folder))
            continue
        if card.name == path.stem:
            listed.append(CatalogueEntry(card.name, card, folder=folder))
        else:
            wrong = f"{path.name} calls its network {printable(card.name)!r}; needed: {path.stem!r}"
            listed.append(CatalogueEntry(path.stem, problem=wrong, folder=folder))
    named = {one.name for one in listed}
    for path in files:
        if path.suffix in ENDINGS and path.stem not in named:
            wrong = f"{path.name} has no card; needed: {path.stem}.json beside it"
            listed.append(CatalogueEntry(path.stem, problem=wrong, folder=folder))
    return listed


def _hashed(one: CatalogueEntry) -> CatalogueEntry:
    """A user's own network with its weights' digest in its card, if that names none."""
    if one.card is None or one.card.weights:
        return one
    try:
        path = weights_path(one.card, models_folder())
        state = path.stat()
        digest = one.card.sha256 or _digest(path, state.st_mtime_ns, state.st_size)
    except (InputError, OSError) as problem:
        return dataclasses.replace(one, card=None, problem=str(problem))
    return dataclasses.replace(one, card=dataclasses.replace(one.card, sha256=digest))


@lru_cache(maxsize=256)
def _digest(path: Path, written: int, size: int) -> str:  # noqa: ARG001  (they name the content)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _adapted() -> list[CatalogueEntry]:
    """The networks of installed packages."""
    listed = []
    for where, given in adapters().items():
        origin = f"yours, by entry point {where}"
        if isinstance(given, str):
            listed.append(CatalogueEntry(where.partition(" ")[0], problem=given, origin=origin))
        else:
            listed.append(CatalogueEntry(given.card.name, given.card, origin=origin, adapter=given))
    return listed


def weights_path(card: Card, folder: Path) -> Path:
    """The file of a network's weights.

    Raises:
        InputError: there is none.
    """
    for ending in ENDINGS:
        path = folder / f"{card.name}{ending}"
        if path.is_file():
            return path
    also = "" if folder == FOLDER else f", {card.name}.pt or {card.name}.pth"
    raise InputError(f"the weights of {card.name} are missing: {card.name}.safetensors{also}")
