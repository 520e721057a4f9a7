"""Unit picture: inputs and window each add up to what the network computes."""

import dataclasses

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.lens import before_relu, lens
from fusionscope.explain.fusion.unit_picture import (
    nearest_strong,
    partners,
    swapped_pictures,
    unit_picture,
)
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace, run

OPERATORS = ("sum", "max", "cat", "conv", "conv3d")
Pair = tuple[Network, Trace]


def with_operator(name: str, trace: Trace) -> Pair:
    """A network with random weights in its fusion, and its run on the shared clip."""
    torch.manual_seed(1)
    network = Network(dataclasses.replace(trace.card, fusion=name, place="relu5"))
    with torch.no_grad():
        for value in network.fusions.parameters():
            value.normal_(std=0.3)
    network = prepared_for_inference(network)
    return network, run(network, trace.clip, trace.flow)


@pytest.fixture(scope="module")
def pairs(trace: Trace) -> dict[str, Pair]:
    return {name: with_operator(name, trace) for name in OPERATORS}


def cells(trace: Trace) -> list[tuple[int, int, int]]:
    """A corner, the opposite one, and a cell in the middle."""
    chunks, _, rows, columns = trace.fused["relu5"].shape
    middle = (chunks // 2, rows // 2, columns // 2)
    return [(0, 0, 0), (chunks - 1, rows - 1, columns - 1), middle]


@pytest.mark.parametrize("name", OPERATORS)
def test_inputs_and_window_both_add_up_to_the_network_s_own_value(
    pairs: dict[str, Pair], name: str
):
    network, trace = pairs[name]
    value = before_relu(network, trace, "relu5")
    near = 1e-5 * max(1.0, float(np.abs(value).max()))
    for channel in (0, value.shape[1] - 1):
        for t, i, j in cells(trace):
            seen = unit_picture(network, trace, "relu5", channel, (t, i, j))
            own = value[t, channel, i, j]
            by_input = sum(float(one.terms.sum()) + one.rest for one in seen.inputs)
            by_cell = sum(float(one.window.sum()) for one in seen.inputs)
            assert seen.lens.bias + by_input == pytest.approx(own, abs=near)
            assert seen.lens.bias + by_cell == pytest.approx(own, abs=near)
            assert seen.value == trace.fused["relu5"][t, channel, i, j]
            for one in seen.inputs:
                assert one.taps.sum(axis=(1, 2, 3)) == pytest.approx(one.terms, abs=near)
                assert not one.window[~seen.inside].any()


def test_the_window_of_a_3d_filter_is_the_product_written_out_by_hand(pairs: dict[str, Pair]):
    network, trace = pairs["conv3d"]
    weight = dict(network.operator("relu5").named_parameters())["mix.weight"].detach().numpy()
    for channel, (t, i, j) in zip((1, 3, 5), cells(trace), strict=True):
        seen = unit_picture(network, trace, "relu5", channel, (t, i, j))
        for stream, maps in enumerate((trace.spatial["relu5"], trace.temporal["relu5"])):
            chunks, count, rows, columns = maps.shape
            for k, r, c in np.ndindex(3, 3, 3):
                at = (t + k - 1, i + r - 1, j + c - 1)
                inside = all(0 <= a < n for a, n in zip(at, (chunks, rows, columns), strict=True))
                assert seen.inside[k, r, c] == inside
                product = 0.0
                for d in range(count if inside else 0):
                    product += weight[channel, stream * count + d, k, r, c] * float(
                        maps[at[0], d, at[1], at[2]]
                    )
                assert seen.inputs[stream].window[k, r, c] == pytest.approx(product, abs=1e-4)


@pytest.mark.parametrize("name", OPERATORS)
def test_the_maps_are_those_of_the_run_and_the_largest_contribution_comes_first(
    pairs: dict[str, Pair], name: str
):
    network, trace = pairs[name]
    seen = unit_picture(network, trace, "relu5", 2, cells(trace)[2])
    for one, maps in zip(
        seen.inputs, (trace.spatial["relu5"], trace.temporal["relu5"]), strict=True
    ):
        for channel, drawn in zip(one.channels, one.maps, strict=True):
            assert np.array_equal(drawn, maps[:, channel])
        assert sorted(np.abs(one.terms))[::-1] == list(np.abs(one.terms))
        at = tuple(np.array(cells(trace)[2]))
        assert list(one.maps[(slice(None), *at)]) == pytest.approx(list(one.activations))


def test_each_operator_has_its_own_wires(pairs: dict[str, Pair]):
    def drawn(name: str) -> list[tuple[tuple[int, ...], list[bool]]]:
        network, trace = pairs[name]
        seen = unit_picture(network, trace, "relu5", 2, cells(trace)[2])
        return [(one.channels, one.live.tolist()) for one in seen.inputs]

    assert drawn("sum") == [((2,), [True]), ((2,), [True])]
    assert drawn("cat") == [((2,), [True]), ((), [])]
    winner, loser = sorted(drawn("max"), key=lambda one: not one[1][0])
    assert (winner, loser) == (((2,), [True]), ((2,), [False]))
    for name in ("conv", "conv3d"):
        network, trace = pairs[name]
        seen = unit_picture(network, trace, "relu5", 2, cells(trace)[2])
        count = trace.spatial["relu5"].shape[1]
        assert [len(one.channels) + one.others for one in seen.inputs] == [count, count]
        assert [len(one.channels) for one in seen.inputs] == [min(6, count)] * 2


def test_concatenation_has_a_partner_and_no_other_operator_has(pairs: dict[str, Pair]):
    for name in OPERATORS:
        network, trace = pairs[name]
        at = lens(network, trace, "relu5", 2, (0, 0, 0))
        count = trace.spatial["relu5"].shape[1]
        assert partners(network, at) == ([2 + count] if name == "cat" else [])


@pytest.mark.parametrize("name", ["sum", "max", "cat"])
def test_an_operator_in_the_place_of_another_shows_the_map_that_it_would_make(
    pairs: dict[str, Pair], name: str
):
    network, trace = pairs["conv3d"]
    cell = cells(trace)[2]
    at = lens(network, trace, "relu5", 2, cell)
    a, m = trace.spatial["relu5"][:, 2], trace.temporal["relu5"][:, 2]
    expected = {"sum": [a + m], "max": [np.maximum(a, m)], "cat": [a, m]}[name]
    found = swapped_pictures(network, trace, at, name)
    assert len(found) == len(expected)
    for seen, output in zip(found, expected, strict=True):
        assert seen.output == pytest.approx(output)
        assert seen.value == pytest.approx(float(output[cell]))
        assert seen.lens.value == pytest.approx(float(output[cell]), abs=1e-6)


def test_the_nearest_strong_cell_is_found_as_by_looking_at_every_cell():
    random = np.random.default_rng(3)
    for _ in range(30):
        output = random.random((3, 4, 5)) ** 3
        cell = tuple(int(random.integers(size)) for size in output.shape)
        found = nearest_strong(output, cell)  # pyright: ignore[reportArgumentType]
        best = min(
            (sum(abs(a - b) for a, b in zip(at, cell, strict=True)), -output[at], at)
            for at in np.ndindex(output.shape)
            if output[at] >= output.max() / 2
        )
        assert found == best[2]
    assert nearest_strong(np.zeros((2, 3, 3)), (0, 0, 0)) is None
    assert nearest_strong(np.array([[[0.0, 1.0, 5.0, 4.0]]]), (0, 0, 0)) == (0, 0, 2)


def test_a_cell_that_is_off_offers_another_and_one_that_is_on_does_not(pairs: dict[str, Pair]):
    network, trace = pairs["conv3d"]
    output = trace.fused["relu5"]
    units = [u for u in range(output.shape[1]) if output[:, u].max() > 0 == output[:, u].min()]
    unit = units[0]
    t, i, j = (int(at) for at in np.argwhere(output[:, unit] == 0)[0])
    seen = unit_picture(network, trace, "relu5", unit, (t, i, j))
    assert seen.value == 0
    assert seen.strong == nearest_strong(output[:, unit], (t, i, j))
    assert seen.strong is not None
    on = unit_picture(network, trace, "relu5", unit, seen.strong)
    assert on.value > 0
    assert on.strong is None


def test_what_is_not_there_is_an_input_error(pairs: dict[str, Pair]):
    with pytest.raises(InputError):
        unit_picture(*pairs["conv"], "relu5", 10**6, (0, 0, 0))
