"""Folder menu: it names the open clip, shows odd names literally, and closes on a choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope_app.state import clip_sources, clips
from fusionscope_app.widgets.error_messages import plain
from tests.serve import ROOT, open_page, serve, settled
from tests.videos import numbered

ODD = "odd $x$ *b* :red[x] `c` <b>d<"


def menu() -> None:
    from fusionscope_app.state import address, clip_sources
    from fusionscope_app.widgets import clip_chooser
    from fusionscope_app.widgets.closing_popover import closing_popover
    from fusionscope_app.widgets.folder_choice import folder_choice

    with closing_popover("Folder", "folder_menu"):
        first = clip_sources.bundled()[0]
        folder_choice("folder_clip", address.word("clip"), clip_chooser._open_from_folder, first)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / ODD
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(folder))
    clips.data_clips.clear()
    yield folder
    clips.data_clips.clear()


def test_the_menu_counts_the_videos_and_names_the_folder_literally(folder: Path):
    folder.mkdir()
    for name in ("a.mp4", "b.mp4", "no video.txt"):
        (folder / name).touch()
    page = AppTest.from_function(menu).run()
    assert not page.exception
    assert page.caption[0].value == plain(f"2 videos in {folder}")


def test_from_a_clip_of_the_folder_a_button_leads_back_to_the_first_clip(folder: Path):
    folder.mkdir()
    for name in ("a.mp4", "b.mp4"):
        (folder / name).touch()
    page = AppTest.from_function(menu)
    page.run()
    assert not page.button
    page.query_params["clip"] = "data:b.mp4"
    page.run()
    page.button(key="folder_clip_back").click().run()
    assert not page.exception
    assert page.query_params["clip"] == clip_sources.bundled()[0]
    assert not page.button


def test_an_empty_and_an_unreadable_folder_are_named_literally(folder: Path, monkeypatch):
    page = AppTest.from_function(menu).run()
    (line,) = page.markdown
    assert line.value.startswith(f"No videos in {plain(str(folder))}. Set `FUSIONSCOPE_DATA`")

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refuse)
    clips.data_clips.clear()
    page.run()
    (error,) = page.error
    assert "cannot be opened (Permission denied)" in error.value


@pytest.mark.browser
def test_the_menu_shows_thumbnails_finds_a_name_and_closes_on_a_choice(browser, tmp_path):
    (tmp_path / ODD).mkdir()
    numbered(tmp_path / ODD / "a $x$.mp4", 16)
    numbered(tmp_path / ODD / "other.mp4", 16)
    (tmp_path / ODD / "damaged.mp4").write_bytes(b"no video")
    env = {"FUSIONSCOPE_DATA": str(tmp_path / ODD), "FUSIONSCOPE_CACHE": str(tmp_path / "cache")}
    with (
        serve(ROOT / "app/main.py", env=env) as url,
        open_page(f"{url}/?model=toybox-temporal", browser=browser) as page,
    ):
        page.wait_for_selector(".fs-player[data-ready]", timeout=200_000)
        settled(page)
        page.get_by_role("button", name="Folder").click()
        body = page.locator("[data-testid=stPopoverBody]")
        caption = body.locator("[data-testid=stCaptionContainer]").first
        caption.wait_for()
        assert ODD in caption.inner_text().replace("\u2060", "")
        body.locator(".fs-card[data-ready]").nth(1).wait_for(timeout=100_000)
        words = body.locator(".fs-card[data-words] p")
        assert words.inner_text() == "damaged.mp4 contains no readable video; " + (
            "mp4, webm, mov, avi or gif is needed"
        )
        body.locator("input").fill("A $X")
        body.locator(".fs-count", has_text="1 of 3 clips").wait_for()
        assert body.locator(".fs-card").count() == 1
        body.locator(".fs-card .fs-open").click()
        body.wait_for(state="detached", timeout=100_000)
        page.wait_for_url("**clip=data*", timeout=100_000)
        page.get_by_role("button", name="Folder").click()
        body.locator(".fs-open[aria-current=true] .fs-title", has_text="a $x$.mp4").wait_for()
