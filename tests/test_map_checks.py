"""Checks of a map: curves between the score and its end, fresh weights, the actor, by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.attribution.attribute import attribute
from fusionscope.explain.attribution.records import Attribution, StreamMap
from fusionscope.explain.checks.actor_overlap import masks_of, on_actor
from fusionscope.explain.checks.deletion_curves import DeletionCurves, deletion_curves
from fusionscope.explain.checks.weight_randomisation import (
    ALL,
    CLASSIFIER,
    WeightRandomisation,
    randomise_weights,
    with_random_weights,
    words,
)
from fusionscope.explain.ledger.ledger import APPEARANCE, BOTH, MOTION, NEITHER, four_passes
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.store.adapted import Adapted
from fusionscope.trace import Trace

TARGET = Target("average", "one")


class Bright(nn.Module):
    """Each class counts the rgb values above the mean; it has one weight, on nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(2, 2)

    def forward(self, rgb: Tensor, flow: Tensor) -> Seen:
        moved = (rgb - 128).flatten(1).mean(1) + 0 * flow.flatten(1).mean(1)
        return Seen(spatial={"relu5": rgb}, logits={"one": moved[:, None] * torch.arange(1.0, 5.0)})


def bright(card: Card) -> Network:
    return Adapted(dataclasses.replace(card, name="bright"), Bright()).eval().requires_grad_(False)


def by_hand(maps: dict[str, StreamMap], target: Target = TARGET) -> Attribution:
    return Attribution("occlusion", target, maps, "", "", 0.0, 0.0, None, 0.0)


@pytest.mark.parametrize("stage", ["spatial.relu5", "fused.relu5"])
def test_curves_begin_at_the_score_and_end_without_the_stream(
    network: Network, trace: Trace, stage: str
):
    found = attribute(network, trace, "grad-cam", TARGET, stage)
    scores = four_passes(network, trace.snippets).logits["average"][:, 0]
    ends = {"spatial": scores[MOTION], "temporal": scores[APPEARANCE], "fused": scores[NEITHER]}
    drawn = deletion_curves(network, trace.snippets, found, steps=4)
    assert [*drawn] == [*found.maps]
    for stream, one in drawn.items():
        assert one.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
        for curve in (one.deletion, one.insertion[::-1]):
            assert curve[0] == pytest.approx(scores[BOTH], abs=1e-4)
            assert curve[-1] == pytest.approx(ends[stream], abs=1e-4)


def test_the_highest_cells_go_first_and_come_first(card: Card, trace: Trace):
    """Four cells worth 8, 4, 2 and 1 of a score that is their sum: read off by hand."""
    network = bright(card)
    rgb = np.full(trace.snippets.rgb.shape, 128, np.uint8)
    height, width = rgb.shape[-2:]  # pyright: ignore[reportAssignmentType]
    half_h, half_w = height // 2, width // 2 + 1
    parts = {(0, 0): 8, (0, 1): 4, (1, 0): 2, (1, 1): 1}
    for (row, column), worth in parts.items():
        rows = slice(0, half_h) if row == 0 else slice(half_h, None)
        columns = slice(0, half_w - 1) if column == 0 else slice(half_w - 1, None)
        rgb[:, :, rows, columns] += worth
    snippets = dataclasses.replace(trace.snippets, rgb=rgb)
    cells = np.array([[[8.0, 4.0], [2.0, 1.0]]] * 3)
    target = Target("one", "one")
    found = deletion_curves(
        network, snippets, by_hand({"spatial": StreamMap(cells)}, target), steps=4
    )
    one = found["spatial"]
    whole = float(one.deletion[0])
    np.testing.assert_allclose(one.deletion / whole, [1, 7 / 15, 3 / 15, 1 / 15, 0], atol=0.02)
    np.testing.assert_allclose(one.insertion / whole, [0, 8 / 15, 12 / 15, 14 / 15, 1], atol=0.02)
    assert one.deletion_area < whole / 2 < one.insertion_area


def test_the_area_is_the_mean_under_the_curve():
    one = DeletionCurves(
        np.array([0, 0.5, 1]), np.array([4.0, 2.0, 0.0]), np.array([0.0, 4.0, 4.0])
    )
    assert one.deletion_area == 2.0
    assert one.insertion_area == 3.0


