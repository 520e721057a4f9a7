"""Compare page: it renders for every pair of networks and describes their differences."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.analysis.comparison_reel import Comparison
from fusionscope.base.records import size_in_bytes
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import cards
from fusionscope.nets.store.loading import save_network
from fusionscope_app import warmup
from fusionscope_app.state import clip_sources, clips, results
from tests.numbered_reel import unpack_payload
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
TOYBOX = [name for name, card in cards().items() if card.world == "toybox"]
COMMON = [("toybox-conv3d", "toybox-bilinear"), ("toybox-spatial", "toybox-conv3d")]
NEXT = [
    (one, TOYBOX[(at + step) % len(TOYBOX)]) for step in (1, 5) for at, one in enumerate(TOYBOX)
]
PAIRS = [*dict.fromkeys(COMMON + NEXT)]
"""Each network is the first and the second of several pairs."""


@pytest.fixture
def page(monkeypatch):
    """The Compare page without the warmup thread."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page(str(MAIN.parent / "fusionscope_app/views/compare.py"))
    return app


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


@pytest.mark.parametrize(
    ("one", "other"),
    rest_slow(PAIRS, *COMMON),
    ids=map(" and ".join, PAIRS),
)
def test_every_network_can_be_compared_with_others(page: AppTest, one: str, other: str):
    page.query_params.update({"model": one, "other": other})
    page.run()
    assert not page.exception
    assert not page.error
    said, known = html(page), results.models()
    assert "A, " in said
    for letter, name in (("A", one), ("B", other)):
        assert f"<b>{letter}</b> {known[name].title}</p>" in said
    assert said.count("fs-answer") == 2 + 1  # and once in the style
    assert '<th scope="row">interaction</th>' in said
    assert [box.value for box in page.selectbox if box.label in "AB"] == [one, other]
    assert page.caption[0].value.startswith(f"A: {known[one].title}")
    assert page.caption[1].value.startswith(f"B: {known[other].title}")


def test_by_default_the_most_instructive_network_is_the_second(page: AppTest):
    page.run()
    assert not page.exception
    first, second = (box.value for box in page.selectbox if box.label in "AB")
    assert first == next(iter(results.models()))
    assert second not in ("", first)
    assert "other" not in page.query_params


def test_the_verdict_and_the_shared_weights_are_shown_first(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-temporal"})
    page.run()
    said = html(page)
    first = said.index('<p class="fs-sentence">')
    assert said.index("3D conv fusion, predicts") > first
    assert re.search(r"same temporal tower.*up to relu5", said)
    assert said.index("B uses motion only") < said.index('class="fs-ledgers"')


def test_the_second_network_is_written_to_the_address_and_both_can_be_swapped(page: AppTest):
    page.query_params["model"] = "toybox-conv3d"
    page.run()
    page.selectbox(key="pairing_other").select("toybox-spatial").run()
    assert page.query_params["other"] == "toybox-spatial"
    assert "B uses appearance only" in html(page)
    page.button(key="pairing_swap").click().run()
    assert not page.exception
    assert page.query_params["model"] == "toybox-spatial"
    assert page.query_params["other"] == "toybox-conv3d"
    assert "A uses appearance only" in html(page)


def test_a_network_is_not_compared_with_itself(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-conv3d"})
    page.run()
    assert not page.exception
    assert "<b>B</b> Toybox, 3D conv fusion</p>" not in html(page)


def test_an_unknown_second_network_shows_one_error(page: AppTest):
    page.query_params["other"] = "gone"
    page.run()
    assert not page.exception
    (error,) = page.error
    assert re.search("'gone'.*toybox-conv3d", error.value)
    page.run()
    assert not page.error


def test_one_network_alone_cannot_be_compared(page: AppTest, monkeypatch):
    card = cards()["toybox-conv3d"]
    monkeypatch.setattr(results, "models", lambda: {card.name: card})
    page.run()
    (error,) = page.error
    assert "a comparison needs two" in error.value


def test_networks_with_different_classes_chunks_and_flow_can_be_compared(
    page: AppTest, monkeypatch, tmp_path, card: Card, build: Callable[..., Network]
):
    mine = dataclasses.replace(card, chunks=4, stack=4, flow="farneback", world="elsewhere")
    mine = save_network(build(mine), mine, tmp_path)
    network = build(mine)
    known = {**cards(), mine.name: mine}
    of_zoo = results.network
    monkeypatch.setattr(results, "models", lambda: known)
    monkeypatch.setattr(results, "network", lambda one: network if one == mine else of_zoo(one))
    page.query_params.update({"model": "toybox-conv3d", "other": mine.name})
    page.run()
    assert not page.exception
    assert not page.error
    said = html(page)
    assert "their classes are not the same" in said
    assert "<td>–</td>" in said  # noqa: RUF001
    assert "do not trust its prediction" in page.info[0].value


def test_a_comparison_is_cached_and_its_size_excludes_the_runs(page: AppTest):
    page.query_params.update({"model": "toybox-conv3d", "other": "toybox-temporal"})
    page.run()
    known = results.models()
    pair = known["toybox-conv3d"], known["toybox-temporal"]
    clip = clips.clip_of(clip_sources.bundled()[0])
    runs = [results.analysis_of(clip, card) for card in pair]
    key = ("comparison", clip.digest, *pair)
    assert key in results.shelf()
    made: Comparison = results.comparison_of(*runs)  # pyright: ignore[reportArgumentType]
    assert results.comparison_of(*runs) is made  # pyright: ignore[reportArgumentType]
    assert size_in_bytes(made) == len(unpack_payload(made.reel.to_bytes()))
    assert results.comparison_of(*runs[::-1]) is not made  # pyright: ignore[reportArgumentType]
