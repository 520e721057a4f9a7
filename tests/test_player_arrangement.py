"""The arrangement of the panels in a real browser: their sizes, the viewer's choice, enlarging."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.player_pages import lent, page, panels, pause, player, said, settle, shared, url
from tests.serve import address, laid_out, open_page, pass_frames, settled, wait_player

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Box = dict[str, float]


def boxes(page: "Page") -> dict[str, Box]:
    """Panel -> the box of its picture; panels that are not shown are left out."""
    laid_out(page)
    return page.locator("canvas[data-panel]").evaluate_all(
        """all => Object.fromEntries(
          all.map(c => [c.dataset.panel, c.getBoundingClientRect().toJSON()])
            .filter(([, box]) => box.width))"""
    )


def shape(found: dict[str, Box]) -> tuple[int, int]:
    """Rows and columns of the pictures."""
    return tuple(len({round(box[axis]) for box in found.values()}) for axis in "yx")  # type: ignore[return-value]


def sizes(found: dict[str, Box]) -> list[tuple[int, int]]:
    return [(round(box["width"]), round(box["height"])) for box in found.values()]


def area(found: dict[str, Box]) -> float:
    return sum(box["width"] * box["height"] for box in found.values())


def choose(page: "Page", label: str) -> None:
    page.get_by_label(label, exact=True).click()


ROW, GRID = "One row of panels", "Two rows of panels"
LARGE = "One large panel and small ones"


def test_the_viewer_chooses_one_row_two_rows_or_one_large_panel(shared: "Page") -> None:
    pause(shared, 3)
    automatic = boxes(shared)
    found = {}
    for label in (ROW, GRID, LARGE):
        choose(shared, label)
        found[label] = boxes(shared)
        assert shared.get_by_label(label, exact=True).get_attribute("aria-pressed") == "true"
    assert shape(found[ROW]) == (1, 4)
    assert shape(found[GRID]) == (2, 2)
    widths = [box["width"] for box in found[LARGE].values()]
    assert widths[0] > 1.4 * max(widths[1:])
    assert area(automatic) >= 0.9 * max(map(area, found.values())) / 1.25
    choose(shared, LARGE)  # again: automatic
    assert sizes(boxes(shared)) == sizes(automatic)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080), (1280, 640)])
@pytest.mark.parametrize("label", [ROW, GRID, LARGE])
def test_panels_timeline_and_controls_fit_into_the_window(
    shared: "Page", label: str, width: int, height: int
) -> None:
    shared.set_viewport_size({"width": width, "height": height})
    choose(shared, label)
    found = boxes(shared)
    aspects = {round(box["width"] / box["height"], 1) for box in found.values()}
    player = shared.locator(".fs-player").evaluate("root => root.getBoundingClientRect().toJSON()")
    choose(shared, label)
    assert aspects == {1.3}  # nothing is stretched
    assert player["height"] <= height
    assert max(box["bottom"] for box in found.values()) - player["y"] <= player["height"]
    assert max(box["right"] for box in found.values()) <= width


def test_the_choice_is_in_the_address_and_in_a_link(browser: "Browser", url: str) -> None:
    with open_page(url, browser=browser) as opened:
        player(opened)
        choose(opened, GRID)
        assert address(opened, "arrange") == "grid"
        opened.get_by_text("second", exact=True).click()  # another reel
        settled(opened)
        assert address(opened, "arrange") == "grid"
        link = opened.url
        choose(opened, GRID)
        assert address(opened, "arrange") == ""
    with open_page(link, browser=browser) as opened:
        player(opened)
        assert shape(boxes(opened)) == (2, 2)
    with open_page(f"{url}/?arrange=<b>", browser=browser) as opened:
        player(opened)
        assert opened.get_by_label(GRID).get_attribute("aria-pressed") == "false"


def enlarge_by_double_click(page: "Page") -> None:
    page.locator("canvas[data-panel=flow]").dblclick()


def enlarge_by_key(page: "Page") -> None:
    page.locator("canvas[data-panel=flow]").focus()
    page.keyboard.press("e")


def enlarge_by_button(page: "Page") -> None:
    page.get_by_label("Enlarge panel flow").click()


@pytest.mark.parametrize(
    "act", [enlarge_by_double_click, enlarge_by_key, enlarge_by_button], ids=lambda f: f.__name__
)
def test_a_panel_is_enlarged_over_the_window_and_escape_goes_back(
    page: "Page", act: Callable[["Page"], None]
) -> None:
    root = pause(page, 5)
    page.locator("canvas[data-panel=fused]").click()
    said(page, 2)
    mark, before = root.get_attribute("data-mark"), boxes(page)
    act(page)
    found = boxes(page)
    assert [*found] == ["flow"]
    assert found["flow"]["height"] > 0.6 * 800
    assert page.locator(".fs-timeline").is_visible()
    assert found["flow"]["bottom"] < 800
    page.keyboard.press("Escape")
    assert boxes(page) == before
    assert root.get_attribute("data-mark") == mark  # neither a double click nor Escape moved it
    assert root.get_attribute("data-frame") == "5"
    pass_frames(page, 40)  # the time in which a click is sent
    assert page.get_by_text("run 3:").count() == 0
    page.keyboard.press("Escape")
    assert root.get_attribute("data-mark") == ""


def test_nothing_on_the_page_moves_while_a_panel_is_enlarged(page: "Page") -> None:
    pause(page, 5)
    text = page.get_by_text("run 1:")
    before = text.bounding_box()
    enlarge_by_button(page)
    assert text.bounding_box() == before
    page.keyboard.press("e")
    assert text.bounding_box() == before
    assert panels(page) == ["frame", "flow", "spatial", "fused"]


def test_two_quick_clicks_at_two_places_are_two_clicks(page: "Page") -> None:
    root = pause(page, 5)
    root.evaluate(
        "root => { root.sent = []; root.fusionscope.send = (_, { x }) => root.sent.push(x); }"
    )
    for x in (20, 120):
        page.locator("canvas[data-panel=frame]").click(position={"x": x, "y": 40})
    wait_player(page, "player => player.root.sent.length === 2")
    first, second = root.evaluate("root => root.sent")
    assert first < second
    settle(page)
