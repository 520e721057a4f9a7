"""Opened: one record for pages, whose results are computed once and deleted with the clip."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base.records import InputError
from fusionscope.nets.store import loading
from fusionscope.nets.store.catalogue import FOLDER
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.opened import Opened

SHORT = clip_sources.bundled()[0]


def opened_with(name: str) -> Opened:
    run = results.analysis_of(clips.clip_of(SHORT), results.models()[name])
    return Opened(clip_sources.known(SHORT), run)


def test_it_holds_the_clip_the_network_and_the_run_of_one_on_the_other():
    opened = opened_with("toybox-temporal")
    assert opened.clip.digest == clips.clip_of(SHORT).digest
    assert opened.card == results.models()["toybox-temporal"]
    assert opened.trace is opened.analysis.trace
    assert opened.passes is opened.analysis.passes
    assert opened.network is results.network(opened.card)


def test_a_result_is_computed_once_for_its_kind_its_parts_its_network_and_its_clip():
    opened, other = opened_with("toybox-temporal"), opened_with("toybox-spatial")
    made = opened.cached("test of opened", "a", 1, make=object)
    assert opened.cached("test of opened", "a", 1, make=object) is made
    assert opened_with("toybox-temporal").cached("test of opened", "a", 1, make=object) is made
    assert opened.is_cached("test of opened", "a", 1)
    for kind, of in (("test of opened", ("a", 2)), ("test of opened", ("a",)), ("else", ("a", 1))):
        assert not opened.is_cached(kind, *of)
        assert opened.cached(kind, *of, make=object) is not made
    assert not other.is_cached("test of opened", "a", 1)
    assert other.cached("test of opened", "a", 1, make=object) is not made


def test_a_result_of_the_clip_alone_is_shared_by_all_networks():
    opened, other = opened_with("toybox-temporal"), opened_with("toybox-spatial")
    made = opened.cached_for_clip("test of the clip", "dis", make=object)
    assert other.cached_for_clip("test of the clip", "dis", make=object) is made
    assert other.cached_for_clip("test of the clip", "tvl1", make=object) is not made


def test_a_refused_result_is_refused_with_its_reason_and_computed_at_the_next_call():
    opened = opened_with("toybox-temporal")

    def refuse() -> None:
        raise InputError("the test refuses")

    with pytest.raises(InputError, match="the test refuses"):
        opened.cached("refused", make=refuse)
    assert not opened.is_cached("refused")
    assert opened.cached("refused", make=lambda: 3) == 3


def visit() -> None:
    import streamlit as st

    from fusionscope_app.state import clip_sources, results
    from fusionscope_app.widgets.opening import open_with_network

    known = clip_sources.known(clip_sources.bundled()[0])
    opened = open_with_network(known, results.models()["toybox-temporal"])
    st.session_state["made"] = opened.cached("test of two visitors", make=object)
    st.session_state["analysis"] = opened.analysis


def test_two_visitors_share_a_result():
    one, two = AppTest.from_function(visit).run(), AppTest.from_function(visit).run()
    assert not one.exception
    assert not two.exception
    assert one.session_state["made"] is two.session_state["made"]
    assert one.session_state["analysis"] is two.session_state["analysis"]


def upload_and_open() -> None:
    import numpy as np
    import streamlit as st

    from fusionscope.video.clip import Clip
    from fusionscope_app.state import clip_sources, clips, results
    from fusionscope_app.widgets.opening import open_with_network

    def upload(shade: int) -> str:
        frames = np.random.default_rng(shade).integers(0, 255, (24, 64, 64, 3), np.uint8)
        return clips.keep_upload(Clip(frames, 25.0, f"upload {shade}"))

    known = clip_sources.known(upload(0))
    opened = open_with_network(known, results.models()["toybox-temporal"])
    opened.cached("test of uploads", make=object)
    opened.cached_for_clip("test of uploads", make=object)

    def held() -> list[bool]:
        of_clip = results.is_cached("test of uploads", opened.clip.digest)
        return [opened.is_cached("test of uploads"), of_clip, opened.is_cached("analysis")]

    st.session_state["before"] = held()
    for shade in range(1, 5):  # one more than are kept
        upload(shade)
    st.session_state["after"] = held()


def test_an_uploads_results_are_deleted_with_its_clip():
    page = AppTest.from_function(upload_and_open, default_timeout=60).run()
    assert not page.exception
    assert page.session_state["before"] == [True, True, True]
    assert page.session_state["after"] == [False, False, False]


def test_a_network_is_loaded_from_where_the_catalogue_found_it_without_another_scan(
    monkeypatch: pytest.MonkeyPatch,
):
    (entry,) = (one for one in results.networks() if one.name == "toybox-temporal")
    card = results.models()["toybox-temporal"]
    assert entry.folder == FOLDER

    def scan() -> None:
        raise AssertionError("the catalogue was scanned again")

    monkeypatch.setattr(loading, "networks", scan)
    results.network.clear()
    assert results.network(card).card == card
    assert loading.load_network(card, entry=entry).card == card
    with pytest.raises(AssertionError, match="scanned again"):
        loading.load_network(card)
