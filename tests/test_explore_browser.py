"""Explore in a real browser: the whole way from a clip to an answer, as a visitor goes it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.player_pages import pixels
from tests.serve import ROOT, drawings, frames_sent, hold, open_page, pass_frames, quiet, serve
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PLAYER = ".fs-player"
READY = f"{PLAYER}[data-ready]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    found = tmp_path_factory.mktemp("data")
    numbered(found / "mine.mp4", count=20)
    (found / "broken.mp4").write_bytes(b"this is no video" * 100)
    return found


@pytest.fixture(scope="module")
def site(folder, browser) -> Iterator[str]:
    """The app, its bundled clips analysed (one visitor was there before)."""
    with serve(ROOT / "app/main.py", env={"FUSIONSCOPE_DATA": str(folder)}) as url:
        with open_page(url, browser=browser) as page:
            page.wait_for_selector(READY, timeout=90_000)
            for card in page.locator(".fs-cards button").all():
                if card.get_attribute("aria-checked") != "true":
                    open_clip(page, card)
        yield url


def open_clip(page: "Page", card: "Locator") -> None:
    """Click on a card, and wait until the player shows that clip."""
    reel = player(page, "ready")
    card.click()
    page.wait_for_function(
        "clip => new URL(location).searchParams.get('clip') === clip",
        arg=card.get_attribute("data-id"),
    )
    page.wait_for_selector(f"{READY}:not([data-ready='{reel}'])")


def first_view(page: "Page") -> None:
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_selector(".fs-sentence", timeout=60_000)


def player(page: "Page", name: str) -> str:
    return page.locator(PLAYER).get_attribute(f"data-{name}") or ""


def test_the_first_view_is_complete_and_moves_before_any_click(site, browser, capsys):
    begun = time.perf_counter()
    with open_page(site, browser=browser, motion=True) as page:
        first_view(page)
        took = time.perf_counter() - begun
        before, frame = pixels(page, "frame"), player(page, "frame")
        page.wait_for_selector(f"{PLAYER}[data-playing=true]:not([data-frame='{frame}'])")
        drawings(page, 2)
        assert (pixels(page, "frame") != before).any()
        hold(page, 8)
        for panel in ("frame", "flow", "fused", "why"):
            assert len(np.unique(pixels(page, panel))) > 10, f"{panel} is blank"
        assert "Predicts" in page.locator(".fs-sentence").inner_text()
        begun = time.perf_counter()
        open_clip(page, page.locator(".fs-cards button[data-id='toybox:34']"))
        another = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\nfirst view complete after {took:.2f} s; another clip after {another:.2f} s")


def test_a_click_on_a_cell_is_answered_with_the_numbers_there(site, browser):
    with open_page(site, browser=browser) as page:
        first_view(page)
        page.locator(PLAYER).press(" ")
        page.locator(f"{PLAYER} canvas[data-panel=fused]").click(position={"x": 60, "y": 80})
        page.wait_for_selector("text=at frame")
        said = page.locator(".fs-ledger").nth(1).inner_text()
        assert "px/frame" in said
        assert "why" in said


def test_playing_scrubbing_and_pointing_send_nothing_to_the_server(site, browser):
    with open_page(site, browser=browser, motion=True) as page:
        sent = frames_sent(page)
        page.reload()
        first_view(page)
        quiet(page, sent)
        sent.clear()
        drawings(page, 12)  # it plays
        page.locator(PLAYER).focus()
        page.keyboard.press("ArrowRight")
        page.locator(f"{PLAYER} canvas[data-panel=flow]").hover(position={"x": 50, "y": 50})
        pass_frames(page, 60)
        assert sent == []


def test_an_uploaded_video_goes_the_whole_way(site, browser, tmp_path):
    mine = numbered(tmp_path / "my <b>own clip.mp4", count=16)
    with open_page(site, browser=browser) as page:
        first_view(page)
        page.get_by_role("button", name="Upload").first.click()
        page.locator("input[type=file]").set_input_files(str(mine))
        page.wait_for_function(
            "() => (new URL(location).searchParams.get('clip') || '').startsWith('upload:')",
            timeout=60_000,
        )
        page.wait_for_selector("text=so a network trained on people was chosen", timeout=60_000)
        page.wait_for_selector("text=Clip: 16 frames", timeout=60_000)
        first_view(page)
        assert page.locator(".fs-cards b").count() == 0


def test_a_broken_upload_is_told_in_a_sentence_and_the_clip_stays(site, browser, folder):
    with open_page(site, browser=browser) as page:
        first_view(page)
        page.get_by_role("button", name="Upload").first.click()
        page.locator("input[type=file]").set_input_files(str(folder / "broken.mp4"))
        page.wait_for_selector("[data-testid=stAlert] >> text=broken.mp4", timeout=60_000)
        assert page.locator(f"{PLAYER} canvas[data-panel=frame]").is_visible()


def test_the_data_folder_opens_a_video_and_says_what_is_wrong_with_another(site, browser):
    with open_page(f"{site}/?clip=data:mine.mp4", browser=browser) as page:
        first_view(page)
        page.wait_for_selector("text=Clip: 20 frames")
    with open_page(f"{site}/?clip=data:broken.mp4", browser=browser) as page:
        page.wait_for_selector("[data-testid=stAlert] >> text=broken.mp4", timeout=60_000)
        page.locator(".fs-cards button").first.click()
        first_view(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_nothing_sticks_out_at_any_width(site, browser, width, dark):
    with open_page(site, width=width, dark=dark, browser=browser) as page:
        first_view(page)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width
