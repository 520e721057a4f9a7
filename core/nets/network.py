"""Network: two towers, the fusions between them, and the heads.

The spatial tower runs through to its end; after every place of fusion it goes on with the fused map
(figure 2 of the paper), and its head is then the *spatiotemporal* one. The temporal tower is cut at
the last fusion, or kept to a head of its own (figure 4). One pass returns every stage, still in the
graph: whoever wants a map or a gradient asks the network, and nobody has to listen in.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from core.card import Card
from core.nets.fusion import Fusion, build_fusion, registered
from core.nets.geometry import Field, receptive_field
from core.nets.tower import Tower
from core.nets.towers import build_tower
from core.records import InputError

_FIELDS: MutableMapping[nn.Module, dict[str, Field]] = WeakKeyDictionary()
"""What a stage's cells look at: the same for every clip, and slow to find out anew."""

Meeting = Callable[[str, Tensor, Tensor], Tensor]
"""Place, the spatial and the temporal map there -> the fused map."""


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

    @property
    def before_scores(self) -> Tensor:
        """(B, T, C, h, w): the map in front of the classifier, the fused one if there is one."""
        maps = self.fused or self.spatial or self.temporal
        return [cells for name, cells in maps.items() if name != "fc8"][-1]

    @property
    def decisions(self) -> dict[str, Tensor]:
        """Head -> (B, K), ``average`` last where there is more than one head."""
        return self.logits | ({"average": self.final} if len(self.logits) > 1 else {})


class Network(nn.Module):
    """The network that a card describes, with fresh weights."""

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
                raise InputError("a fusion needs both streams; the card names one tower only")
            self._join(self.spatial, self.temporal)
        mean = torch.tensor(card.rgb_mean)[:, None, None]
        self.register_buffer("rgb_mean", mean, persistent=False)

    def forward(self, rgb: Tensor | None, flow: Tensor | None) -> Seen:
        """(B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255 -> ``Seen``.

        A stream that the network lacks may be None.
        """
        return self.onward(*self.normalised(rgb, flow))

    def normalised(
        self, rgb: Tensor | None, flow: Tensor | None
    ) -> tuple[Tensor | None, Tensor | None]:
        """Values 0..255 -> as the towers take them: 0 is the training mean, and no motion."""
        card = self.card
        cells = None if rgb is None else (rgb - self.rgb_mean) / card.rgb_scale
        motion = None if flow is None else (flow - card.flow_mean) / card.flow_scale
        return cells, motion

    def field(self, stage: str) -> Field | None:
        """Which pixels a cell of a stage looks at, None where that is not known.

        Both towers have one geometry until they meet.
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
        """Put the operators between the towers, and fit what follows to what they give."""
        card = self.card
        for place in card.places:
            if place not in spatial.stages or place not in temporal.stages:
                raise InputError(
                    f"the streams cannot be fused at {place!r}: both towers need that stage; "
                    f"they have {', '.join(n for n in spatial.stages if n in temporal.stages)}"
                )
            channels = spatial.channels[place]
            if temporal.channels[place] != channels:
                raise InputError(
                    f"at {place} the streams have {channels} and {temporal.channels[place]} "
                    "channels; to be fused they need the same number"
                )
            # Behind a fusion of features, scores are added up: that adds no weights (paper.md 2.3).
            name = "sum" if place == "fc8" and len(card.places) > 1 else card.fusion or ""
            self.fusions[place] = operator = build_fusion(name, channels, card.start)
            if name == "bilinear":
                spatial.end(place)
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
        meet: Meeting | None = None,
    ) -> Seen:
        """Go on from the maps that stage ``after`` of both towers made, (B, T, C, h, w) each.

        Args:
            after: a stage not behind the first fusion; empty: the normalised inputs are given.
            meet: how the streams meet instead of by ``fuse``: what-ifs on the one frozen network.
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

    def _climb(self, tower: Tower, cells: Tensor, after: str, seen: Seen, meet: Meeting) -> Tensor:
        """Run a tower from behind a stage to its end, noting every map; the spatial one fuses."""
        spatial = tower is self.spatial
        maps = seen.spatial if spatial else seen.temporal
        names = list(tower.stages)
        for name in names[names.index(after) if after else 0 :]:
            cells = maps[name] = cells if name == after else self._step(tower, name, cells)
            if spatial and name in self.fusions:
                maps = seen.fused
                cells = maps[name] = meet(name, cells, seen.temporal[name])
        return cells

    def fuse(self, place: str, cells: Tensor, motion: Tensor) -> Tensor:
        """Let the streams meet; behind a learned filter, but for the scores', stands a ReLU."""
        operator: Fusion = self.fusions[place]  # pyright: ignore[reportAssignmentType]
        fused = operator(*registered(cells, motion))
        return fused.relu() if operator.learned and place != "fc8" else fused

    def step(self, name: str, cells: Tensor) -> Tensor:
        """(B, T, C, h, w) before a stage of the spatial tower -> behind it, not yet fused."""
        if self.spatial is None:
            raise ValueError("expected a network with a spatial tower, got none")
        return self._step(self.spatial, name, cells)

    def _step(self, tower: Tower, name: str, cells: Tensor) -> Tensor:
        """One stage on every chunk; a 3-D pool5 takes the max over chunks too."""
        cells = tower.stages[name](cells.flatten(0, 1)).unflatten(0, cells.shape[:2])
        if name == "pool5" and self.card.pool == "3d":
            cells = cells.amax(dim=1, keepdim=True)
        return cells
