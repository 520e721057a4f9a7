"""Page Errors with 101 and 400 classes: every view is drawn, and none blocks the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest

from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import gathered, write_predictions
from fusionscope_app.errors.sections import SECTIONS, section_title
from fusionscope_app.errors.trial_choice import _id as data_id
from tests.serve import ROOT, open_page, serve, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

BLOCK = 200  # milliseconds of processor time that one task of the page may take
CLIPS = 10  # of each class


def many(classes: int, clips: int = CLIPS):
    """Three heads with a ledger and a map; each class is confused with the next."""
    random = np.random.default_rng(0)
    n = classes * clips
    labels = np.arange(n) % classes
    ids = tuple(f"v{classes}_{at:05d}" for at in range(n))
    groups = tuple(f"g{at // 5}" for at in range(n))
    camera = tuple(map(str, random.choice(["static", "moving"], n)))
    found = []
    for head, signal in (("spatial", 3.0), ("temporal", 2.6), ("spatiotemporal", 3.8)):
        scores = random.normal(0, 1, (n, classes)).astype(np.float32)
        scores[np.arange(n), labels] += signal
        scores[np.arange(n), (labels + 1) % classes] += 0.6 * signal
        own = scores[np.arange(n), labels].astype(float)
        terms = own[:, None] * random.dirichlet((1, 1, 1, 1), n)
        about = (terms, random.normal(0, 9, (n, 2))) if head == "spatiotemporal" else (None, None)
        names = tuple(f"action number {k:03d}" for k in range(classes))
        columns = {"camera": camera, "frames": random.integers(15, 300, n).astype(float)}
        found.append(
            Answers(
                *("net", head, names, ids, labels, scores.astype(float), groups, ()),
                *about,
                columns=columns,
            )
        )
    return gathered(found)


@pytest.fixture(scope="module")
def sites(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, str]]:
    """Number of classes -> address of the page with these."""
    assert browser.is_connected()
    folder: Path = tmp_path_factory.mktemp("many")
    ids = {}
    for classes in (101, 400):
        predictions = many(classes)
        ids[classes] = data_id(predictions)
        write_predictions(predictions, folder / f"{classes}.parquet")
    env = {"FUSIONSCOPE_DATA": "/nowhere", "FUSIONSCOPE_PREDICTIONS": str(folder)}
    with serve(ROOT / "app/main.py", env=env) as url:
        yield {classes: f"{url}/errors?errors_data={one}" for classes, one in ids.items()}


def shown(page: Page, count: int) -> None:
    page.locator(f"p:text-matches('^{count:,} clips? of ')").wait_for(timeout=200_000)
    settled(page)


def longest_task(trace: bytes) -> float:
    """Processor time in milliseconds of the longest task of a page's main thread.

    Tasks in which the test itself asks the page something are left out.
    """
    events = json.loads(trace)["traceEvents"]
    main = {
        (one["pid"], one["tid"])
        for one in events
        if one.get("name") == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    own = [one for one in events if "tdur" in one and (one["pid"], one["tid"]) in main]
    asked = [one["ts"] for one in own if "DevToolsSession" in json.dumps(one.get("args"))]
    tasks = [
        one["tdur"] / 1000
        for one in own
        if one["name"].endswith("RunTask")
        and not any(one["ts"] <= at <= one["ts"] + one["dur"] for at in asked)
    ]
    assert len(tasks) > 10  # else nothing was traced
    return max(tasks)


@pytest.mark.alone
@pytest.mark.parametrize("classes", [101, 400])
def test_every_view_is_drawn_and_blocks_nothing(classes, sites, browser, figures):
    with open_page(sites[classes], browser=browser, height=1000) as page:
        shown(page, classes * CLIPS)
        longest = {}
        for view in SECTIONS:
            browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
            page.get_by_role("radio", name=section_title(view), exact=True).click()
            page.wait_for_function(
                "name => new URL(location).searchParams.get('errors_view') === name"
                " || (name === '' && !new URL(location).searchParams.has('errors_view'))",
                arg="" if view == next(iter(SECTIONS)) else view,
            )
            settled(page)
            page.locator(
                "[data-testid=stMain] :is(canvas, .js-plotly-plot .main-svg)"
            ).first.wait_for(timeout=60_000)
            longest[view] = longest_task(browser.stop_tracing())
        figures(
            f"{classes} classes, longest task of the page (ms of processor time): "
            + ", ".join(f"{view} {took:.0f}" for view, took in longest.items())
        )
        assert max(longest.values()) < 2 * BLOCK, longest  # a slower machine, or a busy one


def test_a_slice_lists_its_clips_and_opens_by_link(sites, browser):
    with open_page(f"{sites[101]}&errors_view=Slices", browser=browser, height=1400) as page:
        shown(page, 101 * CLIPS)
        plot = page.locator("[data-testid=stPlotlyChart]").first
        plot.locator("text.xtitle").wait_for(timeout=60_000)
        at = plot.evaluate(
            """chart => {
                 const plot = chart.querySelector(".js-plotly-plot"), marks = plot.data[0];
                 const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
                 const k = marks.customdata.indexOf("camera: moving");
                 return {
                   x: box.x + xaxis._offset + xaxis.l2p(marks.x[k]),
                   y: box.y + yaxis._offset + yaxis.l2p(marks.y[k]),
                 };
               }"""
        )
        page.mouse.move(at["x"], at["y"])
        page.mouse.click(at["x"], at["y"])
        wanted = sum(one == "moving" for one in many(101).heads["net", "spatial"].columns["camera"])
        shown(page, wanted)
        asked = parse_qs(urlparse(page.url).query)
        assert asked["errors_slice"] == ["camera: moving"]
        with open_page(page.url, browser=browser) as other:
            shown(other, wanted)


def tag(page: Page, name: str):
    return page.locator("[data-testid=stMultiSelect] .react-aria-ComboBox [data-tag]").filter(
        has_text=name
    )


def test_two_visitors_see_each_others_tags(sites, browser):
    address = f"{sites[101]}&errors_text=v101_00007"
    with open_page(address, browser=browser) as one, open_page(address, browser=browser) as other:
        for page in (one, other):  # both have read the page before either writes
            shown(page, 1)
        for page, name in ((one, "odd label"), (other, "blurred")):
            box = page.locator("[data-testid=stMultiSelect] input")
            box.click()
            box.press_sequentially(name)
            page.locator("[role=option]", has_text=f"Add: {name}").click()
            tag(page, name).wait_for(timeout=60_000)
            settled(page)
        one.reload()
        for name in ("odd label", "blurred"):  # the second has not removed the first
            tag(one, name).wait_for(timeout=200_000)
        settled(one)
        tag(one, "odd label").locator("button").click()
        tag(one, "odd label").wait_for(state="detached", timeout=60_000)
        settled(one)
        other.reload()
        tag(other, "blurred").wait_for(timeout=200_000)
        settled(other)
        assert tag(other, "").all_inner_texts() == ["blurred"]
