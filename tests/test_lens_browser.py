"""The drawn lens and the living diagram in a real browser, in step with the player."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.axe import needs_axe, violations
from tests.layout_pages import at_rest, opened, shifts
from tests.serve import address, hold, pass_frames

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

UNIT, DIAGRAM, PLAYER = ".fs-unit", ".fs-diagram", ".fs-player"
CELL = "0.5.5"  # of unit 9: off


def number(text: str) -> float:
    (found,) = re.findall(r"-?\d+\.\d+", text.replace("\N{MINUS SIGN}", "-"))
    return float(found)


def pixels(canvas: Locator) -> str:
    return canvas.evaluate("c => c.toDataURL()")


def wait_chunk(page: Page, chunk: int) -> None:
    for part in (UNIT, DIAGRAM):
        page.wait_for_selector(f"{part}[data-chunk='{chunk}']")


def test_the_lens_and_the_diagram_follow_the_player_and_lead_to_other_cells(
    browser: Browser, site: str
) -> None:
    with opened(browser, f"{site}/fusion?unit=9&cell={CELL}", 1280) as page:
        at_rest(page)
        assert shifts(page)[0] < 0.1
        sums_add_up_step_by_step(page)
        one_input_shows_its_own_window(page)
        maps_follow_the_player(page)
        a_hovered_cell_outlines_what_it_reads(page)
        a_stage_is_shown_beside_the_diagram_by_click_and_key(page)
        a_cell_that_is_off_leads_to_a_strong_one(page)
        no_rule_of_accessibility_is_broken(page)


def sums_add_up_step_by_step(page: Page) -> None:
    """The first step is the bias, the last the value of the table; each step adds what it says."""
    said = page.locator(".fs-window-said")
    line = page.locator(".fs-lens .fs-sum").first.inner_text().replace("\N{MINUS SIGN}", "-")
    bias, *_, value, output = (float(v) for v in re.findall(r"-?\d+\.\d+", line))
    slider = page.get_by_role("slider", name="Step of the sum")
    slider.focus()
    page.keyboard.press("Home")
    assert said.inner_text().startswith("Bias")
    before = number(said.inner_text())
    assert before == pytest.approx(bias, abs=1e-9)
    steps = int(slider.get_attribute("max") or 0)
    assert steps == 16  # two streams, two chunks, two rows, two columns: the rest is beyond the map
    total = ""
    for _ in range(steps - 1):
        page.keyboard.press("ArrowRight")
        added, total = said.inner_text().rsplit(": ", 1)[1].split("; sum ")
        assert before + number(added) == pytest.approx(number(total), abs=1e-9)
        before = number(total)
    assert page.locator(".fs-sum-now").inner_html() == total
    assert page.locator(".fs-tap[data-state=now]").count() == 1
    page.keyboard.press("ArrowRight")
    shown = said.inner_text().split(", after ReLU ")
    assert [number(part) for part in shown] == pytest.approx([value, output], abs=1e-9)
    page.get_by_role("button", name="Play the sum").click()
    page.wait_for_function(
        "([root]) => root.fusionscope.running.at > 2",
        arg=[page.locator(UNIT).element_handle()],
    )
    page.get_by_role("button", name="Pause").click()


def one_input_shows_its_own_window(page: Page) -> None:
    button = page.locator("button.fs-input").first
    words = button.get_attribute("data-words") or ""
    assert page.get_by_role("button", name=words, exact=True).count() == 1
    term = number(words.rsplit("taps ", 1)[1].rstrip("."))
    button.focus()
    assert page.locator(".fs-unit-told").inner_text() == words
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.locator(".fs-window .fs-grid-row[data-stream]").count() == 1
    assert number(page.locator(".fs-window-said").inner_text()) == pytest.approx(term, abs=1e-9)
    page.keyboard.press("Enter")
    assert page.locator(".fs-window .fs-grid-row[data-stream]").count() == 2


def maps_follow_the_player(page: Page) -> None:
    frames = page.locator(PLAYER).evaluate("r => r.fusionscope.reel.chunks.map(c => c.frame)")
    seen = []
    for chunk in (0, 3):
        hold(page, frames[chunk])
        wait_chunk(page, chunk)
        canvases = (f"{UNIT} button canvas", f"{UNIT} .fs-output canvas", ".fs-stage-pictures")
        seen.append([pixels(page.locator(one).first) for one in canvases])
    assert all(a != b for a, b in zip(*seen, strict=True))
    sizes = page.locator(f"{DIAGRAM} .fs-stage").evaluate_all(
        "all => all.map(e => e.querySelector('.fs-sheet:last-of-type').getBoundingClientRect())"
        ".map(b => Math.min(b.width, b.height))"
    )
    assert min(sizes) >= 48


def a_hovered_cell_outlines_what_it_reads(page: Page) -> None:
    hold(page, 30)
    stage = page.locator(".fs-stage[data-stream=temporal][data-name=relu2]")
    stage.scroll_into_view_if_needed()
    box = stage.locator(".fs-sheet").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(f"{PLAYER}[data-field*=motion]")
    field = json.loads(page.locator(PLAYER).get_attribute("data-field") or "")
    chunk = page.locator(PLAYER).evaluate("r => r.fusionscope.reel.chunks[2]")
    assert field["spans"] == {"motion": [chunk["first"], chunk["last"]]}
    assert field["w"] == pytest.approx(27 / 112, abs=1e-6)  # of the stage: 27 pixels
    bands = page.locator(".fs-reach:not([hidden])")
    assert [bands.count(), bands.first.get_attribute("data-stream")] == [1, "motion"]
    assert page.locator(".fs-frames").inner_text() == (
        f"Reads flow: frames {chunk['first'] + 1} to {chunk['last'] + 1}."
    )
    page.mouse.move(2, 2)
    page.wait_for_selector(f"{PLAYER}[data-field='']")
    assert page.locator(".fs-reach:not([hidden])").count() == 0
    page.get_by_role("button", name=re.compile("^conv3d fusion at relu5")).focus()
    page.wait_for_selector(f"{PLAYER}[data-field*=appearance]")
    spans = json.loads(page.locator(PLAYER).get_attribute("data-field") or "")["spans"]
    chunks = page.locator(PLAYER).evaluate("r => r.fusionscope.reel.chunks")
    assert spans["appearance"] == [chunks[1]["frame"], chunks[3]["frame"]]  # a chunk on each side
    assert spans["motion"] == [chunks[1]["first"], chunks[3]["last"]]


def a_stage_is_shown_beside_the_diagram_by_click_and_key(page: Page) -> None:
    page.locator(".fs-stage[data-stream=spatial][data-name=relu3]").click()
    page.wait_for_function("() => location.search.includes('stage=spatial.relu3')")
    at_rest(page)
    facts = page.locator(".fs-told")
    assert facts.get_attribute("data-name") == "relu3"
    box = facts.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 800  # in view
    assert facts.locator("canvas").count() == 1
    page.get_by_role("button", name=re.compile("^conv3d fusion at relu5")).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('stage=fused.relu5')")
    at_rest(page)
    page.go_back()
    page.wait_for_function("() => location.search.includes('stage=spatial.relu3')")
    at_rest(page)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('stage=')")
    at_rest(page)


def a_cell_that_is_off_leads_to_a_strong_one(page: Page) -> None:
    assert address(page, "cell") == CELL
    off = page.locator(".fs-off")
    where = re.search(r"chunk (\d+), row (\d+), column (\d+)", off.inner_text())
    assert where is not None
    page.get_by_role("button", name="Go to that cell").click()
    cell = ".".join(str(int(one) - 1) for one in where.groups())
    page.wait_for_function("cell => new URL(location).searchParams.get('cell') === cell", arg=cell)
    at_rest(page)
    assert off.is_hidden()
    assert number(page.locator(f"{UNIT} .fs-output b").inner_text()) > 0


def no_rule_of_accessibility_is_broken(page: Page) -> None:
    needs_axe()
    assert not violations(page)


@pytest.mark.parametrize("link", ["fusion?model=toybox-bilinear", "fusion?model=toybox-late"])
def test_on_a_phone_the_drawing_fits_and_breaks_no_rule(
    browser: Browser, site: str, link: str
) -> None:
    with opened(browser, f"{site}/{link}", 390, dark=True) as page:
        at_rest(page)
        pass_frames(page)
        assert shifts(page)[0] < 0.1
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        room = page.locator(UNIT).bounding_box()
        assert room is not None
        for part in page.locator(f"{UNIT} .fs-input").all():
            box = part.bounding_box()
            assert box is not None
            assert room["x"] - 1 <= box["x"] <= box["x"] + box["width"] <= room["x"] + 391
        assert page.locator(f"{UNIT} .fs-input").count() == 12
        needs_axe()
        assert not violations(page)
