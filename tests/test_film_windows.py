"""Film windows: scored as clips cut at the same seconds, in bounded memory, exported."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fusionscope
from fusionscope.analysis.windows.bands import bands, disagreements, runs_of
from fusionscope.analysis.windows.exports import csv_of, vtt_of
from fusionscope.analysis.windows.film_windows import FilmWindows, film_windows
from fusionscope.analysis.windows.window import Window
from fusionscope.analysis.windows.window_times import window_times
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import passes_of_run
from fusionscope.nets.network import Network
from fusionscope.trace import run
from fusionscope.video.clip import read_clip
from tests.slow import all_slow
from tests.videos import bars, write


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """12 s at 10 frames/s: bars whose number, and so the picture, changes with each frame."""
    frames = [np.roll(bars(n), 3 * n, axis=1) for n in range(120)]
    return write(tmp_path_factory.mktemp("film") / "film.mp4", frames)


@pytest.fixture(scope="module")
def windows(network: Network, film: Path) -> list[Window]:
    return list(film_windows(network, film, step=2.0))


def networks_of(card: Card) -> list[Card]:
    """Fused with and without a temporal head, late, and each stream alone."""
    return [
        card,
        replace(card, keep_temporal=False, pool="2d", fusion="conv"),
        replace(card, fusion=None, place="softmax", pool="2d"),
        replace(card, fusion=None, place="", pool="2d", temporal=None),
        replace(card, fusion=None, place="", pool="3d", spatial=None),
    ]


@pytest.mark.parametrize(
    ("number", "step"),
    [(0, 1.0), *all_slow(*((n, step) for n in range(5) for step in (0.5, 3.0)))],
)
def test_a_window_is_scored_as_the_clip_of_its_seconds(card, build, film, number, step):
    network = build(networks_of(card)[number])
    found = list(film_windows(network, film, step, start=2.0))
    assert found[0].start == 2.0
    for one in (found[0], found[-1]):
        clip = read_clip(film, start=one.start, seconds=one.end - one.start)
        trace = run(network, clip, precision="float32")
        assert set(one.logits) == set(passes_of_run(network, trace).logits)
        for head, scores in trace.logits.items():
            np.testing.assert_allclose(one.logits[head], scores, atol=1e-3)
        passes = passes_of_run(network, trace).logits[one.deciding]
        for stream, scores in one.alone.items():
            place = 1 if stream == "appearance" else 2
            np.testing.assert_allclose(scores, passes[place], atol=1e-3)


@pytest.mark.slow
def test_streams_without_a_head_are_judged_with_the_other_one_replaced(card, build, film):
    alone = []
    for one in networks_of(card):
        found = next(iter(film_windows(build(one), film, 5.0)))
        alone.append((set(found.alone), set(found.streams)))
    both = {"appearance", "motion"}
    assert alone == [
        ({"appearance"}, both),
        (both, both),
        (set(), both),
        (set(), {"appearance"}),
        (set(), {"motion"}),
    ]


def test_windows_start_every_step_and_end_within_the_film(windows):
    assert [one.start for one in windows] == [2.0 * n for n in range(len(windows))]
    assert all(one.end - one.start == pytest.approx(2.0, abs=0.11) for one in windows)
    assert 10.0 < windows[-1].end <= 12.0


@pytest.mark.parametrize("fps", [5.0, 24.0, 30000 / 1001])
@pytest.mark.parametrize("step", [0.1, 0.7, 1.0, 60.0])
def test_the_number_of_windows_is_known_before(card, fps, step):
    times = window_times(card, fps, step)
    for frames in (times.count - 1, times.count, 1000, 18_000):
        ends = [times.first(n) + times.count for n in range(times.within(frames))]
        assert all(end <= frames for end in ends)
        assert times.first(len(ends)) + times.count > frames


def test_overlapping_windows_share_their_chunks(card):
    times = window_times(replace(card, chunks=5, stack=10), 30.0, 1.0)
    seen = [set(times.frames(n).tolist()) for n in range(100)]
    assert times.count == 75
    assert len(set().union(*seen)) == 203  # two new chunks a second, not five


def test_each_chunk_is_computed_once_and_dropped(network, film, monkeypatch):
    from fusionscope.analysis.windows import chunk_scores

    added: list[int] = []
    held: list[int] = []
    real = chunk_scores.ChunkScores.add

    def add(self, frames, rgb, flow):
        real(self, frames, rgb, flow)
        added.extend(frames)
        held.append(len(self._chunks))

    monkeypatch.setattr(chunk_scores.ChunkScores, "add", add)
    list(film_windows(network, film, 0.8))
    assert len(added) == len(set(added))
    assert max(held) < len(added)


def test_a_film_shorter_than_a_window_is_one_window(network, tmp_path):
    short = write(tmp_path / "short.mp4", [bars(n) for n in range(12)])
    (one,) = film_windows(network, short)
    assert (one.start, one.end) == (0.0, 1.2)
    tiny = write(tmp_path / "tiny.mp4", [bars(n) for n in range(2)])
    with pytest.raises(InputError, match=r"tiny.mp4 has 2 frames; this network needs at least 3"):
        list(film_windows(network, tiny))


def test_what_was_computed_stays_when_progress_stops_the_work(network, film):
    class Stop(Exception):
        pass

    def progress(stage: str, done: float) -> None:
        if stage == "film" and done > 0.4:
            raise Stop

    kept: list[Window] = []
    with pytest.raises(Stop):
        kept.extend(film_windows(network, film, 1.0, progress=progress))
    assert 1 < len(kept) < 10


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), 5000.0])
def test_a_step_is_a_tenth_of_a_second_to_an_hour(network, film, step):
    with pytest.raises(InputError, match=r"it must be between 0\.1 s and 3600 s"):
        film_windows(network, film, step)


def test_a_network_without_a_trained_classifier_is_refused(card, build, film):
    with pytest.raises(InputError, match="has an untrained classifier"):
        film_windows(build(replace(card, weights="imagenet")), film)


def test_the_interface_offers_it(network, film):
    found = fusionscope.film_windows(network, film, step=5.0)
    assert isinstance(found, FilmWindows)
    got = list(found)
    assert len(got) == found.expected
    assert isinstance(got[0], fusionscope.Window)
    assert set(found.seconds) == {"decode", "flow", "forward"}


def window(start: float, spatial: int, temporal: int) -> Window:
    """Scores of 4 for one class of each stream."""
    scores = {"spatial": 4.0 * np.eye(3)[spatial], "temporal": 4.0 * np.eye(3)[temporal]}
    scores["average"] = (2 * scores["spatial"] + scores["temporal"]) / 3
    return Window(start, start + 2.0, ("walk", "run", "a <b> & c"), scores, {})


MADE = [window(n, *pair) for n, pair in enumerate([(0, 0), (0, 0), (0, 1), (2, 2), (2, 2)])]


def test_bands_hold_each_heads_class_and_mark_where_streams_disagree():
    found = bands(MADE)
    assert [band.name for band in found] == ["average", "spatial", "temporal"]
    assert found[2].labels.tolist() == [0, 0, 1, 2, 2]
    assert disagreements(MADE).tolist() == [False, False, True, False, False]
    runs = runs_of(MADE, found[0])
    assert [(r.label, r.start, r.end) for r in runs] == [("walk", 0, 3), ("a <b> & c", 3, 6)]
    assert bands([]) == runs_of([], found[0]) == []


def test_a_stream_that_guesses_disagrees_with_nobody():
    scores = {"spatial": np.array([4.0, 0.0, 0.0]), "temporal": np.array([0.0, 0.1, 0.0])}
    assert not Window(0.0, 2.0, ("a", "b", "c"), scores, {}).disagree
    scores["temporal"] = np.array([0.0, 3.0, 0.0])
    assert Window(0.0, 2.0, ("a", "b", "c"), scores, {}).disagree
    assert not Window(0.0, 2.0, ("a", "b", "c"), {"spatial": scores["spatial"]}, {}).disagree


def test_the_table_has_a_row_for_each_window():
    rows = list(csv.DictReader(io.StringIO(csv_of(MADE))))
    assert [row["temporal"] for row in rows] == ["walk", "walk", "run", "a <b> & c", "a <b> & c"]
    assert [row["disagree"] for row in rows] == list("00100")
    assert (rows[1]["start"], rows[1]["end"]) == ("1.000", "3.000")
    assert float(rows[0]["spatial_p"]) == pytest.approx(np.exp(4) / (np.exp(4) + 2), abs=1e-4)
    assert csv_of([]).splitlines() == ["start,end,disagree"]


def test_subtitles_follow_one_another_and_hold_no_markup():
    text = vtt_of(MADE)
    head, *cues = text.split("\n\n")
    assert head == "WEBVTT"
    times = [re.match(r"(\S+) --> (\S+)\n", cue) for cue in cues]
    assert [(t[1], t[2]) for t in times if t] == [
        ("00:00:00.000", "00:00:02.000"),
        ("00:00:02.000", "00:00:03.000"),
        ("00:00:03.000", "00:00:06.000"),
    ]
    assert "appearance: walk; motion: run" in cues[1]
    assert "a &lt;b&gt; &amp; c (" in cues[2]
    assert vtt_of([]) == "WEBVTT\n"
    late = vtt_of([window(3725.25, 0, 0)])
    assert "01:02:05.250 --> 01:02:07.250" in late
