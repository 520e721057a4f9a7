"""Flow page: errors of every method, the prediction with each, and a link that restores both."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torchvision.models.optical_flow import raft_small

from fusionscope.explain.ledger.by_flow_method import Answer
from fusionscope.explain.ledger.flow_quality import least
from fusionscope.nets.store.catalogue import cards
from fusionscope.video.clip import Clip
from fusionscope.video.flow.score import FlowScore, flow_score
from fusionscope_app import warmup
from fusionscope_app.flow import choices, tables_html
from fusionscope_app.flow import results as flow_results
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.opened import Opened
from fusionscope_app.state.uploads import Uploads
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NETWORKS = [name for name, card in cards().items() if card.world == "toybox"]


@pytest.fixture
def page(monkeypatch, tmp_path) -> AppTest:
    """The Flow page without the warmup thread and without RAFT."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    monkeypatch.setenv("FUSIONSCOPE_FLOW", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    app = AppTest.from_file(str(MAIN), default_timeout=200)
    app.switch_page("fusionscope_app/views/flow.py")
    return app


@pytest.fixture
def small(page: AppTest, square: Clip) -> AppTest:
    """The Flow page on a clip so small that TV-L1 is quick."""
    kept = Uploads(results.shelf())
    kept["upload:square"] = square
    page.session_state["uploads"] = kept
    page.query_params["clip"] = "upload:square"
    return page


def html(page: AppTest) -> str:
    return " ".join(e.proto.body for e in page.get("html"))


def table(page: AppTest, caption: str) -> dict[str, list[str]]:
    """Row name -> cells of the table with that caption."""
    (body,) = re.findall(
        rf"<caption>{re.escape(caption)}</caption>.*?<tbody>(.*?)</tbody>", html(page)
    )
    rows = re.findall(r"<th[^>]*>(.*?)</th>(.*?)</tr>", body)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in rows}


SCORES, ANSWERS = "How good is the flow?", "Does the prediction depend on the flow?"


def shown(page: AppTest) -> list[str]:
    return list(page.pills(key="flow_methods").value or [])  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("name", rest_slow(NETWORKS, "toybox-conv3d", "toybox-spatial"))
def test_the_page_shows_every_network(small: AppTest, name: str):
    small.query_params["model"] = name
    small.run()
    assert not small.exception
    assert not small.error
    assert [*table(small, SCORES)] == ["DIS", "Farnebäck", "no flow"]
    if cards()[name].temporal:
        assert [*table(small, ANSWERS)] == ["DIS (used in training)", "Farnebäck"]
        assert "trained with the flow of DIS" in " ".join(c.value for c in small.caption)
    else:
        assert "the flow does not change its prediction" in html(small)
        assert ANSWERS not in html(small)


@pytest.mark.slow
def test_the_table_shows_the_errors_that_core_computes(page: AppTest):
    page.query_params["clip"] = "toybox:8"
    page.run()
    clip, truth = clips.clip_of("toybox:8"), clip_sources.truth("toybox:8")
    assert truth is not None
    rows = table(page, SCORES)
    assert [*rows] == ["DIS", "Farnebäck", "no flow", "true flow"]
    for name, method in (("DIS", "dis"), ("Farnebäck", "farneback")):
        score = flow_score(clip, results.flow_of(clip, method), truth)
        assert rows[name][2:5] == [
            f"{score.warp_error:.2f}", f"{score.end_point:.2f}", f"{score.end_point_moving:.2f}",
        ]  # fmt: skip
        assert rows[name][0].endswith(("ms", "s"))
    assert rows["DIS"][1] == "1.0"
    assert rows["true flow"][3:5] == ["0.00", "0.00"]
    assert float(rows["no flow"][2]) > float(rows["true flow"][2])


def test_with_its_own_flow_method_the_prediction_is_that_of_the_run(small: AppTest, square: Clip):
    small.run()
    run = results.analysis_of(square, next(iter(results.models().values())))
    ledger = run.passes.ledger(run.passes.deciding, run.passes.said)
    said, p, *_, motion = table(small, ANSWERS)["DIS (used in training)"]
    assert said == run.passes.said
    assert float(motion.replace("\N{MINUS SIGN}", "-")) == pytest.approx(ledger.motion, abs=0.051)
    assert 0 < float(p) <= 1


def test_the_address_names_the_methods_and_how_they_are_drawn(small: AppTest):
    small.query_params.update({"methods": "tvl1.dis", "drawn": "v"})
    small.run()
    assert not small.exception
    assert shown(small) == ["dis", "tvl1"]
    assert [*table(small, SCORES)] == ["DIS", "TV-L1", "no flow"]
    assert small.segmented_control(key="flow_drawn").value == "v"
    assert "end-point error, px" not in html(small)  # the true flow of this clip is unknown


