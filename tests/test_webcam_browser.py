"""The webcam, in a real browser whose camera is a file: what is recorded, and what is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from fusionscope.data.toybox.world import toy_world
from fusionscope.video.clip import Clip, read_clip
from tests.serve import FLAGS, chromium, executable, open_page, pass_frames, serve, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
BAND = 48  # columns at the left of the camera's picture that are white: left is known from right

# Every recording becomes a file, named by the run before it.
SCRIPT = """
import sys
from pathlib import Path
import streamlit as st
from fusionscope_app.components.webcam import webcam
from fusionscope.base.records import InputError

state = st.session_state
state.runs = state.get("runs", 0) + 1

def keep(video):
    if state.get("deaf"):
        raise InputError("<b>it</b> is not liked")
    Path(sys.argv[1], f"{state.runs}.video").write_bytes(video)

if st.checkbox("camera", True):
    with st.popover("Webcam"):
        webcam(key="cam", on_recording=keep)
st.checkbox("deaf", key="deaf")
st.text(f"run {state.runs}")
"""


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that films a Toybox clip, a white band at its left."""
    with chromium(*CAMERA, f"--use-file-for-fake-video-capture={film(tmp_path_factory)}") as found:
        yield found


def film(folder: pytest.TempPathFactory) -> Path:
    """A y4m file, 25 frames a second: header, then planes Y, U, V of every frame."""
    path = folder.mktemp("camera") / "camera.y4m"
    frames = toy_world(8).clip.frames.copy()
    frames[:, :, :BAND] = 255
    height, width = frames.shape[1:3]
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="yuv420p")
            out.write(b"FRAME\n" + picture.to_ndarray().tobytes())
    return path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def url(filmed: Browser, kept: Path) -> Iterator[str]:
    assert filmed.is_connected()
    (kept / "page.py").write_text(SCRIPT)
    with serve(kept / "page.py", str(kept)) as address:
        yield address


@pytest.fixture
def page(filmed: Browser, url: str, kept: Path) -> Iterator[Page]:
    for old in kept.glob("*.video"):
        old.unlink()
    with open_page(url, browser=filmed) as opened:
        remember_cameras(opened)
        open_booth(opened)
        yield opened


def remember_cameras(page: Page) -> None:
    """Note every camera that is turned on, and every question that is put to the visitor."""
    page.evaluate(
        """() => {
          const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
          window.asked = [];
          window.cameras = [];
          devices.getUserMedia = async (what) => {
            window.asked.push(what);
            const stream = await ask(what);
            window.cameras.push(...stream.getTracks());
            return stream;
          };
        }"""
    )


def cameras(page: Page) -> list[str]:
    return page.evaluate("() => window.cameras.map(track => `${track.kind} ${track.readyState}`)")


def booth(page: Page, state: str, seconds: float = 20) -> Locator:
    """The booth, once it is in this state."""
    page.wait_for_selector(f".fs-webcam[data-state={state}]", timeout=1000 * seconds)
    return page.locator(".fs-webcam")


def open_booth(page: Page) -> None:
    page.get_by_role("button", name="Webcam").click()
    booth(page, "off")


def main(page: Page) -> Locator:
    return page.locator(".fs-main")


def go_live(page: Page) -> None:
    main(page).click()
    booth(page, "live")


def said(page: Page) -> str:
    return page.locator(".fs-said").inner_text()


def one_video(kept: Path) -> Clip:
    (path,) = kept.glob("*.video")
    return read_clip(path, 0.0)