def test_fresh_weights_change_every_layer_and_only_on_the_copy(network: Network):
    before = {name: p.clone() for name, p in network.named_parameters()}
    fresh = dict(with_random_weights(network, ALL).named_parameters())
    for name, weight in before.items():
        assert torch.equal(dict(network.named_parameters())[name], weight)
        if weight.numel() > 1 and weight.std() > 0:
            assert not torch.equal(fresh[name], weight), name
            if weight.numel() > 1000:
                assert float(fresh[name].std()) == pytest.approx(float(weight.std()), rel=0.1)
    head = dict(with_random_weights(network, CLASSIFIER).named_parameters())
    changed = {name for name, weight in before.items() if not torch.equal(head[name], weight)}
    assert changed == {name for name in before if ".fc8" in name and before[name].std() > 0}


def test_a_map_that_weights_do_not_touch_is_told_to_be_doubted(card: Card, trace: Trace):
    """The network's one weight acts on nothing: its map is the clip's brightness, whatever."""
    network = bright(card)
    target = Target("one", "two")
    found = attribute(network, trace, "integrated-gradients", target)
    checked = randomise_weights(network, trace, found)
    assert checked.alike["spatial"] == (pytest.approx(1.0),)
    assert checked.doubtful == ("spatial",)
    assert "The appearance map hardly changes" in words(checked)


@pytest.mark.slow
def test_a_map_of_a_network_that_learned_is_not_doubted(network: Network, trace: Trace):
    found = attribute(network, trace, "smoothgrad", TARGET)
    checked = randomise_weights(network, trace, found, (ALL,))
    assert checked.doubtful == ()
    assert "map depends on what the network has learned" in words(checked)


def test_a_flat_map_is_neither_alike_nor_doubted():
    told = words(WeightRandomisation((ALL,), {"spatial": (float("nan"),)}))
    assert told == (
        "The correlation of appearance is undefined, because a map is constant: "
        "the check shows nothing there."
    )
    both = WeightRandomisation((ALL,), {"spatial": (float("nan"),), "temporal": (0.1,)})
    assert words(both).endswith("The motion map depends on what the network has learned.")


def test_what_lies_on_the_actor_is_counted_by_hand():
    cells = np.zeros((2, 2, 4))
    cells[0, 0, 0], cells[0, 1, 3], cells[1, 1, 1] = 6.0, -9.0, 2.0
    masks = np.zeros((2, 40, 80), np.float32)
    masks[:, :20, :10] = 1  # half of the cell that holds the 6
    found = on_actor(StreamMap(cells), masks)
    assert found.share == pytest.approx(3 / 8)
    assert found.area == pytest.approx(200 / 3200)
    assert (found.hits, found.asked) == (1, 2)  # the 6 is on it, the 2 is not


def test_a_chunk_that_hardly_speaks_is_not_asked_and_a_silent_map_has_no_share():
    cells = np.zeros((4, 1, 2))
    cells[0, 0, 0], cells[1, 0, 1] = 1.0, 0.1
    masks = np.zeros((4, 20, 40))
    masks[:, :, :20] = 1
    found = on_actor(StreamMap(cells), masks)
    assert (found.hits, found.asked) == (1, 1)
    silent = on_actor(StreamMap(-cells), masks)
    assert np.isnan(silent.share)
    assert silent.asked == 0


def test_appearance_is_asked_of_its_frame_and_motion_of_its_stack(trace: Trace):
    masks = np.zeros((14, 96, 128), bool)
    masks[7, :48] = True  # the frame of chunk 1, whose flow leads from frame 6 to frame 8
    masks[8, :, 64:] = True
    frame, stack = (masks_of(trace.snippets, masks, stream) for stream in ("spatial", "temporal"))
    assert frame.shape == trace.snippets.rgb[:, 0].shape
    assert frame.mean(axis=(1, 2)).tolist() == [0, 1 / 2, 0]
    assert stack.mean(axis=(1, 2)) == pytest.approx([0, 3 / 4, 0])  # where it is at any time
    with pytest.raises(InputError, match=r"\b5 masks"):
        masks_of(trace.snippets, masks[:5], "spatial")


def test_the_check_asks_the_same_method_of_the_same_stage(
    card: Card, build: Callable[..., Network], trace: Trace
):
    network = build(card, 1)
    found = attribute(network, trace, "grad-cam-signed", TARGET, "fused.relu5")
    checked = randomise_weights(network, trace, found)
    assert [*checked.alike] == ["fused"]
    assert len(checked.depths) == len(checked.alike["fused"]) == 3
