"""Bench: ratios of two ways that are timed in turn and find the same numbers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.bench.bench import AIMS, MEASURES
from core.bench.convolutions import bare, calls_of
from core.bench.explaining import occlusion_speedup, shapley_speedup
from core.bench.growth import growth
from core.bench.last import keep, last_growth, last_path
from core.bench.memory import trace_memory
from core.bench.pair import Aim, Pair, paired
from core.bench.parts import decode, flow, forward
from core.bench.subject import Subject, subject, toybox_video
from core.bench.whole import analysis
from core.nets.network import Network
from core.nets.precision import has_bfloat16
from core.records import InputError
from core.trace import fed
from core.video.clip import Clip, read_clip
from tests.disk import a_disk_with_room_for
from tests.test_cli import fusionscope


@pytest.fixture(scope="module")
def on(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Eight frames of Toybox, in a file, and the tiny network."""
    return subject("Toybox", network, toybox_video(tmp_path_factory.mktemp("bench"), 8))


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


def test_of_several_pairs_the_one_that_fares_worst_counts():
    pairs = [Pair("x", (1.0,), (9.0,), 0), Pair("y", (1.0,), (4.0,), 0)]
    gain, cost = Aim(8, most=False), Aim(0.2, most=True)
    assert gain.of(pairs) == 4
    assert cost.of(pairs) == 0.25
    assert (gain.met(4), gain.met(8), cost.met(0.25), cost.met(0.2)) == (False, True, False, True)
    assert gain.of([]) is None
    assert not gain.met(None)


def test_every_measure_has_an_aim():
    assert [*MEASURES] == [*AIMS]


def test_a_pass_is_heard_convolution_by_convolution_and_they_make_what_it_made(on: Subject):
    rgb, motion = fed(on.network, on.snippets)
    calls = calls_of(on.network, rgb, motion)
    kinds = (nn.Conv2d, nn.Conv3d, nn.Linear)
    assert len(calls) == sum(isinstance(module, kinds) for module in on.network.modules())
    assert torch.equal(bare(calls), calls[-1].made)
    first = calls[0]  # relu1 of the temporal tower: 7x7 over 2 x 2 fields, 32 filters
    assert first.operations == 2 * 7 * 7 * 4 * first.made.numel()


def test_what_is_timed_against_bare_calls_finds_the_same_numbers(on: Subject):
    for measure in (decode, flow, forward, analysis):
        (pair,) = measure(on, 2)
        assert pair.gap is not None
        assert pair.gap <= 1e-4
        assert len(pair.ours) == len(pair.theirs) == 2


def test_what_reading_costs_is_ours_over_the_bare_calls(
    on: Subject, monkeypatch: pytest.MonkeyPatch
):
    def slow(path: Path, start: float) -> Clip:
        time.sleep(1)
        return read_clip(path, start=start)

    monkeypatch.setattr("core.bench.parts.read_clip", slow)
    (pair,) = decode(on, 1)
    assert pair.ours[0] > 1
    assert pair.cost == pair.ours[0] / pair.theirs[0]


def test_a_trace_takes_little_more_than_its_arrays(on: Subject):
    (pair,) = trace_memory(on, 1) or pytest.skip("this system does not tell what a process holds")
    assert 0.8 < pair.cost < 1.4


def test_growth_is_timed_step_by_step_and_leaves_the_network_as_it_was(
    network: Network, tmp_path: Path
):
    card = network.card
    frames, size, chunks = growth(network, tmp_path, 1, (1, 2), shortest=8)
    assert (frames.of, frames.at) == ("frames", (8, 16))
    assert (size.of, size.at) == ("size", (112, 168))
    assert (chunks.of, chunks.at) == ("chunks", (3, 6))
    assert [*frames.seconds] == ["decode", "flow", "forward", "analysis"]
    assert [*size.seconds] == [*chunks.seconds] == ["forward", "analysis"]
    assert all(len(s) == 2 and min(s) > 0 for one in (frames, size) for s in one.seconds.values())
    assert network.card is card


@pytest.mark.slow
def test_occlusion_and_shapley_values_are_faster_than_captums_and_the_same(network: Network):
    """Of two towers that are cut, in three chunks; with five chunks it is more."""
    for measure, least in ((occlusion_speedup, 4), (shapley_speedup, 1)):
        pairs = measure(network, 1)
        assert len(pairs) == 2
        assert all(pair.gap is not None and pair.gap <= 1e-4 for pair in pairs)
        assert min(pair.ratio for pair in pairs) > least


@pytest.mark.slow
def test_the_command_prints_one_json_object_and_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "new"))
    assert last_growth() == []
    done = fusionscope("bench", "--model", "toybox-spatial", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [*said][:3] == ["ratios", "aims", "model"]
    assert [*said["ratios"]] == [*MEASURES]
    assert said["ratios"]["occlusion_speedup"] > 2
    (pair,) = said["pairs"]["occlusion_speedup"]
    assert pair["what"].startswith("spatial: occlusion by patches of 16 pixels")
    assert len(pair["ours"]) == len(pair["theirs"]) == 1
    assert said["aims"]["flow"]["met"] == (said["ratios"]["flow"] >= AIMS["flow"].limit)
    assert 0 < said["rate"]["share"] < 1.5
    halved = said["bfloat16"]["Toybox"]
    assert (halved is not None) == has_bfloat16()
    if halved:
        assert halved["faster"] > 0
        assert halved["chosen"] in ("float32", "bfloat16")
    assert last_growth() == said["growth"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"growth": 3}', '{"growth": [{"of": "size", "at": [1], "seconds": [2]}]}'],
)
def test_a_kept_bench_that_is_none_shows_nothing(tmp_path, monkeypatch, content):
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path))
    keep({"growth": [{"of": "size", "at": [1], "seconds": {"flow": [0.5]}}]})
    assert len(last_growth()) == 1
    last_path().write_text(content, "utf-8")
    assert last_growth() == []


def test_a_bench_that_cannot_be_kept_is_told_and_leaves_the_last_one(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path))
    last = {"growth": [{"of": "size", "at": [1], "seconds": {"flow": [0.5]}}]}
    keep(last)
    with a_disk_with_room_for(10), pytest.raises(InputError, match="json cannot be written"):
        keep({"growth": []})
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]
    assert last_growth() == last["growth"]
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "bench.json"))
    with pytest.raises(InputError, match="cannot be"):
        keep(last)


@pytest.mark.slow
def test_the_command_tells_what_cannot_be_measured():
    done = fusionscope("bench", "--model", "nothing")
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert not done.stdout
