"""Back and forward in a browser: one entry for each act; each entry restores all of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.serve import hold, open_page
from tests.visit import entries, state, steps_to

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Act = Callable[[Page], object]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

FAST = "clip=toybox:3&model=toybox-spatial"


def to(title: str) -> Act:
    """Open a page by the navigation."""
    return lambda page: page.get_by_role("link", name=title, exact=True).first.click()


def clip(name: str) -> Act:
    return lambda page: page.locator(f".fs-cards button[data-id='{name}']").click()


def choose(key: str, option: str) -> Act:
    """Choose an option of a select box."""

    def act(page: Page) -> None:
        field = page.locator(f".st-key-{key} input")
        field.click()
        field.fill(option)  # the list holds what is in sight alone
        page.get_by_role("option", name=option, exact=True).click()

    return act


def press(name: str) -> Act:
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def segment(key: str, name: str) -> Act:
    """Choose one of several options that stand side by side."""
    return lambda page: page.locator(f".st-key-{key}").get_by_text(name, exact=True).click()


def nth(key: str, at: int) -> Act:
    """Press one of several buttons that stand side by side."""
    return lambda page: page.locator(f".st-key-{key} button").nth(at).click()


def stage(stream: str, name: str) -> Act:
    """Choose a stage in the picture of the network."""
    chosen = f".fs-stage[data-stream={stream}][data-name={name}]"
    return lambda page: page.locator(chosen).click()


def slide(key: str, steps: int) -> Act:
    """Drag a slider by some steps, slowly: the page follows on the way and then has its value."""

    def act(page: Page) -> None:
        thumb = page.locator(f".st-key-{key} [data-testid=stSliderThumbValue]").locator("..")
        thumb.scroll_into_view_if_needed()
        box, track = thumb.bounding_box(), page.locator(f".st-key-{key}").bounding_box()
        assert box
        assert track
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for part in range(1, steps + 1):
            page.mouse.move(x + part * track["width"] / 6, y, steps=3)
            state(page)
        page.mouse.up()
        value = page.locator(f".st-key-{key} input").input_value()
        page.wait_for_function(f"location.search.includes('{key}={value}')")

    return act


ACTS: dict[str, tuple[str, dict[str, Act]]] = {
    "clips, networks and pages": (
        f"?{FAST}",
        {
            "another clip": clip("toybox:34"),
            "another page": to("Why"),
            "another network": choose("model_choice", "Toybox, temporal stream"),
            "a third clip": clip("toybox:8"),
            "a third page": to("What if"),
            "the first page again": to("Explore"),
        },
    ),
    "settings of Why and What if": (
        f"why?{FAST}",
        {
            "another class": choose("why_target", "down, then left"),
            "another method": choose("why_method", "Integrated gradients"),
            "another page": to("What if"),
            "an edit": press("Reverse"),
            "a second edit": press("Freeze"),
            "no edit": press("Reset"),
        },
    ),
    "settings of Fusion and Flow": (
        "fusion?clip=toybox:3",
        {
            "a stage": stage("spatial", "relu4"),
            "its fusion": stage("fused", "relu5"),
            "a unit": nth("fusion_told", 2),
            "motion shifted by a drag": slide("fusion_move_right", 2),
            "another page": to("Flow"),
            "fewer methods": lambda page: (
                page.locator(".st-key-flow_methods button").nth(1).click()
            ),
            "another drawing": segment("flow_drawn", "arrows"),
        },
    ),
    "settings of Errors and Models": (
        "errors",
        {
            "a view": segment("errors_view", "Per class"),
            "a filter": choose("errors_truth", "golf"),
            "no filter": press("Clear"),
            "the map": segment("errors_view", "Map of clips"),
            "its colours": segment("errors_paint", "correct or incorrect"),
            "another page": to("Models"),
            "a row": lambda page: row_below(page, 3),
        },
    ),
    "Compare": (
        f"compare?{FAST}&other=toybox-temporal",
        {
            "swapped": press("Swap"),
            "another clip": clip("toybox:34"),
            "another page": to("Explore"),
        },
    ),
}


def row_below(page: Page, count: int) -> None:
    """Choose the row so many rows below the head of the table."""
    page.wait_for_selector("[data-testid=stDataFrame] canvas")
    box = page.locator("[data-testid=stDataFrame]").first.bounding_box()
    assert box
    page.mouse.click(box["x"] + 15, box["y"] + 35 * (count + 0.5))  # its box


@pytest.mark.parametrize(("link", "acts"), ACTS.values(), ids=ACTS)
def test_each_act_is_one_entry_which_back_forward_and_reload_restore(
    site: str, browser: Browser, link: str, acts: dict[str, Act]
) -> None:
    with open_page(f"{site}/{link}", browser=browser) as page:
        seen = {"the start": state(page)}
        before = entries(page)
        for count, (name, act) in enumerate(acts.items(), 1):
            act(page)
            seen[name] = state(page, other=list(seen.values())[-1])
            assert entries(page) - before == count, name
        ways = [*seen.items()]
        for name, there in reversed(ways[:-1]):
            page.go_back()
            assert steps_to(page, there) == there, f"back to {name}"
        for name, there in ways[1:]:
            page.go_forward()
            assert steps_to(page, there) == there, f"forward to {name}"
        page.go_back()
        name, there = ways[-2]
        assert steps_to(page, there) == there
        page.reload()
        assert steps_to(page, there) == there, f"reload of {name}"
        assert entries(page) - before == len(acts)
        with open_page(page.url, browser=browser) as other:
            assert steps_to(other, there) == there, f"another tab at {name}"


def test_back_leads_to_the_clip_that_the_page_had(site: str, browser: Browser) -> None:
    """The page of a link without parameters keeps its first clip."""
    with open_page(site, browser=browser) as page:
        first = state(page)
        to("Flow")(page)
        state(page, other=first)
        clip("toybox:34")(page)
        page.wait_for_function("location.search.includes('toybox')")
        state(page)
        page.evaluate("history.go(-2)")
        assert steps_to(page, first) == first


def test_playing_and_scrubbing_add_no_entry_and_back_restores_the_frame(
    site: str, browser: Browser
) -> None:
    with open_page(f"{site}/?{FAST}", browser=browser, motion=True) as page:
        state(page)
        before = entries(page)
        hold(page, 7)
        page.locator(".fs-player").press("ArrowRight")
        page.wait_for_function("location.search.includes('frame=8')")
        assert entries(page) == before
        old = state(page)
        clip("toybox:34")(page)
        state(page, other=old)
        assert entries(page) == before + 1
        page.wait_for_selector(".fs-player[data-playing=true]")
        page.go_back()
        assert steps_to(page, old) == old
        page.wait_for_selector(".fs-player[data-playing=false][data-frame='8']")
        page.wait_for_function("location.search.includes('frame=8')")


def test_a_clicked_place_is_one_entry_which_back_removes(site: str, browser: Browser) -> None:
    with open_page(f"{site}/?{FAST}", browser=browser) as page:
        hold(page, 7)
        first = state(page)
        before = entries(page)
        canvas = page.locator(".fs-player canvas[data-panel=frame]")
        seen: list[dict[str, Any]] = [first]
        for x in (30, 90):
            canvas.click(position={"x": x, "y": 40})
            seen.append(state(page, other=seen[-1]))
        assert entries(page) == before + 2
        page.mouse.move(2, 2)
        for there in (seen[1], first):
            page.go_back()
            assert steps_to(page, there) == there
        page.wait_for_selector(".fs-player[data-mark='']")
        page.go_forward()
        assert steps_to(page, seen[1]) == seen[1]
        page.wait_for_selector(".fs-player:not([data-mark=''])")
