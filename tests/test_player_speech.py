"""The player in a real browser, without a mouse or a picture: its keys, and what is spoken."""

import re
from typing import TYPE_CHECKING

import pytest

from fusionscope_app.components.player.player import HERE
from tests.numbered_reel import FRAMES
from tests.player_pages import lent, page, pause, player, settle, shared, url, wait_for_reel
from tests.serve import drawings, pass_frames

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const style = getComputedStyle(at);
  return [at.getAttribute("aria-label") ?? at.textContent, style.outlineStyle, style.outlineWidth];
}"""


def spoken(page: "Page") -> str:
    """What the player has a screen reader say."""
    return page.locator(".fs-voice").inner_text()


@pytest.mark.browser
def test_the_timeline_is_a_slider_that_names_its_place(shared: "Page") -> None:
    pause(shared, 7)
    slider = shared.get_by_role("slider", name="Frame")
    assert slider.get_attribute("aria-valuetext") == f"frame 8 of {FRAMES}, 0.58 s"
    assert slider.get_attribute("aria-valuenow") == "8"
    assert slider.get_attribute("aria-valuemax") == str(FRAMES)
    slider.focus()
    for key, frame in (("ArrowUp", 9), ("ArrowDown", 8), ("Home", 1), ("End", FRAMES)):
        shared.keyboard.press(key)
        assert slider.get_attribute("aria-valuenow") == str(frame), key


@pytest.mark.browser
def test_the_values_under_the_cell_cursor_are_spoken_once_it_rests(shared: "Page") -> None:
    root = pause(shared, 6)
    canvas = shared.locator("canvas[data-panel=spatial]")
    canvas.focus()
    texts = canvas.evaluate_handle(
        """canvas => {
          const voice = canvas.getRootNode().querySelector(".fs-voice"), texts = [];
          new MutationObserver(() => texts.push(voice.textContent))
            .observe(voice, { childList: true });
          return texts;
        }"""
    )
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowRight"):
        shared.keyboard.press(key)
    settle(shared)
    shared.wait_for_function("texts => texts.length > 0", arg=texts)
    said = texts.json_value()
    readout = canvas.locator("xpath=ancestor::figure").locator(".fs-readout").inner_text()
    assert len(said) == 1
    assert f"frame 7 of {FRAMES}, 0.50 s" in said[0]
    assert "frame x 24, y 18" in said[0]
    assert f"spatial {readout}" in said[0]
    assert root.get_attribute("data-frame") == "6"


@pytest.mark.browser
def test_nothing_is_spoken_while_it_plays(shared: "Page") -> None:
    pause(shared, 2)
    shared.locator("canvas[data-panel=flow]").focus()
    shared.keyboard.press("ArrowRight")
    shared.keyboard.press("Space")
    drawings(shared, 8)
    pass_frames(shared, 60)  # longer than a text has to rest before it is spoken
    assert spoken(shared) == ""
    shared.keyboard.press("Space")
    shared.wait_for_function(
        "root => root.querySelector('.fs-voice').textContent.startsWith('frame ')",
        arg=shared.locator(".fs-player").element_handle(),
    )


@pytest.mark.browser
def test_the_list_of_keys_names_every_key_and_leads_back(shared: "Page") -> None:
    source = (HERE / "keys.js").read_text("utf-8")
    table = source[source.index("const KEYS") : source.index("};")]
    keys = re.findall(r'^  "?([^":]+|")"?: \(', table, re.MULTILINE)
    names = {" ": "space", "ArrowLeft": "left", "ArrowRight": "right", ",": "comma"}
    names |= {".": "full stop"}
    assert len(keys) == 12
    canvas = shared.locator("canvas[data-panel=frame]")
    canvas.focus()
    shared.keyboard.press("h")
    listed = shared.get_by_role("dialog", name="Keys of the player")
    listed.wait_for()
    text = listed.inner_text().lower()
    for key in keys:
        assert str(names.get(key, key.lower())) in text, key
    shared.keyboard.press("Escape")
    listed.wait_for(state="hidden")
    assert canvas.evaluate("canvas => canvas.getRootNode().activeElement === canvas")
    shared.get_by_role("button", name="Keys").click()
    listed.get_by_role("button", name="Close").click()
    listed.wait_for(state="hidden")


@pytest.mark.browser
def test_tab_leads_through_the_pictures_to_the_timeline_and_the_controls(shared: "Page") -> None:
    pause(shared, 2)
    shared.locator(".fs-panel select").first.focus()
    found = []
    while not found or found[-1][0] != "keys":  # the last control
        shared.keyboard.press("Tab")
        found.append(shared.evaluate(FOCUSED))
        assert len(found) < 40
    names = [name.split(".")[0].split(" (")[0] for name, *_ in found]
    pictures = [name for name in names if "<b>" in name]
    assert [name.split(",")[0] for name in pictures] == ["frame", "flow", "spatial", "fused"]
    timeline = names.index("Frame")
    assert names.index(pictures[-1]) < timeline < names.index("Play") < names.index("Speed")
    assert all(style == "solid" and width == "2px" for _, style, width in found), found


@pytest.mark.browser
def test_another_clip_does_not_play_by_itself_for_a_viewer_who_asks_for_less_motion(
    page: "Page",
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    root = player(page)
    page.get_by_text("second", exact=True).click()
    wait_for_reel(page, "second")
    pass_frames(page)
    assert root.get_attribute("data-playing") == "false"
    assert root.get_attribute("data-frame") == "0"
