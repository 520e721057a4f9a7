"""Frozen tower maps: cache the outputs of frozen towers for a few variants of each clip.

If the towers are frozen, a fusion and the stages after it can be trained on these maps, with the
same result in a fraction of the time.
"""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import Dataset

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import digest_of
from fusionscope.base.streams import STREAMS
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network, Seen
from fusionscope.training.clips.clip_sampling import Drawn, Draws

log = logging.getLogger(__name__)


class Onward(nn.Module):
    """A network from its first fusion on; the inputs are both towers' maps at that stage.

    A temporal tower overfits the clips it was trained on, and a fusion trained on the same clips
    would rely mostly on it. So in training, motion is set to zero for a random share of the clips
    (Neverova et al., "ModDrop: adaptive multi-modal gesture recognition", TPAMI 2016).
    """

    def __init__(self, network: Network, moddrop: float = 0.0) -> None:
        super().__init__()
        self.network, self.moddrop = network, moddrop

    def forward(self, cells: Tensor, motion: Tensor) -> Seen:
        if self.training and self.moddrop:
            kept = torch.rand(len(motion), device=motion.device) >= self.moddrop
            motion = motion * kept[:, None, None, None, None]
        return self.network.onward(cells, motion, after=self.network.card.places[0])


class TowerMaps(Dataset[Drawn]):
    """Training samples as towers' maps at the first fusion, (T, C, h, w) each, and the target."""

    def __init__(
        self, draws: Draws, network: Network, folder: Path, accelerator: Accelerator
    ) -> None:
        """Compute the maps that are not cached; processes share the work."""
        self.draws = draws
        self.folder = folder / f"maps-{_name(draws, network)}"
        make_folder(self.folder)
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
        with atomic_write(self._path(clip, way)) as unfinished:
            save_file({**maps, "target": target}, unfinished)


def _name(draws: Draws, network: Network) -> str:
    """Cache key of the maps: a digest of the tower weights, the clips and the crop settings."""
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
    "spacing",
    "border",
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
"""The fields of a recipe that determine the crops."""
