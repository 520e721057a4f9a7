"""Frame times: which frames of a file become the frames of a clip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest

from fusionscope.video.reading import frame_times
from fusionscope.video.reading.frame_times import Grid, Mark, Pace, Refusal, Scan


def marks_of(times: Sequence[float], keys: int = 1, duration: float = 0.0) -> list[Mark]:
    return [Mark(n, time, duration, n % keys == 0) for n, time in enumerate(times)]


def clip_of(
    times: Sequence[float],
    start: float | None = None,
    rates: Sequence[float] = (),
    duration: float = 0.0,
) -> tuple[list[int], Pace]:
    """Frame n is shown at times[n] -> the numbers that are given back, and the pace."""
    scan = frame_times.scan(marks_of(times, duration=duration), start, 0.0)
    pace = frame_times.pace(scan, rates, 1e-3)
    frames = [(time, n) for n, time in enumerate(times)]
    shown = frame_times.even(frames[scan.skip or 0 :], scan, pace)
    runs = frame_times.runs(shown, frame_times.grid(pace, start or 0.0))
    return [n for n, count in runs for _ in range(count)], pace


@pytest.mark.parametrize("fps", [1, 10, 15, 23.976, 24, 25, 29.97, 30])
def test_a_constant_rate_gives_exactly_its_own_frames_though_times_are_rounded(fps):
    numbers, pace = clip_of([round(n / fps, 3) for n in range(40 if fps > 2 else 15)])
    assert numbers == list(range(len(numbers)))
    assert len(numbers) in (15, 40)
    assert pace.rate == pytest.approx(fps, rel=2e-3)


def test_jitter_of_a_telephone_loses_and_doubles_no_frame():
    late = (0, 3, -2, 4, 1, -3, 2, 0)
    numbers, pace = clip_of([n / 30 + late[n % 8] / 1000 for n in range(48)], rates=[30.0])
    assert numbers == list(range(48))
    assert pace.rate == 30


def test_a_declared_rate_is_taken_where_the_times_agree_with_it():
    times = [round(n * 1001 / 30000, 3) for n in range(7)]
    assert clip_of(times, rates=[30000 / 1001])[1].rate == 30000 / 1001
    assert clip_of(times, rates=[25.0])[1].rate == pytest.approx(29.97, rel=5e-3)


@pytest.mark.parametrize(
    ("fps", "step", "rate"),
    [(50, 2, 25), (60, 2, 30), (59.94, 2, 29.97), (120, 4, 30), (48, 2, 24)],
)
def test_a_fast_file_is_thinned_in_even_steps(fps, step, rate):
    numbers, pace = clip_of([n / fps for n in range(41)])
    assert numbers == list(range(0, 41, step))
    assert pace.rate == pytest.approx(rate)


def test_a_rate_just_above_the_limit_loses_single_frames_and_not_every_second():
    numbers, pace = clip_of([n / 31 for n in range(63)])
    assert pace.rate == 30
    assert len(numbers) == 61
    assert sorted(set(range(63)) - set(numbers))
    assert all(1 <= b - a <= 2 for a, b in pairwise(numbers))


def test_an_uneven_clock_shows_each_frame_once_and_holds_it_for_its_time():
    # frame 4 stands for 0.3 s, frame 5 comes a little late and frame 6 a little early
    times = [0.0, 0.1, 0.2, 0.3, 0.4, 0.72, 0.78, 0.9, 1.0]
    numbers, pace = clip_of(times)
    assert pace.rate == pytest.approx(10, rel=0.03)
    assert numbers == [0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8]


def test_a_frame_is_shown_within_a_slot_of_its_time():
    times = [0.0, 0.1, 0.2, 0.35, 0.4, 0.5, 0.65, 0.7, 1.0]
    numbers, pace = clip_of(times, rates=[10.0])
    assert numbers == [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8]
    assert max(abs(a - b) for a, b in zip(times, pace.shown, strict=True)) < pace.gap


def test_the_last_frame_of_an_uneven_file_is_held_for_as_long_as_it_says():
    scan = Scan([0.0, 0.1, 0.2, 0.6, 0.7], 1.0, None, None)
    pace = frame_times.pace(scan, (), 1e-3)
    assert pace.length == pytest.approx(1.0)
    frames = [(time, n) for n, time in enumerate(scan.times)]
    runs = frame_times.runs(frames, frame_times.grid(pace, 0.0))
    assert list(runs) == [(0, 1), (1, 1), (2, 4), (3, 1), (4, 3)]


def test_a_window_begins_with_the_frame_shown_at_its_start():
    times = [n / 10 for n in range(300)]
    assert clip_of(times, 5.0)[0] == list(range(50, 250))
    assert clip_of(times, 5.08)[0][0] == 50
    assert clip_of(times, 25.0)[0] == list(range(250, 300))
    assert clip_of([0.0, 0.1, 0.2, 0.3, 3.0, 3.1, 3.2, 3.5], 2.9)[0] == [3, 4, 5, 6, 6, 6, 7]


def test_a_window_has_at_most_twenty_seconds_and_six_hundred_frames():
    assert len(clip_of([n / 30 for n in range(900)], 0.0)[0]) == 600
    assert len(clip_of([n * 1001 / 30000 for n in range(900)], 3.0)[0]) == 600
    assert len(clip_of([n / 60 for n in range(1800)], 2.0)[0]) == 600
    assert len(clip_of([n / 8 for n in range(400)], 2.0)[0]) == 160


def test_of_a_long_file_the_first_twenty_seconds_are_read():
    assert len(clip_of([n / 30 for n in range(600)])[0]) == 600
    numbers, pace = clip_of([n / 30 for n in range(900)])
    assert numbers == [*range(600)]
    assert pace.length > 20


def test_a_scan_ends_soon_after_the_window_if_the_file_says_how_long_it_is():
    marks = iter(marks_of([n / 10 for n in range(900)]))
    scan = frame_times.scan(marks, 10.0, declared=90.0)
    assert scan.total == 90.0
    assert next(marks).place < 320
    undeclared = frame_times.scan(iter(marks_of([n / 10 for n in range(900)])), 10.0, declared=0.0)
    assert undeclared.total == pytest.approx(89.9)


def test_a_scan_skips_to_the_last_key_frame_before_the_start():
    scan = frame_times.scan(marks_of([n / 10 for n in range(300)], keys=50), 12.34, 0.0)
    assert scan.skip == 100
    assert scan.times[0] == 10.0
    assert frame_times.scan([Mark(0, 5.0, 0, True)], 1.0, 0.0).skip is None


def test_frames_shown_out_of_stored_order_are_put_in_order():
    scan = frame_times.scan(marks_of([0.0, 0.3, 0.1, 0.2, 0.5, 0.4]), None, 0.0)
    assert scan.times == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ([], "no frames; motion needs at least 2"),
        ([1.0], "only 1 frame; motion needs at least 2"),
        ([1.0, 1.0], "all its frames at the same time; motion needs 2"),
    ],
)
def test_fewer_than_two_moments_are_refused(times, found):
    with pytest.raises(Refusal, match=found):
        clip_of(times)


def test_where_the_first_frames_cannot_be_decoded_the_clip_begins_with_the_next():
    grid = Grid(origin=0.0, step=0.1, count=10, slack=0.05, hold=0.1)
    late = [(n / 10, n) for n in range(3, 10)]
    assert list(frame_times.runs(late, grid)) == [(n, 1) for n in range(3, 10)]


def test_a_missing_frame_in_a_steady_file_is_replaced_by_the_previous_one():
    grid = Grid(origin=0.0, step=0.1, count=5, slack=0.05, hold=0.1)
    frames = [(n / 10, n) for n in (0, 1, 3, 4)]
    assert list(frame_times.runs(frames, grid)) == [(0, 1), (1, 2), (3, 1), (4, 1)]


def test_the_error_of_a_window_without_motion_gives_its_start():
    for times, found in (
        ([0.0, 1.0, 2.0], "only 1 frame from 2.00 s on; motion needs at least 2"),
        ([2.0, 2.0, 2.0], "all its frames at the same time; motion needs 2"),
    ):
        keys = [frame_times.Mark(n, time, 0.0, True) for n, time in enumerate(times)]
        with pytest.raises(Refusal, match=re.escape(found)):
            frame_times.pace(frame_times.scan(keys, 2.0, 0.0), [], 0.001)
