"""Hostile videos: each ends in a right result or in one sentence, and touches nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import pytest
from av.error import FFmpegError

from fusionscope.video.reading import decoder_main
from fusionscope.video.reading.frame_times import FPS, FRAMES
from tests.hostile.case import BEGINNING, REFUSED, WHOLE, Case
from tests.hostile.corpus import corpus
from tests.hostile.figures import counted, is_a_sentence
from tests.hostile.films import KEPT, film
from tests.hostile.listening import FIRST, Visitors, laid_out, listening
from tests.hostile.lures import TEXTS
from tests.serve import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),  # the machine may be busy; it takes a minute or two
]

LEAST = 500  # files
TARDY = 10.0  # seconds that a busy machine may add to what a file is given


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module", autouse=True)
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The films are made once, for this process and the one that reads them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEPT, str(tmp_path_factory.mktemp("films")))
        film.cache_clear()
        yield
    film.cache_clear()


@pytest.fixture(scope="module")
def cases(folder: Path, visitors: Visitors) -> Mapping[str, Case]:
    """Name -> case; the bait of the lures is laid out."""
    made = corpus(laid_out(folder, visitors.address))
    listed = [case for kind in made.values() for case in kind()]
    named = {case.name: case for case in listed}
    assert len(named) == len(listed)
    return named


@pytest.fixture(scope="module")
def told(cases: Mapping[str, Case], folder: Path, visitors: Visitors) -> list[dict[str, Any]]:
    """What came of each case, read by a process of its own; the last line has its figures."""
    assert len(cases) >= LEAST
    run = subprocess.run(
        [sys.executable, "-m", "tests.hostile.reading", str(folder), visitors.address],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=840,
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line["name"] for line in lines[:-1]] == [*cases]
    return lines


def test_each_file_ends_in_a_right_result_or_in_one_sentence(
    cases: Mapping[str, Case], told: list[dict[str, Any]], figures: Callable[[str], None]
):
    *files, last = told
    figures(counted("hostile videos", files, last["largest"]))
    wrong = {line["name"]: why for line in files if (why := _wrong(cases[line["name"]], line))}
    assert not wrong


def _wrong(case: Case, line: Mapping[str, Any]) -> str:
    """What is wrong with how a case ended; empty where nothing is."""
    if line["seconds"] > 2 * case.seconds + TARDY:  # a look at it, and a reading
        return f"took {line['seconds']} s"
    if "crash" in line:
        return line["crash"]
    if "sentence" in line:
        return _wrong_sentence(case, line["sentence"])
    count, height, width, _ = line["shape"]
    short, long = sorted((height, width))
    sane = 2 <= count <= FRAMES and short == 256 and long <= 1024 and 0 < line["fps"] <= FPS
    seen = line["numbers"]
    right = {
        WHOLE: seen == [*range(case.frames)],
        BEGINNING: seen == sorted(seen) and {*seen} == {*range(len({*seen}))},
        REFUSED: False,
    }
    if sane and right.get(case.may, True) and not any(FIRST <= n < FIRST + 50 for n in seen):
        return ""
    return f"gave {line['shape']}, {line['fps']} a second, {seen}"


def _wrong_sentence(case: Case, sentence: str) -> str:
    if case.may == WHOLE:
        return f"was refused: {sentence}"
    return "" if is_a_sentence(sentence, case.name, case.says) else f"was told: {sentence}"


def test_nobody_was_called_and_nothing_else_was_opened(
    told: list[dict[str, Any]], visitors: Visitors
):
    assert len(told) > LEAST
    assert visitors.asked == []
    hung = [line for line in told[:-1] if "pipe" in line["name"] and line["seconds"] > TARDY]
    assert hung == []  # who opens the pipe waits for a writer


def test_no_decoder_took_more_memory_than_it_may(told: list[dict[str, Any]]):
    assert 20 < told[-1]["largest"] < decoder_main.MEMORY / 1e6


def test_the_lures_work_on_a_player_that_follows_them(
    cases: Mapping[str, Case], folder: Path, visitors: Visitors
):
    """Else nothing above would be shown by them: they are live, and we hear who comes by."""
    assert cases
    before = len(visitors.asked)
    for kind, place in (("hls", f"{visitors.address}/a.ts"), ("concat", f"{folder}/bait.mp4")):
        path = folder / f"live-{kind}.m3u8"
        path.write_text(TEXTS[kind].format(place))
        options = {"protocol_whitelist": "file,http,tcp", "safe": "0"}
        if kind == "hls":
            with pytest.raises(FFmpegError):
                av.open(str(path), options=options, timeout=5).close()
        else:
            with av.open(str(path), format="concat", options=options) as opened:
                assert len(opened.streams.video) == 1
    assert len(visitors.asked) > before
