"""Network: two towers, the fusions between them, and the heads.

The spatial tower runs to its end. After each fusion, its next stage takes the fused map (figure 2
of the paper); its head is then called *spatiotemporal*. The temporal tower ends at the last fusion,
or continues to its own head (figure 4). One forward pass returns the output of every stage, still
in the autograd graph, so that maps and gradients need no forward hooks.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.fusion import Fusion, build_fusion, on_one_grid
from fusionscope.nets.receptive_field import Field, receptive_field
from fusionscope.nets.towers.registry import build_tower
from fusionscope.nets.towers.tower import Tower

_FIELDS: MutableMapping[nn.Module, dict[str, Field]] = WeakKeyDictionary()
"""Cached receptive fields of the stages: the same for every clip, and slow to compute."""

FuseMaps = Callable[[str, Tensor, Tensor], Tensor]
"""A place of fusion, the spatial and the temporal map there -> the fused map."""


@dataclass
class Seen:
    """Outputs of one pass: stage name -> (B, T, C, h, w), first stage first; head -> (B, K)."""

    spatial: dict[str, Tensor] = field(default_factory=dict)  # up to the first fusion
    temporal: dict[str, Tensor] = field(default_factory=dict)
    fused: dict[str, Tensor] = field(default_factory=dict)  # from the first fusion on
    logits: dict[str, Tensor] = field(default_factory=dict)

    @property
    def final(self) -> Tensor:
        """Mean of the heads' scores before the softmax, as in the authors' code, (B, K)."""
        return torch.stack(tuple(self.logits.values())).mean(dim=0)

    @property
    def before_scores(self) -> Tensor:
        """Input of the classifier, (B, T, C, h, w): the fused map if there is one."""
        maps = self.fused or self.spatial or self.temporal
        return [cells for name, cells in maps.items() if name != "fc8"][-1]

    @property
    def decisions(self) -> dict[str, Tensor]:
        """Head -> (B, K), with ``average`` last if there is more than one head."""
        return self.logits | ({"average": self.final} if len(self.logits) > 1 else {})


class Network(nn.Module):
    """The network described by a card, with newly initialised weights."""

    rgb_mean: Tensor

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card = card
        classes, fields = len(card.labels), 2 * card.stack
        self.spatial = self.temporal = None
        if card.spatial:
            self.spatial = build_tower(card.spatial, 3, classes, temporal=False)
        if card.temporal:
            self.temporal = build_tower(card.temporal, fields, classes, temporal=True)
        self.fusions = nn.ModuleDict()
        if card.places:
            if self.spatial is None or self.temporal is None:
                raise InputError("a fusion needs both streams; the card has only one tower")
            self._join(self.spatial, self.temporal)
        mean = torch.tensor(card.rgb_mean)[:, None, None]
        self.register_buffer("rgb_mean", mean, persistent=False)

    def forward(self, rgb: Tensor | None, flow: Tensor | None) -> Seen:
        """Run the network on (B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255.

        The input of a stream that the network does not have may be None.
        """
        return self.onward(*self.normalised(rgb, flow))

    def normalised(
        self, rgb: Tensor | None, flow: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None]:
        """Normalise values 0..255 for the towers: 0 is the training mean, and no motion."""
        card = self.card
        cells = None if rgb is None else (rgb - self.rgb_mean) / self._rgb_scale(rgb)
        motion = None if flow is None else (flow - card.flow_mean) / card.flow_scale
        return cells, motion

    def _rgb_scale(self, rgb: Tensor) -> float | Tensor:
        scale = self.card.rgb_scale
        return rgb.new_tensor(scale)[:, None, None] if isinstance(scale, tuple) else scale

    def field(self, stage: str) -> Field | None:
        """Receptive field of a stage; None if it is unknown.

        Both towers have the same geometry up to the first fusion.
        """
        tower = self.spatial or self.temporal
        if tower is None or stage not in tower.stages:
            return None
        known = _FIELDS.setdefault(self, {})
        if stage not in known:
            names = list(tower.stages)
            known[stage] = receptive_field(
                tower.stages[at] for at in names[: names.index(stage) + 1]
            )
        return known[stage]

    def _join(self, spatial: Tower, temporal: Tower) -> None:
        """Insert the fusion operators, and adapt the next stages to their output channels."""
        card = self.card
        for place in card.places:
            if place not in spatial.stages or place not in temporal.stages:
                raise InputError(
                    f"the streams cannot be fused at {place!r}: both towers need that stage; "
                    f"shared are {', '.join(n for n in spatial.stages if n in temporal.stages)}"
                )
            channels = spatial.channels[place]
            if temporal.channels[place] != channels:
                raise InputError(
                    f"at {place} the streams have {channels} and {temporal.channels[place]} "
                    "channels; fusion needs the same number"
                )
            # After a fusion of features, scores are summed, which adds no weights (paper.md 2.3).
            name = "sum" if place == "fc8" and len(card.places) > 1 else card.fusion or ""
            self.fusions[place] = operator = build_fusion(name, channels, card.start, card.units)
            short = card.classifier and place == [*card.places][-1]
            if short or not operator.keeps_cells:
                spatial.end(place)
                if card.classifier == "peak":
                    spatial.stages["pool5"] = nn.AdaptiveMaxPool2d(1)
                spatial.stages["fc8"] = nn.Conv2d(operator.out_channels, len(card.labels), 1)
            elif operator.out_channels != channels:
                spatial.widen(place, operator.out_channels)
        if not card.keep_temporal:
            temporal.end([*card.places][-1])

    def onward(
        self,
        cells: Tensor | None,
        motion: Tensor | None,
        after: str = "",
        meet: FuseMaps | None = None,
    ) -> Seen:
        """Continue from the output of stage ``after`` of both towers, (B, T, C, h, w) each.

        Args:
            after: a stage no later than the first fusion; empty: start from the normalised inputs.
            meet: a replacement for ``fuse``, for interventions on a frozen network.
        """
        seen, meet = Seen(), meet or self.fuse
        if self.temporal is not None:
            if motion is None:
                raise ValueError("expected flow for the temporal stream, got None")
            motion = self._climb(self.temporal, motion, after, seen, meet)
        if self.spatial is not None:
            if cells is None:
                raise ValueError("expected rgb for the spatial stream, got None")
            scores = self._climb(self.spatial, cells, after, seen, meet)
            seen.logits["spatiotemporal" if self.fusions else "spatial"] = scores.mean(
                dim=(1, 3, 4)
            )
        if motion is not None and "temporal" in self.card.heads:
            seen.logits["temporal"] = motion.mean(dim=(1, 3, 4))
        return seen

    def _climb(self, tower: Tower, cells: Tensor, after: str, seen: Seen, meet: FuseMaps) -> Tensor:
        """Run a tower from after a stage to its end and record every map; the spatial one fuses."""
        spatial = tower is self.spatial
        maps = seen.spatial if spatial else seen.temporal
        names = list(tower.stages)
        for name in names[names.index(after) if after else 0 :]:
            cells = maps[name] = cells if name == after else self._step(tower, name, cells)
            if spatial and name in self.fusions:
                maps = seen.fused
                cells = maps[name] = meet(name, cells, seen.temporal[name])
        return cells

    def operator(self, place: str) -> Fusion:
        """The operator that fuses the streams at a place."""
        return cast(Fusion, self.fusions[place])

    def fuse(self, place: str, cells: Tensor, motion: Tensor) -> Tensor:
        """Fuse two maps; a learned fusion is followed by a ReLU, except for scores (fc8)."""
        operator = self.operator(place)
        fused = operator(*on_one_grid(cells, motion))
        return fused.relu() if operator.is_rectified(place) else fused

    def step(self, name: str, cells: Tensor) -> Tensor:
        """Run one stage of the spatial tower on (B, T, C, h, w), without the fusion after it."""
        if self.spatial is None:
            raise ValueError("expected a network with a spatial tower, got none")
        return self._step(self.spatial, name, cells)

    def _step(self, tower: Tower, name: str, cells: Tensor) -> Tensor:
        """Run one stage on every chunk; a 3-D pool5 also takes the maximum over chunks."""
        cells = tower.stages[name](cells.flatten(0, 1)).unflatten(0, cells.shape[:2])
        if name == "pool5" and self.card.pool == "3d":
            cells = cells.amax(dim=1, keepdim=True)
        return cells
