"""The player in a real browser: pointed cells, clicks and the frame in the address."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.numbered_reel import (
    CHUNKS,
    EXTENTS,
    FRAMES,
    GRIDS,
)
from tests.player_pages import (
    clicked,
    lent,
    page,
    panels,
    pause,
    pixels,
    player,
    run,
    said,
    settle,
    shared,
    shown_frame,
    url,
    wait_for_reel,
)
from tests.serve import (
    drawings,
    frames_sent,
    open_page,
    pass_frames,
    quiet,
    settled,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SAME_REEL = """root => root.mine === root.fusionscope.reel && !root.fusionscope.incoming"""


@pytest.mark.browser
def test_a_pointed_cell_is_marked_in_all_panels_and_read_out_from_the_nearest_chunk(
    shared: "Page",
) -> None:
    root = pause(shared, 7)  # as near to chunk 1 as to chunk 2: the first counts
    before = {key: pixels(shared, key) for key in panels(shared)}
    height, width = before["frame"].shape[:2]
    canvas = shared.locator("canvas[data-panel=flow]")
    canvas.hover(position={"x": 0.65 * width, "y": 0.3 * height})
    settle(shared)
    x, y = map(float, (root.get_attribute("data-mark") or "").split(","))
    assert (x, y) == pytest.approx((0.65, 0.3), abs=0.01)
    for key, old in before.items():
        rows, columns = GRIDS.get(key, GRIDS["fused"])
        left, top, right, bottom = EXTENTS.get(key, (0, 0, 1, 1))
        w, h = (right - left) / columns, (bottom - top) / rows
        row, column = int((y - top) / h), int((x - left) / w)
        cell = [top + row * h, left + column * w, top + (row + 1) * h, left + (column + 1) * w]
        ys, xs = np.nonzero((pixels(shared, key) != old).any(axis=2))
        found = [ys.min() / height, xs.min() / width, ys.max() / height, xs.max() / width]
        assert found == pytest.approx(cell, abs=0.03), key
    values = shared.locator(".fs-readout").all_inner_texts()
    assert values == ["x 20, y 7", "", "10.2 activation", "11.2 activation"]
    shared.keyboard.press("Shift+ArrowRight")
    settle(shared)
    assert shared.locator(".fs-readout").all_inner_texts()[3] == "21.2 activation"
    shared.mouse.move(2, 2)
    settle(shared)
    assert root.get_attribute("data-mark") == ""


@pytest.mark.browser
def test_a_stronger_cell_is_drawn_more_strongly_in_its_streams_colour(shared: "Page") -> None:
    pause(shared, CHUNKS[2])
    shared.get_by_label("Draw maps as raw cells").click()
    shared.mouse.move(2, 2)
    settle(shared)
    raw = pixels(shared, "spatial").astype(int)
    height, width = raw.shape[:2]
    blue = raw[..., 2] - raw[..., 0]
    place = height // 4, 5 * width // 16
    assert blue[place] > 20
    left, right = width // 8, 3 * width // 8  # of the first cell: a square's view starts there
    middle = (left + right) // 2  # to the left of it, the map fades out
    assert len(np.unique(blue[10 : height // 2 - 10, middle + 5 : right - 10])) == 1
    faded = blue[height // 4, left:middle]
    assert faded[0] < 5 < faded[len(faded) // 2] < blue[place]
    assert blue[:, : left - 3].max() < 5
    pause(shared, CHUNKS[0])
    weak = pixels(shared, "spatial").astype(int)
    assert (weak[..., 2] - weak[..., 0])[place] < 5
    shared.get_by_label("Overlay opacity").fill("0")
    settle(shared)
    assert (pixels(shared, "spatial") == pixels(shared, "frame")).all()


@pytest.mark.browser
def test_a_click_reaches_python_and_the_player_stays_as_it_was(shared: "Page") -> None:
    root = pause(shared, 6)
    before = run(shared)
    shared.locator(".fs-panel select").first.select_option("why")
    shared.keyboard.press("[")
    root.evaluate("root => { root.mine = root.fusionscope.reel }")
    canvas = shared.locator("canvas[data-panel=spatial]")
    box = canvas.bounding_box()
    assert box
    canvas.click(position={"x": 0.9 * box["width"], "y": 0.6 * box["height"]})
    told = said(shared, before + 1)
    assert "panel='spatial', frame=6, chunk=1, row=1, column=2" in told
    assert clicked(told) == pytest.approx([0.9, 0.6], abs=0.01)
    assert root.get_attribute("data-frame") == "6"
    assert root.get_attribute("data-playing") == "false"
    assert root.get_attribute("data-mark") == "{:.3f},{:.3f}".format(*clicked(told))
    assert panels(shared) == ["why", "flow", "spatial", "fused"]
    assert root.evaluate("root => root.fusionscope.state.opacity") == pytest.approx(0.7)
    shared.mouse.move(2, 2)
    shared.keyboard.press("Escape")
    assert root.get_attribute("data-mark") == ""
    shared.keyboard.press("Space")
    canvas.click()
    said(shared, before + 2)
    assert root.get_attribute("data-playing") == "true"
    settled(shared)
    pass_frames(shared, 5)
    assert root.evaluate(SAME_REEL)  # not unpacked again


@pytest.mark.browser
def test_a_mark_can_be_set_with_the_keys_alone(shared: "Page") -> None:
    root = pause(shared, 6)
    before = run(shared)
    shared.locator("canvas[data-panel=spatial]").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        shared.keyboard.press(key)
    assert root.get_attribute("data-frame") == "6"
    shared.keyboard.press("Enter")
    told = said(shared, before + 1)
    assert "frame=6, chunk=1, row=1, column=2" in told
    assert clicked(told) == pytest.approx([3 / 4, 3 / 4])  # the middle of that cell


@pytest.mark.browser
def test_the_server_hears_of_a_click_and_of_nothing_else(page: "Page") -> None:
    sent = frames_sent(page)
    page.reload()
    root = player(page)
    quiet(page, sent)
    greeting = len(sent)
    assert greeting > 0
    root.evaluate("root => root.focus()")
    drawings(page, 6)  # it plays
    slider = page.locator(".fs-slider").bounding_box()
    canvas = page.locator("canvas[data-panel=fused]").bounding_box()
    assert slider
    assert canvas
    for i in range(10):
        page.mouse.move(canvas["x"] + 10 * i, canvas["y"] + 5 * i)
    page.mouse.move(slider["x"] + 5, slider["y"] + 20)
    page.mouse.down()
    page.mouse.move(slider["x"] + 300, slider["y"] + 20, steps=8)
    page.mouse.up()
    for key in ("Space", "ArrowLeft", "Shift+ArrowRight", "Home", "End", ".", "l", "]", "Escape"):
        page.keyboard.press(key)
    page.get_by_label("Add a panel").click()
    pass_frames(page)
    assert len(sent) == greeting
    page.locator("canvas[data-panel=fused]").click()
    said(page, 2)
    assert len(sent) > greeting


def frame_told(page: "Page") -> str | None:
    """What the address holds as the frame, once the script rests and the player has looked twice.

    The player reads its moment's frame whenever it looks at the address.
    """
    settled(page)
    page.locator(".fs-player").evaluate(
        """root => new Promise(done => {
          const { moment } = root.fusionscope;
          let value = moment.frame, looks = 0;
          Object.defineProperty(moment, "frame", {
            configurable: true,
            set: (frame) => { value = frame; },
            get: () => {
              if (++looks > 2) {
                Object.defineProperty(moment, "frame",
                  { value, configurable: true, enumerable: true, writable: true });
                setTimeout(done);
              }
              return value;
            },
          });
        })"""
    )
    return page.evaluate("new URLSearchParams(location.search).get('frame')")


@pytest.mark.browser
def test_the_address_names_the_frame_of_a_player_that_is_paused(page: "Page", url: str) -> None:
    assert frame_told(page) is None
    pause(page, 7)
    assert frame_told(page) == "7"
    page.keyboard.press("ArrowRight")
    assert frame_told(page) == "8"
    page.keyboard.press("Space")
    assert frame_told(page) is None
    pause(page, 5)
    assert frame_told(page) == "5"
    page.get_by_text("same clip").click()
    wait_for_reel(page, "same clip")
    assert frame_told(page) == "5"
    page.get_by_text("second", exact=True).click()  # another clip
    wait_for_reel(page, "second")
    assert frame_told(page) is None
    assert page.url.startswith(url)


@pytest.mark.browser
@pytest.mark.parametrize("frame", [4, FRAMES - 1])
def test_a_frame_in_the_address_is_where_the_player_begins_paused(
    browser: "Browser", url: str, frame: int
) -> None:
    with open_page(f"{url}/?frame={frame}", browser=browser) as page:
        root = player(page)
        settled(page)
        pass_frames(page)
        assert root.get_attribute("data-frame") == str(frame)
        assert root.get_attribute("data-playing") == "false"
        assert shown_frame(page) == frame


@pytest.mark.browser
@pytest.mark.parametrize("frame", [str(FRAMES), "-1", "1e1", "", "9999999", "4.0", "<b>"])
def test_a_frame_that_is_none_is_left_aside(browser: "Browser", url: str, frame: str) -> None:
    with open_page(f"{url}/?frame={frame}", browser=browser, motion=True) as page:
        assert player(page).get_attribute("data-playing") == "true"
