"""Card: all that is needed to build, feed and read one network, small and on disk as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from core.draft import draft
from core.records import InputError, spoken
from core.streams import STREAMS


@dataclass(frozen=True)
class Card:
    """A network's one configuration. ``dataclasses.replace(card, chunks=8)`` varies it."""

    name: str
    title: str  # how the app speaks of it
    labels: tuple[str, ...]  # K of them, in the order of the logits
    spatial: str | None = None  # a tower's name; None: this network has no such stream
    temporal: str | None = None
    fusion: str | None = (
        None  # an operator's name; None: the streams meet at the prediction at most
    )
    place: str = ""  # the stage after which the streams are fused, several joined by +
    start: str = ""  # a learned fusion's first weights, by name; empty: the operator's own
    pool: str = "2d"  # 2d: predictions averaged over chunks; 3d: features max-pooled over chunks
    keep_temporal: bool = True  # the temporal tower goes on to a head of its own after the fusion
    chunks: int = 5  # T
    stack: int = 10  # L
    size: int = 224  # pixels, of the short side as fed
    flow: str = "dis"  # the method that it was trained on
    rgb_mean: tuple[float, float, float] = (128.0, 128.0, 128.0)
    rgb_scale: float = 1.0  # the values fed are (x - mean) / scale
    flow_mean: float = 128.0
    flow_scale: float = 1.0
    weights: str = ""  # empty: in a file of its own; NAME+NAME: its towers are those of these
    # networks; imagenet: towers as ImageNet leaves them, a fusion at its start, a blank classifier
    world: str = ""  # what the weights know: toybox, jhmdb, ...; empty: nothing yet
    data: str = ""  # what they were trained and tested on, in words
    accuracy: tuple[tuple[str, float], ...] = ()  # by head, in 0..1, on what ``data`` names
    by_seed: tuple[tuple[str, tuple[float, ...]], ...] = ()  # by head: of seed 0, 1, ...
    ceiling: tuple[tuple[str, float], ...] = ()  # by head, where it can be proved
    by_shift: tuple[float, ...] = ()  # fused head, motion moved 0, 1, ... cells to the right
    parameters: int = 0
    seed: int | None = None
    recipe: str = ""  # the command that trains it again
    licence: str = "MIT"
    sha256: str = ""  # of the weights' file

    @property
    def backbone(self) -> str:
        """The towers in words: one name where both streams have the same."""
        names = [name for name in (self.spatial, self.temporal) if name]
        return " + ".join(dict.fromkeys(names))

    @property
    def taught(self) -> bool:
        """Has it learned its classes? Else its heads say nothing: asked here and nowhere else."""
        return self.weights != "imagenet"

    @property
    def places(self) -> tuple[str, ...]:
        """The stages after which features are fused; none where only predictions are."""
        if self.fusion is None or self.place == "softmax":
            return ()
        return tuple(self.place.split("+"))

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams that it has a tower for."""
        return tuple(stream for stream in STREAMS if getattr(self, stream))

    @property
    def heads(self) -> tuple[str, ...]:
        """The predictions this network makes, in the order they are shown."""
        if not self.places:
            return self.streams
        return ("spatiotemporal", "temporal") if self.keep_temporal else ("spatiotemporal",)

    @property
    def final(self) -> tuple[float | None, float | None]:
        """Accuracy and ceiling of what the network says in the end; None where not known."""
        heads = dict(self.accuracy)
        head = "average" if "average" in heads else next(iter(heads), "")
        return heads.get(head), dict(self.ceiling).get(head)


def write_card(card: Card, path: Path) -> None:
    """Write a card as JSON, one field a line."""
    said = json.dumps(dataclasses.asdict(card), indent=1, ensure_ascii=False)
    with draft(path) as unfinished:
        unfinished.write_text(said + "\n", "utf-8")


def read_card(path: Path) -> Card:
    """Read a card.

    Raises:
        InputError: it is not JSON, lacks a field, has one too many, or holds what it cannot hold.
    """
    try:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return checked(Card(**{key: _frozen(value) for key, value in fields.items()}))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as problem:
        said = str(problem).removeprefix("Card.__init__() ")
        raise InputError(f"{path.name} is not a card of fusionscope: {said}") from problem


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def checked(card: Card) -> Card:
    """The card, if every field holds what it may hold.

    Raises:
        InputError: one does not; says which.
    """
    for name, kind in _kinds().items():
        value = getattr(card, name)
        if not _fits(value, kind):
            raise InputError(f"its field {name} holds {str(value)[:40]!r}; needed: {_said(kind)}")
    if not card.labels or len(set(card.labels)) < len(card.labels):
        raise InputError("its labels are none, or one stands twice; needed: one for each class")
    for name, text in ((name, getattr(card, name)) for name in _kinds()):
        most = _LONGEST.get(name, 200)
        if isinstance(text, str) and (len(text) > most or not text.isprintable()):
            raise InputError(
                f"its field {name} holds {spoken(text)!r}; needed: at most {most} printable letters"
            )
    if card.pool not in ("2d", "3d"):
        raise InputError(f"its field pool holds {spoken(card.pool)!r}; needed: 2d or 3d")
    for name in ("rgb_mean", "rgb_scale", "flow_mean", "flow_scale"):
        numbers = getattr(card, name)
        if max(map(abs, numbers if isinstance(numbers, tuple) else (numbers,))) > 1e6:
            raise InputError(f"its field {name} is beyond a million; needed: as pixels are, 0..255")
    for name, most in _MOST.items():
        if not 1 <= getattr(card, name) <= most:
            raise InputError(f"its field {name} is {getattr(card, name)}; needed: 1 to {most}")
    if not card.rgb_scale or not card.flow_scale:
        raise InputError("it scales rgb or flow by 0; needed: what the values are divided by")
    return card


_LONGEST = {"data": 2000, "recipe": 2000}  # letters of a text
_MOST = {"chunks": 256, "stack": 256, "size": 2048}


@cache
def _kinds() -> dict[str, Any]:
    return get_type_hints(Card)


def _said(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)


def _fits(value: Any, kind: Any) -> bool:
    """Is a value of a kind: str, int, float, a tuple of kinds, or one of several."""
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is ...:
            return all(_fits(item, parts[0]) for item in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if parts:
        return any(_fits(value, part) for part in parts)
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is kind
