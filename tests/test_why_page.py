"""Page Why: every network has its page, a link restores it, and slow work waits to be started."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session, why_plots, whys
from core.explain.methods import METHODS
from core.nets.zoo import cards
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NETWORKS = [name for name, card in cards().items() if card.world == "toybox"]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Page Why, without the background work that would outlive the test; nothing slow unasked."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setattr(whys, "QUICK", 0.0)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=240)
    app.switch_page("views/why.py")
    return app


def bodies(page: AppTest) -> str:
    return " ".join(e.proto.body for e in page.get("html") if "<style>" not in e.proto.body)


def prose(page: AppTest) -> str:
    return " ".join([bodies(page), *(e.value for e in (*page.markdown, *page.caption, *page.info))])


def starts(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button if str(button.key).endswith("_start")}


@pytest.mark.parametrize("name", rest_slow(NETWORKS, "toybox-conv3d", "toybox-temporal"))
def test_every_network_has_its_page(page: AppTest, name: str):
    page.query_params["model"] = name
    page.run()
    assert not page.exception
    assert not page.error
    assert "Grad-CAM" in bodies(page)
    assert "Where it fails." in bodies(page)
    assert "points at it" in bodies(page)
    assert "why_checks_start" in starts(page)


def test_what_waits_to_be_started_can_be_shared_as_a_run(page: AppTest):
    page.query_params.update({"model": "toybox-temporal", "method": "occlusion"})
    page.run()
    assert not page.exception
    assert "why_start" in starts(page)
    assert "analyse(network, clip" in page.code[-1].value
    assert "attribute(" not in page.code[-1].value


def test_what_was_measured_of_a_method_stands_beside_its_map(page: AppTest):
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    assert "Measured on 200 unseen Toybox clips: " in bodies(page)
    assert "That is less than should be" in bodies(page)  # Grad-CAM's maps miss the ball
    page.query_params["model"] = "toybox-conv"
    page.run()
    assert "Measured on" not in bodies(page)


@pytest.mark.slow
def test_a_network_that_was_taught_nothing_gets_one_sentence(page: AppTest):
    page.query_params["model"] = "imagenet-conv3d"
    page.run()
    assert not page.exception
    (notice,) = page.info
    assert "was taught no classes" in notice.value
    assert [box.label for box in page.selectbox] == ["Network"]
    assert not page.subheader


def test_a_link_restores_what_is_asked(page: AppTest):
    page.query_params.update(
        {
            **{"clip": "toybox:8", "method": "grad-cam-signed", "stage": "fused.relu5"},
            **{"target": "up, then down", "against": "left, then up", "head": "temporal"},
        }
    )
    page.run()
    asked = {box.label: box.value for box in page.selectbox}
    assert asked["Why"] == "up, then down"
    assert asked["and not"] == "left, then up"
    assert asked["Head"] == "temporal"
    assert asked["Method"] == "grad-cam-signed"
    assert asked["Stage"] == "fused.relu5"
    assert "“up, then down”, not “left, then up”, temporal" in prose(page)


@pytest.mark.parametrize(
    ("key", "value"),
    [*{"method": "magic", "target": "<b>", "against": "x", "head": "x", "stage": "a.b"}.items()],
)
def test_a_mangled_address_opens_the_page_as_it_comes(page: AppTest, key: str, value: str):
    page.query_params[key] = value
    page.run()
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="why_method").value == next(iter(METHODS))


@pytest.mark.slow
def test_what_is_chosen_stands_in_the_address_and_the_usual_does_not(page: AppTest):
    page.run()
    page.selectbox(key="why_method").select("grad-cam-signed").run()
    assert page.query_params["method"] == "grad-cam-signed"
    page.selectbox(key="why_against").select_index(3).run()
    assert page.query_params["against"] == page.selectbox(key="why_against").value
    page.selectbox(key="why_method").select("grad-cam").run()
    assert "method" not in page.query_params


def test_a_class_cannot_be_set_against_itself(page: AppTest):
    page.query_params.update({"target": "left, then up", "against": "left, then up"})
    page.run()
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="why_against").value == ""


@pytest.mark.slow
def test_slow_work_tells_what_it_takes_and_waits(page: AppTest):
    page.query_params.update({"method": "shapley", "clip": "toybox:34"})
    page.run()
    assert "why_start" in starts(page)
    assert re.search(
        r"asks the network 64 times, with up to \d+ MB at once: about \d+ s", prose(page)
    )
    assert "gap" not in bodies(page)
    page.button(key="why_start").click().run()
    assert not page.exception
    assert "why_start" not in starts(page)
    assert re.search(r"gap <b>0\.0%</b>", bodies(page))


@pytest.mark.slow
def test_the_checks_are_made_when_asked(page: AppTest):
    page.query_params["clip"] = "toybox:55"
    page.run()
    assert "rank correlation with this map" not in bodies(page)
    page.button(key="why_checks_start").click().run()
    assert not page.exception
    assert "With every layer drawn anew, the rank correlation with this map" in bodies(page)
    assert "Step by step (the classifier; all behind the towers; every layer)" in bodies(page)
    assert prose(page).count("Mean score while cells go") == 2


@pytest.mark.slow
def test_the_ledger_along_time_is_shared_out_or_read_off(page: AppTest):
    page.query_params["model"] = "toybox-conv-pool2d"
    page.run()
    assert "why_chunks_start" not in starts(page)
    assert "averages its scores over the chunks" in prose(page)
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    page.button(key="why_chunks_start").click().run()
    assert not page.exception
    assert "shared out among the chunks by their Shapley values" in prose(page)


def test_the_waterfall_ends_at_the_score():
    import numpy as np

    from app.palette import LIGHT_MAP

    figure = why_plots.waterfall(np.array([-0.5, 2.0, -1.0, 3.0]), LIGHT_MAP)
    bars = figure.to_dict()["data"]
    ends = [(bar["base"][0], bar["base"][0] + bar["y"][0]) for bar in bars]
    assert ends == [(0, -0.5), (-0.5, 1.5), (1.5, 0.5), (0.5, 3.5), (0, 3.5)]


def test_the_waterfall_of_a_narrow_lead_shows_two_digits_of_its_largest_step():
    import numpy as np

    from app.palette import LIGHT_MAP

    def shown(*terms):
        bars = why_plots.waterfall(np.array(terms), LIGHT_MAP).to_dict()["data"]
        return [bar["text"][0] for bar in bars]

    assert shown(0.021, -0.34, 0.0, 0.25) == ["+0.02", "−0.34", "+0.00", "+0.25", "−0.07"]  # noqa: RUF001
    assert shown(0.01, 0.04, 0.0, -0.0004)[1] == "+0.040"
    assert shown(0.04, 2.0, -1.0, 3.0) == ["+0.0", "+2.0", "−1.0", "+3.0", "+4.0"]  # noqa: RUF001
