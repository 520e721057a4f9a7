"""View Late fusion of page Errors: rules, weights, fitted weights, and the result as a head."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.evaluation.predictions_file import gathered, write_predictions
from fusionscope.evaluation.scores.score_files import read_scores
from fusionscope_app import warmup
from tests.seeded_predictions import made_up
from tests.test_errors_page import errors_page
from tests.test_views import words

PUBLISHED = Path(__file__).parents[2] / "shared/published"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    return tmp_path


def plain(page: AppTest) -> str:
    return re.sub("<[^>]*>", "", words(page))


def late_page(**parameters: str) -> AppTest:
    page = errors_page()
    for key, value in {"errors_view": "Late fusion", **parameters}.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def test_rule_weights_and_temperatures_stand_in_the_address(folder):
    write_predictions(made_up(), folder / "a.parquet")
    page = late_page()
    before = words(page)
    page.number_input(key="errors_weights_1").set_value(0.0).run()
    assert page.query_params["errors_weights"] == "100.0"
    only = made_up().heads["jhmdb-spatial", "spatial"].right.mean()
    assert f"sum of scores is correct on {100 * only:.1f} %" in plain(page)
    assert words(page) != before
    page.segmented_control(key="errors_rule").set_value("mean").run()
    assert page.query_params["errors_rule"] == "mean"
    page.number_input(key="errors_cold_0").set_value(2.0).run()
    assert page.query_params["errors_cold"] == "200.100"
    assert not page.exception


def test_weights_that_are_all_zero_and_a_single_head_are_refused_in_words(folder):
    write_predictions(made_up(), folder / "a.parquet")
    page = late_page(errors_weights="0.0")
    assert "not all 0" in " ".join(one.value for one in page.error)
    page = late_page(errors_heads="1")
    assert "Heads chosen: 1; needed: 2 or 3" in " ".join(one.value for one in page.info)


def test_fitted_weights_come_at_the_press_of_a_button_and_the_result_is_a_head(folder):
    write_predictions(made_up(), folder / "a.parquet")
    page = late_page()
    assert not any("with weights fitted on the same" in one.value for one in page.markdown)
    page.button(key="errors_fit").click().run()
    assert any("with weights fitted on the same clips" in one.value for one in page.markdown)
    page.button(key="errors_use_late").click().run()
    assert not page.exception
    fused = page.selectbox(key="errors_fused").value
    assert fused == "sum 1:1: jhmdb-spatial + jhmdb-temporal: late"
    assert page.query_params["errors_fused"] == fused
    assert len(page.dataframe[0].value) == 177


def test_probabilities_as_scores_are_noticed(folder):
    predictions = made_up()
    heads = [
        replace(one, scores=np.exp(one.scores) / np.exp(one.scores).sum(1, keepdims=True))
        for one in (
            replace(predictions.heads[pair], terms=None)
            for pair in (("jhmdb-spatial", "spatial"), ("jhmdb-temporal", "temporal"))
        )
    ]
    write_predictions(gathered(heads), folder / "a.parquet")
    assert "has probabilities instead of scores" in words(late_page())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "summed", "averaged"),
    [("ucf101_split1", "92.7 %", "90.8 %"), ("hmdb51_split1", "64.5 %", "63.5 %")],
)
def test_published_scores_give_the_published_figures(folder, name, summed, averaged):
    file = PUBLISHED / f"{name}.npz"
    if not file.is_file():
        pytest.skip("the published scores are not here")
    write_predictions(read_scores(file), folder / f"{name}.parquet")
    assert summed in words(late_page())
    assert averaged in words(late_page(errors_rule="mean"))
