"""Network: the paper's parameter counts, the connections, and every stage in the graph."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.towers.vgg import LocalResponseNorm

PAPER = Card(
    name="paper",
    title="Paper",
    labels=tuple(f"class {k}" for k in range(101)),
    spatial="vgg-m-2048",
    temporal="vgg-m-2048",
)

ARRANGEMENTS: dict[str, dict[str, object]] = {
    "spatial alone": {"temporal": None, "fusion": None, "pool": "2d"},
    "temporal alone": {"spatial": None, "fusion": None, "pool": "2d"},
    "two heads": {"fusion": None, "pool": "2d"},
    "two heads, pooled over time": {"fusion": None},
    "conv, one tower goes on": {"fusion": "conv", "pool": "2d", "keep_temporal": False},
    "conv, both go on": {"fusion": "conv", "pool": "3d"},
    "conv3d, both go on": {},
    "conv at two places": {"fusion": "conv", "place": "relu3+relu5", "keep_temporal": False},
    "conv early": {"fusion": "conv", "place": "relu2", "pool": "2d"},
    "conv at a hidden layer": {"fusion": "conv", "place": "fc6"},
}


@pytest.fixture(params=ARRANGEMENTS)
def arranged(request: pytest.FixtureRequest, card: Card, build: Callable[..., Network]) -> Network:
    """A tiny network of each arrangement."""
    fields = ARRANGEMENTS[request.param]
    return build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]


def inputs(card: Card, batch: int = 2, size: int = 112) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(3)
    rgb = torch.randint(256, (batch, card.chunks, 3, size, size), generator=source)
    flow = torch.randint(256, (batch, card.chunks, 2 * card.stack, size, size), generator=source)
    return rgb.float(), flow.float()


def near(found: Tensor, expected: Tensor) -> None:
    """Equal but for the last digits, which may depend on the size of a batch."""
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def every_map(seen: Seen) -> dict[str, Tensor]:
    return {
        f"{stream} {stage}": cells
        for stream in ("spatial", "temporal", "fused")
        for stage, cells in getattr(seen, stream).items()
    }


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({}, 181_335_594),
        ({"fusion": "conv", "place": "relu5", "keep_temporal": False}, 97_761_221),
        (
            {"fusion": "conv3d", "place": "relu5", "pool": "3d"},
            181_335_594 + 27 * 1024 * 512 + 512,
        ),
        ({"temporal": None}, 90_627_813),
        ({"spatial": None}, 90_707_781),
        # three fusions, the temporal tower cut behind fc6: 90,627,813 + (90,707,781 - fc7 - fc8)
        (
            {"fusion": "conv", "place": "relu3+relu5+fc6", "keep_temporal": False},
            90_627_813 + 82_110_176 + 2 * (2 * 512 * 512 + 512) + 2 * 4096 * 4096 + 4096,
        ),
    ],
)
def test_the_papers_networks_have_these_parameters(fields: dict[str, object], total: int):
    with torch.device("meta"):
        network = Network(dataclasses.replace(PAPER, **fields))  # pyright: ignore[reportArgumentType]
    assert sum(p.numel() for p in network.parameters()) == total


def test_each_arrangement_has_the_heads_of_its_card(arranged: Network):
    with torch.inference_mode():
        seen = arranged(*inputs(arranged.card))
    assert set(seen.logits) == set(arranged.card.heads)
    assert all(scores.shape == (2, 4) for scores in seen.logits.values())


@torch.inference_mode()
def test_the_final_score_is_the_mean_of_the_heads(arranged: Network):
    seen = arranged(*inputs(arranged.card))
    heads = [*seen.logits.values()]
    torch.testing.assert_close(seen.final, sum(heads, torch.zeros(2, 4)) / len(heads))


def test_every_stage_returned_can_be_differentiated(arranged: Network):
    seen = arranged(*(part.requires_grad_() for part in inputs(arranged.card, batch=1)))
    total = torch.stack([scores[0, 1] for scores in seen.logits.values()]).sum()
    for name, cells in every_map(seen).items():
        (slope,) = torch.autograd.grad(total, cells, retain_graph=True)
        assert slope.shape == cells.shape, name
        assert torch.isfinite(slope).all(), name
        assert slope.any(), name


@torch.inference_mode()
def test_each_tower_sees_its_own_chunks_in_order(card: Card, build: Callable[..., Network]):
    varied = dataclasses.replace(card, fusion=None, pool="2d", rgb_mean=(10.0, 100.0, 200.0))
    network = build(varied)
    rgb, flow = inputs(varied)
    seen = network(rgb, flow)
    assert network.spatial is not None
    assert network.temporal is not None
    mean = torch.tensor([10.0, 100.0, 200.0])[:, None, None]
    for b in range(2):
        for t in range(varied.chunks):
            own = network.spatial((rgb[b, t : t + 1] - mean) / 64)
            other = network.temporal((flow[b, t : t + 1] - 128) / 32)
            for stage in own:
                near(seen.spatial[stage][b, t], own[stage][0])
                near(seen.temporal[stage][b, t], other[stage][0])


def test_each_stream_gets_its_own_kind_of_tower(network: Network):
    for tower, channels, norms in ((network.spatial, 3, 2), (network.temporal, 4, 1)):
        assert tower is not None
        assert next(tower.parameters()).shape[1] == channels
        assert sum(isinstance(m, LocalResponseNorm) for m in tower.modules()) == norms


@torch.inference_mode()
def test_one_streams_input_does_not_affect_the_others_maps(network: Network):
    rgb, flow = inputs(network.card)
    seen = network(rgb, flow)
    other, still = network(rgb.flip(1), flow), network(rgb, flow.flip(1))
    for stage in seen.temporal:
        assert torch.equal(seen.temporal[stage], other.temporal[stage])
    for stage in seen.spatial:
        assert torch.equal(seen.spatial[stage], still.spatial[stage])
    assert torch.equal(seen.logits["temporal"], other.logits["temporal"])
    for changed in (other, still):
        assert not torch.allclose(seen.logits["spatiotemporal"], changed.logits["spatiotemporal"])


@torch.inference_mode()
def test_after_the_fusion_the_spatial_tower_continues_with_the_fused_map(
    card: Card, build: Callable[..., Network]
):
    network = build(dataclasses.replace(card, pool="2d"))
    network.fusions["relu5"].get_parameter("mix.bias").fill_(-1)
    seen = network(*inputs(card))
    assert network.spatial is not None
    assert [*seen.spatial] == ["relu1", "pool1", "relu2", "pool2", "relu3", "relu4", "relu5"]
    assert [*seen.fused] == ["relu5", "pool5", "fc6", "fc7", "fc8"]
    fused = network.fusions["relu5"](seen.spatial["relu5"], seen.temporal["relu5"])
    assert fused.min() < 0
    assert torch.equal(seen.fused["relu5"], fused.clamp(min=0))
    cells = fused.relu().flatten(0, 1)
    for stage in ("pool5", "fc6", "fc7", "fc8"):
        cells = network.spatial.stages[stage](cells)
        torch.testing.assert_close(seen.fused[stage].flatten(0, 1), cells)
    assert [*seen.temporal] == [*network.spatial.stages]  # it continues to its own end


@torch.inference_mode()
def test_two_fusions_follow_one_another(card: Card, build: Callable[..., Network]):
    two = dataclasses.replace(card, fusion="conv", place="relu3+relu5", pool="2d")
    network = build(two)
    seen = network(*inputs(card))
    assert network.spatial is not None
    assert [*seen.spatial] == ["relu1", "pool1", "relu2", "pool2", "relu3"]
    assert [*seen.fused] == ["relu3", "relu4", "relu5", "pool5", "fc6", "fc7", "fc8"]
    relu5 = network.spatial.stages["relu5"](seen.fused["relu4"].flatten(0, 1))
    fused = network.fusions["relu5"](relu5.unflatten(0, (2, 3)), seen.temporal["relu5"]).relu()
    torch.testing.assert_close(seen.fused["relu5"], fused)


def test_without_its_own_head_the_temporal_tower_ends_at_the_last_fusion(
    card: Card, build: Callable[..., Network]
):
    for place, last in (("relu5", "relu5"), ("relu3", "relu3"), ("relu2+fc6", "fc6")):
        cut = dataclasses.replace(card, fusion="conv", place=place, keep_temporal=False)
        network = build(cut)
        assert network.temporal is not None
        assert [*network.temporal.stages][-1] == last
        with torch.inference_mode():
            seen = network(*inputs(cut))
        assert [*seen.temporal] == [*network.temporal.stages]
        assert [*seen.logits] == ["spatiotemporal"]


@torch.inference_mode()
def test_2d_pooling_is_the_mean_of_the_chunks_predictions(
    card: Card, build: Callable[..., Network]
):
    network = build(dataclasses.replace(card, fusion="conv", pool="2d"))
    rgb, flow = inputs(card)
    seen = network(rgb, flow)
    alone = [network(rgb[:, t : t + 1], flow[:, t : t + 1]).logits for t in range(card.chunks)]
    for head in seen.logits:
        by_hand = torch.stack([logits[head] for logits in alone]).mean(dim=0)
        near(seen.logits[head], by_hand)
        assert not torch.allclose(alone[0][head], alone[1][head])


@torch.inference_mode()
def test_3d_pooling_is_the_greatest_over_the_chunks(card: Card, build: Callable[..., Network]):
    network = build(card)
    rgb, flow = inputs(card)
    seen = network(rgb, flow)
    assert network.temporal is not None
    for maps in (seen.fused, seen.temporal):
        pooled = torch.stack(
            [network.temporal.stages["pool5"](maps["relu5"][:, t]) for t in range(card.chunks)]
        )
        by_hand = pooled[0]
        for chunk in pooled[1:]:
            by_hand = torch.maximum(by_hand, chunk)
        assert maps["pool5"].shape[1] == maps["fc8"].shape[1] == 1
        assert torch.equal(maps["pool5"][:, 0], by_hand)
    assert torch.equal(seen.temporal["fc8"].mean(dim=(1, 3, 4)), seen.logits["temporal"])


@torch.inference_mode()
def test_positions_of_a_wide_frame_are_averaged(card: Card, build: Callable[..., Network]):
    network = build(dataclasses.replace(card, temporal=None, fusion=None, pool="2d"))
    rgb = torch.rand(1, 3, 3, 112, 176) * 255
    seen = network(rgb, None)
    scores = seen.spatial["fc8"]
    assert scores.shape == (1, 3, 4, 1, 3)
    by_hand = [sum(float(v) for v in scores[0, :, k].flatten()) / 9 for k in range(4)]
    assert seen.logits["spatial"][0].tolist() == pytest.approx(by_hand, rel=1e-4)


@torch.inference_mode()
def test_a_single_stream_needs_nothing_of_the_other(card: Card, build: Callable[..., Network]):
    rgb, flow = inputs(card)
    for stream, missing, fed in (
        ("spatial", "temporal", (rgb, None)),
        ("temporal", "spatial", (None, flow)),
    ):
        fields = {missing: None, "fusion": None}
        network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
        seen, whole = network(*fed), network(rgb, flow)
        assert getattr(network, missing) is None
        assert [*seen.logits] == [stream]
        assert not getattr(seen, missing)
        assert not seen.fused
        assert torch.equal(seen.final, whole.final)
        with pytest.raises(ValueError, match=f"for the {stream} stream, got None"):
            network(
                *(
                    None if part is not None else other
                    for part, other in zip(fed, (rgb, flow), strict=True)
                )
            )


@torch.inference_mode()
def test_one_may_go_on_from_any_stage_before_the_fusion(network: Network):
    seen = network(*inputs(network.card))
    for stage in seen.spatial:
        again = network.onward(seen.spatial[stage], seen.temporal[stage], after=stage)
        assert stage == next(iter(again.spatial)) == next(iter(again.temporal))
        assert torch.equal(again.final, seen.final)
        for name, cells in every_map(again).items():
            assert torch.equal(cells, every_map(seen)[name])


@torch.inference_mode()
def test_clips_of_a_batch_do_not_touch(network: Network):
    rgb, flow = inputs(network.card)
    both, alone = network(rgb, flow), network(rgb[1:], flow[1:])
    near(both.final[1:], alone.final)


def test_one_may_work_on_a_private_copy(network: Network):
    own = copy.deepcopy(network)
    with torch.inference_mode():
        fed = inputs(network.card)
        assert torch.equal(own(*fed).final, network(*fed).final)
        next(own.parameters()).zero_()
        assert not torch.equal(own(*fed).final, network(*fed).final)


def test_a_network_that_cannot_be_built_is_an_input_error(card: Card):
    with pytest.raises(
        InputError, match=r"no fusion 'glue'; choose one of sum, max, cat, conv, conv3d, bilinear"
    ):
        Network(dataclasses.replace(card, fusion="glue"))
    with pytest.raises(InputError, match="a fusion needs both streams"):
        Network(dataclasses.replace(card, temporal=None))
    with pytest.raises(InputError, match="unknown tower 'vgg-19'"):
        Network(dataclasses.replace(card, spatial="vgg-19"))


def test_red_green_and_blue_may_have_divisors_of_their_own(card: Card):
    varied = dataclasses.replace(card, rgb_mean=(10.0, 20.0, 30.0), rgb_scale=(2.0, 4.0, 8.0))
    rgb, flow = inputs(varied, batch=1)
    cells, motion = Network(varied).normalised(rgb, flow)
    assert cells is not None
    for channel, (mean, scale) in enumerate(((10, 2), (20, 4), (30, 8))):
        assert torch.equal(cells[:, :, channel], (rgb[:, :, channel] - mean) / scale)
    assert motion is not None
    assert torch.equal(motion, (flow - card.flow_mean) / card.flow_scale)
