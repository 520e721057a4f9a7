"""Why page in a real browser: signed maps in two colours, a link that restores them, Cancel."""

from typing import TYPE_CHECKING

import pytest

from tests.serve import open_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLAYER = ".fs-player"


def loaded(page: "Page") -> None:
    page.wait_for_selector(f"{PLAYER}[data-ready]", timeout=180_000)
    page.wait_for_selector(f"{PLAYER} canvas[data-panel=temporal]", timeout=180_000)


def test_a_link_shows_signed_maps_of_both_streams_on_one_scale_in_two_colours(site, browser):
    link = f"{site}/why?clip=toybox:8&method=grad-cam-signed&against=up,%20then%20down"
    with open_page(link, browser=browser) as page:
        loaded(page)
        shown = [p.get_attribute("data-panel") for p in page.locator("canvas[data-panel]").all()]
        assert shown == ["frame", "flow", "spatial", "temporal"]
        scale = page.locator(f"{PLAYER} figure[data-stream=motion] .fs-scale").last
        assert scale.locator("b").all_inner_texts() == ["\N{MINUS SIGN}", "0", "+"]
        seen = page.locator(PLAYER).evaluate(
            "root => ['spatial', 'temporal'].map(key => root.fusionscope.reel.panel(key).map)"
        )
        assert {one["ramp"] for one in seen} == {"signed"}
        assert len({(one["low"], one["high"]) for one in seen}) == 1
        assert seen[0]["low"] == pytest.approx(-seen[0]["high"] * 127 / 128)
        bar = scale.locator("i").evaluate("bar => bar.style.backgroundImage")
        stops = bar.replace("rgba(", "rgb(").split("rgb(")[1:]
        first, last = ([int(v) for v in s.split(")")[0].replace(",", " ").split()[:3]]
                       for s in (stops[0], stops[-1]))  # fmt: skip
        assert first[2] > first[0]  # blue: negative
        assert last[0] > last[2]  # red: positive


def test_slow_work_can_be_started_and_cancelled(site, browser):
    with open_page(
        f"{site}/why?clip=toybox:8&model=jhmdb-conv3d&method=integrated-gradients",
        browser=browser,
    ) as page:
        page.wait_for_selector(".st-key-why_start button", timeout=180_000)
        page.click(".st-key-why_start button")
        page.wait_for_selector(".st-key-why_cancel button", timeout=180_000)
        page.click(".st-key-why_cancel button")
        page.wait_for_selector(".st-key-why_start button", timeout=180_000)
        assert page.locator(f"{PLAYER} canvas[data-panel=temporal]").count() == 0


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_nothing_is_wider_than_the_page(site, browser, width, dark):
    with open_page(f"{site}/why?clip=toybox:8", width=width, dark=dark, browser=browser) as page:
        loaded(page)
        page.wait_for_selector(".stPlotlyChart .plot-container", timeout=180_000)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