def test_choices_are_written_to_the_address(small: AppTest):
    small.run()
    assert "methods" not in small.query_params
    small.pills(key="flow_methods").set_value(["farneback", "tvl1"]).run()  # pyright: ignore[reportAttributeAccessIssue]
    assert not small.exception
    assert small.query_params["methods"] == "farneback.tvl1"
    assert [*table(small, SCORES)] == ["Farnebäck", "TV-L1", "no flow"]
    assert [*table(small, ANSWERS)] == ["DIS (used in training)", "Farnebäck", "TV-L1"]
    small.segmented_control(key="flow_drawn").set_value("arrows").run()
    assert small.query_params["drawn"] == "arrows"
    small.pills(key="flow_methods").set_value([]).run()  # pyright: ignore[reportAttributeAccessIssue]
    assert shown(small) == ["dis", "farneback"]
    assert "methods" not in small.query_params


@pytest.mark.parametrize(
    ("key", "value"),
    [("methods", "raft"), ("methods", "<b>"), ("methods", "..."), ("drawn", "x"), ("drawn", "")],
)
def test_an_invalid_address_opens_the_page_with_its_defaults(small: AppTest, key: str, value: str):
    small.query_params[key] = value
    small.run()
    assert not small.exception
    assert not small.error
    assert "DIS" in table(small, SCORES)
    assert small.segmented_control(key="flow_drawn").value == "wheel"


@pytest.mark.slow
def test_a_slow_method_shows_its_estimated_time_until_it_has_run(small: AppTest, monkeypatch):
    results.shelf().forget(small.session_state["uploads"]["upload:square"].digest)
    monkeypatch.setattr(choices, "_LONG", 0.0)
    small.run()
    options = small.pills(key="flow_methods").options  # pyright: ignore[reportAttributeAccessIssue]
    assert options[0] == "DIS"  # already computed
    assert re.fullmatch(r"TV-L1 \(about \d+ s\)", options[2])
    small.pills(key="flow_methods").set_value(["dis", "tvl1"]).run()  # pyright: ignore[reportAttributeAccessIssue]
    assert not small.exception
    assert small.pills(key="flow_methods").options[2] == "TV-L1"  # pyright: ignore[reportAttributeAccessIssue]
    assert "TV-L1" in table(small, SCORES)


def test_without_its_weights_raft_is_listed_with_what_is_missing(small: AppTest):
    small.run()
    assert "RAFT" not in small.pills(key="flow_methods").options  # pyright: ignore[reportAttributeAccessIssue]
    (said,) = [c.value for c in small.caption if c.value.startswith("RAFT")]
    assert "raft_small_C_T_V2-01064c6d.pth" in said


@pytest.mark.slow
def test_with_its_weights_raft_is_offered(small: AppTest, tmp_path):
    torch.save(raft_small(weights=None).state_dict(), tmp_path / "raft_small_mine.pth")
    small.query_params["methods"] = "dis.raft"
    small.run()
    assert not small.exception
    assert not [c for c in small.caption if c.value.startswith("RAFT")]
    assert [*table(small, SCORES)] == ["DIS", "RAFT", "no flow"]
    results.shelf().forget(small.session_state["uploads"]["upload:square"].digest)


def test_the_best_method_of_each_column_is_marked_and_the_true_flow_never():
    scores = {"dis": FlowScore(1.0, 1, 0, 0.4, 2.0), "tvl1": FlowScore(2.0, 1, 0, 0.3, 1.0)}
    still, true = FlowScore(5, 1, 0, 0.1, 9.0), FlowScore(0.5, 1, 0, 0.0, 0.0)
    made = tables_html.scores_html(scores, {"dis": 0.01, "tvl1": 0.7}, still, true)
    best = [re.findall(r'fs-best"[^>]*>(.*?)<', row) for row in made.split("<tr")[2:]]
    assert best == [["10 ms", "1.00"], ["0.30", "1.00"], [], []]
    assert ">70.0<" in made
    assert least({method: one.warp_error for method, one in scores.items()}) == "dis"


def test_a_differing_prediction_is_marked_and_all_text_is_escaped():
    found = [Answer("dis", "<b>", 0.9, 0.9, 1.0), Answer("tvl1", "c", 0.6, 0.2, -1.0)]
    made = tables_html.answers_html(found, "dis")
    assert "<b>" not in made
    assert made.count("fs-other") == 1
    assert "P of “&lt;b&gt;”" in made
    assert "P of" not in tables_html.answers_html(found[:1], "dis")


def test_a_small_share_is_not_shown_as_zero():
    still = FlowScore(5, 1, 0)
    row = tables_html.scores_html(
        {"dis": FlowScore(float("nan"), 0, 0.0004)}, {"dis": 1.24}, still, None
    )
    assert "under 0.1 %" in row
    assert ">1.2 s<" in row
    assert ">–<" in row  # noqa: RUF001


def test_a_flow_is_computed_once_for_all_pages(small: AppTest, square: Clip):
    small.run()
    card = next(iter(results.models().values()))
    assert results.has_flow(square, card.flow)
    made = results.flow_of(square, card.flow)
    opened = Opened(
        clip_sources.Known("upload:square", "square"), results.analysis_of(square, card)
    )
    assert opened.trace.flow is made
    assert flow_results.flow_of(opened, card.flow, None) is made
    assert np.shares_memory(made, results.flow_of(square, card.flow))