def test_three_seconds_are_recorded_moving_and_not_mirrored(page: Page, kept: Path):
    pass_frames(page)
    assert page.evaluate("() => window.asked") == []  # nobody is asked before a click
    go_live(page)
    assert cameras(page) == ["video live"]
    mirror = page.locator("video").evaluate("video => getComputedStyle(video).transform")
    assert mirror.startswith("matrix(-1,")
    assert main(page).inner_text() == "Record 3 seconds"
    main(page).click()
    for count in "321":
        page.wait_for_selector(f".fs-count:text-is('{count}')")
    assert "s left" in booth(page, "recording").locator(".fs-lamp").inner_text()
    page.wait_for_selector("text=run 2", timeout=30_000)
    page.wait_for_selector(".fs-webcam", state="detached")  # the popover closes by itself
    assert page.evaluate("() => document.activeElement.innerText.includes('Webcam')")
    assert cameras(page) == ["video ended"]
    clip = one_video(kept)
    assert clip.seconds == pytest.approx(3, rel=0.1)
    assert 20 <= clip.fps <= 30
    left, right = clip.frames[:, :, :20], clip.frames[:, :, -20:]
    assert left.mean() > 235 > 200 > right.mean()
    moved = np.abs(np.diff(clip.frames.astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert (moved > 0.5).mean() > 0.4  # 25 of the camera's frames a second, of up to 30
    assert next(kept.glob("*.video")).stat().st_size < 3_000_000


def test_a_second_recording_is_heard_and_a_rerun_records_nothing_again(page: Page, kept: Path):
    for run in (2, 3):
        if run == 3:
            open_booth(page)
        go_live(page)
        main(page).click()
        page.wait_for_selector(f"text=run {run}", timeout=30_000)
        page.wait_for_selector(".fs-webcam", state="detached")
    assert len(list(kept.glob("*.video"))) == 2
    page.locator("label", has_text="deaf").click()
    page.wait_for_selector("text=run 4")
    open_booth(page)
    settled(page)
    pass_frames(page)
    assert len(list(kept.glob("*.video"))) == 2
    assert said(page) == "The camera is off."


def test_what_python_says_against_a_recording_is_told_once_and_as_text(page: Page, kept: Path):
    page.keyboard.press("Escape")
    page.locator("label", has_text="deaf").click()
    page.wait_for_selector("text=run 2")
    open_booth(page)
    go_live(page)
    main(page).click()
    page.wait_for_selector(".fs-trouble:text-is('<b>it</b> is not liked')", timeout=30_000)
    assert list(kept.glob("*.video")) == []
    page.keyboard.press("Escape")
    open_booth(page)
    assert said(page) == "The camera is off."


@pytest.mark.parametrize("state", ["live", "counting", "recording"])
@pytest.mark.parametrize("way", ["escape", "gone", "hidden"])
def test_the_camera_goes_off_with_its_popover_or_its_page(page: Page, kept: Path, way, state):
    go_live(page)
    if state != "live":
        main(page).click()
        booth(page, state)
    if way == "escape":
        page.keyboard.press("Escape")
    elif way == "gone":
        page.locator("label", has_text="camera").evaluate("label => label.click()")
    else:
        page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
    page.wait_for_function("() => window.cameras.every(t => t.readyState === 'ended')")
    pass_frames(page)
    settled(page)
    assert list(kept.glob("*.video")) == []


def test_the_camera_is_off_while_the_recording_is_still_on_its_way(page: Page):
    page.evaluate("() => { FileReader.prototype.readAsDataURL = () => {}; }")
    go_live(page)
    main(page).click()
    booth(page, "sending")
    assert cameras(page) == ["video ended"]
    main(page).press("Enter")  # there is nothing to press now
    assert page.locator(".fs-webcam").get_attribute("data-state") == "sending"


def test_a_camera_allowed_too_late_is_turned_off_at_once(page: Page):
    page.evaluate(
        """() => {
          const devices = navigator.mediaDevices, ask = devices.getUserMedia;
          devices.getUserMedia = (what) => new Promise(done => { window.allow = done; })
            .then(() => ask.call(devices, what));
        }"""
    )
    main(page).click()
    booth(page, "asking")
    main(page).click()
    booth(page, "off")
    page.evaluate("() => window.allow()")
    page.wait_for_function("() => window.cameras.length === 1")
    page.wait_for_function("() => window.cameras[0].readyState === 'ended'")
    booth(page, "off")


def test_a_recording_is_given_up_at_a_press_and_the_keys_do_all(page: Page, kept: Path):
    main(page).focus()
    page.keyboard.press("Enter")
    booth(page, "live")
    page.keyboard.press("Enter")
    booth(page, "recording")
    page.keyboard.press("Space")
    booth(page, "live")
    page.keyboard.press("Tab")
    outline = page.locator(".fs-away").evaluate("b => getComputedStyle(b).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    booth(page, "off")
    assert cameras(page) == ["video ended"]
    page.keyboard.press("Enter")  # the focus is not lost: the camera goes on again
    booth(page, "live")
    assert list(kept.glob("*.video")) == []


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("NotAllowedError", "Camera access was denied"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "Another program is using"),
        ("TypeError", "could not be turned on"),
    ],
)
def test_a_camera_that_does_not_go_on_is_told_of_and_nothing_jumps(page: Page, error, sentence):
    before = page.locator(".fs-webcam").bounding_box()
    page.evaluate(
        """error => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", error));
        }""",
        error,
    )
    main(page).click()
    page.wait_for_selector(f".fs-trouble:has-text('{sentence}')")
    assert page.locator(".fs-webcam").bounding_box() == before
    assert main(page).inner_text() == "Turn on the camera"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "over https"),
        ("MediaRecorder.isTypeSupported = () => false", "cannot record video"),
        ("delete window.MediaRecorder", "cannot record video"),
    ],
)
def test_a_browser_that_cannot_record_is_told_so_unasked_for_a_camera(page: Page, spoil, sentence):
    page.evaluate(f"() => {{ {spoil}; }}")
    main(page).click()
    page.wait_for_selector(f".fs-trouble:has-text('{sentence}')")
    assert page.evaluate("() => window.asked") == []


