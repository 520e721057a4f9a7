"""The player in a real browser: evidence over time, the strongest chunk, borders and signs."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fusionscope.analysis.panel import MapOnPanel
from fusionscope.analysis.reel import Reel
from fusionscope.base.scales import signed_scale
from fusionscope_app.components.player.player import JS
from tests.numbered_reel import CHUNKS, FRAMES, REELS
from tests.player_pages import mount, page, pause, pixels, player, settle, url
from tests.serve import open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def with_map(key: str, grid: MapOnPanel) -> Reel:
    """The numbered reel with another map in one panel, and that panel alone."""
    one = REELS["first"]
    panels = tuple(replace(p, map=grid) if p.key == key else p for p in one.panels)
    return replace(one, panels=panels, shown=(key,))


def heights(page: "Page", panel: int, path: str) -> list[float]:
    """The height of a track in each frame."""
    drawn = page.locator(".fs-tracks svg").nth(panel).locator(path).get_attribute("d")
    steps = re.findall(r"L(\d+) (-?[\d.e-]+)H", drawn or "")
    assert [int(n) for n, _ in steps] == [*range(FRAMES)]
    return [-float(y) for _, y in steps]


@pytest.mark.browser
def test_each_map_has_a_track_of_its_evidence_in_step_with_the_frames(page: "Page") -> None:
    names = page.locator(".fs-track-name")
    assert names.all_inner_texts() == ["spatial", "fused"]  # frame and flow have no map
    nearest = [min(range(3), key=lambda t, n=n: abs(CHUNKS[t] - n)) for n in range(FRAMES)]
    sums = [(1, 4, 2)[t] / 4 for t in nearest]
    for panel in (0, 1):
        assert heights(page, panel, ".fs-sum") == pytest.approx(sums)
    page.get_by_text("ask", exact=True).click()
    page.wait_for_selector("canvas[data-panel=why]")
    assert names.all_inner_texts() == ["why"]
    assert heights(page, 0, ".fs-positive") == pytest.approx(sums)
    below = [(-2, 0, -1)[t] / 4 for t in nearest]
    assert heights(page, 0, ".fs-negative") == pytest.approx(below)
    label = page.locator(".fs-track-names [role=img]").get_attribute("aria-label")
    assert label is not None
    assert "chunk 1: +1.00, \N{MINUS SIGN}2.00; chunk 2: +4.00; chunk 3" in label
    track = page.locator(".fs-tracks svg").bounding_box()
    slider = page.locator(".fs-slider").bounding_box()
    assert track is not None
    assert slider is not None
    assert (track["x"], track["width"]) == (slider["x"], slider["width"])
    assert track["y"] + track["height"] <= slider["y"] + slider["height"]


@pytest.mark.browser
def test_the_view_opens_at_the_strongest_chunk_and_plays_from_there(browser: "Browser") -> None:
    strong = replace(REELS["first"], strongest=2)
    with open_page("about:blank", browser=browser) as page:
        page.emulate_media(reduced_motion="reduce")
        root = mount(page, JS, strong)
        assert root.get_attribute("data-frame") == str(CHUNKS[2])
        assert page.locator(".fs-strongest").all_inner_texts() == ["3 strongest"]
        said = page.locator(".fs-slider").get_attribute("aria-valuetext")
        assert said == "frame 10 of 12, 0.75 s, in the chunk with the strongest evidence"
    with open_page("about:blank", browser=browser, motion=True) as page:
        page.evaluate("window.requestAnimationFrame = () => 0")  # time stands still
        root = mount_undrawn(page, strong)
        assert root.get_attribute("data-playing") == "true"
        assert root.get_attribute("data-frame") == str(CHUNKS[2])


@pytest.mark.browser
def test_a_time_in_the_address_goes_before_the_strongest_chunk(browser: "Browser") -> None:
    with open_page("about:blank", browser=browser) as page:
        page.route(
            "**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
        )
        page.goto("http://player.test/?frame=4")
        root = mount(page, JS, replace(REELS["first"], strongest=2))
        assert root.get_attribute("data-frame") == "4"
        assert root.get_attribute("data-playing") == "false"


@pytest.mark.browser
def test_light_lines_mark_what_is_outside_a_map(browser: "Browser") -> None:
    grid = MapOnPanel(np.zeros((3, 4, 4), np.uint8), 0.0, 1.0, (0.25, -0.5, 0.75, 1.5))
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, with_map("spatial", grid))
        pause(page, 8)
        shown = pixels(page, "spatial")[..., 0].astype(int)
        width = shown.shape[1]
        inside, outside = shown[:, width * 2 // 5 : width * 3 // 5], shown[:, : width // 5]
        assert np.ptp(inside) <= 1
        assert outside.max() > inside.max() + 20
        assert np.median(outside) == pytest.approx(np.median(inside), abs=1)


@pytest.mark.browser
def test_negative_cells_are_hatched_and_the_bar_says_so(browser: "Browser") -> None:
    low, high = signed_scale(2.0)
    cells = np.full((3, 2, 2), 255, np.uint8)
    cells[:, :, 0] = 0
    grid = MapOnPanel(cells, low, high, (0, 0, 1, 1), "signed", ((0, -7.5), (1, 9.25)))
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, with_map("why", grid))
        pause(page, 1)
        page.get_by_label("Draw maps as raw cells").click()
        settle(page)
        shown = pixels(page, "why")[..., :3].astype(int).sum(axis=2)
        middle = shown.shape[1] // 2
        negative, positive = shown[:, 4 : middle - 4], shown[:, middle + 4 : -4]
        assert np.ptp(positive) <= 3
        assert negative.min() < positive.min() - 150
        scale = page.locator(".fs-scale")
        assert scale.locator("b").all_inner_texts() == ["\N{MINUS SIGN}", "0", "+"]
        assert scale.inner_text().split()[0] == "\N{LESS-THAN OR EQUAL TO}"
        assert scale.inner_text().endswith("\N{GREATER-THAN OR EQUAL TO} 2.00")
        for x, value in ((0.25, "\N{MINUS SIGN}7.50"), (0.75, "9.25")):  # exact beyond the scale
            page.locator(".fs-player").evaluate(
                "(root, x) => root.fusionscope.set({ hover: { x, y: 0.25 } })", x
            )
            settle(page)
            assert page.locator(".fs-readout b").inner_text() == value


@pytest.mark.browser
def test_a_frame_beyond_the_scale_of_motion_is_marked_at_the_top(browser: "Browser") -> None:
    motion = (*[1.0] * (FRAMES - 1), 400.0)
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, replace(REELS["first"], motion=motion))
        assert page.locator(".fs-over").get_attribute("d") == f"M{FRAMES - 1} 0H{FRAMES}"
        assert "\N{GREATER-THAN OR EQUAL TO} 1.00 px" in page.locator(".fs-gutter").inner_text()


def mount_undrawn(page: "Page", reel: Reel):
    """Put a player on a page whose clock stands still."""
    import base64

    page.evaluate(
        """async ([script, packed]) => {
          const { default: mount } = await import(URL.createObjectURL(
            new Blob([script], { type: "text/javascript" })));
          const data = Uint8Array.from(atob(packed), c => c.charCodeAt(0));
          mount({ data, parentElement: document.body, setTriggerValue() {} });
        }""",
        [JS, base64.b64encode(reel.to_bytes()).decode()],
    )
    return page.locator(".fs-player")
