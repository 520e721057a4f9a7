"""Frozen tower maps: a network runs on cached maps; in training, some clips have no motion."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from fusionscope.nets.network import Network
from fusionscope.training.frozen_tower_maps import Onward
from tests.tiny_training import fresh


def maps(network: Network, clips: int) -> tuple[Tensor, Tensor]:
    """Both towers' maps at relu5 of clips of noise."""
    random = torch.Generator().manual_seed(0)
    rgb = torch.rand(clips, 2, 3, 96, 96, generator=random) * 255
    flow = torch.rand(clips, 2, 4, 96, 96, generator=random) * 255
    with torch.no_grad():
        seen = network.eval()(rgb, flow)
    return seen.spatial["relu5"], seen.temporal["relu5"]


def told(network: Network, cells: Tensor, motion: Tensor, *, moddrop: float) -> tuple[int, int]:
    """How many clips' answers are those with motion, and how many those without."""
    onward = Onward(network, moddrop)
    with torch.no_grad():
        found = onward(cells, motion).final
        network_alone = Onward(network)
        whole = network_alone(cells, motion).final
        without = network_alone(cells, torch.zeros_like(motion)).final
    with_it = (found - whole).abs().amax(dim=1) < 1e-5
    bare = (found - without).abs().amax(dim=1) < 1e-5
    assert not (with_it & bare).any()
    assert (with_it | bare).all()
    return int(with_it.sum()), int(bare.sum())


@pytest.mark.slow
def test_motion_is_kept_from_a_share_of_the_clips_while_it_learns():
    network = fresh()
    cells, motion = maps(network, 64)
    torch.manual_seed(1)
    _, bare = told(network, cells, motion, moddrop=0.25)
    assert 6 <= bare <= 26
    assert told(network, cells, motion, moddrop=0.0) == (64, 0)


def test_in_use_motion_is_always_seen():
    network = fresh()
    cells, motion = maps(network, 8)
    onward = Onward(network, 0.9).eval()
    with torch.no_grad():
        assert torch.equal(onward(cells, motion).final, Onward(network)(cells, motion).final)