@pytest.mark.parametrize(
    ("size", "sentence"), [(0, "recording is empty"), (3_000_001, "too large to send")]
)
def test_an_empty_or_overlarge_recording_is_not_sent(page: Page, size, sentence):
    page.evaluate(
        """size => {
          window.MediaRecorder = class {
            static isTypeSupported() { return true; }
            state = "recording";
            start() {}
            stop() {
              this.state = "inactive";
              this.ondataavailable({ data: new Blob([new Uint8Array(size)]) });
              this.onstop();
            }
          };
        }""",
        size,
    )
    go_live(page)
    main(page).click()
    page.wait_for_selector(f".fs-trouble:has-text('{sentence}')", timeout=20_000)
    assert cameras(page) == ["video ended"]
    assert page.locator("text=run 1").count() == 1


def test_a_camera_unplugged_is_told_of(page: Page):
    go_live(page)
    page.evaluate("() => window.cameras[0].dispatchEvent(new Event('ended'))")
    page.wait_for_selector(".fs-trouble:has-text('The camera was disconnected')")


def test_a_visitor_who_refuses_the_camera_is_told_what_to_do(filmed: Browser, url: str):
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"]
    kind = filmed.browser_type
    refusing = kind.launch(executable_path=executable(), args=flags)
    with open_page(url, browser=refusing) as page:
        open_booth(page)
        main(page).click()
        page.wait_for_selector(".fs-trouble:has-text('allow it in the browser')")
    refusing.close()


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False), (390, True)])
def test_nothing_sticks_out_at_any_width(filmed: Browser, url: str, width, dark):
    with open_page(url, width=width, dark=dark, browser=filmed) as page:
        open_booth(page)
        still = page.locator(".fs-webcam").bounding_box()
        go_live(page)
        assert page.locator(".fs-webcam").bounding_box() == still
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
        assert still
        assert still["x"] >= 0
        assert still["x"] + still["width"] <= width


def test_a_recording_opens_as_the_clip_of_all_pages(filmed: Browser, site: str):
    with open_page(site, browser=filmed) as page:
        page.wait_for_selector(".fs-player[data-ready]", timeout=120_000)
        open_booth(page)
        go_live(page)
        main(page).click()
        page.wait_for_function(
            "() => (new URL(location).searchParams.get('clip') || '').startsWith('upload:')",
            timeout=60_000,
        )
        page.wait_for_selector("text=so a network trained on people was chosen", timeout=60_000)
        # the clip before has 50 frames, and its words stand until the new ones come
        told = page.get_by_text(re.compile(r"Clip: (?!50 )\d+ frames of 256 by 256"))
        told.wait_for(timeout=120_000)
        count, rate = re.findall(r"Clip: (\d+) .* at ([\d.]+) fps", told.inner_text())[0]
        assert int(count) / float(rate) == pytest.approx(3, rel=0.15)
        card = page.locator(".fs-cards [aria-checked=true]")
        assert re.fullmatch(r"webcam, \d\d:\d\d:\d\d", card.inner_text().strip())
