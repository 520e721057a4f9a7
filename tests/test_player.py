"""The player, in a real browser: what is drawn, what the keys do, and what Python hears."""

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from app import palette
from app.player import Click
from app.player.player import JS, read_click
from tests.reels import (
    CHUNKS,
    EXTENTS,
    FRAMES,
    GRIDS,
    OTHER_CHUNKS,
    grey,
    header_of,
    reel,
    two_runs,
)
from tests.serve import frames_sent, open_page, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SCRIPT = """
import sys
from pathlib import Path
import streamlit as st
from app.player import player

st.set_page_config(layout="wide")
state = st.session_state
state.runs = state.get("runs", 0) + 1
name = st.radio("reel", ["first", "second", "same clip"], horizontal=True)
show = ["why", "flow"] if st.checkbox("ask") else None
click = player((Path(sys.argv[1]) / name).read_bytes(), key="player", show=show)
st.text(f"run {state.runs}: {click}")
"""


@pytest.fixture(scope="module")
def url(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert browser.is_connected()  # without a browser this skips, and no server starts for nothing
    folder = tmp_path_factory.mktemp("player")
    (folder / "page.py").write_text(SCRIPT)
    (folder / "first").write_bytes(reel("first", "A"))
    (folder / "second").write_bytes(reel("second", "B", 9))
    (folder / "same clip").write_bytes(reel("third", "A"))
    with serve(folder / "page.py", str(folder)) as address:
        yield address


@pytest.fixture
def page(browser: "Browser", url: str) -> Iterator["Page"]:
    """A page of the test's own: for what reruns the script, or what cannot be put back."""
    with open_page(url, browser=browser) as opened:
        player(opened)
        yield opened


@pytest.fixture(scope="module")
def lent(browser: "Browser", url: str) -> Iterator["Page"]:
    with open_page(url, browser=browser) as opened:
        player(opened)
        yield opened


@pytest.fixture
def shared(lent: "Page") -> "Page":
    """One page for many tests, its player as at the start."""
    lent.mouse.move(2, 2)
    lent.emulate_media(color_scheme="light")
    lent.set_viewport_size({"width": 1280, "height": 800})
    lent.locator(".fs-player").evaluate(
        """root => {
          const player = root.fusionscope;
          player.row.show(player.reel, player.reel.shown);
          player.set({ speed: 1, loop: true, opacity: 0.8, smooth: true, hover: null, pin: null });
        }"""
    )
    return lent


def player(page: "Page") -> "Locator":
    page.wait_for_selector(".fs-player[data-ready]")
    return page.locator(".fs-player")


def pause(page: "Page", frame: int) -> "Locator":
    """Hold still at a frame, its pictures drawn, and the keys at the player."""
    root = player(page)
    root.evaluate("root => root.focus()")
    if root.get_attribute("data-playing") == "true":
        page.keyboard.press("Space")
    root.evaluate("(root, n) => root.fusionscope.seek(n)", frame)
    settle(page)
    return root


def settle(page: "Page") -> None:
    page.wait_for_timeout(20)
    settled = "root => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
    page.locator(".fs-player").evaluate(settled)


def pixels(page: "Page", canvas: str) -> np.ndarray:
    """What a panel's canvas (or another, by its selector) holds, (H, W, 4)."""
    selector = canvas if canvas.startswith(".") else f"canvas[data-panel={canvas}]"
    png = page.locator(selector).evaluate("canvas => canvas.toDataURL().split(',')[1]")
    bgra = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_UNCHANGED)
    assert bgra is not None
    return bgra[..., [2, 1, 0, 3]]


def shown_frame(page: "Page") -> int:
    return round((int(pixels(page, "frame")[5, 5, 0]) - grey(0)) / 18)


def panels(page: "Page") -> list[str]:
    shown = page.locator("canvas[data-panel]").evaluate_all("all => all.map(c => c.dataset.panel)")
    return [str(key) for key in shown]


