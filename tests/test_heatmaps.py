"""Heat maps: correct values for each stream, at the correct part of the picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.explain.attribution.grad_cam import evidence, grad_cam
from fusionscope.explain.heatmaps import HeatMap, activation_maps, readings, why
from fusionscope.explain.measures import decisions
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow

EXTENT = (9.5 / 149, 9.5 / 112, (9.5 + 8 * 16) / 149, (9.5 + 6 * 16) / 112)
"""Extent of the 6x8 cells of relu5 on 112x149 pixels: left, top, right, bottom."""


def heat(cells: np.ndarray, extent: tuple[float, float, float, float] = (0, 0, 1, 1)) -> HeatMap:
    return HeatMap("why", "why", "by hand", "fused", cells, extent)


def test_each_stream_has_its_map(trace: Trace, network: Network):
    found = activation_maps(trace, network)
    assert [heat.key for heat in found] == ["spatial", "temporal", "fused"]
    assert [heat.colour for heat in found] == ["appearance", "motion", "fused"]
    assert {heat.unit for heat in found} == {"activation"}
    assert [heat.detail for heat in found] == [
        "relu5, mean of 96 channels",
        "relu5, mean of 96 channels",
        "conv3d@relu5, mean of 96 channels",
    ]
    for made in found:
        maps = trace.maps(made.key)["relu5"]
        assert made.cells.shape == (3, 6, 8)
        assert float(made.cells[1, 2, 5]) == pytest.approx(
            sum(float(v) for v in maps[1, :, 2, 5]) / 96, rel=1e-4
        )
        assert made.extent == pytest.approx(EXTENT)


def test_before_the_fusion_there_is_no_fused_map(trace: Trace, network: Network):
    found = activation_maps(trace, network, "relu2")
    assert [heat.key for heat in found] == ["spatial", "temporal"]
    assert found[0].cells.shape == (3, 12, 17)
    left, top, right, bottom = found[0].extent
    assert (left * 149, right * 149) == pytest.approx((5.5, 5.5 + 17 * 8))
    assert (top * 112, bottom * 112) == pytest.approx((5.5, 5.5 + 12 * 8))


def test_why_is_grad_cam_of_the_predicted_class(trace: Trace, network: Network):
    made = why(trace, network, "average")
    label = trace.card.labels[int(trace.final.argmax())]
    assert (made.key, made.colour, made.unit) == ("why", "fused", "evidence")
    assert made.detail == f"Grad-CAM of “{label}” on fused relu5"
    target = int(trace.final.argmax())
    expected = grad_cam(network, trace.snippets, "fused", "relu5", "average", target)
    np.testing.assert_array_equal(made.cells, expected)
    assert made.extent == pytest.approx(EXTENT)


@pytest.mark.parametrize(
    ("changed", "stream", "stage"),
    [
        ({}, "fused", "relu5"),
        ({"place": "relu3", "pool": "2d"}, "fused", "relu3"),
        ({"place": "relu3", "pool": "2d"}, "fused", "relu5"),
        ({"place": "relu5+fc8", "fusion": "conv", "pool": "2d"}, "fused", "relu5"),
        ({}, "temporal", "relu4"),
        ({"fusion": None}, "spatial", "relu5"),
        ({"fusion": None}, "temporal", "relu4"),
        ({"temporal": None, "fusion": None}, "spatial", "relu4"),
    ],
)
def test_evidence_from_stored_maps_equals_that_of_a_full_pass(
    changed: dict[str, Any],
    stream: str,
    stage: str,
    card: Card,
    build: Callable[..., Network],
    square: Clip,
):
    network = build(dataclasses.replace(card, **changed))
    own = run(network, square, dense_flow(square))
    head = [*decisions(own)][-1]
    found = evidence(network, own, stream, stage, head, 1)
    whole = grad_cam(network, own.snippets, stream, stage, head, 1)
    np.testing.assert_allclose(found, whole, rtol=1e-4, atol=1e-6 * max(1.0, float(whole.max())))


@pytest.mark.parametrize(("stream", "other"), [("spatial", "temporal"), ("temporal", "spatial")])
def test_grad_cam_of_a_single_stream_uses_its_own_map(
    stream: str, other: str, card: Card, build: Callable[..., Network], square: Clip, trace: Trace
):
    fields = {other: None, "fusion": None}
    network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
    made = run(network, square, trace.flow)
    assert [heat.key for heat in activation_maps(made, network)] == [stream]
    asked = why(made, network, stream)
    assert asked.detail.endswith(f"on {stream} relu5")
    assert asked.colour == {"spatial": "appearance", "temporal": "motion"}[stream]
    assert asked.extent == pytest.approx(EXTENT)


def test_a_cell_is_found_by_its_place():
    made = heat(np.zeros((2, 4, 5)), (0.1, 0.2, 0.6, 0.6))  # cells of a tenth
    assert made.cell_at(0.11, 0.21) == (0, 0)
    assert made.cell_at(0.25, 0.45) == (2, 1)
    assert made.cell_at(0.59, 0.59) == (3, 4)


def test_beyond_the_grid_the_nearest_cell_is_found():
    made = heat(np.zeros((2, 4, 5)), (0.1, 0.2, 0.6, 0.6))
    assert made.cell_at(0.0, 0.0) == (0, 0)
    assert made.cell_at(1.0, 1.0) == (3, 4)
    assert made.cell_at(1.0, 0.25) == (0, 4)
    assert made.cell_at(0.6, 0.6) == (3, 4)


def test_a_reading_uses_the_nearest_chunk(trace: Trace):
    assert trace.snippets.frames.tolist() == [2, 7, 11]
    cells = np.arange(3 * 2 * 4, dtype=float).reshape(3, 2, 4)  # chunk t: 8 t + 4 row + column
    for frame, chunk in ((0, 0), (4, 0), (5, 1), (8, 1), (10, 2), (13, 2)):
        flow, value = readings(trace, (heat(cells),), frame, 0.6, 0.7)
        assert value.value == f"{8 * chunk + 4 * 1 + 2:.3g}"
        assert (value.name, value.colour) == ("why", "fused")
        u, v = trace.flow[min(frame, 12), :, int(0.7 * 96), int(0.6 * 128)]
        assert flow.value == f"{u:+.1f}, {v:+.1f} px/frame"
        assert (flow.name, flow.colour) == ("flow", "motion")


def test_flow_is_read_with_its_sign_at_the_square(trace: Trace):
    n = 6
    x, y = (20 + 3 * n + 15) / 128, (15 + 2 * n + 15) / 96
    (flow,) = readings(trace, (), n, x, y)
    u, v = (float(part) for part in flow.value.removesuffix(" px/frame").split(", "))
    assert (u, v) == pytest.approx((3, 2), abs=0.3)
    assert flow.value.startswith("+")


def test_the_far_corner_can_be_read(trace: Trace):
    assert len(readings(trace, (heat(np.zeros((3, 2, 2))),), 13, 1.0, 1.0)) == 2


def test_a_map_is_sealed():
    cells = np.zeros((1, 2, 2))
    heat(cells)
    assert not cells.flags.writeable
