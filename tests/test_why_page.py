"""Why page: every network can be explained, a link restores the choices, slow work needs Start."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.nets.store.catalogue import cards
from fusionscope_app import warmup
from fusionscope_app.state import results
from fusionscope_app.why import plots
from fusionscope_app.why import results as why_results
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NETWORKS = [name for name, card in cards().items() if card.world == "toybox"]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Why page without the warmup thread; all slow work needs a click on Start."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    results.shelf.clear()  # other tests of the process may have started the work
    monkeypatch.setattr(why_results, "QUICK", 0.0)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=240)
    app.switch_page("fusionscope_app/views/why.py")
    return app


def bodies(page: AppTest) -> str:
    return " ".join(e.proto.body for e in page.get("html") if "<style>" not in e.proto.body)


def prose(page: AppTest) -> str:
    return " ".join([bodies(page), *(e.value for e in (*page.markdown, *page.caption, *page.info))])


def starts(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button if str(button.key).endswith("_start")}


@pytest.mark.parametrize("name", rest_slow(NETWORKS, "toybox-conv3d", "toybox-temporal"))
def test_the_page_shows_every_network(page: AppTest, name: str):
    page.query_params["model"] = name
    page.run()
    assert not page.exception
    assert not page.error
    assert "Grad-CAM" in bodies(page)
    assert "Where it fails." in bodies(page)
    assert "maximum on the actor" in bodies(page)
    assert "why_checks_start" in starts(page)


def test_before_a_slow_method_is_started_the_run_can_be_shared(page: AppTest):
    page.query_params.update({"model": "toybox-temporal", "method": "occlusion"})
    page.run()
    assert not page.exception
    assert "why_start" in starts(page)
    assert "analyse(network, clip" in page.code[-1].value
    assert "attribute(" not in page.code[-1].value


def test_the_measured_quality_of_a_method_is_shown_with_its_map(page: AppTest):
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    assert "200 unseen Toybox clips" in bodies(page)
    assert "Too low for motion" in bodies(page)  # Grad-CAM's maps miss the ball
    page.query_params["model"] = "toybox-conv"
    page.run()
    assert "Measured on" not in bodies(page)


@pytest.mark.slow
def test_an_untrained_classifier_gets_one_sentence(page: AppTest):
    page.query_params["model"] = "imagenet-conv3d"
    page.run()
    assert not page.exception
    (notice,) = page.info
    assert "Untrained classifier" in notice.value
    assert [box.label for box in page.selectbox] == ["Network"]
    assert not page.header


def test_a_link_restores_the_choices(page: AppTest):
    page.query_params.update(
        {
            **{"clip": "toybox:8", "method": "grad-cam-signed", "stage": "fused.relu5"},
            **{"target": "up, then down", "against": "left, then up", "head": "temporal"},
        }
    )
    page.run()
    asked = {box.label: box.value for box in page.selectbox}
    assert asked["Class"] == "up, then down"
    assert asked["Versus"] == "left, then up"
    assert asked["Head"] == "temporal"
    assert asked["Method"] == "grad-cam-signed"
    assert asked["Stage"] == "fused.relu5"
    assert "“up, then down” versus “left, then up” (temporal)" in prose(page)


@pytest.mark.parametrize(
    ("key", "value"),
    [*{"method": "magic", "target": "<b>", "against": "x", "head": "x", "stage": "a.b"}.items()],
)
def test_an_invalid_address_opens_the_page_with_its_defaults(page: AppTest, key: str, value: str):
    page.query_params[key] = value
    page.run()
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="why_method").value == next(iter(ATTRIBUTION_METHODS))


@pytest.mark.slow
def test_choices_are_written_to_the_address_and_defaults_are_not(page: AppTest):
    page.run()
    page.selectbox(key="why_method").select("grad-cam-signed").run()
    assert page.query_params["method"] == "grad-cam-signed"
    page.selectbox(key="why_against").select_index(3).run()
    assert page.query_params["against"] == page.selectbox(key="why_against").value
    page.selectbox(key="why_method").select("grad-cam").run()
    assert "method" not in page.query_params


def test_a_class_cannot_be_compared_with_itself(page: AppTest):
    page.query_params.update({"target": "left, then up", "against": "left, then up"})
    page.run()
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="why_against").value == ""


@pytest.mark.slow
def test_slow_work_shows_its_cost_and_needs_start(page: AppTest):
    page.query_params.update({"method": "shapley", "clip": "toybox:34"})
    page.run()
    assert "why_start" in starts(page)
    assert re.search(r"\b64 network evaluations.*\d MB.*\d s\b", prose(page))
    assert "gap" not in bodies(page)
    page.button(key="why_start").click().run()
    assert not page.exception
    assert "why_start" not in starts(page)
    assert re.search(r"gap to .*?: <b>0\.0 ?%</b>", bodies(page))


@pytest.mark.slow
def test_the_checks_run_after_start(page: AppTest):
    page.query_params["clip"] = "toybox:55"
    page.run()
    assert "rank correlation" not in bodies(page)
    page.button(key="why_checks_start").click().run()
    assert not page.exception
    assert "rank correlation" in bodies(page)
    assert "the classifier; all weights after the towers; all weights" in bodies(page)
    assert prose(page).count("Deletion score") == 2


@pytest.mark.slow
def test_the_ledger_of_each_chunk_is_averaged_or_divided_by_shapley_values(page: AppTest):
    page.query_params["model"] = "toybox-conv-pool2d"
    page.run()
    assert "why_chunks_start" not in starts(page)
    assert "averages its scores" in prose(page)
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    assert "divided among the chunks" not in prose(page)
    page.button(key="why_chunks_start").click().run()
    assert not page.exception
    assert "divided among the chunks" in prose(page)


def test_the_waterfall_ends_at_the_score():
    import numpy as np

    from fusionscope_app.theme.palette import LIGHT_MAP

    figure = plots.waterfall(np.array([-0.5, 2.0, -1.0, 3.0]), LIGHT_MAP)
    bars = figure.to_dict()["data"]
    ends = [(bar["base"][0], bar["base"][0] + bar["y"][0]) for bar in bars]
    assert ends == [(0, -0.5), (-0.5, 1.5), (1.5, 0.5), (0.5, 3.5), (0, 3.5)]


def test_the_waterfall_of_a_narrow_lead_shows_two_digits_of_its_largest_step():
    import numpy as np

    from fusionscope_app.theme.palette import LIGHT_MAP

    def shown(*terms):
        bars = plots.waterfall(np.array(terms), LIGHT_MAP).to_dict()["data"]
        return [bar["text"][0] for bar in bars]

    assert shown(0.021, -0.34, 0.0, 0.25) == ["+0.02", "−0.34", "0.00", "+0.25", "−0.07"]  # noqa: RUF001
    assert shown(0.01, 0.04, 0.0, -0.0004)[1] == "+0.040"
    assert shown(0.04, 2.0, -1.0, 3.0) == ["0.0", "+2.0", "−1.0", "+3.0", "+4.0"]  # noqa: RUF001
