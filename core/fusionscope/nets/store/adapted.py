"""Adapted: somebody else's module in the place of our towers."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.base.streams import LANES
from fusionscope.card import Card
from fusionscope.nets.network import FuseMaps, Network, Seen
from fusionscope.nets.receptive_field import Field
from fusionscope.nets.store.adapter import as_input_error


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
        with self._door.lock, as_input_error(self.card.title):
            seen = self.module(rgb, flow)
        fed = rgb if rgb is not None else flow
        return _complete(seen, self.card, 0 if fed is None else len(fed))

    def field(self, stage: str) -> Field | None:
        """What the module tells of a stage's geometry, None where it tells nothing."""
        teller = getattr(self.module, "field", None)
        if not callable(teller):
            return None
        with as_input_error(self.card.title):
            field = teller(stage)
        if isinstance(field, tuple) and len(field) == 3:
            field = Field(*field)
        return field if isinstance(field, Field) else None

    def onward(
        self,
        cells: Tensor | None,  # noqa: ARG002
        motion: Tensor | None,  # noqa: ARG002
        after: str = "",  # noqa: ARG002
        meet: FuseMaps | None = None,  # noqa: ARG002
    ) -> Seen:
        """Raise InputError: only a network of our towers can go on from a map of its own."""
        raise InputError(f"{self.card.title} cannot go on from a changed map: it is adapted")


class _Door:
    """A lock; a copy of a network gets its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __deepcopy__(self, memo: Any) -> _Door:
        return _Door()


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
