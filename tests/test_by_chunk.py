"""Chunk ledger: what the chunks have of each term adds up to the clip's, however it is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.ledger.by_chunk import averaged_ledger, chunk_ledger, clip_terms
from fusionscope.explain.ledger.ledger import four_passes
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip

TARGETS = [Target("average", "one"), Target("temporal", "two"), Target("average", "two", "one")]


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_shares_add_up_term_by_term_and_the_baseline_is_no_chunks(
    network: Network, trace: Trace, target: Target
):
    found = chunk_ledger(network, trace.snippets, target)
    assert found.way == "shared"
    terms = clip_terms(four_passes(network, trace.snippets), target)
    np.testing.assert_allclose(found.terms, terms, atol=1e-4)
    np.testing.assert_allclose(found.by_chunk.sum(axis=0)[1:], terms[1:], atol=1e-4)
    assert not found.by_chunk[:, 0].any()


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_a_network_that_averages_gives_each_chunk_a_ledger_of_its_own(
    card: Card, build: Callable[..., Network], square: Clip, trace: Trace, target: Target
):
    network = build(dataclasses.replace(card, pool="2d", fusion="conv"))
    found = chunk_ledger(network, trace.snippets, target)
    assert found.way == "averaged"
    terms = clip_terms(four_passes(network, trace.snippets), target)
    np.testing.assert_allclose(found.by_chunk.sum(axis=0), terms, atol=1e-4)
    for t in range(3):  # nothing passes from chunk to chunk: a chunk alone says the same
        one = run(build(dataclasses.replace(network.card, chunks=1)), square, trace.flow).snippets
        alone = dataclasses.replace(
            one,
            rgb=trace.snippets.rgb[t : t + 1].copy(),
            flow=trace.snippets.flow[t : t + 1].copy(),
            frames=trace.snippets.frames[t : t + 1].copy(),
        )
        own = clip_terms(four_passes(network, alone), target)
        np.testing.assert_allclose(found.by_chunk[t] * 3, own, atol=1e-3)


def test_where_chunks_only_add_the_shares_are_the_chunks_own(
    card: Card, build: Callable[..., Network], trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    network = build(dataclasses.replace(card, pool="2d", fusion="conv"))
    own = averaged_ledger(network, trace.snippets, TARGETS[0])
    assert own is not None
    monkeypatch.setattr("fusionscope.explain.ledger.by_chunk.averaged_ledger", lambda *_: None)
    shared = chunk_ledger(network, trace.snippets, TARGETS[0])
    assert shared.way == "shared"
    np.testing.assert_allclose(shared.by_chunk[:, 1:], own.by_chunk[:, 1:], atol=1e-4)
    np.testing.assert_allclose(shared.terms, own.terms, atol=1e-4)


def test_the_terms_of_a_lead_are_those_of_one_class_less_those_of_the_other(
    network: Network, trace: Trace
):
    passes = four_passes(network, trace.snippets)
    two, one = (clip_terms(passes, Target("average", label)) for label in ("two", "one"))
    np.testing.assert_allclose(clip_terms(passes, TARGETS[2]), two - one)
    ledger = passes.ledger("average", "two")
    terms = (ledger.baseline, ledger.appearance, ledger.motion, ledger.synergy)
    np.testing.assert_allclose(two, terms)


def test_too_many_pooled_chunks_are_refused_in_one_sentence(
    card: Card, build: Callable[..., Network], square: Clip, trace: Trace
):
    network = build(dataclasses.replace(card, chunks=9))
    made = run(network, square, trace.flow)
    with pytest.raises(InputError, match=r"9 chunks.*1,536 .*at most 8"):
        chunk_ledger(network, made.snippets, TARGETS[0])
