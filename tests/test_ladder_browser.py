"""Ladder in a real browser: sixteen rows on one screen, by mouse and keys, without a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.axe import needs_axe, violations_in_look
from tests.layout_pages import opened, shifts
from tests.serve import pass_frames, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_ladder_fits_one_screen_and_a_row_opens_in_compare(browser: Browser, site: str) -> None:
    with opened(browser, f"{site}/compare?compare_view=all&clip=toybox:8", 1280) as page:
        rows = page.locator(".fs-rungs button")
        rows.nth(15).wait_for(timeout=300_000)  # a busy machine takes its time
        settled(page)
        pass_frames(page, 20)
        assert rows.count() == 16
        moved, what = shifts(page)
        assert moved < 0.1, what
        box = rows.nth(15).bounding_box()
        assert box
        assert box["y"] + box["height"] <= 800, "the last row is on the first screen"
        named = rows.evaluate_all("all => all.map(e => e.firstElementChild.textContent)")
        assert named[-1].startswith("Toybox, 3D conv fusion: predicts right, then left, correct;")
        dots = page.locator(".fs-rungs .fs-dot").evaluate_all(
            "all => all.map(e => Math.round(e.getBoundingClientRect().x))"
        )
        assert max(dots) == dots[-1] > min(dots) + 200, "dots stand on one axis"

        rows.first.focus()
        for key, row in (("ArrowDown", 1), ("End", 15), ("ArrowUp", 14), ("Home", 0)):
            page.keyboard.press(key)
            assert rows.evaluate_all("all => all.findIndex(e => e.matches(':focus'))") == row
        needs_axe()
        page.emulate_media(color_scheme="dark")
        assert violations_in_look(page, {"color_scheme": "dark"}) == []
        page.emulate_media(color_scheme="light")
        assert violations_in_look(page, {"color_scheme": "light"}) == []

        page.locator(".fs-rungs button[data-name=toybox-sum]").click()
        page.wait_for_function("location.search.includes('other=toybox-sum')")
        page.wait_for_selector(".fs-player[data-ready]")
        assert "compare_view" not in page.url
        assert "clip=toybox%3A8" in page.url or "clip=toybox:8" in page.url
