"""The glossary in a real browser: every term on every page is marked, and explains itself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.video.flow.methods import TITLES
from fusionscope_app.glossary.terms import term_of, terms
from tests.serve import ROOT, open_page, serve, settled
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

READY = ".fs-player[data-ready]"
WAIT = 200_000
WALK = (  # together they show every panel, head, table and figure of the app
    *("", "?model=toybox-late", "?model=toybox-spatial"),
    *("?clip=toybox:3&model=imagenet-conv3d", "?pin=9.500.500.fused"),
    "?clip=data:film.mp4&model=toybox-temporal&explore_film=true",
    *("fusion", "fusion?stage=spatial.relu3&fusion_lens=Table"),
    "fusion?model=toybox-bilinear",
    *("why?method=grad-cam-signed", "why?method=integrated-gradients&model=toybox-conv"),
    *("what_if?edits=mirror", "what_if?motion=toybox:8~21"),
    "teach",
    *("flow", "flow?drawn=u", "flow?drawn=arrows", "compare", "models"),
    *("errors", "errors?errors_view=Confusion", "errors?errors_view=Per%20class"),
    "errors?errors_view=Slices",
    *("errors?errors_view=Reliability", "errors?errors_view=Map%20of%20clips"),
    *("errors?errors_view=Appearance%20against%20motion", "errors?errors_view=Late%20fusion"),
)
SHOWN = """() => {
  const roots = root => [root, ...[...root.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => shadowRoot ? roots(shadowRoot) : [])];
  const all = selector => roots(document).flatMap(root => [...root.querySelectorAll(selector)]);
  const text = element => element.innerText ?? element.textContent;
  const must = [
    ...all("thead th:not(canvas th)"), ...all(".fs-says h2"), ...all(".fs-head > span"),
    ...all(".fs-ledger > span").filter(e => !/^[=\\d<]|^unit /.test(text(e).trim())),
    ...all(".fs-facts > dt"), ...all(".fs-eight .fs-name"),
    ...all(".fs-gutter > span"), ...all(".fs-track-names > div"),
    ...all(".js-plotly-plot g.traces").filter(e => e.getBoundingClientRect().width),
    ...all(".js-plotly-plot .infolayer [class^='g-'] > text"),
    ...all(".js-plotly-plot .cbtitle text"), ...all(".fs-panel .fs-detail"),
    ...all(".fs-panel .fs-about"),
  ].filter(e => (text(e) ?? "").trim());
  return {
    unmarked: must.filter(e => !e.dataset.term).map(e => e.className + ": " + text(e)),
    titles: [...new Set(all("[data-term]").map(e => e.dataset.term))],
    panels: [...new Set(all(".fs-panel header option").map(e => e.text))],
    columns: [...new Set(all("canvas th").map(e => e.textContent.trim()))],
  };
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[str]:
    """The app, with the figures of a bench, and a film in its data folder."""
    folder: Path = tmp_path_factory.mktemp("data")
    numbered(folder / "film.mp4", 144, fps=6)
    cache: Path = tmp_path_factory.mktemp("cache")
    seconds = {stage: [0.1, 0.2] for stage in ("decode", "flow", "forward", "analysis")}
    grown = [{"of": "frames", "at": [20, 40], "seconds": seconds}]
    (cache / "bench.json").write_text(json.dumps({"growth": grown}), "utf-8")
    env = {"FUSIONSCOPE_CACHE": str(cache), "FUSIONSCOPE_DATA": str(folder)}
    with serve(ROOT / "app/main.py", env=env) as url:
        yield url


def ready(page: "Page") -> None:
    """Wait until the page is complete and all of its terms are marked."""
    settled(page)
    while page.get_by_role("button", name="Start", exact=True).evaluate_all(
        "all => { all.forEach(one => one.click()); return all.length; }"
    ):
        settled(page)
    page.wait_for_function(
        """() => {
          const drawn = [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
            .every(chart => chart.querySelector(".infolayer > *"));
          const marked = document.querySelectorAll("[data-term]").length;
          const same = marked === window.markedBefore;
          window.markedBefore = marked;
          return same && marked > 0 && drawn;
        }""",
        polling=600,  # longer than the guide takes to mark what has changed
        timeout=WAIT,
    )


BY_FILE = (  # heads that only a file of hundreds of classes, or of many scores, is shown with
    *("share of truth", "appearance head (clips)", "group of classes", "classes in it"),
    *("confused clips", "scores as given"),
)
Shown = dict[str, list[str]]


def seen(page: "Page", at: str) -> Shown:
    """What the page of an address shows."""
    if not at.startswith(("teach", "errors", "models")):
        page.wait_for_selector(READY, timeout=WAIT)
    ready(page)
    found = page.evaluate(SHOWN)
    for _ in range(20):  # a plot may draw its axes once more; the test names what is left
        if not found["unmarked"]:
            break
        ready(page)
        found = page.evaluate(SHOWN)
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)  # it opens all addresses
def test_every_panel_head_and_legend_is_marked_and_no_entry_is_unused(app, browser):
    used: set[str] = set()
    wrong: dict[str, list[str]] = {}
    for at in WALK:
        with open_page(f"{app}/{at}", browser=browser) as page:
            shown = seen(page, at)
        panels = {title: term_of(bare(title), "panel") for title in shown["panels"]}
        columns = {title: term_of(title) for title in filter(None, shown["columns"])}
        unknown = [title for title, term in {**panels, **columns}.items() if term is None]
        wrong[at] = shown["unmarked"] + unknown
        terms_here = [one.title for one in (*panels.values(), *columns.values()) if one]
        used |= {*shown["titles"], *terms_here}
    assert {at: titles for at, titles in wrong.items() if titles} == {}
    methods = [method.title for method in ATTRIBUTION_METHODS.values()]
    used |= {one.title for one in map(term_of, [*methods, *TITLES.values(), *BY_FILE]) if one}
    assert sorted({term.title for term in terms()} - used) == []


