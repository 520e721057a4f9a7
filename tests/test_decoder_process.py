"""Decoder process: whatever the child does, the parent raises a clear error and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from fusionscope.base.records import InputError
from fusionscope.video.clip import Probe, probe, read_clip
from fusionscope.video.reading import decoder_process
from fusionscope.video.reading.spare_process import KEPT, SpareProcess
from tests.slow import all_slow
from tests.videos import numbered, numbers

HEAD = {"frames": 3, "height": 256, "width": 342, "fps": 10.0, "seconds": 0.3, "hdr": ""}
FRAME = 256 * 342 * 3
WROTE = "import os, sys, time, json; open({pid!r}, 'w').write(str(os.getpid())); out = sys.stdout\n"


@pytest.fixture
def acting(tmp_path, monkeypatch):
    """Have another program run in the place of the decoder; gives a file that takes its id."""
    pid = tmp_path / "pid"

    def act(code: str) -> Path:
        program = WROTE.format(pid=str(pid)) + code
        monkeypatch.setattr(decoder_process, "CHILD", (sys.executable, "-I", "-c", program))
        return pid

    return act


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.mp4"
    path.write_bytes(b"anything")
    return path


def says(head: object, frames: float = 3, more: str = "") -> str:
    return (
        f"out.write({json.dumps(head)!r} + '\\n'); out.flush()\n"
        f"out.buffer.write(bytes({int(frames * FRAME)})); out.flush(); {more}"
    )


def is_gone(pid: Path) -> bool:
    """Whether the process has ended and was reaped: a zombie still has its id."""
    try:
        os.kill(int(pid.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


# the real child with its real limits, around something else than the real decoder
REAL = (
    f"sys.path.insert(0, {decoder_process.CHILD[-1]!r})\n"
    "from fusionscope.video.reading import decoder_main as decode\n"
    "def instead(path, start):\n"
)
RUN = "\ndecode.decode = instead\ndecode.main()"


def test_frames_that_were_announced_and_came_are_believed(acting, file):
    pid = acting(says(HEAD))
    clip = read_clip(file)
    assert clip.frames.shape == (3, 256, 342, 3)
    assert clip.fps == 10
    assert is_gone(pid)


def test_frames_that_did_not_all_come_are_counted(acting, file):
    acting(says(HEAD, 2))
    assert len(read_clip(file).frames) == 2
    acting(says(HEAD, 1))
    with pytest.raises(InputError, match=r"some.mp4 contains only 1 frame; .*at least 2"):
        read_clip(file)


def test_a_refusal_is_prefixed_with_the_name(acting, file):
    acting(says({"error": "has no video track; a picture is needed"}, 0))
    with pytest.raises(InputError, match=r"^some.mp4 has no video track; a picture is needed$"):
        read_clip(file)
    with pytest.raises(InputError, match=r"^mine has no video track; a picture is needed$"):
        probe(file, name="mine")


@pytest.mark.parametrize("after", ["", says(HEAD, 1)])
@pytest.mark.parametrize("cause", ["SIGSEGV", "SIGABRT", "SIGXCPU", "SIGKILL"])
def test_a_crash_is_reported_by_its_signal(acting, file, cause, after):
    pid = acting(f"{after}\nimport signal; os.kill(os.getpid(), signal.{cause})")
    with pytest.raises(InputError, match=rf"some.mp4 made the decoder fail \({cause}\)"):
        read_clip(file)
    assert is_gone(pid)


def test_a_refusal_that_comes_after_frames_stops_them(acting, file):
    body = f"    yield b'{json.dumps(HEAD)}\\n' + bytes({FRAME})\n    raise decode.Refusal('late')"
    acting(REAL + body + RUN)
    with pytest.raises(InputError, match=r"made the decoder fail \(status 1\)"):
        read_clip(file)


def test_an_exit_status_is_reported(acting, file):
    acting(says(HEAD, 2, "sys.exit(3)"))
    with pytest.raises(InputError, match=r"made the decoder fail \(status 3\)"):
        read_clip(file)


@pytest.mark.parametrize(
    "code",
    ["time.sleep(60)", says(HEAD, 1, "time.sleep(60)"), says(HEAD, 3, "time.sleep(60)")],
    ids=["at once", "between frames", "at the end"],
)
def test_a_child_that_hangs_is_ended_in_time(acting, file, code):
    pid = acting(code)
    began = time.monotonic()
    with pytest.raises(InputError, match=r"took more than 0\.5 s to decode"):
        read_clip(file, timeout=0.5)
    assert time.monotonic() - began < 3
    assert is_gone(pid)


def test_a_child_that_eats_memory_meets_its_limit(acting, file):
    pid = acting(REAL + "    keep = bytearray(decode.MEMORY)\n    yield b''" + RUN)
    with pytest.raises(InputError, match=r"some.mp4 needs more than 3 GiB of memory to decode"):
        read_clip(file)
    assert is_gone(pid)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "out.write('hello')",
        "out.write('hello\\n' * 10**7)",
        "while True: out.write('x' * 10**5); time.sleep(0.01)",
        "out.write('[' * 4000 + '\\n')",
        "out.write('[]\\n')",
        "out.write('3\\n')",
        "out.write('{}\\n')",
        "out.buffer.write(bytes(range(256)) * 5000)",
        says({**HEAD, "frames": 601}),
        *all_slow(
            says({**HEAD, "frames": 1}),
            says({**HEAD, "frames": -5}),
            says({**HEAD, "frames": 3.0}),
            says({**HEAD, "frames": True}),
            says({**HEAD, "height": 20000, "width": 20000}, 0),
            says({**HEAD, "width": 10**9}, 0),
            says({**HEAD, "width": 1026}, 0),
            says({**HEAD, "width": 343}, 0),
            says({**HEAD, "height": 254}, 0),
            says({**HEAD, "fps": 60.0}),
            says({**HEAD, "fps": 0.0}),
            says({**HEAD, "fps": float("nan")}),
            says({**HEAD, "fps": "10"}),
            says({**HEAD, "seconds": float("inf")}),
            says({**HEAD, "hdr": "<b>PQ"}),
            says({**HEAD, "more": 1}),
            says({"frames": 3}),
            says({"error": "two\nlines"}),
            says({"error": "and", "frames": 3}),
        ),
        says(HEAD, 4),
        says(HEAD, 2.5),
        says(HEAD, 3000),
    ],
)
def test_nonsense_is_not_believed(acting, file, code):
    pid = acting(code)
    with pytest.raises(InputError, match=r"some.mp4 made the decoder fail"):
        read_clip(file, timeout=10)
    assert is_gone(pid)


def test_a_child_that_stays_without_output_is_killed(acting, file):
    pid = acting(says(HEAD, 3, "os.close(1); time.sleep(60)"))
    with pytest.raises(InputError, match="bad output"):
        read_clip(file, timeout=20)
    assert is_gone(pid)


def test_an_exception_from_progress_ends_the_child(acting, file):
    class Cancelled(Exception):
        pass

    def cancel(*_: object) -> None:
        if pid.exists() and pid.read_text():
            raise Cancelled

    pid = acting("time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(Cancelled):
        read_clip(file, progress=cancel)
    assert time.monotonic() - began < 5
    assert is_gone(pid)


def test_progress_goes_up_from_nothing_to_all(acting, file):
    seen: list[tuple[str, float]] = []
    pauses = "; ".join([f"out.buffer.write(bytes({FRAME})); out.flush(); time.sleep(0.15)"] * 3)
    acting(says(HEAD, 0, pauses))
    read_clip(file, progress=lambda stage, done: seen.append((stage, done)))
    done = [part for _, part in seen]
    assert {stage for stage, _ in seen} == {"decode"}
    assert done == sorted(done)
    assert done[-1] == 1
    assert any(0.2 < part < 0.9 for part in done)


@pytest.fixture
def typed():
    """Input is waiting on our own standard input."""
    reading, writing = os.pipe()
    os.write(writing, b"typed")
    os.close(writing)
    ours = os.dup(0)
    os.dup2(reading, 0)
    os.close(reading)
    yield
    os.dup2(ours, 0)
    os.close(ours)


@pytest.mark.usefixtures("typed")
def test_the_child_gets_no_input_but_the_request_and_next_to_no_environment(
    acting, file, monkeypatch
):
    monkeypatch.setenv("SECRET", "told")
    kept = set(KEPT) | {"LC_CTYPE", "PWD", "SHLVL", "_"}
    acting(
        "asked = set(json.loads(sys.stdin.read())) - {'task', 'path', 'start', 'cpu'}\n"
        "bad = [*asked] or [k for k in os.environ if k not in " + repr(kept) + "]\n"
        "bad = bad or [f for f in os.listdir('/proc/self/fd') if int(f) > 3]\n"
        "out.write(json.dumps({'error': str(bad)}) + '\\n')"
    )
    with pytest.raises(InputError, match=r"some.mp4 \[\]"):
        read_clip(file)


@pytest.fixture
def ready(monkeypatch):
    """One child is kept ready; gives its id whenever it is asked."""
    ahead = SpareProcess()
    monkeypatch.setattr(decoder_process, "SPARE", ahead)
    decoder_process.keep_one_ready()
    yield lambda: ahead.waiting.pid if ahead.waiting else None
    ahead.end()


def test_a_child_that_waits_answers_one_request_and_the_next_one_waits(ready, tmp_path):
    film = numbered(tmp_path / "film.mp4", 6)
    answered = []
    for _ in range(3):
        first = ready()
        assert first is not None
        assert probe(film).frames == 6
        answered.append(first)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
    assert len({*answered, ready()}) == 4
    assert numbers(read_clip(film, start=0.0).frames) == list(range(6))


def test_a_child_that_ended_while_it_waited_is_replaced(ready, tmp_path):
    film = numbered(tmp_path / "film.mp4", 6)
    os.kill(ready(), signal.SIGKILL)
    os.waitid(os.P_PID, ready(), os.WEXITED | os.WNOWAIT)
    assert probe(film).frames == 6
    assert psutil.pid_exists(ready())


def test_a_waiting_process_of_another_command_is_not_used(ready, acting, file):
    before = ready()
    pid = acting(says({"error": "was asked"}, 0))
    with pytest.raises(InputError, match=r"some\.mp4 was asked"):
        read_clip(file)
    assert is_gone(pid)
    assert ready() != before
    assert not psutil.pid_exists(before)


def test_a_child_that_waits_ends_with_its_parent_however_that_ends():
    program = (
        f"import os, sys; sys.path.insert(0, {decoder_process.CHILD[-1]!r})\n"
        "from fusionscope.video.reading import decoder_process as child\n"
        "child.keep_one_ready()\n"
        "print(child.SPARE.waiting.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    until = time.monotonic() + 10
    while psutil.pid_exists(int(told.stdout)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(told.stdout))


DESCRIBED = {
    **{"seconds": 1.2, "fps": 10.0, "width": 80, "height": 60, "codec": "h264"},
    **{"frames": 12, "needs_window": False},
}


def test_a_description_is_believed_if_each_part_is_of_its_kind(acting, file):
    acting(says(DESCRIBED, 0))
    assert probe(file) == Probe(1.2, 10.0, 80, 60, "h264", 12, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": float("inf")},
        {"seconds": -1.0},
        {"width": "80"},
        {"codec": "<b>h264</b>"},
        {"codec": ""},
        {"needs_window": 0},
        {"frames": 1.5},
        {"extra": 1},
    ],
)
def test_a_description_that_is_odd_in_one_part_is_not_believed(acting, file, wrong):
    acting(says({**DESCRIBED, **wrong}, 0))
    with pytest.raises(InputError, match="bad output"):
        probe(file)


def test_a_description_is_followed_by_nothing(acting, file):
    acting(says(DESCRIBED, 1))
    with pytest.raises(InputError, match="bad output"):
        probe(file)


def test_the_frames_are_the_bytes_in_order(acting, file):
    acting(
        f"out.write({json.dumps(HEAD)!r} + '\\n'); out.flush()\n"
        "for n in range(3):\n"
        f"    out.buffer.write(bytes([n, 100 + n, 200 + n]) * ({FRAME} // 3))"
    )
    frames = read_clip(file).frames
    for n in range(3):
        assert np.array_equal(np.unique(frames[n].reshape(-1, 3), axis=0), [[n, 100 + n, 200 + n]])


def test_the_child_gets_the_absolute_path(acting, file, monkeypatch):
    monkeypatch.chdir(file.parent)
    acting("out.write(json.dumps({'error': json.loads(sys.stdin.read())['path']}) + '\\n')")
    with pytest.raises(InputError, match=f"^some.mp4 {file}$"):
        read_clip("some.mp4")
