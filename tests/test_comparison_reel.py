"""Comparison reel: panels, chunks and scales of two runs, read back from its bytes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.comparison_reel import compare, comparison_reel, readings_of_both
from fusionscope.analysis.panel import MapOnPanel, Panel
from fusionscope.analysis.reel import Reel
from fusionscope.card import Card
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.nets.network import Network
from fusionscope.nets.same_weights import SharedWeights
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from tests.numbered_reel import contents, read_reel, unpack_header, unpack_payload

Build = Callable[..., Network]


@pytest.fixture(scope="module")
def first(network: Network, square: Clip) -> Analysis:
    return analyse(network, square, dense_flow(square))


@pytest.fixture(scope="module")
def temporal(build: Build, card: Card, square: Clip) -> Analysis:
    """A single stream with other chunks and another stack length."""
    other = dataclasses.replace(card, spatial=None, fusion=None, place="", chunks=5, stack=4)
    return analyse(build(other), square, dense_flow(square))


def panels_of(reel: Reel) -> dict[str, Panel]:
    """The panels, as the player reads them back."""
    return {panel.key: panel for panel in read_reel(reel.to_bytes()).panels}


def map_of(panel: Panel) -> MapOnPanel:
    assert panel.map is not None
    return panel.map


def saying(run: Analysis, label: str) -> Analysis:
    """The same run with another predicted class."""
    scores = np.zeros((4, len(run.passes.labels)))
    scores[0, run.passes.labels.index(label)] = 9
    return dataclasses.replace(run, passes=Passes(run.passes.labels, {"average": scores}))


def with_maps(run: Analysis, factor: float) -> Analysis:
    """The same run with all its maps scaled by a factor."""
    maps = tuple(dataclasses.replace(heat, cells=factor * heat.cells) for heat in run.maps)
    return dataclasses.replace(run, maps=maps)


def test_maps_of_both_networks_are_side_by_side(first: Analysis, temporal: Analysis):
    reel = comparison_reel(first, temporal)
    panels = panels_of(reel)
    assert list(panels) == [
        "frame", "flow", "a:spatial", "a:temporal", "b:temporal", "a:fused", "a:why", "b:why",
    ]  # fmt: skip
    for letter, run in (("a", first), ("b", temporal)):
        for heat in run.maps:
            panel = panels[f"{letter}:{heat.key}"]
            assert panel.title == f"{letter.upper()} {heat.title}"
            assert panel.detail.startswith(heat.detail)
            drawn = map_of(panel)
            width = drawn.high - drawn.low
            assert np.abs(drawn.values - heat.cells).max() <= width / 255 / 2 + 1e-6
    assert contents(read_reel(reel.to_bytes())) == contents(reel)


def test_frame_and_flow_are_those_of_the_first_to_the_byte(first: Analysis, temporal: Analysis):
    reel = comparison_reel(first, temporal)
    assert all(reel.videos[name] is video for name, video in first.reel.videos.items())
    assert reel.panels[:2] == first.reel.panels[:2]
    packed, own = reel.to_bytes(), first.reel.to_bytes()
    old, new = unpack_header(own), unpack_header(packed)
    assert new["videos"] == old["videos"]
    end = old["videos"]["flow"][-1]
    assert unpack_payload(packed)[:end] == unpack_payload(own)[:end]
    assert new["panels"][:2] == old["panels"][:2]
    assert new["clip"] == old["clip"]


def test_the_payload_contains_each_picture_and_map_once(first: Analysis, temporal: Analysis):
    packed = comparison_reel(first, temporal).to_bytes()
    header = unpack_header(packed)
    at = header["videos"]["flow"][-1]
    for panel in header["panels"]:
        if panel["map"]:
            assert panel["map"]["offset"] == at
            at += int(np.prod(panel["map"]["shape"]))
    assert at == len(unpack_payload(packed))


def test_panels_of_the_second_run_have_their_own_chunks_if_they_differ(
    first: Analysis, temporal: Analysis
):
    reel = comparison_reel(first, temporal)
    own = temporal.reel.chunks
    assert len(own) == 5
    for key, panel in panels_of(reel).items():
        assert panel.chunks == (own if key.startswith("b:") else None)
        assert reel.chunks_of(panel) == (own if key.startswith("b:") else first.reel.chunks)
    assert (reel.chunks, reel.whose) == (first.reel.chunks, "A")
    alike = unpack_header(comparison_reel(first, first).to_bytes())
    assert "whose" not in alike
    assert not any("chunks" in panel for panel in alike["panels"])


def test_the_last_maps_and_why_are_shown_initially(first: Analysis, temporal: Analysis):
    shown = comparison_reel(first, temporal).shown
    assert shown == ("frame", "flow", "a:fused", "b:temporal", "a:why", "b:why")
    shown = comparison_reel(temporal, first).shown
    assert shown == ("frame", "flow", "a:temporal", "b:fused", "a:why", "b:why")
    bare = dataclasses.replace(temporal, maps=temporal.maps[:1])
    assert comparison_reel(bare, bare).shown == ("frame", "flow", "a:temporal", "b:temporal")


def test_a_run_with_another_flow_method_has_its_own_flow_panel(
    first: Analysis, build: Build, card: Card, square: Clip
):
    flow = dense_flow(square, "farneback")
    network = build(dataclasses.replace(card, flow="farneback"))
    second = analyse(network, square, flow)
    reel = comparison_reel(first, second)
    panels = panels_of(reel)
    assert list(panels)[:3] == ["frame", "flow", "b:flow"]
    assert reel.shown[:3] == ("frame", "flow", "b:flow")
    assert [panels[key].title for key in ("flow", "b:flow")] == ["A flow", "B flow"]
    assert panels["b:flow"].detail.startswith("Farneb")
    drawn_over = {key: panel.video for key, panel in panels.items()}
    assert drawn_over["a:temporal"] == "flow"
    assert drawn_over["b:temporal"] == drawn_over["b:flow"] == "b:flow"
    assert reel.videos["b:flow"] is second.reel.videos["flow"]
    assert read_reel(reel.to_bytes()).videos["b:flow"] == second.reel.videos["flow"]
    flows = [one for one in readings_of_both(first, second, 3, 0.5, 0.5) if "flow" in one.name]
    assert len(flows) == 2


def test_maps_of_the_same_kind_share_a_scale(first: Analysis):
    panels = panels_of(comparison_reel(first, with_maps(first, 0.5)))
    for key in ("spatial", "temporal", "fused", "why"):
        one, other = panels[f"a:{key}"], panels[f"b:{key}"]
        for panel in (one, other):
            assert "; one scale for A and B" in panel.detail
        a, b = map_of(one), map_of(other)
        assert (a.low, a.high) == (b.low, b.high)
        assert b.values.max() == pytest.approx(a.high / 2, rel=0.01)


def test_a_map_that_would_vanish_beside_the_other_keeps_its_own_scale(first: Analysis):
    panels = panels_of(comparison_reel(first, with_maps(first, 0.1)))
    one, other = panels["a:fused"], panels["b:fused"]
    assert map_of(other).high == pytest.approx(map_of(one).high / 10)
    high = first.maps[2].cells.max()
    assert f"; own scale: A to {high:.2g}, B to {high / 10:.2g}" in one.detail


def test_evidence_for_two_classes_does_not_share_a_scale(first: Analysis):
    one, other = saying(first, "one"), saying(with_maps(first, 0.5), "two")
    panels = panels_of(comparison_reel(one, other))
    assert map_of(panels["b:why"]).high == pytest.approx(map_of(panels["a:why"]).high / 2)
    assert "; own scale" in panels["a:why"].detail
    assert map_of(panels["a:fused"]).high == map_of(panels["b:fused"]).high


def test_every_map_is_named_and_the_flow_read_once(first: Analysis, temporal: Analysis):
    found = [one.name for one in readings_of_both(first, temporal, 6, 0.5, 0.5)]
    assert found == ["flow", "A spatial", "A temporal", "A fused", "A why", "B temporal", "B why"]


def test_two_clips_are_not_compared(first: Analysis, network: Network, numbered: Clip):
    other = analyse(network, numbered, dense_flow(numbered))
    with pytest.raises(ValueError, match="one clip"):
        comparison_reel(first, other)


def test_a_comparison_names_the_weights_that_the_networks_share(first: Analysis, network: Network):
    made = compare((network, network), (first, first))
    assert made.shared_weights == SharedWeights("relu5", "relu5", towers=True)
    assert made.reel.to_bytes() == comparison_reel(first, first).to_bytes()
    assert isinstance(first.maps[0], HeatMap)
