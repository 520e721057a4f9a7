"""Lens: the terms add up to what the network computes, on every operator and cell."""

import dataclasses

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.lens import before_relu, lens
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace, run


@pytest.fixture(params=["sum", "max", "cat", "conv", "conv3d"])
def pair(request: pytest.FixtureRequest, trace: Trace) -> tuple[Network, Trace]:
    """A network with such a fusion, and its run on the shared clip."""
    torch.manual_seed(1)
    card = dataclasses.replace(trace.card, fusion=request.param, place="relu5")
    network = Network(card)
    with torch.no_grad():
        for value in network.fusions.parameters():
            value.normal_(std=0.3)
    network = prepared_for_inference(network)
    return network, run(network, trace.clip, trace.flow)


def test_the_terms_add_up_to_the_value_before_the_relu(pair: tuple[Network, Trace]):
    network, found = pair
    value = before_relu(network, found, "relu5")
    scale = np.abs(value).max()
    chunks, channels, rows, columns = value.shape
    random = np.random.default_rng(0)
    for _ in range(40):
        t, d, i, j = (int(random.integers(size)) for size in (chunks, channels, rows, columns))
        seen = lens(network, found, "relu5", d, (t, i, j))
        assert abs(seen.value - value[t, d, i, j]) < 1e-5 * max(1.0, scale)
        assert seen.bias + sum(seen.shares) == pytest.approx(seen.value)


def test_the_corners_of_the_map_are_taken_apart_too(pair: tuple[Network, Trace]):
    network, found = pair
    value = before_relu(network, found, "relu5")
    last = tuple(size - 1 for size in (value.shape[0], *value.shape[2:]))
    for cell in ((0, 0, 0), last):
        seen = lens(network, found, "relu5", 0, cell)  # pyright: ignore[reportArgumentType]
        at = value[cell[0], 0, cell[1], cell[2]]
        assert seen.value == pytest.approx(at, abs=1e-5 * max(1.0, float(np.abs(value).max())))


@pytest.mark.parametrize(
    ("place", "channel", "cell"),
    [("relu4", 0, (0, 0, 0)), ("relu5", 10**6, (0, 0, 0)), ("relu5", 0, (0, -1, 0))],
)
def test_what_is_not_there_is_told(
    pair: tuple[Network, Trace], place: str, channel: int, cell: tuple[int, int, int]
):
    with pytest.raises(InputError):
        lens(*pair, place, channel, cell)
