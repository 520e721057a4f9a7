"""The whole film in a real browser: bands come while it works, and a click opens their seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serve import ROOT, address, open_page, serve, settled
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

WAIT = 400_000
FILM = "?clip=data:film.mp4&model=toybox-temporal&explore_film=true"
BANDS = "canvas[data-film]"


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("data")
    numbered(folder / "film.mp4", 144, fps=6)
    assert browser.is_connected()
    with serve(ROOT / "app/main.py", env={"FUSIONSCOPE_DATA": str(folder)}) as url:
        yield url


def work_along(page: Page) -> None:
    """Start the work, and wait until all of it is done."""
    page.get_by_role("button", name="Start", exact=True).click(timeout=WAIT)
    page.wait_for_selector("text=22 windows.", timeout=WAIT)
    settled(page)


def test_a_click_or_a_key_opens_the_seconds_of_a_moment(site, browser):
    with open_page(f"{site}/{FILM}", browser=browser) as page:
        work_along(page)
        bands = page.locator(BANDS)
        assert bands.get_attribute("aria-valuemax") == "21"
        width = (bands.bounding_box() or {"width": 0})["width"]
        bands.hover(position={"x": width * 10.5 / 24, "y": 30})
        assert (bands.get_attribute("aria-valuetext") or "").startswith("0:10.0 to 0:12.")
        bands.click(position={"x": width * 10.5 / 24, "y": 30})
        page.wait_for_function(
            "decodeURIComponent(location.search).includes('#t=10')", timeout=WAIT
        )
        assert address(page, "clip").startswith("data:film.mp4#t=10,12.")
        page.wait_for_selector("text=Clip: 15 frames", timeout=WAIT)
        settled(page)
        page.mouse.move(0, 0)
        bands.focus()
        page.keyboard.press("ArrowRight")
        assert (bands.get_attribute("aria-valuetext") or "").startswith("0:11.0 to ")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "decodeURIComponent(location.search).includes('#t=11')", timeout=WAIT
        )


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_the_bands_are_drawn_within_any_width(site, browser, width, dark):
    with open_page(f"{site}/{FILM}", width=width, dark=dark, browser=browser) as page:
        work_along(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        colours = page.locator(BANDS).evaluate(
            """canvas => {
              const { width, height } = canvas;
              const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
              return new Set(new Uint32Array(data.buffer)).size;
            }"""
        )
        assert colours > 10
