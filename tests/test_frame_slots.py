"""Frame slots: jitter is removed, and what is real stays: holds, drops, bursts, other speeds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.reading import frame_times
from fusionscope.video.reading.frame_slots import laid
from fusionscope.video.reading.frame_times import Scan
from tests.videos import bars, decoded, numbered, numbers, write

RATES = [12.0, 15.0, 24000 / 1001, 25.0, 30000 / 1001, 30.0]
TICK = Fraction(1, 90_000)


def read(
    times: Sequence[float], rates: Sequence[float] = (), start: float = 0.0
) -> tuple[list[int], float]:
    """Frame n is stamped times[n] -> the numbers shown, and the rate of the clip."""
    scan = Scan(sorted(times), max(times), 0, None)
    pace = frame_times.pace(scan, rates, 1e-5)
    shown = frame_times.even([(time, n) for n, time in enumerate(times)], scan, pace)
    runs = frame_times.runs(shown, frame_times.grid(pace, start))
    return [n for n, count in runs for _ in range(count)], pace.rate


def shaken(times: Sequence[float], by: float, draw: random.Random) -> list[float]:
    """Stamps moved by up to ``by`` seconds, in order, from 0 on."""
    moved = sorted(time + draw.uniform(-by, by) for time in times)
    return [time - moved[0] for time in moved]


@pytest.mark.parametrize("jitter", [0.05, 0.15, 0.25, 0.4, 0.6])
@pytest.mark.parametrize("rate", RATES)
def test_each_frame_is_shown_once_in_order_whatever_the_jitter(rate, jitter):
    draw = random.Random(f"{rate} {jitter}")
    for _ in range(12):
        count = draw.choice([16, 40, 90] if jitter < 0.5 else [40, 90])
        times = shaken([n / rate for n in range(count)], jitter / rate, draw)
        found, fps = read(times, [rate])
        assert found == [*range(count)]
        assert fps == pytest.approx(rate, rel=1e-3)
        found, fps = read(times)  # no rate in the header
        assert found == [*range(count)]
        assert fps == pytest.approx(rate, rel=0.1 if count < 40 else 0.03)


@pytest.mark.parametrize("jitter", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("rate", RATES)
def test_a_dropped_frame_is_replaced_by_the_one_before_it(rate, jitter):
    draw = random.Random(f"{rate} {jitter}")
    for _ in range(8):
        count = draw.choice([24, 60])
        kept = sorted({*range(count)} - {draw.randrange(3, count - 3) for _ in range(2)})
        times = shaken([n / rate for n in kept], jitter / rate, draw)
        whole = [max(k for k in kept if k <= n) for n in range(count)]
        assert read(times, [rate])[0] == [kept.index(n) for n in whole]


@pytest.mark.parametrize(("slow", "fast"), [(15, 30), (30, 60), (12, 24), (10, 30), (25, 50)])
@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_a_change_of_speed_keeps_the_motion_per_second_of_both_parts(slow, fast, jitter):
    draw = random.Random(f"{slow} {fast} {jitter}")
    for order in (1, -1):
        parts = [(slow, 2 * slow), (fast, 2 * fast)][::order]
        gaps = [1 / rate for rate, count in parts for _ in range(count)]
        ideal = [sum(gaps[:n]) for n in range(len(gaps))]
        found, fps = read(shaken(ideal, jitter / fast, draw))
        assert fps == pytest.approx(fast if fast <= 30 else fast / 2, rel=0.01)
        assert found == sorted(found)
        at = [ideal[n] for n in found]  # when each frame of the clip was taken
        late = [moment / fps - time for moment, time in enumerate(at)]
        assert all(-1 / fast <= one <= 1 / slow + 1 / fast for one in late)
        if fast <= 30:
            assert {*found} == {*range(len(ideal))}


@pytest.mark.parametrize("burst", [4, 12, 45])
@pytest.mark.parametrize("fps", [20, 25, 30])
def test_a_burst_between_stills_keeps_its_own_rate(burst, fps):
    times = [1.013 * n for n in range(8)]  # a recorder that stores a frame when something changes
    times += [8.2173 + n / fps for n in range(burst)]
    times += [times[-1] + 1.1 * n for n in range(1, 4)]
    found, rate = read(times)
    assert rate == pytest.approx(fps, rel=0.01)
    assert found == sorted(found)
    assert {*found} == {*range(len(times))}
    first = found.index(8)
    assert found[first : first + burst - 1] == [*range(8, 7 + burst)]
    assert first / rate == pytest.approx(8.2173, abs=1.3 / fps)


def test_stamps_that_are_equal_or_out_of_order_cost_no_frame():
    times = [n / 30 for n in range(60)]
    times[10] = times[11]
    times[20], times[21] = times[21], times[20]
    times[40] = times[41] = times[42]
    assert read(times, [30.0]) == ([*range(60)], pytest.approx(30))


def test_a_very_long_gap_holds_the_frame_to_the_end_of_the_clip():
    times = [*(n / 30 for n in range(30)), 5000.0]
    found, rate = read([time for time in times if time < 21] + [20.9])
    assert rate == pytest.approx(30, rel=0.01)
    assert (found[:30], {*found[30:]}, len(found)) == ([*range(30)], {29}, 600)


def test_a_window_of_an_uneven_file_is_that_part_of_the_whole():
    draw = random.Random(7)
    times = shaken([n / 25 for n in range(500)], 0.02, draw)
    whole, rate = read(times, [25.0])
    part, _ = read(times, [25.0], start=10.0)
    assert rate == 25
    assert part == whole[part[0] :]
    assert 249 <= part[0] <= 250


def test_a_thousand_stamps_in_a_second_are_laid_in_no_time():
    draw = random.Random(1)
    found, rate = read([sum(draw.random() for _ in range(2)) / 9 for _ in range(5000)])
    assert rate <= 30
    assert len(found) < 12


def test_the_grid_is_in_order_and_near_the_stamps_for_any_stamps():
    draw = random.Random(3)
    for _ in range(60):
        gaps = [draw.choice([0.0, 0.01, 0.033, 0.04, 0.2, 3.0]) for _ in range(30)]
        times = [sum(gaps[:n]) for n in range(30)]
        if times[-1] > 0:
            grid = laid(times, [30.0], 1e-3)
            assert all(a < b for a, b in pairwise(grid.slots))
            assert [*grid.times] == sorted(grid.times)


JITTER = (0.0, 9.0, -14.0, 12.0, -3.0, 19.0, -19.0, 5.0, 16.0, -11.0)  # ms


def jittered(count: int, fps: float) -> list[float]:
    return sorted(max(0.0, n / fps + JITTER[n % 10] / 1000) for n in range(count))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "webm"])
def test_a_telephone_file_gives_each_frame_once(tmp_path, suffix):
    times = jittered(60, 30)
    codec = "libvpx" if suffix == "webm" else "libx264"
    path = numbered(tmp_path / f"a.{suffix}", 60, times=times, fps=30, tick=TICK, codec=codec)
    frames, rate = decoded(path)
    assert numbers(frames) == [*range(60)]
    assert rate == pytest.approx(30, rel=0.02)


def test_motion_is_even_in_a_file_of_uneven_stamps(tmp_path):
    """A texture moves 4 pixels to the left in each frame, and so does the flow of each pair."""
    draw = np.random.default_rng(2)
    cells = draw.integers(40, 215, (32, 32, 1)).astype(np.uint8)
    ground = np.kron(cells, np.ones((8, 8, 3), np.uint8))
    films = [np.roll(ground, -4 * n, axis=1) for n in range(24)]
    path = write(tmp_path / "a.mp4", films, 30, times=jittered(24, 30), tick=TICK)
    clip = read_clip(path)
    assert len(clip.frames) == 24
    flow = dense_flow(clip, "dis").astype(float)
    along = np.median(flow[:, 0, 40:-40, 40:-40], axis=(1, 2))
    assert along == pytest.approx(np.full(23, -4.0), abs=0.3)


def test_stamps_out_of_order_in_a_file_do_not_change_the_order_of_its_frames(tmp_path: Path):
    made = numbered(tmp_path / "a.mkv", 20, codec="mjpeg", pix_fmt="yuvj420p", fps=25)
    with av.open(str(made)) as source, av.open(str(tmp_path / "b.mkv"), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(p for p in source.demux(video=0) if p.size):
            copy = av.Packet(bytes(packet))
            copy.dts = 40 * number - 80
            copy.pts = {7: 320, 8: 280}.get(number, 40 * number)
            copy.time_base, copy.stream, copy.is_keyframe = packet.time_base, stream, True
            out.mux(copy)
    frames, rate = decoded(tmp_path / "b.mkv")
    assert rate == pytest.approx(25)
    assert numbers(frames) == [*range(20)]


def test_the_last_frame_is_held_if_the_file_clearly_says_so():
    times = [0.0, 0.1, 0.2, 0.5, 0.6]
    for end, held in ((0.7, 1), (0.9, 3)):
        scan = Scan(times, end, 0, None)
        pace = frame_times.pace(scan, (), 1e-3)
        shown = frame_times.even([(time, n) for n, time in enumerate(times)], scan, pace)
        assert [*frame_times.runs(shown, frame_times.grid(pace, 0.0))][-1] == (4, held)


def test_bars_are_read_back():
    assert numbers(np.stack([bars(n) for n in (0, 5, 1023)])) == [0, 5, 1023]
