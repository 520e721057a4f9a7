"""Zoo: the networks there are: trained ones beside their cards, and adapted ones.

Those in ``checkpoints/`` come with the project. A user's own lie in a folder of theirs, built of
our parts, or come by entry point. A name is given once: the project's own first, then the folder.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.card import Card, read_card
from core.nets.adapter import Adapter, adapters
from core.nets.weights import ENDINGS
from core.records import InputError, spoken

FOLDER = Path(__file__).parents[2] / "checkpoints"


def own_folder() -> Path:
    """Where a user's own models lie: FUSIONSCOPE_MODELS, or a folder in the cache."""
    named = os.environ.get("FUSIONSCOPE_MODELS")
    return Path(named or "~/.cache/fusionscope/models").expanduser()


@dataclass(frozen=True)
class Found:
    """A network that was found, or what is wrong with it."""

    name: str
    card: Card | None = None
    problem: str = ""  # in one sentence
    origin: str = ""  # where a user's own is from; empty: it comes with the project
    adapter: Adapter | None = None


def found() -> list[Found]:
    """Every network there is, the broken ones among them; the default of the app comes first."""
    folder = own_folder()
    own = [dataclasses.replace(one, origin=f"yours, in {folder}") for one in _in_folder(folder)]
    listed = [*sorted(_in_folder(FOLDER), key=_rank), *map(_hashed, own), *_adapted()]
    first: dict[str, Found] = {}
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
    listed = found() if folder is None else sorted(_in_folder(folder), key=_rank)
    return {one.name: one.card for one in listed if one.card}


def card_named(name: str, folder: Path | None = None) -> Card:
    """The card of that name.

    Raises:
        InputError: there is none, and says which there are; or it is broken, and says how.
    """
    known = cards(folder)
    if name in known:
        return known[name]
    for one in found() if folder is None else _in_folder(folder):
        if one.name == name:
            raise InputError(f"the model {name} cannot be used: {one.problem}")
    raise InputError(f"there is no model {spoken(name)!r}; there are {', '.join(known) or 'none'}")


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


def _rank(one: Found) -> tuple[object, ...]:
    """The best of the fused networks first, then the single streams."""
    card = one.card
    if card is None:
        return True, one.name
    right = card.accuracy[-1][1] if card.accuracy else 0.0  # of the average, where there is one
    return False, card.fusion is None, card.world != "toybox", -right, one.name


def _in_folder(folder: Path) -> list[Found]:
    """What lies in a folder: each card, and weights that lack one."""
    listed = []
    for path in sorted(folder.glob("*.json")):
        try:
            card = read_card(path)
        except InputError as problem:
            listed.append(Found(path.stem, problem=str(problem)))
            continue
        if card.name == path.stem:
            listed.append(Found(card.name, card))
        else:
            wrong = f"{path.name} calls its network {spoken(card.name)!r}; needed: {path.stem!r}"
            listed.append(Found(path.stem, problem=wrong))
    named = {one.name for one in listed}
    for path in sorted(folder.glob("*")):
        if path.suffix in ENDINGS and path.stem not in named:
            wrong = f"{path.name} has no card; needed: {path.stem}.json beside it"
            listed.append(Found(path.stem, problem=wrong))
    return listed


def _hashed(one: Found) -> Found:
    """A user's own network with its weights' digest in its card, if that names none."""
    if one.card is None or one.card.weights:
        return one
    try:
        path = weights_path(one.card, own_folder())
        state = path.stat()
        digest = one.card.sha256 or _digest(path, state.st_mtime_ns, state.st_size)
    except (InputError, OSError) as problem:
        return dataclasses.replace(one, card=None, problem=str(problem))
    return dataclasses.replace(one, card=dataclasses.replace(one.card, sha256=digest))


@lru_cache(maxsize=256)
def _digest(path: Path, written: int, size: int) -> str:  # noqa: ARG001  (they name the content)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _adapted() -> list[Found]:
    """The networks of installed packages."""
    listed = []
    for where, given in adapters().items():
        origin = f"yours, by entry point {where}"
        if isinstance(given, str):
            listed.append(Found(where.partition(" ")[0], problem=given, origin=origin))
        else:
            listed.append(Found(given.card.name, given.card, origin=origin, adapter=given))
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
