"""Compare renders for every pair of networks, and says what in them differs."""

import dataclasses
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session, sources
from core.card import Card
from core.comparison import Comparison
from core.nets.loading import save_network
from core.nets.network import Network
from core.nets.zoo import cards
from core.records import size_in_bytes
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
TOYBOX = [name for name, card in cards().items() if card.world == "toybox"]
PAIRS = [*permutations(TOYBOX, 2)]


@pytest.fixture
def page(monkeypatch):
    """The page, without the background work that would outlive the test."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page(str(MAIN.parent / "views/compare.py"))
    return app


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


@pytest.mark.parametrize(
    ("one", "other"),
    rest_slow(
        PAIRS,
        ("toybox-conv3d", "toybox-bilinear"),
        ("toybox-spatial", "toybox-conv3d"),
    ),
    ids=map(" and ".join, PAIRS),
)
def test_every_network_stands_beside_every_other(page: AppTest, one: str, other: str):
    page.query_params.update({"model": one, "other": other})
    page.run()
    assert not page.exception
    assert not page.error
    said, known = html(page), session.models()
    assert "A, " in said
    for letter, name in (("A", one), ("B", other)):
        assert f"<b>{letter}</b> {known[name].title}</p>" in said
    assert said.count("fs-answer") == 2 + 1  # and once in the style
    assert '<th scope="row">synergy</th>' in said
    assert [box.value for box in page.selectbox if box.label in "AB"] == [one, other]
    assert page.caption[0].value.startswith(f"A: {known[one].title}")
    assert page.caption[1].value.startswith(f"B: {known[other].title}")


def test_without_a_word_the_most_instructive_other_stands_beside_the_first(page: AppTest):
    page.run()
    assert not page.exception
    first, second = (box.value for box in page.selectbox if box.label in "AB")
    assert first == next(iter(session.models()))
    assert second not in ("", first)
    assert "other" not in page.query_params


def test_the_verdict_and_what_the_networks_share_stand_first(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-temporal"})
    page.run()
    said = html(page)
    first = said.index('<p class="fs-sentence">')
    assert said.index("3D conv fusion, says") > first
    assert "the same temporal tower, weight for weight up to relu5" in said
    assert said.index("B sees motion only") < said.index('class="fs-ledgers"')


def test_another_network_is_chosen_into_the_address_and_the_two_are_swapped(page: AppTest):
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    page.selectbox(key="pairing_other").select("toybox-spatial").run()
    assert page.query_params["other"] == "toybox-spatial"
    assert "B sees appearance only" in html(page)
    page.button(key="pairing_swap").click().run()
    assert not page.exception
    assert page.query_params["model"] == "toybox-spatial"
    assert page.query_params["other"] == "toybox-conv3d"
    assert "A sees appearance only" in html(page)


def test_a_network_is_not_set_beside_itself(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-conv3d"})
    page.run()
    assert not page.exception
    assert "<b>B</b> Toybox, 3D conv fusion</p>" not in html(page)


def test_an_unknown_other_is_told_in_a_sentence(page: AppTest):
    page.query_params["other"] = "gone"
    page.run()
    assert not page.exception
    (error,) = page.error
    assert error.value.startswith("there is no model 'gone'; there are toybox-")
    page.run()
    assert not page.error


def test_one_network_alone_cannot_be_compared(page: AppTest, monkeypatch):
    card = cards()["toybox-conv3d"]
    monkeypatch.setattr(session, "models", lambda: {card.name: card})
    page.run()
    (error,) = page.error
    assert "to compare needs two" in error.value


def test_networks_of_other_classes_chunks_and_flow_stand_beside_each_other(
    page: AppTest, monkeypatch, tmp_path, card: Card, build: Callable[..., Network]
):
    mine = dataclasses.replace(card, chunks=4, stack=4, flow="farneback", world="elsewhere")
    mine = save_network(build(mine), mine, tmp_path)
    network = build(mine)
    known = {**cards(), mine.name: mine}
    of_zoo = session.network
    monkeypatch.setattr(session, "models", lambda: known)
    monkeypatch.setattr(session, "network", lambda one: network if one == mine else of_zoo(one))
    page.query_params.update({"model": "toybox-conv3d", "other": mine.name})
    page.run()
    assert not page.exception
    assert not page.error
    said = html(page)
    assert "they do not name the same classes" in said
    assert "<td>–</td>" in said  # noqa: RUF001
    assert "not of that world" in page.info[0].value


def test_a_comparison_is_made_once_and_counted_without_the_runs_it_was_made_of(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-temporal"})
    page.run()
    known = session.models()
    pair = known["toybox-conv3d"], known["toybox-temporal"]
    clip = session.clip_of(sources.bundled()[0])
    runs = [session.analysis_of(clip, card) for card in pair]
    key = ("comparison", clip.digest, *pair)
    assert key in session.shelf()
    made: Comparison = session.comparison_of(*runs)  # pyright: ignore[reportArgumentType]
    assert session.comparison_of(*runs) is made  # pyright: ignore[reportArgumentType]
    assert size_in_bytes(made) == len(made.reel)
    assert session.comparison_of(*runs[::-1]) is not made  # pyright: ignore[reportArgumentType]
