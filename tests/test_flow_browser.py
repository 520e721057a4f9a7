"""Flow page in a real browser: methods in one player, Cancel of a slow one, a restored link."""

from typing import TYPE_CHECKING

import pytest

from tests.serve import hold, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLAYER = ".fs-player"
FAST = "clip=toybox:8&methods=dis.true"


def loaded(page: "Page") -> None:
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=250_000)
    page.wait_for_selector("text=Forward pass", timeout=100_000)


def shown(page: "Page") -> list[str]:
    return page.locator("canvas[data-panel]").evaluate_all("all => all.map(c => c.dataset.panel)")


def corner(page: "Page", panel: str) -> list[int]:
    """The colour of a panel at the upper left, where nothing moves."""
    return page.locator(f"canvas[data-panel={panel}]").evaluate(
        "c => [...c.getContext('2d').getImageData(6, 6, 1, 1).data].slice(0, 3)"
    )


def legend(page: "Page", panel: str) -> tuple[bool, str]:
    """Whether the wheel is shown on a panel, and the labels at the ends of its bar."""
    figure = page.locator(".fs-panel", has=page.locator(f"canvas[data-panel={panel}]"))
    return figure.locator(".fs-wheel").is_visible(), figure.locator(".fs-scale").inner_text()


def test_methods_are_shown_side_by_side_redrawn_and_restored_by_a_link(site, browser):
    with open_page(f"{site}/flow?{FAST}", browser=browser) as page:
        loaded(page)
        assert shown(page) == ["frame", "dis", "true"]
        hold(page, 5)
        assert min(corner(page, "dis")) > 245  # the wheel's middle is white
        assert legend(page, "dis") == legend(page, "true") == (True, "")
        reel = page.locator(PLAYER).get_attribute("data-ready")
        page.get_by_role("radio", name="network input u").click()
        page.wait_for_function("() => new URL(location).searchParams.get('drawn') === 'u'")
        page.locator(".fs-detail", has_text="8 bits").first.wait_for()
        page.wait_for_selector(f"{PLAYER}:not([data-ready='{reel}'])")
        assert page.locator(PLAYER).get_attribute("data-frame") == "5"  # the clip stays in place
        assert all(
            abs(value - 128) <= 3 for value in corner(page, "true")
        )  # zero flow, as the network input
        wheel, ends = legend(page, "true")
        assert (wheel, "".join(ends.split())) == (False, "\u221220.020.0")
        address = page.url
    with open_page(address, browser=browser) as page:
        loaded(page)
        assert shown(page) == ["frame", "dis", "true"]
        hold(page, 5)
        assert all(abs(value - 128) <= 3 for value in corner(page, "dis"))
        page.locator("canvas[data-panel=true]").click(position={"x": 60, "y": 60})
        page.wait_for_selector("text=at frame 6", timeout=60_000)
        assert page.locator(".fs-ledger").inner_text().count("px/frame") == 2


def test_a_slow_method_shows_its_time_and_can_be_cancelled(site, browser):
    with open_page(f"{site}/flow?{FAST}", browser=browser) as page:
        loaded(page)
        page.get_by_text("TV-L1 (about").click()
        page.wait_for_selector("text=Computing TV-L1: 49 flow fields", timeout=60_000)
        assert "methods=dis.tvl1.true" in page.url
        page.get_by_role("button", name="Cancel").click()
        page.wait_for_selector("text=Computing TV-L1", state="detached", timeout=60_000)
        page.wait_for_function(
            "() => new URL(location).searchParams.get('methods') === 'dis.true'", timeout=60_000
        )
        assert shown(page) == ["frame", "dis", "true"]


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_nothing_is_wider_than_the_page(site, browser, width, dark):
    with open_page(f"{site}/flow?{FAST}", width=width, dark=dark, browser=browser) as page:
        loaded(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        inside = page.locator(
            "[data-testid=stMainBlockContainer] :is(p, canvas, .fs-flows)"
        ).evaluate_all(
            """all => all.filter(e => !e.closest(".fs-cards, [data-testid=stButtonGroup]"))
                 .map(e => e.getBoundingClientRect().right)"""
        )
        assert max(inside) <= width
