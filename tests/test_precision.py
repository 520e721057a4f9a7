"""Precision: bfloat16 towers only where they are faster and agree, and the choice is recorded."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fusionscope.explain.ledger.ledger import BOTH, passes_of_run
from fusionscope.nets import precision
from fusionscope.nets.network import Network
from fusionscope.nets.precision import (
    PrecisionTrial,
    choose_precision,
    forward,
    has_bfloat16,
    precision_trial,
)
from fusionscope.trace import Trace, network_inputs, run

native = pytest.mark.skipif(not has_bfloat16(), reason="this CPU has no bfloat16 of its own")


@pytest.fixture
def chosen(monkeypatch):
    """Choices made in a test are its own."""
    monkeypatch.setattr(precision, "_CHOSEN", type(precision._CHOSEN)())


@pytest.mark.parametrize(
    ("faster", "apart", "expected"),
    [
        (3.0, 0.01, "bfloat16"),
        (1.2, 0.05, "bfloat16"),
        (1.19, 0.01, "float32"),
        (0.8, 0.01, "float32"),
        (3.0, 0.051, "float32"),
        (3.0, float("nan"), "float32"),
    ],
)
def test_bfloat16_is_chosen_where_it_is_faster_and_close(faster, apart, expected):
    assert PrecisionTrial(faster, apart).chosen == expected


@torch.inference_mode()
def test_towers_in_bfloat16_give_close_maps_and_the_terms_add_up(network: Network, trace: Trace):
    parts = network_inputs(network, trace.snippets)
    exact, near = network(*parts), forward(network, *parts, "bfloat16")
    for stream in ("spatial", "temporal", "fused"):
        ours, theirs = getattr(near, stream), getattr(exact, stream)
        assert [*ours] == [*theirs]
        for stage, cells in ours.items():
            assert cells.dtype == torch.float32
            assert cells.shape == theirs[stage].shape
    relu1 = near.spatial["relu1"], exact.spatial["relu1"]
    assert 0 < float((relu1[0] - relu1[1]).abs().max()) < 0.02 * float(relu1[1].max())
    fused = network.fuse("relu5", near.spatial["relu5"], near.temporal["relu5"])
    assert torch.equal(fused, near.fused["relu5"])


@torch.inference_mode()
def test_in_float32_a_pass_is_the_networks_own(network: Network, trace: Trace):
    parts = network_inputs(network, trace.snippets)
    assert torch.equal(forward(network, *parts, "float32").final, network(*parts).final)


@pytest.mark.usefixtures("chosen")
def test_a_pass_nobody_waits_for_stays_as_it_is(network: Network, trace: Trace):
    assert choose_precision(network, *network_inputs(network, trace.snippets)) == "float32"
    assert run(network, trace.clip, trace.flow).precision == "float32"


@pytest.mark.usefixtures("chosen")
def test_a_cpu_without_bfloat16_is_not_tried(network: Network, trace: Trace, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    assert not has_bfloat16()
    assert precision_trial(network, *network_inputs(network, trace.snippets)) is None


@native
@pytest.mark.usefixtures("chosen")
def test_the_choice_is_kept_and_recorded(network: Network, trace: Trace, monkeypatch):
    for name, value in (("LONG", 0.0), ("FASTER", 0.0)):
        monkeypatch.setattr(precision, name, value)
    found = precision_trial(network, *network_inputs(network, trace.snippets))
    assert found is not None
    assert 0 < found.apart < 0.05
    near = run(network, trace.clip, trace.flow)
    assert near.precision == "bfloat16"
    assert 0 < np.abs(near.final - trace.final).max() <= precision.CLOSE
    passes = passes_of_run(network, near)
    np.testing.assert_allclose(passes.logits["average"][BOTH], near.final, rtol=1e-5, atol=1e-5)
    monkeypatch.setattr(precision, "FASTER", 99.0)  # too late: the choice stands
    assert run(network, trace.clip, trace.flow).precision == "bfloat16"
    np.testing.assert_array_equal(run(network, trace.clip, trace.flow).final, near.final)


@native
@pytest.mark.usefixtures("chosen")
def test_a_precision_with_too_large_errors_is_not_chosen(
    network: Network, trace: Trace, monkeypatch
):
    for name, value in (("LONG", 0.0), ("FASTER", 0.0), ("CLOSE", 0.0)):
        monkeypatch.setattr(precision, name, value)
    assert run(network, trace.clip, trace.flow).precision == "float32"
