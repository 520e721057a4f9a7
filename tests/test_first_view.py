"""First view: Explore from a kept analysis, with everything behind it when it is asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.kept.kept_analysis import file_name
from fusionscope.card import Card
from fusionscope.video.clip import Clip
from fusionscope_app import warmup
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import turns_of_machine
from fusionscope_app.state import clip_sources, clips, results

MAIN = str(Path(__file__).parents[1] / "app" / "main.py")
FIRST = clip_sources.bundled()[0]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Clip, Card]]:
    """A server that has computed nothing; the analyses that it computes from now on."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path))
    fresh = Shelf(2**30, turns_of_machine())
    monkeypatch.setattr(results, "shelf", lambda: fresh)
    counted = []

    def count(*of: object) -> Analysis:
        counted.append(of)
        return analyse(*of)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(results, "analyse", count)
    return counted


def visit(**parameters: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=120)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    assert not page.error
    return page


def words(page: AppTest) -> str:
    return " ".join([*(e.proto.body for e in page.get("html")), *(e.value for e in page.caption)])


def test_the_bundled_clips_are_shown_without_running_a_network(runs: list):
    for clip_id in clip_sources.bundled():
        said = words(visit(clip=clip_id))
        assert "score of “" in said
        assert "average of the heads" in said
    assert runs == []


def test_a_click_computes_what_lies_behind_it(runs: list):
    said = words(visit(clip=FIRST, pin="12.500.500.frame"))
    assert "px/frame" in said
    assert "at frame 13" in said
    assert len(runs) == 1


def test_another_network_is_run_once_and_kept_for_the_next_server(runs: list, tmp_path: Path):
    first = words(visit(clip=FIRST, model="toybox-sum"))
    assert len(runs) == 1
    path = tmp_path / "first-views" / file_name(FIRST, results.models()["toybox-sum"])
    assert path.is_file()
    results.shelf().forget(clips.shared_clip(FIRST).digest)
    assert words(visit(clip=FIRST, model="toybox-sum")) == first
    assert len(runs) == 1
    path.write_bytes(path.read_bytes()[:1000])
    results.shelf().forget(clips.shared_clip(FIRST).digest)
    visit(clip=FIRST, model="toybox-sum")
    assert len(runs) == 2


def test_what_the_server_prepares_is_the_first_page(runs: list):
    thread = threading.Thread(target=warmup.prepare_first_page)
    thread.start()
    thread.join()
    assert results.is_cached("kept", *kept_key())
    assert runs == []


def kept_key() -> tuple[str, Card]:
    return clips.shared_clip(FIRST).digest, next(iter(results.models().values()))
