"""Frozen: what frozen towers make of a few ways to show each clip, made once and kept on disk.

Where the towers do not learn, a fusion and what lies behind it can be trained on their maps: the
same steps for a fraction of the time.
"""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Dataset

from core.draft import draft, made
from core.nets.network import Network, Seen
from core.nets.state import state_digest
from core.records import digest_of
from core.streams import STREAMS
from core.study.draws import Drawn, Draws

log = logging.getLogger(__name__)


class Onward(nn.Module):
    """A network from its first fusion on, fed with the maps of both towers there.

    A temporal tower knows by heart the clips that it learned from, and a fusion that learns on the
    same clips would listen to little else. So while it learns, some clips' motion is kept from it
    (Neverova et al., "ModDrop: adaptive multi-modal gesture recognition", TPAMI 2016).
    """

    def __init__(self, network: Network, moddrop: float = 0.0) -> None:
        super().__init__()
        self.network, self.moddrop = network, moddrop

    def forward(self, cells: Tensor, motion: Tensor) -> Seen:
        if self.training and self.moddrop:
            told = torch.rand(len(motion), device=motion.device) >= self.moddrop
            motion = motion * told[:, None, None, None, None]
        return self.network.onward(cells, motion, after=self.network.card.places[0])


class TowerMaps(Dataset[Drawn]):
    """Draws as the towers' maps at the first fusion, (T, C, h, w) each, and the target."""

    def __init__(
        self, draws: Draws, network: Network, folder: Path, accelerator: Accelerator
    ) -> None:
        """Make what is not kept yet; processes share the work."""
        self.draws = draws
        self.folder = folder / f"maps-{_name(draws, network)}"
        made(self.folder)
        wanted = [
            (clip, way)
            for way in range(draws.plan.ways)
            for clip in range(len(draws.clips))
            if not self._path(clip, way).exists()
        ]
        mine = wanted[accelerator.process_index :: accelerator.num_processes]
        network.eval()
        for done, (clip, way) in enumerate(mine, start=1):
            self._make(network, clip, way, accelerator.device)
            if done % 500 == 0 or done == len(mine):
                log.info("maps of the frozen towers: %d of %d", done, len(mine))
        accelerator.wait_for_everyone()

    def __getitem__(self, number: int) -> Drawn:
        kept = load_file(self._path(*self.draws.at(number)))
        return kept["spatial"], kept["temporal"], kept["target"]

    def _path(self, clip: int, way: int) -> Path:
        return self.folder / f"{way}-{clip}.safetensors"

    @torch.no_grad()
    def _make(self, network: Network, clip: int, way: int, device: torch.device) -> None:
        rgb, flow, target = self.draws.drawn(clip, way)
        seen = network(*(part[None].to(device).float() for part in (rgb, flow)))
        place = network.card.places[0]
        maps = {s: getattr(seen, s)[place][0].half().contiguous() for s in STREAMS}
        with draft(self._path(clip, way)) as unfinished:
            save_file({**maps, "target": target}, unfinished)


def _name(draws: Draws, network: Network) -> str:
    """What tells these maps from others: the towers below, the clips, how they are cut."""
    last = network.card.places[0]
    digests = []
    for tower in (network.spatial, network.temporal):
        if tower is None:
            raise ValueError("expected a network of two streams")
        names = list(tower.stages)
        below = nn.ModuleList(tower.stages[name] for name in names[: names.index(last) + 1])
        digests.append(state_digest(below))
    numbers = [f"{name}={getattr(draws.plan, name)}" for name in _CUTS]
    stack = f"stack={network.card.stack}"
    return digest_of(last, stack, *digests, *numbers, *(c.frames.name for c in draws.clips))[:12]


_CUTS = (
    "chunks",
    "whole",
    "crop",
    "shown",
    "ways",
    "seed",
    "jitter",
    "colour",
    "mixup",
    "smoothing",
)
"""The fields of a plan that say how clips are cut."""
