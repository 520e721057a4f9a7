"""Bench: ratios of two implementations that are timed alternately and agree in their results."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.bench.attribution import occlusion_speedup, shapley_speedup
from fusionscope.bench.bare_convolutions import bare, calls_of
from fusionscope.bench.bench import AIMS, MEASURES, Bench, Machine
from fusionscope.bench.command import command
from fusionscope.bench.scaling import growth
from fusionscope.bench.stages import Rate, decode, flow, forward
from fusionscope.bench.stored_result import bench_as_json, keep, last_growth, last_path
from fusionscope.bench.subject import Subject, subject, toybox_video
from fusionscope.bench.timed_pair import Aim, TimedPair, paired
from fusionscope.bench.trace_memory import trace_memory
from fusionscope.bench.whole_analysis import analysis
from fusionscope.nets.network import Network
from fusionscope.nets.precision import has_bfloat16
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import network_inputs
from fusionscope.video.clip import Clip, read_clip
from fusionscope_app.cli.bench import _print as print_bench
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
    pair = TimedPair("halves", ours=(1.0, 1.0, 2.0), theirs=(9.0, 3.0, 10.0), gap=0.0)
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
    pairs = [TimedPair("x", (1.0,), (9.0,), 0), TimedPair("y", (1.0,), (4.0,), 0)]
    gain, cost = Aim(8, most=False), Aim(0.2, most=True)
    assert gain.of(pairs) == 4
    assert cost.of(pairs) == 0.25
    assert (gain.met(4), gain.met(8), cost.met(0.25), cost.met(0.2)) == (False, True, False, True)
    assert gain.of([]) is None
    assert not gain.met(None)


def test_every_measure_has_an_aim():
    assert [*MEASURES, "cold_start", "command"] == [*AIMS]


def test_recorded_convolutions_reproduce_the_pass(on: Subject):
    rgb, motion = network_inputs(on.network, on.snippets)
    calls = calls_of(on.network, rgb, motion)
    kinds = (nn.Conv2d, nn.Conv3d, nn.Linear)
    assert len(calls) == sum(isinstance(module, kinds) for module in on.network.modules())
    assert torch.equal(bare(calls), calls[-1].made)
    first = calls[0]  # relu1 of the temporal tower: 7x7 over 2 x 2 fields, 32 filters
    assert first.operations == 2 * 7 * 7 * 4 * first.made.numel()


def test_bare_calls_give_the_same_results(on: Subject):
    for measure in (decode, flow, forward, analysis):
        (pair,) = measure(on, 2)
        assert pair.gap is not None
        assert pair.gap <= 1e-4
        assert len(pair.ours) == len(pair.theirs) == 2


def test_the_cost_of_reading_is_ours_divided_by_the_bare_calls(
    on: Subject, monkeypatch: pytest.MonkeyPatch
):
    def slow(path: Path, start: float) -> Clip:
        time.sleep(1)
        return read_clip(path, start=start)

    monkeypatch.setattr("fusionscope.bench.stages.read_clip", slow)
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


def test_a_cold_start_is_printed_step_by_step_or_why_it_was_not_measured(capsys):
    pair = TimedPair("run on 50 frames", (3.0,), (2.0,), None)
    machine = Machine("processor", 2, 2, None, "cpu")
    found: dict[str, list[TimedPair]] = {"cold_start": [], "command": [pair]}
    rest = (AIMS, Rate(1e9, 2e9), [], {})
    without = Bench("m", 1, machine, found, *rest, {}, {"cold_start": "no browser was found"})
    print_bench(without)
    said = capsys.readouterr().out
    assert "cold_start         not measured: no browser was found\n" in said
    assert "command              1.50  target at most 1.6: met" in said
    stored = bench_as_json(without)
    assert stored["ratios"] == {"cold_start": None, "command": 1.5}
    assert stored["missing"] == {"cold_start": "no browser was found"}
    steps = {"server": 0.9, "complete": 3.0}
    measured = Bench("m", 1, machine, {**found, "cold_start": [pair]}, *rest, steps, {})
    print_bench(measured)
    assert "cold start, median: server 0.90 s, complete 3.00 s\n" in capsys.readouterr().out
    assert bench_as_json(measured)["cold_start"] == steps


@pytest.mark.slow
def test_the_command_is_timed_with_the_clip_and_network_of_its_subject(tmp_path):
    on = subject("Toybox", load_network("toybox-temporal"), toybox_video(tmp_path, 12))
    (pair,) = command(on, 1)
    assert pair.what == "Toybox: the command run on 12 frames, vs importing torch"
    assert min(*pair.ours, *pair.theirs) > 0.1


@pytest.mark.slow
def test_the_command_prints_one_json_object_and_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "new"))
    assert last_growth() == []
    done = fusionscope("bench", "--model", "toybox-spatial", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [*said][:3] == ["ratios", "aims", "model"]
    assert [*said["ratios"]] == [*AIMS]
    assert said["ratios"]["occlusion_speedup"] > 2
    (pair,) = said["pairs"]["occlusion_speedup"]
    assert pair["what"].startswith("spatial: occlusion with patches of 16 pixels")
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


def test_a_bench_that_cannot_be_saved_raises_and_keeps_the_last_one(tmp_path, monkeypatch):
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
def test_the_command_reports_what_cannot_be_measured():
    done = fusionscope("bench", "--model", "nothing")
    assert done.returncode == 2
    assert "nothing" in done.stderr
    assert not done.stdout
