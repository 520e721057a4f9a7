"""Scenes of the lens: the bytes that the browser draws hold the numbers of the run."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from fusionscope.explain.fusion.bilinear_pairs import ChannelPair
from fusionscope.explain.fusion.lens import before_relu
from fusionscope.explain.fusion.unit_picture import nearest_strong, unit_picture
from fusionscope_app.components.lens import read_cell
from fusionscope_app.components.lens.scenes import pairs_scene, scores_scene, unit_scene
from tests.test_unit_picture import Pair, cells, pairs  # noqa: F401

WHOLE = (0.0, 0.0, 1.0, 1.0)


def opened(scene: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack("<I", scene[:4])
    return json.loads(scene[4 : 4 + size]), scene[4 + size :]


def values(entry: dict[str, Any], payload: bytes) -> np.ndarray:
    """A map as the browser reads it."""
    shape = entry["shape"]
    count = int(np.prod(shape))
    found = np.frombuffer(payload, np.uint8, count, entry["offset"]) / 255
    found = entry["low"] + found * (entry["high"] - entry["low"])
    for at, value in entry["beyond"].items():
        found[int(at)] = value
    return found.reshape(shape)


@pytest.mark.parametrize("name", ["sum", "max", "conv", "conv3d"])
def test_the_numbers_of_a_scene_add_up_to_the_network_s_value(pairs: dict[str, Pair], name: str):  # noqa: F811
    network, trace = pairs[name]
    t, i, j = cell = cells(trace)[2]
    made, _ = opened(unit_scene([unit_picture(network, trace, "relu5", 2, cell)], "c", WHOLE))
    own = float(before_relu(network, trace, "relu5")[t, 2, i, j])
    near = 1e-5 * max(1.0, abs(own))
    total = made["bias"] or 0.0
    for side in made["sides"]:
        terms = [one["term"] for one in side["inputs"]]
        assert side["total"] == pytest.approx(sum(terms) + side["rest"], abs=near)
        assert side["total"] == pytest.approx(np.sum(side["window"]), abs=near)
        total += side["total"]
    assert total == pytest.approx(own, abs=near)
    assert made["value"] == pytest.approx(own, abs=near)
    assert made["outputs"][0]["value"] == trace.fused["relu5"][t, 2, i, j]
    shown = sum(round(side["total"], 3) for side in made["sides"]) + made["biasShown"]
    assert shown == pytest.approx(round(own, 3), abs=1.1e-3)


def test_every_map_is_that_of_its_channel_on_a_scale_of_its_own(pairs: dict[str, Pair]):  # noqa: F811
    network, trace = pairs["conv3d"]
    made, payload = opened(
        unit_scene([unit_picture(network, trace, "relu5", 2, cells(trace)[2])], "c", WHOLE)
    )
    scales = set()
    for side, maps in zip(
        made["sides"], (trace.spatial["relu5"], trace.temporal["relu5"]), strict=True
    ):
        for one in side["inputs"]:
            step = (one["map"]["high"] - one["map"]["low"]) / 255
            expected = maps[:, int(one["name"])]
            assert values(one["map"], payload) == pytest.approx(expected, abs=step)
            scales.add(one["map"]["high"])
    assert len(scales) > 6
    (output,) = made["outputs"]
    step = (output["map"]["high"] - output["map"]["low"]) / 255
    assert values(output["map"], payload) == pytest.approx(trace.fused["relu5"][:, 2], abs=step)


def test_a_cell_that_is_off_says_so_and_names_the_nearest_strong_one(pairs: dict[str, Pair]):  # noqa: F811
    network, trace = pairs["conv3d"]
    output = trace.fused["relu5"][:, 2]
    t, i, j = (int(at) for at in np.argwhere(output == 0)[0])
    picture = unit_picture(network, trace, "relu5", 2, (t, i, j))
    made, _ = opened(unit_scene([picture], "c", WHOLE))
    strong = nearest_strong(output, (t, i, j))
    assert strong is not None
    assert made["strong"] == list(strong)
    where = f"chunk {strong[0] + 1}, row {strong[1] + 1}, column {strong[2] + 1}"
    assert made["off"] == (
        f"This cell is off: ReLU gives 0. Nearest strong cell: {where} ({output[strong]:.3f})."
    )
    quiet, _ = opened(unit_scene([picture], "c", WHOLE, offers=False))
    assert (quiet["strong"], quiet["off"]) == (None, "")
    on, _ = opened(unit_scene([unit_picture(network, trace, "relu5", 2, strong)], "c", WHOLE))
    assert (on["strong"], on["off"]) == (None, "")


@pytest.mark.parametrize("chosen", [2, 98])
def test_concatenation_stands_side_by_side_appearance_first(pairs: dict[str, Pair], chosen: int):  # noqa: F811
    network, trace = pairs["cat"]
    count = trace.spatial["relu5"].shape[1]
    cell = cells(trace)[2]
    units = [chosen, (chosen + count) % (2 * count)]
    pictures = [unit_picture(network, trace, "relu5", unit, cell) for unit in units]
    made, payload = opened(unit_scene(pictures, "c", WHOLE))
    assert made["kind"] == "copy"
    assert [one["name"] for one in made["outputs"]] == ["unit 2", f"unit {2 + count}"]
    for side, output in zip(made["sides"], made["outputs"], strict=True):
        assert [one["name"] for one in side["inputs"]] == ["2"]
        assert values(side["inputs"][0]["map"], payload) == pytest.approx(
            values(output["map"], payload)
        )


def test_a_maximum_marks_the_input_that_does_not_count(pairs: dict[str, Pair]):  # noqa: F811
    network, trace = pairs["max"]
    t, i, j = cell = cells(trace)[2]
    made, _ = opened(unit_scene([unit_picture(network, trace, "relu5", 2, cell)], "c", WHOLE))
    a, m = trace.spatial["relu5"][t, 2, i, j], trace.temporal["relu5"][t, 2, i, j]
    live = [side["inputs"][0]["live"] for side in made["sides"]]
    assert live == [bool(a >= m), bool(m > a)]
    assert made["node"] == "max"


def test_pairs_have_the_maps_of_both_channels():
    random = np.random.default_rng(0)
    maps = random.random((2, 2, 3, 4, 4))
    found = [ChannelPair(7, 1, 2.5, 0.5, 0.25), ChannelPair(0, 3, -1.0, -0.1, -0.125)]
    made, payload = opened(pairs_scene(found, (maps[0], maps[1]), 1, "c", WHOLE))
    names = [[one["name"] for one in side["inputs"]] for side in made["sides"]]
    assert names == [["7", "0"], ["1", "3"]]
    assert [(n["value"], n["weight"]) for n in made["nodes"]] == [(2.5, 0.25), (-1.0, -0.125)]
    for side, expected in zip(made["sides"], maps, strict=True):
        for one, cells_ in zip(side["inputs"], expected, strict=True):
            assert values(one["map"], payload) == pytest.approx(cells_, abs=0.01)


def test_late_fusion_shows_scores_and_their_mean_and_no_map():
    scores = np.array([[1.0, -2.0, 0.5], [3.0, 0.0, -4.0]])
    made, payload = opened(scores_scene(scores, ("up", "shoot_gun", "down"), "c"))
    assert payload == b""
    assert [node["value"] for node in made["nodes"]] == [2.0, -1.0, -1.75]
    assert [one["bar"] for one in made["sides"][0]["inputs"]] == [1.0, -2.0, 0.5]
    assert [one["name"] for one in made["sides"][1]["inputs"]] == ["up", "shoot gun", "down"]
    assert not any("map" in one for side in made["sides"] for one in side["inputs"])


def test_only_a_cell_of_the_map_is_taken_from_the_browser():
    assert read_cell([1, 2, 3], (2, 3, 4)) == (1, 2, 3)
    for sent in (None, "1", [1, 2], [2, 2, 3], [0, -1, 0], [True, 0, 0], [0.0, 0, 0], {"a": 1}):
        assert read_cell(sent, (2, 3, 4)) is None
    assert read_cell([0, 0, 0], None) is None
