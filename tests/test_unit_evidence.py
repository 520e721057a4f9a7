"""Units and pairs: what the answer rests on, and other operators in a fusion's place."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.bilinear_pairs import strongest_pairs
from fusionscope.explain.fusion.unit_evidence import (
    fused_evidence,
    strongest,
    swapped_logits,
    telling_cell,
)
from fusionscope.nets.network import Network, Seen
from fusionscope.trace import Trace, run


@pytest.mark.parametrize("extreme", [np.argmax, np.argmin])
def test_evidence_is_gradient_times_activation(network: Network, trace: Trace, extreme):
    """Against a small step: scaling one activation by 1 + e moves the score by e times it."""
    found = fused_evidence(network, trace, "relu5", "spatiotemporal", 2)
    assert found.shape == trace.fused["relu5"].shape
    assert found.min() < 0 < found.max()
    t, d, i, j = np.unravel_index(int(extreme(found)), found.shape)
    step = 1e-2

    def meet(at: str, cells: torch.Tensor, motion: torch.Tensor) -> torch.Tensor:
        fused = network.fuse(at, cells, motion).clone()
        fused[0, t, d, i, j] *= 1 + step
        return fused

    maps = (torch.tensor(part["relu5"])[None] for part in (trace.spatial, trace.temporal))
    with torch.inference_mode():
        moved = network.onward(*maps, after="relu5", meet=meet).logits["spatiotemporal"][0, 2]
    slope = (float(moved) - float(trace.logits["spatiotemporal"][2])) / step
    assert slope == pytest.approx(float(found[t, d, i, j]), rel=0.05)


def test_a_map_that_the_score_does_not_rest_on_is_told(network: Network, trace: Trace, monkeypatch):
    whole = network.forward

    def cut(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
        seen = whole(rgb, flow)
        seen.fused["relu5"] = seen.fused["relu5"].detach()
        return seen

    monkeypatch.setattr(network, "forward", cut)
    with pytest.raises(InputError, match="fused relu5"):
        fused_evidence(network, trace, "relu5", "spatiotemporal", 0)


def test_the_strongest_units_and_their_cell_by_hand():
    evidence = np.zeros((2, 3, 2, 2))
    evidence[0, 1, 1, 0], evidence[1, 1, 0, 1] = 2, 3
    evidence[0, 2, 0, 0] = 4
    evidence[:, 0] = -1
    assert strongest(evidence, 3) == [1, 2, 0]
    assert telling_cell(evidence, 1) == (1, 0, 1)


def test_a_swapped_operator_is_the_network_that_was_built_with_it(build, trace: Trace):
    conv = build(dataclasses.replace(trace.card, fusion="conv"))
    for value in conv.fusions.parameters():
        value.mul_(3)  # far from its start, which is the sum
    joined = Network(dataclasses.replace(trace.card, fusion="sum"))
    joined.load_state_dict({k: v for k, v in conv.state_dict().items() if "fusions" not in k})
    expected = run(joined.eval(), trace.clip, trace.flow)
    found = swapped_logits(conv, run(conv, trace.clip, trace.flow), "relu5", "sum")
    assert list(found) == ["spatiotemporal", "temporal", "average"]
    np.testing.assert_allclose(
        found["spatiotemporal"], expected.logits["spatiotemporal"], atol=1e-4
    )


def test_an_operator_that_does_not_fit_is_told(network: Network, trace: Trace):
    with pytest.raises(InputError, match=r"192 channels.*96"):
        swapped_logits(network, trace, "relu5", "cat")


def test_pairs_by_hand(build, trace: Trace):
    network = build(dataclasses.replace(trace.card, fusion="bilinear", pool="2d"))
    found = run(network, trace.clip, trace.flow)
    evidence = fused_evidence(network, found, "relu5", "spatiotemporal", 1)
    pairs = strongest_pairs(network, found, "relu5", evidence, 1, 3)
    assert [p.evidence for p in pairs] == sorted((p.evidence for p in pairs), reverse=True)
    assert pairs[0].evidence == pytest.approx(float(evidence[1].max()))
    for pair in pairs:
        a, m = found.spatial["relu5"][1, pair.appearance], found.temporal["relu5"][1, pair.motion]
        assert pair.total == pytest.approx(float((a * m).sum()), rel=1e-4)
        assert pair.value == found.fused["relu5"][1, 96 * pair.appearance + pair.motion, 0, 0]
