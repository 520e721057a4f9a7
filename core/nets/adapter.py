"""Adapter: somebody else's two-stream network, made to answer as ours do.

An adapter is a card and a maker. What the maker gives is any module whose
``forward(rgb, flow)`` takes (B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255, and returns
``Seen``. It may offer two things more: ``field(stage)``, which pixels a cell looks at, and
``fusions``, a ModuleDict of our operators by stage. What it does not offer, the app does without.

A package names its adapter as an entry point of the group ``fusionscope.models``.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from torch import Tensor, nn

from core.card import Card, checked
from core.nets.geometry import Field
from core.nets.network import Meeting, Network, Seen
from core.nets.weights import read_weights
from core.records import InputError
from core.streams import LANES

__all__ = ["GROUP", "Adapted", "Adapter", "Field", "Seen", "adapters", "read_weights"]

GROUP = "fusionscope.models"


@dataclass(frozen=True)
class Adapter:
    """A card, and who makes the module that it describes."""

    card: Card
    build: Callable[[Card], nn.Module]


class Adapted(Network):
    """A foreign module in the place of our towers: it has none, and its forward asks the module.

    One pass at a time: a module that notes things down on itself cannot mix up two visitors.
    """

    def __init__(self, card: Card, module: nn.Module) -> None:
        super().__init__(dataclasses.replace(card, spatial=None, temporal=None, fusion=None))
        self.card = card
        self.module = module
        self._door = _Door()
        offered = getattr(module, "fusions", None)
        if isinstance(offered, nn.ModuleDict):
            self.fusions = offered

    def forward(self, rgb: Tensor | None, flow: Tensor | None) -> Seen:
        """See ``Network.forward``.

        Raises:
            InputError: the module fails, or returns what is no ``Seen`` of the card.
        """
        with self._door.lock, told(self.card.title):
            seen = self.module(rgb, flow)
        fed = rgb if rgb is not None else flow
        return _complete(seen, self.card, 0 if fed is None else len(fed))

    def field(self, stage: str) -> Field | None:
        """What the module tells of a stage's geometry, None where it tells nothing."""
        teller = getattr(self.module, "field", None)
        if not callable(teller):
            return None
        with told(self.card.title):
            field = teller(stage)
        return field if isinstance(field, Field) else None

    def onward(
        self,
        cells: Tensor | None,  # noqa: ARG002
        motion: Tensor | None,  # noqa: ARG002
        after: str = "",  # noqa: ARG002
        meet: Meeting | None = None,  # noqa: ARG002
    ) -> Seen:
        """Raise InputError: only a network of our towers can go on from a map of its own."""
        raise InputError(f"{self.card.title} cannot go on from a changed map: it is adapted")


def adapters() -> dict[str, Adapter | str]:
    """Entry point, as ``name (package)`` -> its adapter, or in a sentence why it is none."""
    found: dict[str, Adapter | str] = {}
    for point in entry_points(group=GROUP):
        where = f"{point.name} ({point.dist.name if point.dist else 'unknown package'})"
        try:
            with told(f"entry point {point.name}"):
                found[where] = _adapter(point.load())
        except InputError as problem:
            found[where] = str(problem)
    return found


@contextmanager
def told(whose: str) -> Iterator[None]:
    """Tell in one sentence what somebody else's code raised, whatever it is."""
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as problem:
        first = next(iter(str(problem).splitlines()), "")
        raise InputError(
            f"{whose}: its own code failed with {type(problem).__name__}: {first}"
        ) from problem


class _Door:
    """A lock that a copy of a network gets anew."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __deepcopy__(self, memo: Any) -> _Door:
        return _Door()


def _adapter(given: object) -> Adapter:
    if not isinstance(given, Adapter) or not isinstance(given.card, Card):
        raise InputError(f"it gives a {type(given).__name__}; needed: an Adapter with a Card")
    checked(given.card)
    return given


def _complete(seen: object, card: Card, batch: int) -> Seen:
    """What a module returned, if it is a ``Seen`` of so many clips."""
    if not isinstance(seen, Seen):
        raise InputError(f"{card.title} returns a {type(seen).__name__}; needed: a Seen")
    scores = (batch, len(card.labels))
    if not seen.logits:
        raise InputError(f"{card.title} returns no scores; needed: at least one head of {scores}")
    for head, logits in seen.logits.items():
        if _shape(logits) != scores:
            raise InputError(f"{card.title}: head {head} is {_shape(logits)}; needed: {scores}")
    for stream in LANES:
        maps: Mapping[str, Tensor] = getattr(seen, stream)
        for stage, cells in maps.items():
            shape = _shape(cells)
            if len(shape) != 5 or shape[0] != batch:
                raise InputError(
                    f"{card.title}: {stream} {stage} is {shape}; needed: ({batch}, T, C, h, w)"
                )
    return seen


def _shape(value: object) -> tuple[int, ...]:
    return tuple(value.shape) if isinstance(value, Tensor) else ()
