"""Compare page in a real browser: two networks in one player, and a link that restores them."""

from typing import TYPE_CHECKING

import pytest

from tests.serve import (
    drawings,
    drawn,
    frames_sent,
    hold,
    open_page,
    pass_frames,
    quiet,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLAYER = ".fs-player"
PAIR = "model=toybox-conv3d&other=toybox-temporal"


def first_view(page: "Page") -> None:
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=200_000)
    page.wait_for_selector(".fs-ledgers", timeout=60_000)


def shown(page: "Page") -> list[str]:
    return page.locator("canvas[data-panel]").evaluate_all("all => all.map(c => c.dataset.panel)")


def pictures(page: "Page") -> dict[str, str]:
    """The image on the canvas of every panel."""
    return page.locator("canvas[data-panel]").evaluate_all(
        "all => Object.fromEntries(all.map(c => [c.dataset.panel, c.toDataURL()]))"
    )


def column(page: "Page", letter: str) -> str:
    """The network whose predictions are in the column of a letter."""
    return page.locator(".fs-named", has=page.locator(f"b:text-is('{letter}')")).inner_text()


def test_scrubbing_moves_both_networks_panels(site, browser):
    with open_page(f"{site}/compare?{PAIR}", browser=browser) as page:
        first_view(page)
        assert shown(page) == ["frame", "flow", "a:fused", "b:temporal", "a:why", "b:why"]
        hold(page, 4)
        before = pictures(page)
        assert all(len(picture) > 2000 for picture in before.values())  # none is blank
        box = page.locator(".fs-slider").bounding_box()
        assert box
        page.mouse.move(box["x"] + 5, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.87 * box["width"], box["y"] + 20, steps=5)
        page.mouse.up()
        page.mouse.move(2, 2)
        drawn(page)
        assert page.locator(PLAYER).get_attribute("data-frame") == "43"
        after = pictures(page)
        assert [key for key in before if before[key] == after[key]] == []


def test_the_second_network_is_chosen_swapped_and_restored_by_a_link(site, browser):
    with open_page(f"{site}/compare?{PAIR}&clip=toybox:8", browser=browser) as page:
        first_view(page)
        hold(page, 10)
        page.get_by_role("combobox", name="B", exact=True).click()
        page.get_by_role("option", name="Toybox, spatial stream", exact=True).click()
        page.wait_for_selector("canvas[data-panel='b\\:spatial']")
        assert "other=toybox-spatial" in page.url
        page.wait_for_selector("text=B uses appearance only")
        assert page.locator(PLAYER).get_attribute("data-frame") == "10"  # the clip stays in place
        page.get_by_role("button", name="Swap").click()
        page.wait_for_selector("canvas[data-panel='a\\:spatial']")
        page.wait_for_selector("text=A uses appearance only")
        assert shown(page)[2:4] == ["a:spatial", "b:fused"]
        page.wait_for_function(
            "() => [...document.querySelectorAll('.fs-named')].at(-1).innerText"
            ".includes('3D conv fusion')"
        )
        assert column(page, "B") == "B Toybox, 3D conv fusion"
        address = page.url
    assert "model=toybox-spatial" in address
    with open_page(address, browser=browser) as page:
        first_view(page)
        assert shown(page)[2:4] == ["a:spatial", "b:fused"]
        assert column(page, "A") == "A Toybox, spatial stream"
        assert page.locator(".fs-cards [aria-checked=true]").get_attribute("data-id") == "toybox:8"


def test_a_click_shows_the_values_of_both_networks(site, browser):
    with open_page(f"{site}/compare?{PAIR}", browser=browser) as page:
        first_view(page)
        hold(page, 10)
        page.locator("canvas[data-panel='b\\:temporal']").click(position={"x": 60, "y": 60})
        page.wait_for_selector("text=at frame 11")
        said = page.locator(".fs-ledger").inner_text()
        assert "A fused" in said
        assert "B temporal" in said
        assert said.count("px/frame") == 1


def test_playing_scrubbing_and_pointing_send_nothing_to_the_server(site, browser):
    with open_page(f"{site}/compare?{PAIR}", browser=browser, motion=True) as page:
        sent = frames_sent(page)
        page.reload()
        first_view(page)
        quiet(page, sent)
        sent.clear()
        drawings(page, 12)  # it plays
        page.locator("canvas[data-panel='b\\:why']").hover(position={"x": 50, "y": 50})
        page.locator(PLAYER).focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        pass_frames(page, 60)
        assert sent == []


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_nothing_is_wider_than_the_page_and_columns_stack_on_a_phone(site, browser, width, dark):
    with open_page(f"{site}/compare?{PAIR}", width=width, dark=dark, browser=browser) as page:
        first_view(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        far = page.locator(
            "[data-testid=stMainBlockContainer] :is(p, table, canvas, select, button)"
        )
        inside = far.evaluate_all(
            """all => all.filter(e => !e.closest(".fs-cards"))
                 .map(e => e.getBoundingClientRect().right)"""
        )
        assert max(inside) <= width
        tops = page.locator(".fs-named").evaluate_all(
            "all => all.map(e => Math.round(e.getBoundingClientRect().top))"
        )
        assert (tops[0] == tops[1]) == (width == 1280)