def bare(title: str) -> str:
    """The title of a panel without the name of its run."""
    return re.sub("^(A and B|A|B|before|after) (?=.)", "", title)


def tip(page: "Page"):
    return page.locator("#fs-explanation")


def on_screen(page: "Page") -> bool:
    """Whether the explanation is inside the window and does not cover its word."""
    return tip(page).evaluate(
        """tip => {
          const { left, top, right, bottom } = tip.getBoundingClientRect();
          const root = tip.getRootNode();
          const word = root.querySelector("[aria-describedby='fs-explanation']")
            .getBoundingClientRect();
          const apart = bottom <= word.top || top >= word.bottom;
          return apart && left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
        }"""
    )


@pytest.fixture(scope="module")
def explore(app, browser: "Browser") -> str:
    """The address of Explore, which has been analysed."""
    with open_page(app, browser=browser) as page:
        page.wait_for_selector(READY, timeout=WAIT)
        ready(page)
    return app


WORDS = (
    ".fs-ledger [data-term=baseline]",
    ".fs-says h2[data-term]",
    ".fs-gutter [data-term=chunk]",
)


@pytest.mark.parametrize(
    ("word", "dark"),
    [*((word, False) for word in (*WORDS, ".fs-panel .fs-about")), (WORDS[0], True)],
)
def test_a_word_explains_itself_on_hover_and_by_keys(explore, browser, word, dark):
    with open_page(explore, dark=dark, browser=browser) as page:
        page.wait_for_selector(READY, timeout=WAIT)
        ready(page)
        one = page.locator(word).first
        one.hover()
        tip(page).wait_for()
        assert tip(page).get_attribute("role") == "tooltip"
        assert one.get_attribute("aria-describedby") == "fs-explanation"
        assert len(tip(page).inner_text().split()) > 5
        assert on_screen(page)
        ground, ink = tip(page).evaluate(
            "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color]; }"
        )
        assert luminance(ink) > 0.7 if dark else luminance(ink) < 0.2
        assert luminance(ground) < 0.1 if dark else luminance(ground) > 0.9
        tip(page).hover()  # it stays while the pointer is on it
        page.keyboard.press("Escape")
        tip(page).wait_for(state="detached")
        page.mouse.move(0, 0)  # not where the explanation opens again: there it would stay
        page.keyboard.press("Tab")  # from now on the focus is that of keys
        one.focus()
        tip(page).wait_for()
        one.evaluate("e => e.blur()")
        tip(page).wait_for(state="detached")
        assert one.get_attribute("aria-describedby") is None


def luminance(colour: str) -> float:
    """The relative luminance of an rgb() colour, without the curve."""
    red, green, blue = (float(part) / 255 for part in colour[4:-1].split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("word", [*WORDS, ".fs-panel:nth-child(2) .fs-about"])
def test_a_tap_explains_a_word_on_a_phone_and_a_tap_elsewhere_closes_it(app, browser, word):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(app)
    page.wait_for_selector(READY, timeout=WAIT)
    ready(page)
    page.locator(word).first.tap()
    tip(page).wait_for()
    assert on_screen(page)
    box = tip(page).bounding_box() or {"y": 0}
    page.touchscreen.tap(4, 760 if box["y"] < 400 else 110)  # the page's margin
    tip(page).wait_for(state="detached")
    page.locator(word).first.tap()
    tip(page).wait_for()
    page.locator(word).first.tap()
    tip(page).wait_for(state="detached")
    context.close()


def test_a_key_lists_the_terms_of_the_page_but_not_while_one_types(explore, browser):
    with open_page(explore, browser=browser) as page:
        page.wait_for_selector(READY, timeout=WAIT)
        ready(page)
        terms_list = page.locator("dialog.fs-terms")
        page.keyboard.press("?")
        terms_list.wait_for()
        listed = terms_list.locator("dt").all_inner_texts()
        shown = page.evaluate(SHOWN)["titles"]
        assert sorted(listed) == sorted(shown)
        assert len(listed) == len(terms_list.locator("dd").all())
        terms_list.get_by_role("button", name="All terms").click()
        assert len(terms_list.locator("dt").all()) == len(terms())
        page.keyboard.press("Escape")
        terms_list.wait_for(state="hidden")
        page.get_by_role("button", name="Terms on this page").click()
        terms_list.wait_for()
        terms_list.get_by_role("button", name="Close").click()
        terms_list.wait_for(state="hidden")
        box = page.get_by_role("combobox", name="Network")
        box.focus()
        page.keyboard.type("?")
        assert not terms_list.is_visible()