def run(page: "Page") -> int:
    """How often the script has run."""
    return int(page.get_by_text(re.compile(r"^run \d+: ")).inner_text().split()[1].rstrip(":"))


def said(page: "Page", run: int) -> str:
    """What Python said in its n-th run."""
    text = page.get_by_text(re.compile(rf"^run {run}: "))
    text.wait_for()
    return text.inner_text()


def clicked(told: str) -> list[float]:
    return [float(number) for number in re.findall(r"[xy]=([\d.]+)", told)]


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
    seen = set()
    for _ in range(40):
        both = root.evaluate(
            """root => [...root.querySelectorAll("canvas[data-panel]")].slice(0, 2)
                 .map(c => c.getContext("2d").getImageData(5, 5, 1, 1).data[0])"""
        )
        assert abs(both[0] - both[1]) <= 4, "frame and flow out of step"
        seen.add(round((both[0] - grey(0)) / 18))
        page.wait_for_timeout(30)
    assert len(seen) > FRAMES / 2
    drawn = root.evaluate("root => root.fusionscope.drawn")
    page.wait_for_timeout(500)
    assert root.evaluate("root => root.fusionscope.drawn") - drawn < 20  # 12 frames a second
    pause(page, 2)
    drawn = root.evaluate("root => root.fusionscope.drawn")
    page.wait_for_timeout(300)
    assert root.evaluate("root => root.fusionscope.drawn") == drawn


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
    assert blue[height // 4, width // 6] > 20
    left, right = width // 8, 3 * width // 8  # of the first cell: a square's view starts there
    assert len(np.unique(blue[10 : height // 2 - 10, left + 10 : right - 10])) == 1
    assert blue[:, : left - 3].max() < 5
    pause(shared, CHUNKS[0])
    weak = pixels(shared, "spatial").astype(int)
    assert (weak[..., 2] - weak[..., 0])[height // 4, width // 6] < 5
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
    shared.wait_for_timeout(200)
    assert root.evaluate("root => root.mine === root.fusionscope.reel")  # not unpacked again


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
    page.wait_for_timeout(500)
    greeting = len(sent)
    assert greeting > 0
    root.evaluate("root => root.focus()")
    page.wait_for_timeout(500)
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
    page.wait_for_timeout(300)
    assert len(sent) == greeting
    page.locator("canvas[data-panel=fused]").click()
    said(page, 2)
    assert len(sent) > greeting


@pytest.mark.browser
def frame_told(page: "Page") -> str | None:
    """What the address says of the frame, once the player rests."""
    page.wait_for_timeout(900)
    return page.evaluate("new URLSearchParams(location.search).get('frame')")


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
    page.wait_for_selector(".fs-player[data-ready=third]")
    assert frame_told(page) == "5"
    page.get_by_text("second", exact=True).click()  # another clip
    page.wait_for_selector(".fs-player[data-ready=second]")
    assert frame_told(page) is None
    assert page.url.startswith(url)


@pytest.mark.parametrize("frame", [4, FRAMES - 1])
def test_a_frame_in_the_address_is_where_the_player_begins_paused(
    browser: "Browser", url: str, frame: int
) -> None:
    with open_page(f"{url}/?frame={frame}", browser=browser) as page:
        root = player(page)
        page.wait_for_timeout(400)
        assert root.get_attribute("data-frame") == str(frame)
        assert root.get_attribute("data-playing") == "false"
        assert shown_frame(page) == frame


@pytest.mark.parametrize("frame", [str(FRAMES), "-1", "1e1", "", "9999999", "4.0", "<b>"])
def test_a_frame_that_is_none_is_left_aside(browser: "Browser", url: str, frame: str) -> None:
    with open_page(f"{url}/?frame={frame}", browser=browser) as page:
        assert player(page).get_attribute("data-playing") == "true"


def test_panels_are_added_removed_and_change_places(shared: "Page") -> None:
    pause(shared, 3)
    shared.get_by_label("Add a panel").click()
    assert panels(shared) == ["frame", "flow", "spatial", "fused", "why"]
    assert shared.get_by_label("Add a panel").is_disabled()
    shared.get_by_label("Remove panel flow").click()
    assert panels(shared) == ["frame", "spatial", "fused", "why"]
    shared.locator(".fs-panel select").first.select_option("fused")
    assert panels(shared) == ["fused", "spatial", "frame", "why"]
    settle(shared)
    assert shown_frame(shared) == 3
    details = shared.locator(".fs-detail").all_inner_texts()
    assert details == [f"<b>{key}</b>" for key in panels(shared)]  # text, never markup
    for key in ("fused", "spatial", "why"):
        shared.get_by_label(f"Remove panel {key}").click()
    assert not shared.get_by_label("Remove panel frame").is_visible()


@pytest.mark.browser
def test_another_reel_takes_the_place_with_no_flash_and_no_jump(page: "Page") -> None:
    root = pause(page, 8)
    page.get_by_label("Remove panel flow").click()
    settle(page)
    root.evaluate(
        """root => {
          const decode = window.createImageBitmap; // a slow machine
          window.createImageBitmap = (blob) =>
            new Promise(done => setTimeout(done, 500)).then(() => decode(blob));
          const canvas = root.querySelector("canvas[data-panel=frame]");
          root.seen = [];
          const look = () => {
            const [grey, , , alpha] = canvas.getContext("2d").getImageData(5, 5, 1, 1).data;
            const { height } = root.getBoundingClientRect();
            root.seen.push([alpha, height, Number(root.dataset.frame), grey]);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    page.get_by_text("second", exact=True).click()
    page.wait_for_selector(".fs-player[data-ready=second]")
    page.wait_for_timeout(1200)
    alphas, heights, places, greys = zip(*root.evaluate("root => root.seen"), strict=True)
    assert set(alphas) == {255}
    assert len(set(heights)) == 1
    assert set(places[: places.index(0)]) == {8}  # straight from where it was to the start
    told = [round((value - grey(0)) / 18) for value in greys]
    assert told == list(places)  # the picture and the place change together
    assert root.get_attribute("data-playing") == "true"
    assert panels(page) == ["frame", "spatial", "fused"]  # the viewer's choice stands
    assert page.locator(".fs-slider").get_attribute("aria-valuemax") == "9"


@pytest.mark.browser
def test_other_maps_on_the_same_clip_keep_the_place_and_the_mark(page: "Page") -> None:
    root = pause(page, 8)
    page.locator("canvas[data-panel=fused]").click()
    said(page, 2)
    mark = root.get_attribute("data-mark")
    page.get_by_text("same clip", exact=True).click()
    page.wait_for_selector(".fs-player[data-ready=third]")
    assert root.get_attribute("data-frame") == "8"
    assert root.get_attribute("data-playing") == "false"
    assert root.get_attribute("data-mark") == mark
    assert shown_frame(page) == 8


@pytest.mark.browser
def test_the_app_can_ask_for_panels(page: "Page") -> None:
    root = pause(page, 5)
    root.evaluate("root => { root.mine = root.fusionscope.reel }")
    page.get_by_text("ask", exact=True).click()
    page.wait_for_selector("canvas[data-panel=why]")
    assert panels(page) == ["why", "flow"]
    assert root.get_attribute("data-frame") == "5"
    page.wait_for_timeout(200)
    assert root.evaluate("root => root.mine === root.fusionscope.reel")  # not unpacked again


@pytest.mark.browser
def test_panels_share_one_row_on_a_desk_and_two_columns_on_a_phone(shared: "Page") -> None:
    def boxes() -> list[Any]:
        return shared.locator("canvas[data-panel]").evaluate_all(
            "all => all.map(c => c.getBoundingClientRect()).map(b => [b.x, b.y, b.width, b.height])"
        )

    desk = np.round(boxes())
    assert len({y for _, y, _, _ in desk}) == 1
    assert len({x for x, _, _, _ in desk}) == 4
    shared.set_viewport_size({"width": 390, "height": 844})
    shared.wait_for_timeout(200)
    phone = np.array(boxes())
    assert len(set(phone[:, 0].round())) == 2
    assert len(set(phone[:, 1].round())) == 2
    assert phone[:, 2] / phone[:, 3] == pytest.approx(32 / 24, rel=0.02)
    assert shared.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    right = shared.locator(".fs-player *").evaluate_all(
        "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 390
    pause(shared, 4)
    assert shown_frame(shared) == 4


@pytest.mark.browser
def test_the_streams_colours_are_the_palettes_in_both_themes(shared: "Page") -> None:
    root = shared.locator(".fs-player")
    for dark, shades in {False: palette.LIGHT, True: palette.DARK}.items():
        shared.emulate_media(color_scheme="dark" if dark else "light")
        shared.wait_for_selector(f".fs-player[data-theme={'dark' if dark else 'light'}]")
        for stream in ("appearance", "motion", "fused"):
            shade = root.evaluate(
                "(root, name) => getComputedStyle(root).getPropertyValue(name)", f"--fs-{stream}"
            )
            assert shade.strip() == shades[stream]


@pytest.mark.browser
def test_the_wheel_is_the_one_flow_is_coloured_with(shared: "Page") -> None:
    torch = pytest.importorskip("torch")
    from torchvision.utils import flow_to_image

    drawn = pixels(shared, ".fs-wheel:not([hidden])")[..., :3].astype(int)
    size = len(drawn)
    v, u = (2 * (np.indices((size, size)) + 0.5)) / size - 1
    inside = np.hypot(u, v) < 0.95
    flow = torch.tensor(np.stack([u * inside, v * inside]), dtype=torch.float)
    flow[:, 0, 0] = torch.tensor([1.0, 0.0])  # the longest: torchvision divides by it
    meant = flow_to_image(flow).permute(1, 2, 0).numpy().astype(int)
    assert np.abs(drawn - meant)[inside].max() <= 3


def mount(page: "Page", script: str, packed: bytes) -> "Locator":
    """Put a player on a blank page without Streamlit; `window.clean` holds each call's clean-up."""
    page.evaluate(
        """async ([script, packed]) => {
          const { default: mount } = await import(URL.createObjectURL(
            new Blob([script], { type: "text/javascript" })));
          const data = Uint8Array.from(atob(packed), c => c.charCodeAt(0));
          const parentElement = document.body;
          window.run = () => mount({ data, parentElement, setTriggerValue() {} });
          window.clean = [window.run()];
        }""",
        [script, base64.b64encode(packed).decode()],
    )
    return player(page)


@pytest.mark.browser
def test_only_the_newest_calls_clean_up_ends_the_player(browser: "Browser") -> None:
    with open_page("about:blank", browser=browser) as page:
        root = mount(page, JS, reel("first", "A"))
        page.evaluate("window.clean.push(window.run())")
        page.evaluate("window.was = document.querySelector('.fs-player').fusionscope")
        page.evaluate("window.clean[0]()")
        assert root.count() == 1
        page.evaluate("window.clean[1]()")
        assert root.count() == 0
        drawn = page.evaluate("window.was.drawn")
        page.wait_for_timeout(200)
        assert page.evaluate("window.was.drawn") == drawn
        assert page.evaluate("Object.values(was.reel.pictures).flat().filter(Boolean).length") == 0


@pytest.mark.browser
def test_a_clip_longer_than_the_budget_holds_a_window_of_itself(browser: "Browser") -> None:
    held = """root => Object.values(root.fusionscope.reel.pictures)
        .map(frames => frames.filter(picture => picture?.close).length)"""
    tight = JS.replace("192 * 2 ** 20", str(8 * 2 * 32 * 24 * 4))  # eight frames of two videos
    assert tight != JS
    with open_page("about:blank", browser=browser) as page:
        root = mount(page, tight, reel("first", "A"))
        for n in (0, 6, 11, 3, 2):
            pause(page, n)
            page.wait_for_timeout(100)
            assert shown_frame(page) == n
            assert all(1 <= count <= 8 for count in root.evaluate(held))


@pytest.mark.browser
def test_a_picture_that_is_broken_does_not_stop_the_rest(browser: "Browser") -> None:
    packed = bytearray(reel("first", "A"))
    header = header_of(bytes(packed))
    start = 4 + int.from_bytes(packed[:4], "little")
    a, b = header["videos"]["frame"][3:5]
    packed[start + a : start + b] = bytes(b - a)
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, bytes(packed))
        pause(page, 3)
        assert pixels(page, "frame").max() == 0
        page.keyboard.press("Space")
        page.wait_for_function("document.querySelector('.fs-player').dataset.frame === '6'")


@pytest.fixture
def both(browser: "Browser") -> Iterator["Page"]:
    """A player of two runs: ``why`` is of the second, with chunks and a flow of its own."""
    with open_page("about:blank", browser=browser) as page:
        mount(page, JS, two_runs("both", "A"))
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


@pytest.mark.browser
def test_a_click_tells_the_chunk_of_the_panel_clicked(both: "Page") -> None:
    root = pause(both, 8)
    root.evaluate("root => { root.fusionscope.send = (_, click) => { root.sent = click; } }")
    for key, chunk in (("fused", 2), ("why", 2), ("flow", 2)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert root.evaluate("root => root.sent.chunk") == chunk
    pause(both, 3)
    for key, chunk in (("fused", 0), ("why", 0)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert root.evaluate("root => root.sent.chunk") == chunk
    pause(both, 6)
    for key, chunk in (("fused", 1), ("why", 1)):
        both.locator(f"canvas[data-panel={key}]").click()
        assert root.evaluate("root => root.sent.chunk") == chunk


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


@pytest.mark.browser
def test_more_than_four_panels_stand_in_one_row_or_one_under_the_other(shared: "Page") -> None:
    pause(shared, 0)
    shared.get_by_label("Add a panel").click()
    for width, shape in ((1280, (1, 5)), (800, (2, 3)), (390, (3, 2))):
        shared.set_viewport_size({"width": width, "height": 800})
        shared.wait_for_timeout(200)
        places = shared.locator("canvas[data-panel]").evaluate_all(
            "all => all.map(c => c.getBoundingClientRect()).map(b => [b.y, b.x])"
        )
        rows, columns = (sorted({round(at) for at in axis}) for axis in zip(*places, strict=True))
        assert (len(rows), len(columns)) == shape
        second = [round(at) for at in places[1]]
        assert second == ([rows[1], columns[0]] if width == 800 else [rows[0], columns[1]])


def test_a_click_counts_in_the_chunks_of_its_panel() -> None:
    header = header_of(two_runs("both", "A"))
    header["panels"][4]["chunks"] = header["panels"][4]["chunks"][:2]
    sent = {"frame": 3, "chunk": 2, "x": 0.5, "y": 0.5}
    assert read_click({**sent, "panel": "why"}, header) is None
    assert read_click({**sent, "panel": "fused"}, header) is not None


def test_a_click_that_does_not_fit_the_reel_is_no_click() -> None:
    header = header_of(reel("first", "A"))
    good = {"panel": "spatial", "frame": 3, "chunk": 0, "x": 1.0, "y": 0.5}
    for x in (0.05, 0.35):  # beside what the net sees, and by its left edge: the first column
        assert read_click({**good, "x": x}, header) == Click("spatial", 3, 0, 1, 0, x, 0.5)
    assert read_click(good, header) == Click("spatial", 3, 0, 1, 2, 1.0, 0.5)
    assert read_click({**good, "panel": "frame"}, header) == Click("frame", 3, 0, 2, 3, 1.0, 0.5)
    nothing = [None, "spatial", [], {}]
    spoilt = {"panel": "x", "frame": FRAMES, "chunk": -1, "x": 1.1, "y": float("nan")}
    for sent in nothing + [{**good, name: value} for name, value in spoilt.items()]:
        assert read_click(sent, header) is None
