"""Fusion: by hand on a few cells, and laws that every operator keeps."""

from __future__ import annotations

from math import exp

import pytest
import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.fusion import (
    FUSIONS,
    Fusion,
    on_one_grid,
    register_fusion,
)
from fusionscope.nets.operators.bilinear import Bilinear
from fusionscope.nets.operators.filters import Conv, Conv3d
from fusionscope.nets.operators.fixed import Concatenation, Max, Sum

B, T, C, H, W = 2, 4, 3, 5, 6

FACE, CENTRE = exp(-0.5) / (1 + 2 * exp(-0.5)), 1 / (1 + 2 * exp(-0.5))
"""A Gaussian of sigma 1 on -1, 0, 1 with sum 1: its side and its middle."""


def maps(seed: int = 0) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(B, T, C, H, W, generator=source) for _ in range(2))  # pyright: ignore[reportReturnType]


KEEPING = [name for name, one in FUSIONS.items() if one.keeps_cells]
LEARNED = [name for name, one in FUSIONS.items() if one.takes_start]


@pytest.fixture(params=KEEPING)
def fusion(request: pytest.FixtureRequest) -> Fusion:
    """Each operator of the registry as it starts."""
    return FUSIONS[request.param](C).eval()


def trained(fusion: Fusion, *, mirrored: bool = False) -> Fusion:
    """The operator with other weights than it starts from; mirrored: alike left and right."""
    source = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for p in fusion.parameters():
            p.copy_(torch.randn(p.shape, generator=source))
            if mirrored and p.ndim > 1:
                p.add_(p.flip(-1).clone())
    return fusion


@torch.inference_mode()
def test_two_cells_by_hand():
    conv = Conv(1)
    with torch.no_grad():
        conv.mix.weight.copy_(torch.tensor([2.0, -3.0]).reshape(1, 2, 1, 1))
        assert conv.mix.bias is not None
        conv.mix.bias.fill_(0.5)
    spatial = torch.tensor([1.0, 4.0]).reshape(1, 1, 1, 1, 2)
    temporal = torch.tensor([5.0, -1.0]).reshape(1, 1, 1, 1, 2)
    assert conv(spatial, temporal).flatten().tolist() == [2 - 15 + 0.5, 8 + 3 + 0.5]


@torch.inference_mode()
def test_conv_starts_as_the_sum():
    spatial, temporal = maps()
    torch.testing.assert_close(Conv(C)(spatial, temporal), spatial + temporal)


@torch.inference_mode()
def test_conv3d_starts_as_one_quarter_and_three_quarters():
    ones = torch.ones(1, T, C, H, W)
    levels = torch.tensor([1.0, 5.0, -2.0]).reshape(1, 1, C, 1, 1)
    found = Conv3d(C)(ones * levels, 2 * ones)
    inside = (0.25 * levels + 0.75 * 2).flatten()  # channel by channel: none is mixed
    torch.testing.assert_close(found[0, 1, :, 2, 2], inside)
    torch.testing.assert_close(found[0, 2, :, 3, 4], inside)
    inner = CENTRE + FACE  # of a line of three, what lies inside at an end
    torch.testing.assert_close(found[0, 0, :, 0, 0], inside * inner**3)
    torch.testing.assert_close(found[0, -1, :, -1, -1], inside * inner**3)
    torch.testing.assert_close(found[0, 0, :, 2, 2], inside * inner)
    torch.testing.assert_close(found[0, 1, :, 0, 2], inside * inner)


def test_conv3d_starts_with_the_released_codes_gaussian():
    weight = Conv3d(2).mix.weight.detach()
    kernel = weight[1, 3]  # appearance 0 1, motion 2 3: motion's own channel
    places = {"centre": (1, 1, 1), "face": (1, 1, 2), "edge": (0, 1, 2), "corner": (0, 2, 2)}
    found = {name: float(kernel[place]) / 0.75 for name, place in places.items()}
    listed = {"centre": 0.09226, "face": 0.05596, "edge": 0.03394, "corner": 0.02059}
    assert found == pytest.approx(listed, abs=1e-5)  # paper.md 3
    assert float(kernel.sum()) == pytest.approx(0.75)
    assert not weight[1, 2].any()


def test_filters_are_as_large_as_the_paper_says():
    assert sum(p.numel() for p in Conv(512).parameters()) == 2 * 512 * 512 + 512
    with torch.device("meta"):
        assert sum(p.numel() for p in Conv3d(512).parameters()) == 27 * 1024 * 512 + 512


@torch.inference_mode()
def test_shape_is_kept_and_out_channels_are_true(fusion: Fusion):
    spatial, temporal = maps()
    assert fusion(spatial, temporal).shape == (B, T, fusion.out_channels, H, W)
    assert fusion.out_channels % C == 0


