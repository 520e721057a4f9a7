"""Bench: ratios of two ways that are timed in turn and find the same numbers."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from core.bench import MEASURES, Pair, bench, paired, ratios
from core.nets.network import Network
from tests.test_cli import fusionscope


def after(seconds: float, *values: float) -> np.ndarray:
    time.sleep(seconds)
    return np.array(values)


def test_a_ratio_is_the_median_of_its_repetitions():
    pair = Pair("halves", ours=(1.0, 1.0, 2.0), theirs=(9.0, 3.0, 10.0), gap=0.0)
    assert pair.ratio == 5


def test_two_ways_are_timed_in_turn():
    order: list[str] = []

    def way(name: str, seconds: float) -> np.ndarray:
        order.append(name)
        return after(seconds, 1.0, 2.0)

    pair = paired("sleeps", lambda: way("ours", 0.02), lambda: way("theirs", 0.2), 3)
    assert order == ["ours", "theirs"] * 3
    assert len(pair.ours) == len(pair.theirs) == 3
    assert min(pair.ours) >= 0.02
    assert min(pair.theirs) >= 0.2
    assert pair.ratio > 2
    assert pair.gap == 0


def test_ways_that_part_give_no_ratio():
    with pytest.raises(ValueError, match=r"sums: expected the same numbers, got a gap of 1\.0e-03"):
        paired("sums", lambda: after(0, 1.0, -1.998), lambda: after(0, 1.0, -2.0), 1)


def test_of_several_pairs_the_slowest_counts():
    found = {"a": [Pair("x", (1.0,), (9.0,), 0), Pair("y", (1.0,), (4.0,), 0)]}
    assert ratios(found) == {"a": 4}


def test_occlusion_and_shapley_values_are_faster_than_captums_and_the_same(network: Network):
    """Of two towers that are cut, in three chunks; with five chunks it is more."""
    reports: list[tuple[str, float]] = []
    found = bench(network, 1, lambda stage, done: reports.append((stage, done)))
    assert [*found] == [*MEASURES] == ["occlusion_speedup", "shapley_speedup"]
    assert [len(pairs) for pairs in found.values()] == [2, 2]
    assert all(pair.gap <= 1e-4 for pairs in found.values() for pair in pairs)
    assert ratios(found)["occlusion_speedup"] > 4
    assert ratios(found)["shapley_speedup"] > 1
    assert reports == [("occlusion_speedup", 0.0), ("shapley_speedup", 0.5), ("done", 1.0)]


def test_the_command_prints_one_json_object():
    done = fusionscope("bench", "--model", "toybox-spatial", "--repeats", 1, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["ratios", "model", "repeats", "pairs"]
    assert set(said["ratios"]) == set(MEASURES)
    assert said["ratios"]["occlusion_speedup"] > 2
    (pair,) = said["pairs"]["occlusion_speedup"]
    assert pair["what"].startswith("spatial: occlusion by patches of 16 pixels")
    assert len(pair["ours"]) == len(pair["theirs"]) == 1
    assert pair["gap"] <= 1e-4


def test_the_command_tells_what_cannot_be_measured():
    done = fusionscope("bench", "--model", "nothing")
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert not done.stdout
