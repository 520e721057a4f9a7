"""Registration: motion moved against appearance at the fusion, and nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.misregistration import Displacement, displaced_logits, shifts
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run

STAY = Displacement()


def grid(*rows: list[int]) -> torch.Tensor:
    """One chunk, one channel."""
    return torch.tensor(rows)[None, None]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (Displacement(right=1), grid([3, 1, 2], [6, 4, 5])),
        (Displacement(right=-1), grid([2, 3, 1], [5, 6, 4])),
        (Displacement(down=1), grid([4, 5, 6], [1, 2, 3])),
        (Displacement(mirror=True), grid([3, 2, 1], [6, 5, 4])),
        (Displacement(right=1, mirror=True), grid([2, 1, 3], [5, 4, 6])),
        (STAY, grid([1, 2, 3], [4, 5, 6])),
    ],
)
def test_cells_go_where_they_are_sent(move: Displacement, expected: torch.Tensor):
    assert torch.equal(move.of(grid([1, 2, 3], [4, 5, 6])), expected)


def test_a_delay_gives_a_chunk_the_motion_of_the_one_before():
    motion = torch.arange(3)[:, None, None, None].expand(3, 2, 4, 5)
    assert Displacement(later=1).of(motion)[:, 0, 0, 0].tolist() == [2, 0, 1]


def test_a_shuffle_keeps_all_cells_and_puts_every_chunk_and_channel_in_one_order():
    motion = torch.arange(20).reshape(4, 5).expand(3, 2, 4, 5)
    moved = Displacement(shuffle=7).of(motion)
    assert not torch.equal(moved, motion)
    assert torch.equal(moved[0, 0], moved[2, 1])
    assert sorted(moved[0, 0].flatten().tolist()) == list(range(20))
    assert torch.equal(moved, Displacement(shuffle=7).of(motion))
    assert not torch.equal(moved, Displacement(shuffle=8).of(motion))


def test_unmoved_motion_gives_the_scores_of_the_run(network: Network, trace: Trace):
    found = displaced_logits(network, trace, "relu5", [STAY, STAY])
    assert list(found) == [*trace.logits, "average"]
    for head, logits in trace.logits.items():
        np.testing.assert_allclose(found[head][1], logits, atol=1e-4)
    np.testing.assert_allclose(found["average"][0], trace.final, atol=1e-4)


def test_a_batch_gives_what_each_move_gives_alone(network: Network, trace: Trace):
    every = [move for row in shifts((6, 6)) for move in row]
    moves = [*every, *every, Displacement(later=1), Displacement(mirror=True)]
    assert len(moves) > 64, "more than one batch"
    together = displaced_logits(network, trace, "relu5", moves)["spatiotemporal"]
    for k in (0, 20, 35, 63, 64, 72, 73):
        alone = displaced_logits(network, trace, "relu5", [moves[k]])["spatiotemporal"][0]
        np.testing.assert_allclose(together[k], alone, atol=1e-4)
    assert np.ptp(together, axis=0).max() > 1e-3, "moving changes nothing"


def test_moved_motion_is_what_the_network_would_make_of_moved_features(
    network: Network, trace: Trace
):
    """Against the whole network, its temporal map moved by hand."""
    move = Displacement(right=2, down=1)
    cells = torch.tensor(trace.spatial["relu5"])[None]
    motion = torch.tensor(np.roll(trace.temporal["relu5"], (1, 2), (2, 3)))[None]
    with torch.inference_mode():
        expected = network.onward(cells, motion, after="relu5").logits["spatiotemporal"][0]
    found = displaced_logits(network, trace, "relu5", [move])["spatiotemporal"][0]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_kept_temporal_tower_goes_on_undisturbed(network: Network, trace: Trace):
    found = displaced_logits(network, trace, "relu5", [Displacement(right=3, down=2)])
    np.testing.assert_allclose(found["temporal"][0], trace.logits["temporal"], atol=1e-4)


def test_of_several_fusions_one_is_moved(build, trace: Trace):
    card = dataclasses.replace(trace.card, fusion="conv", place="relu4+relu5", pool="2d")
    network = build(card)
    found = run(network, trace.clip, trace.flow)
    moves = [STAY, Displacement(right=3)]
    at = {place: displaced_logits(network, found, place, moves) for place in ("relu4", "relu5")}
    for logits in at.values():
        np.testing.assert_allclose(
            logits["spatiotemporal"][0], found.logits["spatiotemporal"], atol=1e-4
        )
    assert not np.allclose(at["relu4"]["spatiotemporal"][1], at["relu5"]["spatiotemporal"][1])


def test_shifts_lie_about_the_middle():
    table = shifts((4, 5))
    assert len(table) == 4
    assert table[2][2] == STAY
    assert table[0][0] == Displacement(right=-2, down=-2)
    assert table[3][4] == Displacement(right=2, down=1)


def test_a_place_without_a_fusion_or_a_grid_is_told(build, network: Network, trace: Trace):
    with pytest.raises(InputError, match=r"'relu3'.*relu5"):
        displaced_logits(network, trace, "relu3", [STAY])
    flat = build(dataclasses.replace(trace.card, fusion="conv", place="fc6", pool="2d"))
    with pytest.raises(InputError, match="nowhere to move"):
        displaced_logits(flat, run(flat, trace.clip, trace.flow), "fc6", [STAY])