@torch.inference_mode()
@pytest.mark.parametrize("mirrored", [True, False])
def test_flip_then_fuse_is_fuse_then_flip(fusion: Fusion, mirrored: bool):
    spatial, temporal = maps()
    operator = trained(fusion, mirrored=mirrored)
    fused = operator(spatial, temporal)
    flipped = operator(spatial.flip(-1), temporal.flip(-1))
    alike = torch.allclose(flipped, fused.flip(-1), atol=1e-5)
    assert alike == (mirrored or not fusion.reach[1])  # else it may tell left from right


@torch.inference_mode()
def test_clips_of_a_batch_are_strangers_to_each_other(fusion: Fusion):
    spatial, temporal = maps()
    operator = trained(fusion)
    both = operator(spatial, temporal)
    for row in range(B):
        alone = operator(spatial[row : row + 1], temporal[row : row + 1])
        torch.testing.assert_close(alone, both[row : row + 1])


@torch.inference_mode()
@pytest.mark.parametrize("stream", [0, 1])
def test_one_cell_of_one_stream_reaches_no_further_than_it_may(fusion: Fusion, stream: int):
    operator = trained(fusion)
    before, after = maps(), maps()
    t, y, x = 2, 1, 4
    after[stream][1, t, 0, y, x] += 10
    changed = (operator(*after) != operator(*before)).any(dim=2)  # (B, T, H, W)
    expected = torch.zeros_like(changed)
    k, r = fusion.reach
    expected[1, t - k : t + k + 1, y - r : y + r + 1, x - r : x + r + 1] = True
    assert torch.equal(changed, expected)


