"""The player in a real browser: its end, long clips, and panels of two runs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fusionscope.analysis.panel import Video
from fusionscope_app.components.player import Click
from fusionscope_app.components.player.player import JS, read_click
from tests.numbered_reel import (
    CHUNKS,
    FRAMES,
    OTHER_CHUNKS,
    REELS,
    grey,
    two_runs,
)
from tests.player_pages import (
    mount,
    page,
    panels,
    pause,
    pixels,
    player,
    run,
    settle,
    shown_frame,
    url,
)
from tests.serve import (
    open_page,
    pass_frames,
    wait_player,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.mark.browser
def test_only_the_newest_calls_clean_up_ends_the_player(browser: "Browser") -> None:
    with open_page("about:blank", browser=browser) as page:
        root = mount(page, JS, REELS["first"])
        page.evaluate("window.clean.push(window.run())")
        page.evaluate("window.was = document.querySelector('.fs-player').fusionscope")
        page.evaluate("window.clean[0]()")
        assert root.count() == 1
        page.evaluate("window.clean[1]()")
        assert root.count() == 0
        drawn = page.evaluate("window.was.drawn")
        pass_frames(page)
        assert page.evaluate("window.was.drawn") == drawn
        assert page.evaluate("Object.values(was.reel.pictures).flat().filter(Boolean).length") == 0


@pytest.mark.browser
def test_a_clip_longer_than_the_budget_holds_a_window_of_itself(browser: "Browser") -> None:
    held = """root => Object.values(root.fusionscope.reel.pictures)
        .map(frames => frames.filter(picture => picture?.close).length)"""
    tight = JS.replace("192 * 2 ** 20", str(8 * 2 * 32 * 24 * 4))  # eight frames of two videos
    assert tight != JS
    with open_page("about:blank", browser=browser) as page:
        root = mount(page, tight, REELS["first"])
        for n in (0, 6, 11, 3, 2):
            pause(page, n)
            wait_player(page, "player => !player.reel.busy")
            assert shown_frame(page) == n
            assert all(1 <= count <= 8 for count in root.evaluate(held))


@pytest.mark.browser
def test_a_picture_that_is_broken_does_not_stop_the_rest(browser: "Browser") -> None:
    whole = REELS["first"]
    pictures = [*whole.videos["frame"].pictures]
    pictures[3] = bytes(len(pictures[3]))
    broken = replace(whole, videos={**whole.videos, "frame": Video(tuple(pictures))})
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, broken)
        pause(page, 3)
        assert pixels(page, "frame").max() == 0
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('.fs-player').dataset.frame === '6'")


@pytest.fixture
def both(browser: "Browser") -> Iterator["Page"]:
    """A player of two runs: ``why`` is of the second, with chunks and a flow of its own."""
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, two_runs("A"))
        yield page


@pytest.mark.browser
def test_each_panel_shows_the_chunk_of_its_own_run_nearest_to_the_frame(both: "Page") -> None:
    for n in range(FRAMES):
        root = pause(both, n)
        both.locator("canvas[data-panel=why]").hover(position={"x": 5, "y": 5})
        settle(both)
        told = both.locator(".fs-readout").all_inner_texts()[2:]
        own = [min(range(3), key=lambda t: abs(at[t] - n)) for at in (CHUNKS, OTHER_CHUNKS)]
        values = [10 * own[0], round(-5 + 100 * own[1] / 25.5, 2)]
        assert [float(one.split()[0].replace("\u2212", "-")) for one in told] == pytest.approx(
            values, abs=0.06
        ), n
        assert (
            root.evaluate("root => root.fusionscope.reel.nearest[root.fusionscope.frame]") == own[0]
        )


@pytest.mark.browser
def test_a_map_is_drawn_anew_where_its_own_run_comes_to_another_chunk(both: "Page") -> None:
    drawn = {}
    for n in (4, 5, 6):
        pause(both, n)
        drawn[n] = {key: pixels(both, key) for key in ("fused", "why")}
    both.locator(".fs-opacity input").fill("100")
    strength = []
    for n in (4, 5, 6):
        pause(both, n)
        strength.append(pixels(both, "why")[..., :3].astype(int).std())
    assert strength[0] == pytest.approx(strength[1], abs=2)  # chunk 0 of its own in both
    assert abs(strength[2] - strength[1]) > 2


def sent_chunk(page: "Page") -> int:
    """The chunk of the click that the player sends next."""
    wait_player(page, "player => player.root.sent")
    return page.locator(".fs-player").evaluate(
        "root => { const { chunk } = root.sent; delete root.sent; return chunk; }"
    )


@pytest.mark.browser
def test_a_click_tells_the_chunk_of_the_panel_clicked(both: "Page") -> None:
    root = pause(both, 8)
    root.evaluate("root => { root.fusionscope.send = (_, click) => { root.sent = click; } }")
    for key, chunk in (("fused", 2), ("why", 2), ("flow", 2)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert sent_chunk(both) == chunk
    pause(both, 3)
    for key, chunk in (("fused", 0), ("why", 0)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert sent_chunk(both) == chunk
    pause(both, 6)
    for key, chunk in (("fused", 1), ("why", 1)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert sent_chunk(both) == chunk


@pytest.mark.browser
def test_the_timeline_is_the_first_runs_and_says_so(both: "Page") -> None:
    pause(both, 0)
    assert both.locator(".fs-gutter").inner_text().startswith("chunk of A")
    lefts = both.locator(".fs-chunks span").evaluate_all("all => all.map(m => m.style.left)")
    assert [float(left[:-1]) for left in lefts] == pytest.approx(
        [100 * (c + 0.5) / FRAMES for c in CHUNKS], abs=0.01
    )


@pytest.mark.browser
def test_a_second_flow_has_its_wheel_and_its_own_pictures(both: "Page") -> None:
    pause(both, 7)
    assert both.locator(".fs-wheel:visible").count() == 2
    other = pixels(both, "b\\:flow")[5, 5]
    assert abs(int(other[1]) - grey(7)) <= 4  # grey, as the frames are: the first's flow is red
    assert pixels(both, "flow")[5, 5, 1] < 5


def test_a_click_counts_in_the_chunks_of_its_panel() -> None:
    both = two_runs("A")
    panels = [*both.panels]
    panels[4] = replace(panels[4], chunks=(panels[4].chunks or ())[:2])
    both = replace(both, panels=tuple(panels))
    sent = {"frame": 3, "chunk": 2, "x": 0.5, "y": 0.5}
    assert read_click({**sent, "panel": "why"}, both) is None
    assert read_click({**sent, "panel": "fused"}, both) is not None


def test_a_click_that_does_not_fit_the_reel_is_no_click() -> None:
    reel = REELS["first"]
    good = {"panel": "spatial", "frame": 3, "chunk": 0, "x": 1.0, "y": 0.5}
    for x in (0.05, 0.35):  # beside what the net sees, and by its left edge: the first column
        assert read_click({**good, "x": x}, reel) == Click("spatial", 3, 0, 1, 0, x, 0.5)
    assert read_click(good, reel) == Click("spatial", 3, 0, 1, 2, 1.0, 0.5)
    assert read_click({**good, "panel": "frame"}, reel) == Click("frame", 3, 0, 2, 3, 1.0, 0.5)
    nothing = [None, "spatial", [], {}]
    spoilt = {"panel": "x", "frame": FRAMES, "chunk": -1, "x": 1.1, "y": float("nan")}
    for sent in nothing + [{**good, name: value} for name, value in spoilt.items()]:
        assert read_click(sent, reel) is None
