"""The player in a real browser: pictures, playback, keys and scrubbing."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.numbered_reel import (
    CHUNKS,
    FRAMES,
    grey,
)
from tests.player_pages import (
    lent,
    page,
    pause,
    pixels,
    player,
    settle,
    shared,
    shown_frame,
    times_drawn,
    url,
    watched,
)
from tests.serve import (
    open_page,
    pass_frames,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.mark.browser
def test_every_frame_shows_its_own_pictures(shared: "Page") -> None:
    for n in (0, 7, 3, FRAMES - 1):
        pause(shared, n)
        assert shown_frame(shared) == n
        assert abs(int(pixels(shared, "flow")[5, 5, 0]) - grey(n)) <= 4
        assert pixels(shared, "frame")[5, 5, 3] == 255


@pytest.mark.browser
def test_it_plays_at_once_in_step_and_rests_when_paused(page: "Page") -> None:
    root = player(page)
    assert root.get_attribute("data-playing") == "true"
    looks = watched(page, changes=FRAMES)
    for frame, flow, _, _ in looks:
        assert abs(frame - flow) <= 4, "frame and flow out of step"
    assert len({round((frame - grey(0)) / 18) for frame, *_ in looks}) > FRAMES / 2
    places, counts = [look[2] for look in looks], [look[3] for look in looks]
    changes = sum(now != then for then, now in pairwise(places))
    assert counts[-1] - counts[0] <= changes + 1  # drawn when the frame changes, and only then
    pause(page, 2)
    before = times_drawn(page)
    pass_frames(page)
    assert times_drawn(page) == before


@pytest.mark.browser
def test_a_viewer_who_asks_for_less_motion_gets_a_still(browser: "Browser", url: str) -> None:
    with open_page("about:blank", browser=browser) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(url)
        assert player(page).get_attribute("data-playing") == "false"
        assert shown_frame(page) == 0


@pytest.mark.browser
def test_keys_step_by_frame_and_chunk_and_set_speed_loop_and_opacity(shared: "Page") -> None:
    root = pause(shared, 4)
    steps = {
        "ArrowRight": 5,
        "ArrowLeft": 4,
        "Shift+ArrowRight": CHUNKS[1],
        "Shift+ArrowLeft": CHUNKS[0],
        "End": FRAMES - 1,
        "Home": 0,
    }
    for key, frame in steps.items():
        shared.keyboard.press(key)
        assert root.get_attribute("data-frame") == str(frame), key
    states = {
        ".": ("speed", 2),
        ",": ("speed", 1),
        "l": ("loop", False),
        "[": ("opacity", pytest.approx(0.7)),
        "]": ("opacity", pytest.approx(0.8)),
        "Space": ("playing", True),
    }
    for key, (name, value) in states.items():
        shared.keyboard.press(key)
        assert root.evaluate("(root, name) => root.fusionscope.state[name]", name) == value, key


@pytest.mark.browser
def test_keys_belong_to_a_list_or_slider_that_has_the_focus(shared: "Page") -> None:
    root = pause(shared, 4)
    shared.get_by_label("Overlay opacity").focus()
    shared.keyboard.press("ArrowLeft")
    shared.keyboard.press("Space")
    assert root.get_attribute("data-frame") == "4"
    assert root.get_attribute("data-playing") == "false"
    assert root.evaluate("root => root.fusionscope.state.opacity") == pytest.approx(0.79)


@pytest.mark.browser
def test_without_loop_it_stops_at_the_last_frame(shared: "Page") -> None:
    root = pause(shared, FRAMES - 3)
    shared.keyboard.press("l")
    shared.keyboard.press("Space")
    shared.wait_for_selector(".fs-player[data-playing=false]")
    assert root.get_attribute("data-frame") == str(FRAMES - 1)
    shared.keyboard.press("Space")
    assert int(root.get_attribute("data-frame") or "") < FRAMES - 1


@pytest.mark.browser
def test_scrubbing_goes_to_the_frame_under_the_pointer(shared: "Page") -> None:
    root = pause(shared, 0)
    box = shared.locator(".fs-slider").bounding_box()
    assert box
    shared.mouse.move(box["x"] + 2, box["y"] + 20)
    shared.mouse.down()
    for n in (3, 8, FRAMES - 1, 6):
        shared.mouse.move(box["x"] + box["width"] * (n + 0.5) / FRAMES, box["y"] + 20)
        settle(shared)
        assert root.get_attribute("data-frame") == str(n)
        assert shown_frame(shared) == n
    shared.mouse.up()
    shared.keyboard.press("ArrowRight")
    assert root.get_attribute("data-frame") == "7"
