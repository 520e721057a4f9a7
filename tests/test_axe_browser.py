"""Accessibility of every page, in its main states, light, dark and in forced colours: no violation.

axe-core comes with the browser checks: ``npm ci`` in ``app``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.axe import PLAIN, needs_axe, violations, violations_in_look
from tests.serve import open_page
from tests.visit import state

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", autouse=True)
def axe() -> None:
    needs_axe()


def nothing(page: Page) -> None: ...


def clicked(page: Page) -> None:
    """Click on a cell, for the numbers there."""
    page.locator(".fs-player canvas[data-panel=fused]").click(position={"x": 40, "y": 40})
    page.wait_for_selector("text=at frame")


def opened(name: str) -> Callable[[Page], None]:
    """Open a menu."""

    def act(page: Page) -> None:
        page.get_by_role("button", name=name).first.click()
        page.wait_for_selector("[data-testid=stPopoverBody]")

    return act


def listed_keys(page: Page) -> None:
    page.locator(".fs-player").press("h")
    page.wait_for_selector(".fs-help[open]")


def edited(page: Page) -> None:
    page.get_by_role("button", name="Reverse", exact=True).click()
    page.wait_for_function("location.search.includes('edits')")


def picked(page: Page) -> None:
    """Choose a cell of the outcome table."""
    page.locator(".fs-eight button").first.click()
    page.wait_for_function("location.search.includes('errors_part')")


def answered(page: Page) -> None:
    """Answer a step of a lesson."""
    page.locator(".fs-shown .fs-choices button").first.click()
    page.wait_for_selector(".fs-shown .fs-reveal b:not(:empty)")


def list_of_options(page: Page) -> None:
    page.locator(".st-key-model_choice input").click()
    page.wait_for_selector("[role=option]")


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "explore": ("", nothing),
    "explore, a cell": ("?clip=toybox:34", clicked),
    "explore, upload": ("", opened("Upload")),
    "explore, share": ("", opened("Share")),
    "explore, networks": ("", list_of_options),
    "explore, keys": ("", listed_keys),
    "explore, error": ("?clip=data:none.mp4", nothing),
    "learn": ("learn", nothing),
    "lesson": ("?lesson=1-streams&step=1", answered),
    "teach": ("teach", nothing),
    "fusion": ("fusion", nothing),
    "fusion, bilinear": ("fusion?model=toybox-bilinear", nothing),
    "why": ("why", nothing),
    "what if": ("what_if", nothing),
    "what if, an edit": ("what_if", edited),
    "flow": ("flow", nothing),
    "compare": ("compare", nothing),
    "errors": ("errors", nothing),
    "errors, a cell": ("errors", picked),
    "errors, confusion": ("errors?errors_view=Confusion", nothing),
    "errors, classes": ("errors?errors_view=Per+class", nothing),
    "errors, reliability": ("errors?errors_view=Reliability", nothing),
    "errors, map": ("errors?errors_view=Map+of+clips", nothing),
    "errors, late fusion": ("errors?errors_view=Late+fusion", nothing),
    "errors, streams": ("errors?errors_view=Appearance+against+motion", nothing),
    "errors, thumbnails": ("errors?errors_clips=Thumbnails", nothing),
    "models": ("models", nothing),
}


LOOKS: tuple[dict[str, Any], ...] = (
    PLAIN,
    {"color_scheme": "light", "forced_colors": "active"},
    {"color_scheme": "dark", "forced_colors": "none"},
)
GROUND = """app => {
  const parts = getComputedStyle(app).backgroundColor.match(/[0-9.]+/g).slice(0, 3);
  return Math.max(...parts.map(Number)) / 255;
}"""
"""How light the page's background is: 0 to 1."""
FLEETING = ("explore, networks", "explore, keys")  # what closes when the page runs again


@pytest.mark.parametrize("name", STATES)
def test_no_rule_is_broken(site: str, browser: Browser, name: str) -> None:
    link, act = STATES[name]
    found: list[str] = []
    with open_page(f"{site}/{link}", browser=browser, height=900) as page:
        state(page)
        act(page)
        for look in LOOKS:
            page.emulate_media(**look)
            if look is not PLAIN or act is not nothing:
                state(page, rest=0.4)
            if look["color_scheme"] == "dark" and name in FLEETING:
                page.keyboard.press("Escape")
                act(page)
            found += violations_in_look(page, look)
        assert not found, "\n".join(found)
        assert page.locator("[data-testid=stApp]").evaluate(GROUND) < 0.2
        page.keyboard.press("Escape")
        check_headings(page, link)


def check_headings(page: Page, link: str) -> None:
    """The page has a title, a language, one first heading, and skips no level."""
    title = (link.split("?")[0] or "explore").capitalize().replace("_", " ")
    page.wait_for_selector(f"h1 >> text={title}", state="attached")
    assert page.title() == f"{title} · fusionscope"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main").count() == 1
    headings = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
        """all => all.filter(e => e.getClientRects().length)
          .map(e => [Number(e.tagName[1]), e.innerText])"""
    )
    levels = [level for level, _ in headings]
    assert headings[0] == [1, title]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_broken_rule_is_found_in_a_component_too(site: str, browser: Browser) -> None:
    with open_page(site, browser=browser) as page:
        state(page)
        page.locator(".fs-player canvas[data-panel=frame]").evaluate(
            "canvas => canvas.after(Object.assign(document.createElement('img'), { src: 'x' }))"
        )
        assert "image-alt" in [one.split("\n")[0] for one in violations(page)]
