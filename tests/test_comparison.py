"""Comparison: the reel of two runs, unpacked again: whose panel, whose chunks, on what scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from core.card import Card
from core.comparison import compare, pack_comparison, readings_of_both
from core.explain.heatmaps import HeatMap
from core.explain.ledger import Passes
from core.nets.kinship import Kinship
from core.nets.network import Network
from core.pipeline import Analysis, analyse
from core.reel import unpack_header, unpack_payload
from core.video.clip import Clip
from core.video.flow import dense_flow

Build = Callable[..., Network]


@pytest.fixture(scope="module")
def first(network: Network, square: Clip) -> Analysis:
    return analyse(network, square, dense_flow(square))


@pytest.fixture(scope="module")
def temporal(build: Build, card: Card, square: Clip) -> Analysis:
    """A single stream of other chunks and another length of stack."""
    other = dataclasses.replace(card, spatial=None, fusion=None, place="", chunks=5, stack=4)
    return analyse(build(other), square, dense_flow(square))


def panels_of(reel: bytes) -> dict[str, Any]:
    return {panel["key"]: panel for panel in unpack_header(reel)["panels"]}


def values(reel: bytes, panel: Mapping[str, Any]) -> np.ndarray:
    """A map as the player reads it back."""
    about = panel["map"]
    size = int(np.prod(about["shape"]))
    cells = np.frombuffer(unpack_payload(reel), np.uint8, size, about["offset"])
    low, high = about["low"], about["high"]
    return (low + cells / 255 * (high - low)).reshape(about["shape"])


def saying(run: Analysis, label: str) -> Analysis:
    """The same run, had it said something else."""
    scores = np.zeros((4, len(run.passes.labels)))
    scores[0, run.passes.labels.index(label)] = 9
    return dataclasses.replace(run, passes=Passes(run.passes.labels, {"average": scores}))


def with_maps(run: Analysis, factor: float) -> Analysis:
    """The same run with all its maps so many times as strong."""
    maps = tuple(dataclasses.replace(heat, cells=factor * heat.cells) for heat in run.maps)
    return dataclasses.replace(run, maps=maps)


def test_either_networks_maps_read_back_beside_each_other(first: Analysis, temporal: Analysis):
    reel = pack_comparison(first, temporal)
    panels = panels_of(reel)
    assert list(panels) == [
        "frame", "flow", "a:spatial", "a:temporal", "b:temporal", "a:fused", "a:why", "b:why",
    ]  # fmt: skip
    for letter, run in (("a", first), ("b", temporal)):
        for heat in run.maps:
            panel = panels[f"{letter}:{heat.key}"]
            assert panel["title"] == f"{letter.upper()} {heat.title}"
            assert panel["detail"].startswith(heat.detail)
            width = panel["map"]["high"] - panel["map"]["low"]
            assert np.abs(values(reel, panel) - heat.cells).max() <= width / 255 / 2 + 1e-6


def test_frame_and_flow_are_those_of_the_first_to_the_byte(first: Analysis, temporal: Analysis):
    reel = pack_comparison(first, temporal)
    old, new = unpack_header(first.reel), unpack_header(reel)
    assert new["videos"] == old["videos"]
    end = old["videos"]["flow"][-1]
    assert unpack_payload(reel)[:end] == unpack_payload(first.reel)[:end]
    assert new["panels"][:2] == old["panels"][:2]
    assert new["clip"] == old["clip"]


def test_the_payload_holds_each_picture_and_map_once(first: Analysis, temporal: Analysis):
    reel = pack_comparison(first, temporal)
    at = unpack_header(reel)["videos"]["flow"][-1]
    for panel in panels_of(reel).values():
        if panel["map"]:
            assert panel["map"]["offset"] == at
            at += int(np.prod(panel["map"]["shape"]))
    assert at == len(unpack_payload(reel))


def test_only_panels_of_the_second_have_chunks_of_their_own_and_only_where_they_differ(
    first: Analysis, temporal: Analysis
):
    reel = pack_comparison(first, temporal)
    own = unpack_header(temporal.reel)["chunks"]
    assert len(own) == 5
    for key, panel in panels_of(reel).items():
        assert panel.get("chunks") == (own if key.startswith("b:") else None)
    header = unpack_header(reel)
    assert (header["chunks"], header["whose"]) == (unpack_header(first.reel)["chunks"], "A")
    alike = unpack_header(pack_comparison(first, first))
    assert "whose" not in alike
    assert not any("chunks" in panel for panel in alike["panels"])


def test_where_the_networks_end_and_why_is_shown_to_begin_with(first: Analysis, temporal: Analysis):
    shown = unpack_header(pack_comparison(first, temporal))["shown"]
    assert shown == ["frame", "flow", "a:fused", "b:temporal", "a:why", "b:why"]
    shown = unpack_header(pack_comparison(temporal, first))["shown"]
    assert shown == ["frame", "flow", "a:temporal", "b:fused", "a:why", "b:why"]


def test_another_flow_method_brings_its_own_flow(
    first: Analysis, build: Build, card: Card, square: Clip
):
    flow = dense_flow(square, "farneback")
    network = build(dataclasses.replace(card, flow="farneback"))
    second = analyse(network, square, flow)
    reel = pack_comparison(first, second)
    header, panels = unpack_header(reel), panels_of(reel)
    assert list(panels)[:3] == ["frame", "flow", "b:flow"]
    assert header["shown"][:3] == ["frame", "flow", "b:flow"]
    assert [panels[key]["title"] for key in ("flow", "b:flow")] == ["A flow", "B flow"]
    assert panels["b:flow"]["detail"].startswith("Farneb")
    drawn_over = {key: panel["video"] for key, panel in panels.items()}
    assert drawn_over["a:temporal"] == "flow"
    assert drawn_over["b:temporal"] == drawn_over["b:flow"] == "b:flow"
    theirs = unpack_header(second.reel)["videos"]["flow"]
    for (a, b), (c, d) in zip(pairwise(header["videos"]["b:flow"]), pairwise(theirs), strict=True):
        assert unpack_payload(reel)[a:b] == unpack_payload(second.reel)[c:d]
    flows = [one for one in readings_of_both(first, second, 3, 0.5, 0.5) if "flow" in one.name]
    assert len(flows) == 2


def test_maps_of_the_same_thing_have_one_scale(first: Analysis):
    panels = panels_of(reel := pack_comparison(first, with_maps(first, 0.5)))
    for key in ("spatial", "temporal", "fused", "why"):
        one, other = panels[f"a:{key}"], panels[f"b:{key}"]
        for panel in (one, other):
            assert panel["detail"].endswith("; one scale for A and B")
        assert (one["map"]["low"], one["map"]["high"]) == (
            other["map"]["low"], other["map"]["high"],
        )  # fmt: skip
        assert values(reel, other).max() == pytest.approx(one["map"]["high"] / 2, rel=0.01)


def test_a_map_that_would_vanish_beside_the_other_keeps_its_own_scale(first: Analysis):
    panels = panels_of(pack_comparison(first, with_maps(first, 0.1)))
    one, other = panels["a:fused"], panels["b:fused"]
    assert other["map"]["high"] == pytest.approx(one["map"]["high"] / 10)
    high = first.maps[2].cells.max()
    assert one["detail"].endswith(f"; own scale: A to {high:.2g}, B to {high / 10:.2g}")


def test_evidence_for_two_classes_has_no_scale_in_common(first: Analysis):
    one, other = saying(first, "one"), saying(with_maps(first, 0.5), "two")
    panels = panels_of(pack_comparison(one, other))
    assert panels["b:why"]["map"]["high"] == pytest.approx(panels["a:why"]["map"]["high"] / 2)
    assert panels["a:why"]["detail"].endswith("; own scale")
    assert panels["a:fused"]["map"]["high"] == panels["b:fused"]["map"]["high"]


def test_every_map_is_named_and_the_flow_read_once(first: Analysis, temporal: Analysis):
    found = [one.name for one in readings_of_both(first, temporal, 6, 0.5, 0.5)]
    assert found == ["flow", "A spatial", "A temporal", "A fused", "A why", "B temporal", "B why"]


def test_two_clips_are_not_compared(first: Analysis, network: Network, numbered: Clip):
    other = analyse(network, numbered, dense_flow(numbered))
    with pytest.raises(ValueError, match="one clip"):
        pack_comparison(first, other)


def test_a_comparison_knows_what_the_networks_share(first: Analysis, network: Network):
    made = compare((network, network), (first, first))
    assert made.kinship == Kinship("relu5", "relu5", towers=True)
    assert made.reel == pack_comparison(first, first)
    assert isinstance(first.maps[0], HeatMap)
