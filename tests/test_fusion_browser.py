"""Page Fusion in a real browser: pick a stage, a cell and a unit, break the registration, share."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.serve import address, drawings, frames_sent, open_page, quiet

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLAYER = ".fs-player"
READY = f"{PLAYER}[data-ready]"
LENS = ".fs-lens"


def loaded(page: "Page") -> None:
    page.wait_for_selector(READY, timeout=90_000)
    page.wait_for_selector(LENS, timeout=90_000)
    page.wait_for_selector(".stPlotlyChart .plot-container", timeout=90_000)


def said(page: "Page") -> str:
    return page.locator(LENS).first.inner_text()


def wait_address(page: "Page", key: str, value: str) -> None:
    page.wait_for_function(
        "([key, value]) => new URL(location).searchParams.get(key) === value", arg=[key, value]
    )


def pinned(page: "Page") -> tuple[float, float]:
    x, y = (page.locator(PLAYER).get_attribute("data-mark") or "").split(",")
    return float(x), float(y)


def test_the_lens_opens_paused_on_the_cell_whose_numbers_stand_below(site, browser):
    with open_page(f"{site}/fusion?cell=1.2.3&unit=4", browser=browser) as page:
        loaded(page)
        assert "Unit 4 at relu5, chunk 2, row 3, column 4." in said(page)
        assert page.locator(PLAYER).get_attribute("data-playing") == "false"
        spot = page.locator(PLAYER).evaluate(
            "root => { const { reel, frame, state } = root.fusionscope;"
            " const cell = reel.cell(reel.panel('fused'), state.pin);"
            " return [reel.nearest[frame], cell.row, cell.column]; }"
        )
        assert spot == [1, 2, 3]
        shown = [p.get_attribute("data-panel") for p in page.locator("canvas[data-panel]").all()]
        assert shown == ["frame", "flow", "appearance", "motion", "fused"]


@pytest.mark.parametrize(("model", "pixels"), [("toybox-conv3d", 171), ("toybox-conv", 139)])
def test_the_box_is_as_large_as_the_picture_of_the_network_says(site, browser, model, pixels):
    """Of 112 pixels: a 3x3x3 filter looks at one cell of 16 more on either side."""
    with open_page(f"{site}/fusion?model={model}&clip=toybox:8", browser=browser) as page:
        loaded(page)
        page.wait_for_selector(f"text=receptive field {pixels} px")
        look = page.locator(PLAYER).evaluate("root => root.fusionscope.reel.look.width")
        assert look == pytest.approx(pixels / 112, abs=1e-3)


def test_a_click_on_a_cell_takes_that_cell_apart(site, browser):
    with open_page(f"{site}/fusion?cell=1.2.3&unit=4", browser=browser) as page:
        loaded(page)
        picture = page.locator("canvas[data-panel=fused]")
        box = picture.bounding_box()
        assert box is not None
        picture.click(position={"x": 0.35 * box["width"], "y": 0.75 * box["height"]})
        page.wait_for_function("() => new URL(location).searchParams.get('cell') !== '1.2.3'")
        chunk, row, column = map(int, address(page, "cell").split("."))
        assert (chunk, row) == (1, 4)
        page.wait_for_selector(f"text=chunk 2, row {row + 1}, column {column + 1}.")


def test_the_parts_on_the_canvases_are_those_in_the_table(site, browser):
    """The bytes that the player draws, read back at the picked cell, against the written sum."""
    with open_page(f"{site}/fusion?cell=4.4.2&unit=10", browser=browser) as page:
        loaded(page)
        line = page.locator(f"{LENS} .fs-sum").first.inner_text().replace("\N{MINUS SIGN}", "-")
        _, appearance, motion, _, goes_on = (float(v) for v in re.findall(r"-?\d+\.\d+", line))
        for panel, written in (("appearance", appearance), ("motion", motion), ("fused", goes_on)):
            drawn, step = page.locator(PLAYER).evaluate(
                "(root, key) => { const { reel } = root.fusionscope; const p = reel.panel(key);"
                " const [, rows, columns] = p.map.shape;"
                " return [reel.value(p.map, 4, { row: 4, column: 2, columns }),"
                " (p.map.high - p.map.low) / 255]; }",
                panel,
            )
            assert drawn == pytest.approx(written, abs=step)


def test_a_stage_of_the_picture_is_opened_by_click_and_by_key(site, browser):
    with open_page(f"{site}/fusion", browser=browser) as page:
        loaded(page)
        page.get_by_role("button", name=re.compile("^relu2, spatial")).click()
        wait_address(page, "stage", "spatial.relu2")
        page.wait_for_selector(f"{PLAYER} canvas[data-panel=stage]")
        page.get_by_role("button", name=re.compile("^conv3d fusion at relu5")).focus()
        page.keyboard.press("Enter")
        wait_address(page, "stage", "fused.relu5")
        page.wait_for_selector(f"{PLAYER} canvas[data-panel=appearance]")


def test_another_unit_is_chosen_and_its_parts_are_drawn(site, browser):
    with open_page(f"{site}/fusion", browser=browser) as page:
        loaded(page)
        pill = page.locator(".st-key-fusion_told").get_by_role("radio").nth(1)
        unit = pill.inner_text().strip()
        pill.click()
        wait_address(page, "unit", unit)
        page.wait_for_selector(f"text=Unit {unit} at relu5")
        page.wait_for_selector(f'select[aria-label="Panel shown here: unit {unit}"]')


def test_moving_motion_by_keys_costs_the_answer(site, browser):
    with open_page(f"{site}/fusion", browser=browser) as page:
        loaded(page)
        thumb = page.get_by_role("slider", name="Shift right (cells)")
        thumb.scroll_into_view_if_needed()
        thumb.focus()
        for _ in range(3):
            page.keyboard.press("ArrowLeft")
        page.wait_for_selector("text=falls from", timeout=30_000)


def test_a_click_on_explore_opens_the_lens_there_and_the_way_leads_to_fusion(site, browser):
    with open_page(site, browser=browser) as page:
        page.wait_for_selector(READY, timeout=90_000)
        page.locator(PLAYER).press(" ")
        page.locator("canvas[data-panel=fused]").click(position={"x": 60, "y": 80})
        page.wait_for_selector(LENS, timeout=60_000)
        title = page.locator(f"{LENS} b").first.inner_text()
        page.get_by_role("link", name="Open this cell on page Fusion").click()
        page.wait_for_url("**/fusion**")
        loaded(page)
        assert page.locator(f"{LENS} b").first.inner_text() == title


def test_the_clip_and_the_network_are_the_same_on_every_page(site, browser):
    with open_page(f"{site}/?clip=toybox:8&model=toybox-conv3d", browser=browser) as page:
        page.wait_for_selector(READY, timeout=90_000)
        page.get_by_role("link", name="Fusion").click()
        page.wait_for_url("**/fusion**")
        wait_address(page, "clip", "toybox:8")
        loaded(page)


def test_playing_on_page_fusion_sends_nothing_to_the_server(site, browser):
    with open_page(f"{site}/fusion", browser=browser) as page:
        sent = frames_sent(page)
        page.reload()
        loaded(page)
        quiet(page, sent)
        sent.clear()
        page.locator(PLAYER).focus()
        page.keyboard.press(" ")
        page.locator("canvas[data-panel=motion]").hover(position={"x": 50, "y": 50})
        drawings(page, 12)
        assert sent == []


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_nothing_sticks_out_at_any_width(site, browser, width, dark):
    with open_page(f"{site}/fusion", width=width, dark=dark, browser=browser) as page:
        loaded(page)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width