@torch.inference_mode()
def test_bias_and_halves_add_up_to_the_output(fusion: Fusion):
    operator = trained(fusion)
    appearance, motion = operator.halves(*maps())
    whole = operator.bias()[:, None, None] + appearance + motion
    torch.testing.assert_close(whole, operator(*maps()), atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_weights_times_the_activations_in_reach_add_up_to_the_output(fusion: Fusion):
    operator = trained(fusion)
    k, r = operator.reach
    both = torch.stack([one[0] for one in maps()])  # (2, T, C, H, W)
    padded = nn.functional.pad(both, (r, r, r, r, 0, 0, k, k))
    output = operator(*maps())[0]
    for channel, (t, y, x) in ((0, (0, 0, 0)), (operator.out_channels - 1, (2, 3, 5))):
        window = padded[:, t : t + 2 * k + 1, :, y : y + 2 * r + 1, x : x + 2 * r + 1]
        weights = operator.unit_weights(channel, window)
        total = operator.bias()[channel] + (weights * window.transpose(1, 2)).sum()
        assert float(total) == pytest.approx(float(output[t, channel, y, x]), abs=1e-4)
        if operator.linear:
            assert torch.equal(operator.filters()[channel], weights)


@pytest.mark.parametrize("name", FUSIONS)
def test_every_operator_describes_itself_and_only_linear_ones_have_a_fixed_filter(name: str):
    operator = FUSIONS[name](C)
    assert operator.name == name
    assert all((operator.title, operator.symbol, operator.formula, operator.words))
    assert len({one.rank for one in FUSIONS.values()}) == len(FUSIONS)
    if operator.linear:
        taps = [
            2 * reach + 1 for reach in (operator.reach[0], operator.reach[1], operator.reach[1])
        ]
        assert operator.filters().shape == (operator.out_channels, 2, C, *taps)


def test_an_incomplete_operator_is_refused():
    class Half(Fusion):
        name = "half"
        title = symbol = formula = "half"

    with pytest.raises(ValueError, match="Half to define words, rank, filters, forward, halves"):
        register_fusion(Half)
    with pytest.raises(ValueError, match="'sum', which is registered"):
        register_fusion(Sum)
    assert "half" not in FUSIONS


@torch.inference_mode()
@pytest.mark.parametrize("name", LEARNED)
def test_the_streams_are_not_taken_for_each_other(name: str):
    spatial, temporal = maps()
    operator = trained(FUSIONS[name](C).eval())
    assert not torch.allclose(operator(spatial, temporal), operator(temporal, spatial))
    layer = operator.mix
    assert isinstance(layer, nn.Conv2d | nn.Conv3d)
    layer.weight[:, C:] = 0  # the second half of the filter is motion's
    assert torch.equal(operator(spatial, temporal), operator(spatial, temporal * 3))
    assert not torch.equal(operator(spatial, temporal), operator(spatial * 3, temporal))


@torch.inference_mode()
def test_conv3d_keeps_chunks_and_cells_apart_and_in_order():
    operator = Conv3d(1)
    operator.mix.weight.zero_()
    operator.mix.weight[0, 0, 0, 1, 1] = 1  # the chunk before
    operator.mix.weight[0, 1, 1, 2, 1] = 10  # the cell below
    spatial = torch.arange(T * H * W, dtype=torch.float32).reshape(1, T, 1, H, W)
    found = operator(spatial, spatial)
    assert float(found[0, 2, 0, 3, 4]) == float(
        spatial[0, 1, 0, 3, 4] + 10 * spatial[0, 2, 0, 4, 4]
    )
    assert float(found[0, 0, 0, 4, 0]) == 0


CELLS = torch.tensor([[1.0, 4.0], [-2.0, 0.5]]).reshape(1, 1, 2, 1, 2)  # two channels, two cells
MOTIONS = torch.tensor([[5.0, -1.0], [3.0, 0.25]]).reshape(1, 1, 2, 1, 2)


def test_sum_max_and_concatenation_by_hand():
    assert Sum(2)(CELLS, MOTIONS).flatten().tolist() == [6, 3, 1, 0.75]
    assert Max(2)(CELLS, MOTIONS).flatten().tolist() == [5, 4, 3, 0.5]
    joined = Concatenation(2)(CELLS, MOTIONS)
    assert joined.shape == (1, 1, 4, 1, 2)
    assert joined.flatten().tolist() == [1, 4, -2, 0.5, 5, -1, 3, 0.25]


def test_bilinear_by_hand():
    # Sums over both cells of every pair of channels: 1*5 + 4*-1, 1*3 + 4*0.25, ...
    pairs = [1 * 5 + 4 * -1, 1 * 3 + 4 * 0.25, -2 * 5 + 0.5 * -1, -2 * 3 + 0.5 * 0.25]
    rooted = [abs(p) ** 0.5 * (1 if p > 0 else -1) for p in pairs]
    length = sum(r * r for r in rooted) ** 0.5
    found = Bilinear(2)(CELLS, MOTIONS)
    assert found.shape == (1, 1, 4, 1, 1)
    assert found.flatten().tolist() == pytest.approx([r / length for r in rooted], abs=1e-5)


def test_bilinear_forgets_where_and_keeps_what_met():
    spatial, temporal = maps()
    operator = Bilinear(C)
    moved = operator(spatial.roll(2, -1), temporal.roll(2, -1))
    torch.testing.assert_close(moved, operator(spatial, temporal))
    apart = operator(spatial.roll(2, -1), temporal)
    assert not torch.allclose(apart, operator(spatial, temporal), atol=1e-3)


def test_bilinear_has_a_finite_slope_where_nothing_is_active():
    spatial = torch.zeros(1, 1, 2, 1, 2, requires_grad=True)
    Bilinear(2)(spatial, MOTIONS).sum().backward()
    assert spatial.grad is not None
    assert torch.isfinite(spatial.grad).all()


def test_concatenation_and_the_next_filter_equal_conv_fusion_with_the_composed_weights():
    """next(relu-free conv(a, b)) = (next o conv) applied to [a, b]."""
    spatial, temporal = maps()
    conv, after = trained(Conv(C)), nn.Conv2d(C, 4, 3, padding=1, bias=False)
    assert isinstance(conv, Conv)
    assert conv.mix.bias is not None
    with torch.no_grad():
        conv.mix.bias.zero_()
        wide = nn.Conv2d(2 * C, 4, 3, padding=1, bias=False)
        wide.weight.copy_(torch.einsum("odyx,dc->ocyx", after.weight, conv.mix.weight[..., 0, 0]))
        apart = after(conv(spatial, temporal).flatten(0, 1))
        joined = wide(Concatenation(C)(spatial, temporal).flatten(0, 1))
    torch.testing.assert_close(joined, apart, atol=1e-5, rtol=1e-4)


def test_a_grid_smaller_by_one_gets_zeros_below_and_at_the_right():
    spatial, temporal = torch.ones(1, 1, 2, 3, 3), torch.ones(1, 1, 2, 2, 2)
    same, padded = on_one_grid(spatial, temporal)
    assert same.shape == padded.shape == (1, 1, 2, 3, 3)
    assert padded[0, 0, 0].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    padded, same = on_one_grid(temporal, spatial)
    assert padded[0, 0, 1].tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_grids_that_differ_by_more_are_told():
    with pytest.raises(InputError, match="5x5 and 3x3 cells"):
        on_one_grid(torch.ones(1, 1, 2, 5, 5), torch.ones(1, 1, 2, 3, 3))
