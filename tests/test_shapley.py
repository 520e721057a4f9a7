"""Shapley: Captum's numbers by less work, by hand, and shares that add up."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.attribution.captum_reference import Reference
from fusionscope.explain.attribution.shapley import (
    cost_of_frame_shapley,
    frame_shapley,
    shapley,
)
from fusionscope.explain.ledger.ledger import four_passes
from fusionscope.explain.ledger.stream_shares import stream_shapley
from fusionscope.explain.target import Target
from fusionscope.nets.module_state import state_of
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.snippets import Snippets

TARGET = Target("average", "two", "three")


def test_two_players_share_what_only_both_bring():
    np.testing.assert_allclose(shapley(np.array([1.0, 3.0, 2.0, 8.0])), [4.0, 3.0])


def test_three_players_by_hand():
    """A glove game: player 0 has a left glove, 1 and 2 a right one each; a pair is worth 6."""
    worth = [6.0 * (s & 1) * bool(s & 6) for s in range(8)]
    np.testing.assert_allclose(shapley(np.array(worth)), [4.0, 1.0, 1.0])


def by_hand(values: np.ndarray) -> list[float]:
    """What each player adds, averaged over all orders in which they may come in."""
    players = range((len(values) - 1).bit_length())
    shares = [0.0 for _ in players]
    orders = [*itertools.permutations(players)]
    for order in orders:
        there = 0
        for player in order:
            shares[player] += (values[there | 1 << player] - values[there]) / len(orders)
            there |= 1 << player
    return shares


def test_any_game_is_shared_out_as_by_running_through_all_orders():
    values = np.random.default_rng(0).normal(size=32)
    np.testing.assert_allclose(shapley(values), by_hand(values))


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_chunks_get_what_captum_gives_them(network: Network, trace: Trace, stream: str):
    expected = Reference(network, trace.snippets, TARGET).frames(stream)
    found = frame_shapley(network, trace.snippets, TARGET, stream)
    assert np.abs(expected).min() > 1e-3
    np.testing.assert_allclose(found.shares, expected, rtol=1e-4, atol=1e-5)
    assert found.empty + found.shares.sum() == pytest.approx(found.score, abs=1e-5)


@pytest.mark.parametrize("target", [TARGET, Target("spatiotemporal", "one")])
def test_streams_get_what_captum_gives_them(network: Network, trace: Trace, target: Target):
    expected = Reference(network, trace.snippets, target).streams()
    found = stream_shapley(four_passes(network, trace.snippets), target)
    assert (found.appearance, found.motion) == pytest.approx(expected, abs=1e-5)
    assert found.empty + found.appearance + found.motion == pytest.approx(found.score, abs=1e-6)


@pytest.mark.parametrize(
    "fields",
    [
        {"fusion": "conv", "place": "relu5+fc8", "pool": "2d"},
        {"fusion": "max"},
        {"place": "fc6", "keep_temporal": False},
        {"spatial": None, "fusion": None},
        {"temporal": None, "fusion": None, "pool": "2d"},
    ],
    ids=str,
)
def test_they_do_so_in_every_kind_of_network(
    card: Card, build: Callable[..., Network], trace: Trace, fields: dict[str, str | None]
):
    network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
    target = Target([*said_heads(network)][-1], "two", "three")
    stream = "spatial" if network.card.spatial else "temporal"
    expected = Reference(network, trace.snippets, target).frames(stream)
    found = frame_shapley(network, trace.snippets, target, stream)
    scale = np.abs(expected).max()
    assert scale > 1e-3
    np.testing.assert_allclose(found.shares, expected, rtol=1e-4, atol=1e-5 * scale + 2e-6)


def said_heads(network: Network) -> tuple[str, ...]:
    heads = network.card.heads
    return (*heads, "average") if len(heads) > 1 else heads


def test_a_chunk_in_which_the_stream_is_absent_anyway_gets_nothing(network: Network, trace: Trace):
    flow = trace.snippets.flow.copy()
    flow[1] = 128
    still = Snippets(trace.snippets.rgb, flow, trace.snippets.frames, trace.snippets.stack)
    found = frame_shapley(network, still, TARGET, "temporal")
    assert abs(found.shares[1]) < 1e-5
    assert np.abs(found.shares[[0, 2]]).min() > 1e-3


def test_frame_shapley_is_planned_reports_stops_and_leaves_nothing(
    card: Card, build: Callable[..., Network], trace: Trace
):
    network = build(card)
    before = state_of(network)
    cost = cost_of_frame_shapley(network, trace.snippets, TARGET, "spatial")
    assert (cost.passes, cost.batch) == (8, 8)
    assert cost.seconds > 0
    reports: list[tuple[str, float]] = []
    found = frame_shapley(
        network, trace.snippets, TARGET, "spatial", lambda *said: reports.append(said)
    )
    assert reports == [("Shapley", 0.0), ("Shapley", 1.0)]
    assert state_of(network) == before
    assert not found.shares.flags.writeable

    def stop(stage: str, done: float) -> None:  # noqa: ARG001
        raise InterruptedError

    with pytest.raises(InterruptedError):
        frame_shapley(network, trace.snippets, TARGET, "spatial", stop)


def test_more_chunks_than_can_be_run_through_are_told(network: Network, trace: Trace):
    rgb, flow = (
        np.repeat(part, 5, axis=0)[:13] for part in (trace.snippets.rgb, trace.snippets.flow)
    )
    long = Snippets(rgb, flow, np.arange(13), trace.snippets.stack)
    with pytest.raises(InputError, match=r"13 chunks.*8,192.*12"):
        frame_shapley(network, long, TARGET, "spatial")
    with pytest.raises(InputError, match="no stream 'fused'"):
        frame_shapley(network, trace.snippets, TARGET, "fused")
