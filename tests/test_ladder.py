"""Ladder: all networks on one clip score as each does alone, grouped by the paper's questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.toybox.world import toy_world
from fusionscope.explain.fusion.ladder import (
    QUESTIONS,
    Rung,
    comparable,
    ladder,
    ladder_sentence,
    question_of,
)
from fusionscope.nets.network import Network
from fusionscope.nets.shared_pass import shared_pass
from fusionscope.nets.store.catalogue import cards
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope_app import warmup
from fusionscope_app.compare.ladder_section import table
from fusionscope_app.components.ladder import drawn, read_pick, row_words

CARDS = cards()
TOYBOX = comparable(CARDS["toybox-conv3d"], CARDS.values())
MAIN = Path(__file__).parents[1] / "app" / "main.py"


@pytest.fixture(scope="module")
def networks() -> list[Network]:
    names = ("toybox-temporal", "toybox-sum", "toybox-late", "toybox-conv-relu2", "toybox-conv3d")
    return [load_network(CARDS[name]) for name in names]


@pytest.fixture(scope="module")
def clip() -> tuple[Clip, np.ndarray, str]:
    world = toy_world(443)
    return world.clip, dense_flow(world.clip), world.plan.label


def rung(name: str, p: float, label: str, true: str) -> Rung:
    card = CARDS[name]
    return Rung(card, question_of(card), label, p, p if label == true else 0.25, true)


def test_every_toybox_network_has_its_place_among_the_papers_questions():
    assert len(TOYBOX) == 16
    assert Counter(map(question_of, TOYBOX)) == {"streams": 2, "how": 5, "where": 6, "when": 3}
    order = [question_of(card) for card in TOYBOX]
    assert order == sorted(order, key=[*QUESTIONS].index)
    how = [card.fusion for card in TOYBOX if question_of(card) == "how"]
    assert how == ["sum", "max", "cat", "bilinear", "conv"]
    where = [card.place for card in TOYBOX if question_of(card) == "where"]
    assert where == ["softmax", "fc6", "relu5+fc8", "relu4", "relu3", "relu2"]


def test_networks_of_other_classes_or_untrained_ones_are_left_out():
    people = comparable(CARDS["jhmdb-conv3d"], CARDS.values())
    assert {card.world for card in people} == {"jhmdb"}
    assert [question_of(card) for card in people] == ["streams", "streams", "how", "where", "when"]
    assert all(card.taught for card in comparable(CARDS["imagenet-conv3d"], CARDS.values()))


def test_each_network_scores_as_it_does_alone(networks, clip):
    frames, flow, label = clip
    for network, found in zip(networks, ladder(networks, frames, flow, label), strict=True):
        scores = run(network, frames, flow, "float32").final
        alone = torch.softmax(torch.from_numpy(scores), dim=0)
        assert found.card == network.card
        assert found.label == network.card.labels[int(alone.argmax())]
        assert found.p == pytest.approx(float(alone.max()), abs=1e-5)
        assert found.p_true == pytest.approx(
            float(alone[network.card.labels.index(label)]), abs=1e-5
        )
        assert found.correct == (found.label == label)


def test_shared_stages_run_once_and_others_for_each_network(networks, monkeypatch):
    ran: Counter[tuple[int, ...]] = Counter()
    whole = nn.Conv2d.forward

    def counted(self: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        ran[self.weight.shape[1], self.weight.shape[0], self.weight.shape[-1]] += 1
        return whole(self, x)

    monkeypatch.setattr(nn.Conv2d, "forward", counted)
    rgb, flow = torch.rand(1, 5, 3, 112, 112) * 255, torch.rand(1, 5, 12, 112, 112) * 255
    assert len(list(shared_pass(networks, rgb, flow))) == 5
    assert ran[3, 32, 7] == 1, "the first spatial layer is shared"
    assert ran[12, 32, 7] == 1, "the first temporal layer is shared"
    assert ran[64, 96, 3] == 3, "relu3: both shared towers, and once after the fusion at relu2"


def test_a_stage_with_other_weights_or_another_scale_is_not_shared():
    one, other = (load_network(CARDS["toybox-spatial"]) for _ in range(2))
    assert other.spatial is not None
    other.spatial.stages["relu3"][0].weight.mul_(1.5)  # pyright: ignore[reportIndexIssue]
    rgb, flow = torch.rand(1, 5, 3, 112, 112) * 255, torch.rand(1, 5, 12, 112, 112) * 255
    found = dict(shared_pass([one, other], rgb, flow))
    for network in (one, other):
        with torch.inference_mode():
            torch.testing.assert_close(found[network].final, network(rgb, flow).final)
    assert not torch.equal(found[one].final, found[other].final)


def test_the_sentence_counts_the_correct_networks_and_names_the_surest():
    true = "left, then up"
    rungs = [
        rung("toybox-conv3d", 0.9, true, true),
        rung("toybox-conv", 0.6, true, true),
        rung("toybox-sum", 0.95, "up, then left", true),
    ]
    assert ladder_sentence(rungs) == (
        "2 of 3 networks predict the true class, *left, then up*. "
        "Its highest probability: 0.90, by 3D conv fusion (chance 0.08)."
    )
    unknown = [Rung(one.card, one.question, one.label, one.p, None) for one in rungs]
    assert ladder_sentence(unknown) == "2 of 3 networks predict *left, then up* (chance 0.08)."
    assert unknown[0].correct is None
    assert "correct" not in row_words(unknown[0], "")


def test_what_is_drawn_is_what_the_cards_and_the_run_say():
    rungs = [rung("toybox-conv3d", 0.912345, "left, then up", "left, then up")]
    (group,) = drawn(rungs, "left, then up", "toybox-conv3d")["questions"]
    (row,) = group["rungs"]
    card: Card = CARDS["toybox-conv3d"]
    assert group["title"] == "Over time"
    assert (row["accuracy"], row["ceiling"]) == card.final
    assert row["spread"] == [min(dict(card.by_seed)["average"]), max(dict(card.by_seed)["average"])]
    assert (row["correct"], row["open"], row["colour"]) == (True, True, "fused")
    wrong = rung("toybox-spatial", 0.1, "up, then left", "left, then up")
    assert "incorrect (left, then up: 0.25)" in row_words(wrong, "left, then up")
    assert wrong.colour == "appearance"
    assert columns([*rungs, wrong])["probability"] == [0.912, 0.1]
    assert columns([])["network"] == []


def columns(rungs: Sequence[Rung]) -> dict[str, list[object]]:
    found = table(rungs)
    return found or {"network": []}


@pytest.mark.parametrize("sent", [None, 3, "", "toybox-none", ["toybox-sum"]])
def test_only_a_network_of_the_ladder_can_be_picked(sent: object):
    assert read_pick(sent, {"toybox-sum"}) == ""
    assert read_pick("toybox-sum", {"toybox-sum"}) == "toybox-sum"


def test_a_ladder_of_no_networks_is_refused(clip):
    with pytest.raises(InputError, match="at least one network"):
        ladder([], *clip)


@pytest.mark.slow
def test_the_page_shows_all_networks_and_returns_to_two(monkeypatch):
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    page = AppTest.from_file(str(MAIN), default_timeout=240)
    page.switch_page(str(MAIN.parent / "fusionscope_app/views/compare.py"))
    page.query_params.update({"compare_view": "all", "clip": "toybox:8"})
    page.run()
    assert not page.exception
    assert not page.error
    said = " ".join(element.proto.body for element in page.get("html"))
    assert "of 16 networks predict the true class, <em>right, then left</em>" in said
    assert [box.label for box in page.selectbox] == ["A"]
    assert len(page.dataframe[0].value) == 16
    page.query_params["compare_view"] = "nonsense"
    page.run()
    assert not page.exception
    assert [box.label for box in page.selectbox] == ["A", "B"]
