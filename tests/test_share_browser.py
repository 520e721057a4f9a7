"""Share menu in a browser: files are made on request, and a report plays offline from disk."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from tests.serve import open_page, pass_frames, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WAIT = 200_000
QUICK = "clip=toybox:8&model=toybox-temporal"


def downloaded(page: Page, ending: str, folder: Path) -> Path:
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("button", name=f"({ending})").first.click()  # before that for a slide
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def said(page: Page) -> dict[str, list[str]]:
    """The sentence and the numbers of a page or a report."""
    return {
        kind: [text.strip() for text in page.locator(f".{kind}").all_inner_texts()]
        for kind in ("fs-sentence", "fs-ledger", "fs-row", "fs-answer")
    }


@pytest.mark.parametrize(
    ("view", "query"), [("", QUICK), ("what_if", f"{QUICK}&edits=mirror")], ids=["explore", "edits"]
)
def test_a_report_plays_offline_from_disk_with_the_text_of_the_page(
    site, browser, tmp_path: Path, view: str, query: str
):
    with open_page(f"{site}/{view}?{query}", browser=browser) as page:
        page.wait_for_selector(".fs-row", timeout=WAIT)
        page.get_by_role("button", name="Share").click()
        path = downloaded(page, "html", tmp_path)
        page.keyboard.press("Escape")
        shown = said(page)
        panels = page.locator("canvas[data-panel]").count()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    report = context.new_page()
    asked, thrown = [], []
    report.on("request", lambda request: asked.append(request.url))
    report.on("pageerror", lambda error: thrown.append(str(error)))
    report.goto(path.as_uri())
    report.wait_for_selector(".fs-player[data-ready]", timeout=WAIT)
    assert said(report) == shown
    assert report.locator("canvas[data-panel]").count() == panels
    before = report.locator(".fs-player").get_attribute("data-frame")
    report.wait_for_function(
        "was => document.querySelector('.fs-player').dataset.frame !== was", arg=before
    )
    colours = report.locator("canvas[data-panel=frame]").evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert colours > 50
    assert [url for url in asked if not url.startswith("file:")] == []
    assert thrown == []
    report.set_viewport_size({"width": 390, "height": 800})
    assert report.evaluate("() => document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_link_restores_the_frame_and_the_clicked_place(site, browser):
    def state(page: Page) -> dict[str, str | None]:
        root = page.locator(".fs-player")
        shown = {name: root.get_attribute(f"data-{name}") for name in ("frame", "playing", "mark")}
        return shown | {"read": page.get_by_text("at frame").first.inner_text()}

    with open_page(f"{site}/?{QUICK}", browser=browser) as page:
        page.wait_for_selector(".fs-player[data-ready]", timeout=WAIT)
        page.locator("canvas[data-panel=temporal]").click(position={"x": 40, "y": 60})
        page.get_by_text("at frame").first.wait_for(timeout=WAIT)
        page.locator(".fs-player").focus()
        if page.locator(".fs-player").get_attribute("data-playing") == "true":
            page.keyboard.press(" ")
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        page.mouse.move(2, 2)
        page.wait_for_function("() => location.search.includes('frame=48')")
        settled(page)
        page.get_by_role("button", name="Share").click()
        link = page.locator(".fs-link code").inner_text()
        page.keyboard.press("Escape")
        before = state(page)
    assert "pin=" in link
    assert "frame=48" in link
    with open_page(link, browser=browser) as page:
        page.get_by_text("at frame").first.wait_for(timeout=WAIT)
        page.wait_for_selector(".fs-player[data-ready]", timeout=WAIT)
        settled(page)
        pass_frames(page)
        after = state(page)
        assert [float(n) for n in (after.pop("mark") or "").split(",")] == pytest.approx(
            [float(n) for n in (before.pop("mark") or "").split(",")], abs=0.001
        )
        assert after == before
        page.get_by_role("link", name="Flow").first.click()  # and goes along to another page
        page.wait_for_url("**/flow*frame=48*", timeout=60_000)
        page.wait_for_selector(".fs-player[data-frame='48']", timeout=60_000)
        assert "pin=" in page.url


def test_share_is_in_the_row_of_buttons_and_stays_while_a_page_runs(site, browser):
    with open_page(f"{site}/?{QUICK}", browser=browser) as page:
        page.wait_for_selector(".fs-player[data-ready]", timeout=WAIT)
        upload, share = (page.get_by_role("button", name=name) for name in ("Upload", "Share"))
        share.wait_for(timeout=WAIT)
        before = upload.bounding_box(), share.bounding_box()
        assert before[0]
        assert before[1]
        assert before[0]["y"] == before[1]["y"]
        page.locator("canvas[data-panel=temporal]").click(position={"x": 40, "y": 60})
        while not page.get_by_text("at frame").count():
            assert (upload.bounding_box(), share.bounding_box()) == before
        assert (upload.bounding_box(), share.bounding_box()) == before


def test_video_and_arrays_are_made_on_request(site, browser, tmp_path: Path):
    with open_page(f"{site}/?{QUICK}", browser=browser, motion=True) as page:
        page.wait_for_selector(".fs-row", timeout=WAIT)
        page.get_by_role("button", name="Share").click()
        assert page.locator(".fs-link code").inner_text() == f"{site}?{QUICK}"
        film, arrays = (downloaded(page, ending, tmp_path) for ending in ("mp4", "npz"))
    with av.open(str(film)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 50
    assert film.name == "Explore-right-left-toybox-temporal.mp4"
    with np.load(io.BytesIO(arrays.read_bytes()), allow_pickle=False) as held:
        assert held["frames"].shape == (50, 256, 256, 3)
        assert json.loads(str(held["about"]))["model"] == "toybox-temporal"
