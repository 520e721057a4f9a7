"""The tour in a real browser: offered once, by mouse and keys, beside what it explains."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fusionscope_app.glossary.terms import tour
from tests.serve import settled
from tests.videos import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

READY = ".fs-player[data-ready]"
WAIT = 200_000
CARD, START = ".fs-tour:popover-open", ".fs-start"
APART = """() => {
  const roots = root => [root, ...[...root.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => shadowRoot ? roots(shadowRoot) : [])];
  const box = selector => roots(document).flatMap(root => [...root.querySelectorAll(selector)])[0]
    .getBoundingClientRect();
  const [card, outline] = [box(".fs-tour"), box(".fs-outline")];
  const apart = card.right <= outline.left || card.left >= outline.right
    || card.bottom <= outline.top || card.top >= outline.bottom;
  const inside = [card, outline].every(({ left, right }) => left >= 0 && right <= innerWidth)
    && card.top >= 0 && card.bottom <= innerHeight && outline.top >= 0;
  return apart && inside && outline.width > 50 && outline.height > 20;
}"""


@contextmanager
def visit(browser: "Browser", url: str, width: int = 1280, height: int = 800) -> "Iterator[Page]":
    """A first visit, with an empty storage."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(READY, timeout=WAIT)
    settled(page)
    yield page
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (390, 844)])
def test_the_tour_stands_beside_what_it_explains_and_does_not_come_back(
    site, browser, width, height
):
    with visit(browser, site, width, height) as page:
        start = page.locator(START)
        assert "new here" in (start.text_content() or "").lower()
        before = positions(page)
        start.click()
        for number, step in enumerate(tour(), start=1):
            card = page.locator(f"{CARD}[data-step='{number - 1}']")
            card.wait_for()
            assert f"{number} of 5" in card.inner_text()
            assert step["title"] in card.inner_text()
            page.wait_for_function(APART)
            assert card.evaluate("card => card.getRootNode().activeElement === card")
            page.keyboard.press("ArrowRight")
        page.locator(CARD).wait_for(state="hidden")
        assert positions(page) == before  # nothing has moved
        assert start.inner_text() == "Tour"
        assert start.evaluate("e => e.getRootNode().activeElement === e")
        page.reload()
        page.wait_for_selector(READY, timeout=WAIT)
        assert page.locator(START).inner_text() == "Tour"
        assert page.locator(".fs-skip").is_hidden()
        page.locator(START).click()
        page.locator(CARD).wait_for()


def positions(page: "Page") -> list[float]:
    """Where the parts of the page are, from the top of the page."""
    return page.evaluate(
        """() => {
          const top = document.querySelector(".fs-task").getBoundingClientRect().top;
          return [".fs-says", ".fs-sentence", ".fs-ledger"].map(
            selector => document.querySelector(selector).getBoundingClientRect().top - top);
        }"""
    )


def test_the_tour_goes_back_and_is_skipped_by_escape_or_a_button(site, browser):
    with visit(browser, site) as page:
        page.locator(START).click()
        page.get_by_role("button", name="Next", exact=True).click()
        page.locator(f"{CARD}[data-step='1']").wait_for()
        page.keyboard.press("ArrowLeft")
        page.locator(f"{CARD}[data-step='0']").wait_for()
        assert page.get_by_role("button", name="Back", exact=True).is_disabled()
        page.keyboard.press("Escape")
        page.locator(CARD).wait_for(state="hidden")
        assert page.locator(START).inner_text() == "Tour"
    with visit(browser, site) as page:
        page.get_by_role("button", name="No tour").click()
        assert page.locator(START).inner_text() == "Tour"
        page.goto(f"{site}/?clip=toybox:8")
        page.wait_for_selector(READY, timeout=WAIT)
        assert page.locator(START).inner_text() == "Tour"


@pytest.mark.parametrize("query", ["?embed=true", "?lecture=1"])
def test_no_tour_is_offered_where_the_page_is_embedded_or_a_lecture(site, browser, query):
    with visit(browser, f"{site}/{query}") as page:
        page.locator(".fs-start").wait_for(state="hidden")


def test_the_tour_of_a_network_without_fusion_shows_the_maps_of_its_streams(site, browser):
    with visit(browser, f"{site}/?model=toybox-late") as page:
        page.locator(START).click()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        card = page.locator(f"{CARD}[data-step='2']")
        card.wait_for()
        assert "fuses no feature maps" in card.inner_text()
        page.wait_for_function(APART)


def test_an_upload_says_once_which_network_was_chosen(site, browser, tmp_path):
    mine = numbered(tmp_path / "mine.mp4", count=16)
    with visit(browser, site) as page:
        page.get_by_role("button", name="Upload").click()
        page.locator("input[type=file]").set_input_files(mine)
        page.get_by_text("a network trained on people was chosen").wait_for(timeout=WAIT)
        page.wait_for_function("() => location.search.includes('model=jhmdb-conv')")
        assert "Which of 21 everyday actions" in page.locator(".fs-task").inner_text()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Back to Toybox, 3D conv fusion").click()
        page.wait_for_function("() => location.search.includes('model=toybox-conv3d')")
        page.get_by_text("a network trained on people was chosen").wait_for(state="detached")
