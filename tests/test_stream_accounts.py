"""Stream accounts: four divisions of one score, which add up as shown and as computed elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.explain.attribution.shapley import frame_shapley
from fusionscope.explain.ledger.by_chunk import clip_terms
from fusionscope.explain.ledger.ledger import four_passes
from fusionscope.explain.ledger.stream_accounts import accounts
from fusionscope.explain.ledger.stream_shares import stream_shapley
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope_app.why.map_html import accounts_html


def test_every_row_adds_up_to_the_same_score_as_shown():
    random = np.random.default_rng(0)
    for _ in range(2000):
        terms = random.normal(size=4) * 10 ** random.uniform(-3, 2)
        found = accounts(terms.tolist(), (float(terms[1]), float(terms[2] + 0.9 * terms[3])))
        assert len(found) == 4
        unit = 10.0 ** -found[0].places
        for one in found:
            shown = (one.start, one.appearance, one.motion, one.rest)
            assert sum(shown) == pytest.approx(one.score, abs=1e-9)
            assert one.score == pytest.approx(terms.sum(), abs=0.51 * unit)


def test_the_rows_are_what_the_methods_compute(network: Network, trace: Trace):
    target = Target("average", "one")
    passes = four_passes(network, trace.snippets)
    terms = clip_terms(passes, target)
    ledger, streams, chunks = accounts(terms.tolist())
    unit = 10.0**-ledger.places
    np.testing.assert_allclose(
        [ledger.start, ledger.appearance, ledger.motion, ledger.rest], terms, atol=unit
    )
    halves = stream_shapley(passes, target)
    assert streams.appearance == pytest.approx(halves.appearance, abs=unit)
    assert streams.motion == pytest.approx(halves.motion, abs=unit)
    for stream, shown in (("spatial", chunks.appearance), ("temporal", chunks.motion)):
        found = frame_shapley(network, trace.snippets, target, stream)
        assert shown == pytest.approx(float(found.shares.sum()), abs=unit + 1e-3)


def test_the_table_has_a_row_for_each_and_no_sign_on_zero():
    html = accounts_html(accounts([0.61, -0.1, 0.0, 0.0]), "“golf”")
    assert html.count("<tr>") == 4  # with the head
    assert "0.00" in html
    assert "+0.00" not in html
