"""Network: two towers, the fusions between them, and the heads.

The spatial tower runs through to its end; after every place of fusion it goes on with the fused map
(figure 2 of the paper), and its head is then the *spatiotemporal* one. The temporal tower is cut at
the last fusion, or kept to a head of its own (figure 4). One pass returns every stage, still in the
graph: whoever wants a map or a gradient asks the network, and nobody has to listen in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.card import Card
from core.nets.fusion import FUSIONS
from core.nets.towers import Tower, build_tower
from core.records import InputError


@dataclass
class Seen:
    """What one pass made: stage name -> (B, T, C, h, w), first stage first; head -> (B, K)."""

    spatial: dict[str, Tensor] = field(default_factory=dict)  # until the first fusion
    temporal: dict[str, Tensor] = field(default_factory=dict)
    fused: dict[str, Tensor] = field(default_factory=dict)  # from the first fusion on
    logits: dict[str, Tensor] = field(default_factory=dict)

    @property
    def final(self) -> Tensor:
        """(B, K): the mean of the heads' scores before the softmax, as the authors average them."""
        return torch.stack(tuple(self.logits.values())).mean(dim=0)


class Network(nn.Module):
    """The network that a card describes, with fresh weights."""

    rgb_mean: Tensor

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card = card
        places = card.place.split("+") if card.fusion else []
        classes = len(card.labels)
        self.spatial = (
            build_tower(card.spatial, 3, classes, temporal=False) if card.spatial else None
        )
        self.temporal = (
            build_tower(card.temporal, 2 * card.stack, classes, temporal=True)
            if card.temporal
            else None
        )
        self.fusions = nn.ModuleDict()
        if card.fusion:
            if card.fusion not in FUSIONS:
                raise InputError(
                    f"there is no fusion {card.fusion!r}; choose one of {', '.join(FUSIONS)}"
                )
            if self.spatial is None or self.temporal is None:
                raise InputError("a fusion needs both streams; the card names one tower only")
            for place in places:
                self.fusions[place] = FUSIONS[card.fusion](self.spatial.channels[place])
            if not card.keep_temporal:
                names = list(self.temporal.stages)
                for name in names[names.index(places[-1]) + 1 :]:
                    del self.temporal.stages[name]
        mean = torch.tensor(card.rgb_mean)[:, None, None]
        self.register_buffer("rgb_mean", mean, persistent=False)

    def forward(self, rgb: Tensor | None, flow: Tensor | None) -> Seen:
        """(B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255 -> ``Seen``.

        A stream that the network lacks may be None.
        """
        card = self.card
        cells = None if rgb is None else (rgb - self.rgb_mean) / card.rgb_scale
        motion = None if flow is None else (flow - card.flow_mean) / card.flow_scale
        return self.onward(cells, motion)

    def onward(self, cells: Tensor | None, motion: Tensor | None, after: str = "") -> Seen:
        """Go on from the maps that stage ``after`` of both towers made, (B, T, C, h, w) each.

        ``after`` may not lie behind the first fusion. Empty: from the normalised inputs.
        """
        seen = Seen()
        if self.temporal is not None:
            if motion is None:
                raise ValueError("expected flow for the temporal stream, got None")
            motion = self._climb(self.temporal, motion, after, seen)
        if self.spatial is not None:
            if cells is None:
                raise ValueError("expected rgb for the spatial stream, got None")
            scores = self._climb(self.spatial, cells, after, seen)
            seen.logits["spatiotemporal" if self.fusions else "spatial"] = scores.mean(
                dim=(1, 3, 4)
            )
        if motion is not None and "fc8" in seen.temporal:
            seen.logits["temporal"] = motion.mean(dim=(1, 3, 4))
        return seen

    def _climb(self, tower: Tower, cells: Tensor, after: str, seen: Seen) -> Tensor:
        """Run a tower from behind a stage to its end, noting every map; the spatial one fuses."""
        spatial = tower is self.spatial
        maps = seen.spatial if spatial else seen.temporal
        names = list(tower.stages)
        for name in names[names.index(after) if after else 0 :]:
            cells = maps[name] = (
                cells if name == after else self._step(name, tower.stages[name], cells)
            )
            if spatial and name in self.fusions:
                maps = seen.fused
                cells = maps[name] = self.fusions[name](cells, seen.temporal[name]).relu()
        return cells

    def _step(self, name: str, stage: nn.Module, cells: Tensor) -> Tensor:
        """One stage on every chunk; a 3-D pool5 takes the max over chunks too."""
        cells = stage(cells.flatten(0, 1)).unflatten(0, cells.shape[:2])
        if name == "pool5" and self.card.pool == "3d":
            cells = cells.amax(dim=1, keepdim=True)
        return cells
