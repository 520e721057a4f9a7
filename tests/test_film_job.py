"""Film job: cancelling keeps what is done, and it continues where it stopped."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from fusionscope.analysis.windows.film_windows import film_windows
from fusionscope.nets.network import Network
from fusionscope_app.server.film_job import FilmJob
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import Turns
from tests.videos import numbered


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """16 s at 10 frames/s."""
    return numbered(tmp_path_factory.mktemp("job") / "film.mp4", 160)


def ended(job: FilmJob) -> None:
    while job.running:
        Event().wait(0.02)


def job_on(network: Network, path: Path, turns: Turns | None = None) -> FilmJob:
    return FilmJob(network, path, "film.mp4", 16.0, 2.0, Shelf(2**20, turns or Turns(1, 1)))


@pytest.mark.slow
def test_a_cancelled_job_keeps_its_windows_and_continues_to_the_same_end(network, film):
    job = job_on(network, film)
    job.start()
    while not job.windows:
        Event().wait(0.01)
    job.cancel()
    ended(job)
    kept = len(job.windows)
    assert not job.complete
    assert not job.error
    job.start()
    ended(job)
    assert job.complete
    assert job.done == 1.0
    whole = list(film_windows(network, film, 2.0))
    assert kept < len(whole)
    assert [one.start for one in job.windows] == [one.start for one in whole]
    for one, other in zip(job.windows, whole, strict=True):
        assert one.logits["average"] == pytest.approx(other.logits["average"], abs=1e-3)
    job.start()
    assert not job.running


def test_a_job_waits_for_its_turn_and_can_be_cancelled_there(network, film):
    turns = Turns(1, 1)
    job = job_on(network, film, turns)
    with turns.taken(long=True):
        job.start()
        while not job.waiting:
            Event().wait(0.01)
        assert "1 analysis ahead" in job.waiting
        job.cancel()
        ended(job)
    assert not job.windows
    assert not job.complete


def test_an_error_is_kept_for_the_page(network, tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"no video" * 99)
    job = job_on(network, tmp_path / "no.mp4")
    job.start()
    ended(job)
    assert job.error.startswith("film.mp4 contains no readable video")
    assert not job.complete
