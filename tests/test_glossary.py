"""The glossary: well formed, and complete for all that the pages show without a browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.ledger.ledger import TERMS
from fusionscope.video.flow.methods import TITLES
from fusionscope_app import pages, warmup
from fusionscope_app.components.guide import TERMS_SCRIPT
from fusionscope_app.components.script import joined_script
from fusionscope_app.glossary.terms import explained, term_of, terms, tour
from tests.test_views import MAIN

GUIDE = Path(MAIN).parent / "fusionscope_app/components/guide"


@pytest.mark.parametrize("term", terms(), ids=lambda term: f"{term.kind} {term.title}")
def test_an_entry_is_short_and_finds_itself(term):
    assert 3 <= len(term.says.split()) <= 30
    assert term.says.endswith(".")
    assert term.says[0].isupper() or term.says[0].isdigit()
    assert "  " not in term.says
    for name in term.names:
        assert name == name.lower()
        assert term_of(name.replace("*", "x"), term.kind) is term


def test_no_text_has_two_entries_of_one_kind():
    names = [(term.kind, name) for term in terms() for name in term.names]
    assert len(names) == len(set(names))


def test_an_entry_of_the_kind_goes_before_others_and_a_name_before_a_pattern():
    found = [term_of("temporal", kind) for kind in ("panel", "head")]
    assert [one and one.kind for one in found] == ["panel", "head"]
    assert term_of("temporal relu3", "panel") is found[0]
    motion = term_of("Motion:")
    assert motion is not None
    assert motion.title == "motion"
    prediction = term_of("fused prediction")
    assert prediction is not None
    assert prediction.title == "prediction"
    assert term_of("no such thing") is None


def test_every_method_and_every_term_of_the_ledger_has_an_entry():
    names = [method.title for method in ATTRIBUTION_METHODS.values()]
    for name in [*names, *TITLES.values(), *TERMS, "interaction", "score"]:
        assert term_of(name), name


def test_the_columns_of_a_table_get_the_help_of_their_label():
    found = explained({"sure": {"label": "confidence", "width": 5}, "open": None, "odd": "odd"})
    assert found["sure"]["help"].startswith("Probability")
    assert found["sure"]["width"] == 5
    assert "help" in found["open"]
    assert found["odd"] == {"label": "odd"}


def test_the_tour_has_five_short_steps():
    steps = tour()
    assert len(steps) == 5
    for step in steps:
        for one in (step, step.get("instead", step)):
            assert one["shows"]
            sentences = re.findall(r"[.?](?: |$)", one["says"])
            assert 1 <= len(sentences) <= 3
            assert len(one["says"].split()) <= 35


def test_the_script_of_a_report_cannot_end_its_element_early():
    assert "</" not in TERMS_SCRIPT
    assert joined_script(GUIDE / "terms.js").strip() in TERMS_SCRIPT


@pytest.fixture(scope="module", autouse=True)
def no_warmup() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warmup, "warm", lambda: None)
        patch.setenv("FUSIONSCOPE_DATA", "/nowhere")
        yield


VIEWS = {
    "explore": {},
    "learn": {},
    "teach": {},
    "fusion": {"model": "toybox-bilinear"},
    "why": {},
    "what_if": {"edits": "mirror"},
    "flow": {},
    "compare": {},
    "errors": {},
    "models": {},
}


def test_every_page_is_looked_at():
    assert set(VIEWS) == set(pages.TITLES)


@pytest.mark.parametrize("name", VIEWS)
def test_each_table_head_and_each_plots_legend_is_explained(name):
    page = AppTest.from_file(MAIN, default_timeout=120)
    if name != "explore":
        page.switch_page(pages.page_file(name))
    for key, value in VIEWS[name].items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    assert not page.error
    unknown = [text for text in heads_of(page) if not term_of(text)]
    heads = re.findall(r"<h2[^>]*>([^<]+)</h2>", " ".join(e.proto.body for e in page.get("html")))
    unknown += [text for text in heads if not term_of(text, "head")]
    assert not unknown


def heads_of(page: AppTest) -> list[str]:
    """The column heads of tables and data frames; legends, axes and colour bars of plots."""
    found = []
    for one in page.get("html"):
        rows = re.findall(r"<thead>.*?</thead>", one.proto.body, re.DOTALL)
        found += re.findall(r"<th[^>]*>([^<]+)</th>", " ".join(rows))
    for frame in page.dataframe:
        found += _columns(frame)
    for plot in page.get("plotly_chart"):
        found += _legends(plot.proto.spec)
    return [" ".join(text.split()).replace("&#39;", "'") for text in found if text.strip()]


def _columns(frame: Any) -> list[str]:
    config = json.loads(frame.proto.columns or "{}")
    return [(config.get(name) or {}).get("label") or name for name in map(str, frame.value.columns)]


def _legends(spec: str) -> list[str]:
    figure = json.loads(spec)
    found = []
    for trace in figure["data"]:
        if trace.get("showlegend", True) and figure["layout"].get("showlegend", True):
            found.append(trace.get("name") or "")
        found.append(trace.get("colorbar", {}).get("title", {}).get("text", ""))
    for key, axis in figure["layout"].items():
        if re.fullmatch(r"[xy]axis\d*", key):
            found.append(axis.get("title", {}).get("text", ""))
    return found
