"""Taught networks: one visitor's alone, on every list of that visitor, gone with the session."""

from __future__ import annotations

import dataclasses
import gc
import threading

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import save_network
from fusionscope_app import pages, warmup
from fusionscope_app.state import results
from fusionscope_app.state.taught_networks import MOST, TaughtNetworks
from tests.test_views import MAIN, words

CARD = {"name": "taught-1a2b", "title": "Book", "labels": ("open", "close", "wave", "rest")}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(MAIN, default_timeout=120)


def teach(page: AppTest, network: Network, card: Card) -> TaughtNetworks:
    """Put a taught network into the session of a page."""
    own = TaughtNetworks(results._forget_network)
    own.keep(save_network(network, dataclasses.replace(card, **CARD), own.folder))
    page.session_state["taught"] = own
    return own


def options(page: AppTest, label: str) -> list[str]:
    (box,) = (one for one in page.selectbox if one.label == label)
    return box.options


@pytest.mark.parametrize(
    ("name", "label"), [("explore", "Network"), ("why", "Network"), ("compare", "A")]
)
def test_it_is_on_the_lists_of_its_visitor_and_opens(page, network, card, name, label):
    teach(page, network, card)
    if name != "explore":
        page.switch_page(pages.page_file(name))
    page.query_params["model"] = "taught-1a2b"
    page.run()
    assert not page.exception
    assert not page.error
    assert options(page, label)[-1] == "Book (yours, taught here)"
    assert "Book" in words(page)


def test_it_is_on_page_models(page, network: Network, card: Card):
    teach(page, network, card)
    page.switch_page(pages.page_file("models"))
    page.run()
    assert [*page.dataframe[0].value["network"]][-1] == "Book (yours, taught here)"


def test_another_visitor_who_follows_the_link_is_told_that_there_is_none(
    page, network: Network, card: Card
):
    teach(page, network, card)
    page.query_params["model"] = "taught-1a2b"
    page.run()
    other = AppTest.from_file(MAIN, default_timeout=120)
    other.query_params["model"] = "taught-1a2b"
    other.run()
    (error,) = other.error
    assert "no model 'taught-1a2b'" in error.value


def test_its_analysis_of_a_bundled_clip_is_not_written_to_disk(
    page, network: Network, card: Card, tmp_path, monkeypatch
):
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path))
    teach(page, network, card)
    page.query_params["model"] = "taught-1a2b"
    page.run()
    assert not page.error
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_it_goes_with_its_session_its_files_and_its_results_too(network: Network, card: Card):
    forgotten: list[Card] = []
    done = threading.Event()

    def forget(one: Card) -> None:
        forgotten.append(one)
        done.set()

    own = TaughtNetworks(forget)
    saved = save_network(network, dataclasses.replace(card, **CARD), own.folder)
    own.keep(saved)
    folder = own.folder
    assert len([*folder.iterdir()]) == 2
    del own
    gc.collect()
    assert done.wait(20)
    assert forgotten == [saved]
    assert not folder.exists()


def test_forgetting_a_network_removes_its_results_and_no_others(network: Network, card: Card):
    own = TaughtNetworks(results._forget_network)
    saved = save_network(network, dataclasses.replace(card, **CARD), own.folder)
    for one in (saved, card):
        results.cached("test of taught", "digest", one, make=object)
    results._forget_network(saved)
    assert not results.is_cached("test of taught", "digest", saved)
    assert results.is_cached("test of taught", "digest", card)
    results.shelf().forget(card)


def test_of_more_than_the_limit_the_oldest_is_deleted(network: Network, card: Card):
    own = TaughtNetworks(lambda _: None)
    for number in range(MOST + 1):
        named = dataclasses.replace(card, **{**CARD, "name": f"taught-{number}"})
        own.keep(save_network(network, named, own.folder))
    assert [*own] == [f"taught-{number}" for number in range(1, MOST + 1)]
    assert {path.stem for path in own.folder.iterdir()} == set(own)


def test_without_a_visitor_there_are_the_shared_networks_alone():
    assert "taught" not in st.session_state
    assert [one.origin for one in results.listed()] == [one.origin for one in results.networks()]
