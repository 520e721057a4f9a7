"""Contact sheet in a browser: 2,000 clips, of which those in view are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest

from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import gathered, write_predictions
from tests.serve import ROOT, open_page, serve, settled
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

COUNT, REAL = 2000, 12
CLASSES = tuple(f"class_{k:02d}" for k in range(20))
SHEET = "errors?errors_clips=Thumbnails"
WAIT = 100_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("sheet")
    (folder / "data/clips").mkdir(parents=True)
    for at in range(REAL):
        numbered(folder / f"data/clips/v_{at:04d}.mp4", count=16)
    (folder / "data/clips/v_0003.mp4").write_bytes(b"no video")
    random = np.random.default_rng(1)
    labels = np.arange(COUNT) % len(CLASSES)
    clips = tuple(f"v_{at:04d}" for at in range(COUNT))
    files = tuple(f"clips/{clip}.mp4" for clip in clips)
    scores = random.normal(0, 1, (2, COUNT, len(CLASSES)))
    scores[:, np.arange(COUNT), labels] += 2.5
    scores[:, 0] = 9 * np.eye(len(CLASSES))[7]  # the first clip is confidently taken for another
    heads = {"spatial": scores[0], "temporal": scores[1], "average": scores.mean(axis=0)}
    write_predictions(
        gathered(
            Answers("jhmdb-late", head, CLASSES, clips, labels, of, paths=files)
            for head, of in heads.items()
        ),
        folder / "many.predictions.parquet",
    )
    return folder


@pytest.fixture(scope="module")
def site(browser: Browser, folder) -> Iterator[str]:
    assert browser.is_connected()
    env = {
        "FUSIONSCOPE_DATA": str(folder / "data"),
        "FUSIONSCOPE_PREDICTIONS": str(folder),
        "FUSIONSCOPE_CACHE": str(folder / "cache"),
    }
    with serve(ROOT / "app/main.py", env=env) as url:
        yield url


def ready(page: Page, count: int) -> None:
    """Wait until the sheet holds so many clips."""
    page.locator(f".fs-card[aria-setsize='{count}']").first.wait_for(timeout=200_000)
    settled(page)


def card(page: Page, name: str):
    return page.locator(".fs-view").first.locator(".fs-card", has=page.locator(f"text='{name}'"))


def test_of_2000_clips_those_in_view_are_drawn_and_play_under_the_pointer(site, browser):
    with open_page(f"{site}/{SHEET}", browser=browser, height=1000) as page:
        ready(page, COUNT)
        first = card(page, "v_0000")
        first.locator("xpath=self::*[@data-ready]").wait_for(timeout=WAIT)
        assert "predicts class 07, 100 %" in (
            first.locator(".fs-open").get_attribute("aria-label") or ""
        )
        tile = first.locator(".fs-tile")
        assert tile.get_attribute("data-tile") == "0"
        first.hover()
        page.wait_for_function("tile => tile.dataset.tile > 2", arg=tile.element_handle())
        page.mouse.move(2, 2)
        page.wait_for_function("tile => tile.dataset.tile === '0'", arg=tile.element_handle())
        damaged = card(page, "v_0003").locator(".fs-box p")
        damaged.wait_for(timeout=WAIT)
        assert "contains no readable video" in damaged.inner_text()
        first.locator(".fs-open").focus()
        drawn = [page.locator(".fs-card").count()]
        for key in ("ArrowDown", "PageDown", "PageDown", "End"):
            page.keyboard.press(key)
            drawn.append(page.locator(".fs-card").count())
        assert max(drawn) < 80
        last = card(page, f"v_{COUNT - 1:04d}")
        last.wait_for()
        assert last.locator(".fs-open").evaluate(
            "one => one === one.getRootNode().activeElement && one.tabIndex === 0"
        )
        assert last.locator(".fs-box p").inner_text() == "Video not found"
        page.keyboard.press("Home")
        first.wait_for()
        assert page.locator(".fs-card [tabindex='0']").count() == 1


def test_a_cell_of_the_outcome_table_sets_the_cards(site, browser):
    with open_page(f"{site}/{SHEET}", browser=browser) as page:
        ready(page, COUNT)
        cell = page.locator(".fs-eight button[data-cell='1']")
        count = int(cell.locator("b").inner_text().replace(",", ""))
        assert 0 < count < COUNT
        cell.click()
        ready(page, count)


def test_a_click_opens_explore_with_the_confused_class(site, browser):
    with open_page(f"{site}/{SHEET}&errors_odd=true", browser=browser) as page:
        card(page, "v_0000").wait_for(timeout=200_000)
        settled(page)
        assert page.locator(".fs-card").first.locator(".fs-title").inner_text() == "v_0000"
        card(page, "v_0000").locator(".fs-open").click()
        page.wait_for_url(lambda url: "/errors" not in url, timeout=WAIT)
        asked = {key: value[0] for key, value in parse_qs(urlparse(page.url).query).items()}
        assert asked["clip"] == "data:clips/v_0000.mp4"
        assert asked["model"] == "jhmdb-late"
        assert asked["expected"] == "class_00"


def test_two_selected_clips_are_compared(site, browser):
    with open_page(f"{site}/{SHEET}", browser=browser, height=1000) as page:
        ready(page, COUNT)
        card(page, "v_0000").locator(".fs-open").click(modifiers=["Shift"])
        large = page.locator(".fs-sheet[data-large]")
        large.locator(".fs-card[data-ready]").first.wait_for(timeout=WAIT)
        settled(page)
        card(page, "v_0001").locator(".fs-select").click()
        large.nth(1).locator(".fs-title", has_text="v_0001").wait_for(timeout=WAIT)
        settled(page)
        assert large.locator(".fs-title").all_inner_texts() == ["v_0000", "v_0001"]
        page.get_by_role("button", name="Clear the selection").click()
        large.first.wait_for(state="detached", timeout=WAIT)
