"""Page Errors in a browser: a mark lists its clips, and a clip opens in Explore."""

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import pytest

from fusionscope.evaluation.predictions_file import predictions_in, write_predictions
from tests.seeded_predictions import made_up
from tests.serve import ROOT, open_page, serve
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TOY = """clip,label,model,head,score:clap,score:golf,path,group
clap_001,clap,toybox-spatial,spatial,1,2,clips/clap_001.mp4,g1
clap_002,clap,toybox-spatial,spatial,2,1,clips/clap_002.mp4,g2
clap_001,clap,toybox-temporal,temporal,1,2,clips/clap_001.mp4,g1
clap_002,clap,toybox-temporal,temporal,1,2,clips/clap_002.mp4,g2
clap_001,clap,toybox-conv3d,spatiotemporal,0,2,clips/clap_001.mp4,g1
clap_002,clap,toybox-conv3d,spatiotemporal,2,1,clips/clap_002.mp4,g2
"""


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("predicted")
    (folder / "data/clips").mkdir(parents=True)
    numbered(folder / "data/clips/clap_001.mp4", count=16)
    two = predictions_in(TOY.encode(), "toy.csv")
    write_predictions(two, folder / "b.predictions.csv")
    write_predictions(made_up(), folder / "a.predictions.parquet")
    env = {"FUSIONSCOPE_DATA": str(folder / "data"), "FUSIONSCOPE_PREDICTIONS": str(folder)}
    with serve(ROOT / "app/main.py", env={**os.environ, **env}) as url:
        with open_page(f"{url}/errors", browser=browser) as page:
            ready(page, 200_000)
        yield url


def ready(page: "Page", wait: int = 60_000) -> None:
    page.wait_for_selector("text=/^In brackets/", timeout=wait)
    page.wait_for_selector("[data-testid=stDataFrame] canvas", timeout=wait)


def listed(page: "Page", count: int) -> None:
    """Wait until ``count`` clips are listed."""
    page.wait_for_selector(f"p:text-matches('^{count} clips? of ')", timeout=60_000)


def test_a_click_on_a_cell_of_the_table_lists_its_clips(site, browser):
    with open_page(f"{site}/errors", browser=browser) as page:
        ready(page)
        listed(page, 177)
        cell = page.locator(".fs-eight button[data-cell='1']")
        count = int(cell.locator("b").inner_text())
        assert cell.locator("span").inner_text() == "rescued"
        cell.click()
        listed(page, count)
        page.wait_for_selector(".fs-eight button[data-cell='1'][aria-pressed=true]")
        assert "motion+wrong" in page.url.replace("%20", "+")
        other = page.locator(".fs-eight button[data-cell='0']")
        other.focus()
        page.keyboard.press("Enter")
        listed(page, int(other.locator("b").inner_text()))
        page.wait_for_selector(".fs-eight button[data-cell='0'][aria-pressed=true]")
        page.keyboard.press("Enter")
        listed(page, 177)


def test_a_click_on_a_cell_of_the_confusion_lists_its_clips(site, browser):
    with open_page(f"{site}/errors?errors_view=Confusion", browser=browser, height=1100) as page:
        ready(page)
        plot = page.locator("[data-testid=stPlotlyChart]").first
        plot.locator("text.ytitle").wait_for(timeout=60_000)
        at = plot.evaluate(
            """chart => {
                 const plot = chart.querySelector(".js-plotly-plot"), squares = plot.data[1];
                 const clicked = squares.customdata.findIndex(([row, column]) => row !== column);
                 const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
                 return {
                   x: box.x + xaxis._offset + xaxis.l2p(squares.x[clicked]),
                   y: box.y + yaxis._offset + yaxis.l2p(squares.y[clicked]),
                   text: squares.text[clicked],
                 };
               }"""
        )
        words = re.fullmatch(r"([\w ]+) predicted as ([\w ]+): (\d+)", at["text"])
        assert words is not None, at["text"]
        truth, said, count = (word.replace(" ", "_") for word in words.groups())
        page.mouse.move(at["x"], at["y"])
        page.mouse.click(at["x"], at["y"])
        listed(page, int(count))
        asked = parse_qs(urlparse(page.url).query)
        assert (asked["errors_truth"], asked["errors_said"]) == ([truth], [said])


def test_a_clip_opens_in_explore_with_its_predicted_class(site, browser):
    with open_page(f"{site}/errors?errors_text=clap_001", browser=browser) as page:
        page.wait_for_selector("text=/^1 clip of 177/", timeout=60_000)
        page.locator("[data-testid=stSelectbox]", has_text="Data").locator("input").click()
        page.locator("[role=option]", has_text="2 classes").click()
        page.wait_for_selector("text=/^1 clip of 2/", timeout=60_000)
        page.locator("a", has_text="ask why not clap").click()
        page.wait_for_url(lambda url: "/errors" not in url, timeout=60_000)
        asked = {key: value[0] for key, value in parse_qs(urlparse(page.url).query).items()}
        assert urlparse(page.url).path == "/"
        assert asked["clip"] == "data:clips/clap_001.mp4"
        assert asked["model"] == "toybox-conv3d"
        assert asked["expected"] == "golf"
        page.wait_for_selector(".fs-player[data-ready]", timeout=200_000)


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_overflows_on_a_phone(site, browser, dark):
    with open_page(f"{site}/errors", width=390, dark=dark, browser=browser) as page:
        ready(page)
        page.locator(".fs-eight button").nth(7).wait_for()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
        right = page.locator(".fs-eight button").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().right)"
        )
        assert len(right) == 8
        assert max(right) <= 390
        inside = page.locator(".fs-eight button").evaluate_all(
            "all => all.every(e => e.scrollWidth <= e.clientWidth + 1)"
        )
        assert inside
