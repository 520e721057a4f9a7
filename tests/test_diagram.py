"""The diagram, in a real browser: what is drawn, what can be chosen, and what Python hears."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

import pytest

from fusionscope.nets.inspect.structure import structure
from fusionscope_app.components.diagram import drawn, read_pick
from fusionscope_app.theme.palette import DARK, LIGHT
from tests.diagram_page import LATE, PAPER
from tests.serve import ROOT, open_page, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

browser_only = pytest.mark.browser
TOWER = ["relu1", "pool1", "relu2", "pool2", "relu3", "relu4", "relu5"]
END = ["pool5", "fc6", "fc7", "fc8"]


@pytest.fixture(scope="module")
def page_of(browser: "Browser") -> Iterator[Callable[..., "Page"]]:
    """A maker of pages: width, dark -> the page of that kind, which all tests share."""
    with serve(ROOT / "tests/diagram_page.py", wait=120) as url, ExitStack() as held:

        @cache
        def opened(width: int = 1280, dark: bool = False) -> "Page":
            page = held.enter_context(open_page(url, width=width, dark=dark, browser=browser))
            page.wait_for_selector(".fs-stage", timeout=240_000)  # the first waits for torch
            return page

        yield opened


@pytest.fixture
def page(page_of: Callable[..., "Page"]) -> "Page":
    return page_of()


def stage(page: "Page", stream: str, name: str) -> "Locator":
    return page.locator(f".fs-stage[data-stream={stream}][data-name={name}]")


def lane(page: "Page", stream: str) -> list[str]:
    found = page.locator(f".fs-stage[data-stream={stream}]").all()
    return [one.get_attribute("data-name") or "" for one in found]


def test_what_is_drawn_says_every_fact_in_words():
    upper, _ = drawn(structure(PAPER))["lanes"]
    join = next(one for one in upper if one["symbol"])
    assert join["label"] == (
        "conv3d fusion at relu5: learns which channels belong together, in neighbouring cells and "
        "chunks too: y = relu([a, b] * f + bias), f 3x3x3x2CxC; 5 chunks of 512 channels, "
        "13 x 13 cells; receptive field 171 px, stride 16; 14,156,288 parameters"
    )
    pool = upper[upper.index(join) + 1]
    assert pool["pooled"] == ["max over", "5 chunks"]
    assert pool["facts"][0] == "1 chunk of 512 channels, 6 x 6 cells"
    assert [one["pooled"] for one in upper if one is not pool] == [[]] * (len(upper) - 1)
    heads = {card.name: drawn(structure(card))["heads"][-1]["notes"] for card in (PAPER, LATE)}
    assert heads == {"paper": ["2 classes"], "late": ["2 classes", "mean over 5 chunks"]}


def test_a_word_that_names_no_stage_is_not_heard():
    net = structure(PAPER)
    assert read_pick(["fused", "fc6"], net) == ("fused", "fc6")
    for sent in (None, "fused", [], ["spatial", "fc6"], ["fused", "fc6", 1], [["fused"], {}], 7):
        assert read_pick(sent, net) is None


@browser_only
def test_every_stage_is_a_button_and_the_lanes_meet_at_one(page):
    assert lane(page, "spatial") == TOWER
    assert lane(page, "temporal") == [*TOWER, *END]
    assert lane(page, "fused") == ["relu5", *END]
    symbol = stage(page, "fused", "relu5").locator("xpath=following-sibling::*[1]/*[1]")
    assert symbol.inner_html() == "3\u00d73\u00d73"
    assert page.locator("svg >> text=average").count() == 1
    assert page.locator(".fs-diagram b, .fs-diagram svg b").count() == 0


@browser_only
def test_height_follows_the_grid_and_chunks_are_sheets(page):
    def height(name: str) -> float:
        sheet = stage(page, "temporal", name).locator(".fs-sheet").last
        return float(sheet.get_attribute("height") or 0)

    assert height("relu1") > height("relu2") > height("relu5") > height("pool5") > height("fc6")
    assert stage(page, "temporal", "relu5").locator(".fs-sheet").count() == 5
    assert stage(page, "temporal", "pool5").locator(".fs-sheet").count() == 1


@browser_only
def test_a_click_reaches_python_and_marks_the_stage_without_drawing_anew(page):
    page.locator(".fs-diagram svg").first.evaluate("svg => { svg.id = 'first' }")
    stage(page, "temporal", "relu4").click()
    page.wait_for_selector("text=chosen: ('temporal', 'relu4')")
    pressed = page.locator(".fs-stage[aria-pressed=true]")
    assert pressed.count() == 1
    assert pressed.get_attribute("aria-label") == (
        "relu4, temporal: 5 chunks of 512 channels, 13 x 13 cells; "
        "receptive field 107 px, stride 16; 2,359,808 parameters"
    )
    assert "receptive field 107 px" in page.locator(".fs-told").inner_text()
    assert page.locator("svg#first").count() == 1


@browser_only
def test_arrows_go_along_and_across_and_enter_reaches_python(page):
    stage(page, "spatial", "relu1").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight", "End", "ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=chosen: ('fused', 'fc7')")
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    page.wait_for_selector("text=chosen: ('spatial', 'relu1')")


@browser_only
def test_another_network_is_drawn_in_place_of_the_first(page):
    box = page.get_by_text("late", exact=True)
    box.click()
    page.wait_for_selector(".fs-stage[data-stream=spatial][data-name=fc8]")
    assert lane(page, "fused") == []
    assert page.locator(".fs-diagram").count() == 1
    box.click()
    page.wait_for_selector(".fs-stage[data-stream=fused]")


@browser_only
@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_nothing_sticks_out_and_no_two_stages_overlap(page_of, width, dark):
    page = page_of(width, dark)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    left, _, right, _ = edges(page, ".fs-diagram")[0]
    for text in edges(page, ".fs-diagram svg text"):
        assert left <= text[0]
        assert text[2] <= right + 0.5
    buttons = edges(page, ".fs-hit")
    for i, a in enumerate(buttons):
        for b in buttons[:i]:
            across = min(a[2], b[2]) - max(a[0], b[0])
            down = min(a[3], b[3]) - max(a[1], b[1])
            assert across <= 0.5 or down <= 0.5


@browser_only
def test_dark_and_light_have_colours_of_their_own(page_of):
    for dark, shades in ((False, LIGHT), (True, DARK)):
        join = stage(page_of(1280, dark), "fused", "relu5").locator("circle")
        red, green, blue = bytes.fromhex(shades["fused"][1:])
        drawn_in = join.evaluate("c => getComputedStyle(c).stroke")
        assert drawn_in == f"rgb({red}, {green}, {blue})"


def edges(page: "Page", selector: str) -> list[list[float]]:
    """Left, top, right and bottom of all that a selector finds."""
    return page.locator(selector).evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect())"
        ".map((r) => [r.left, r.top, r.right, r.bottom])"
    )
