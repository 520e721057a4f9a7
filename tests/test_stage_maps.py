"""Stage maps: the diagram draws what each stage made of the clip, from the trace alone."""

import dataclasses

import numpy as np
import pytest

from fusionscope.nets.inspect.structure import structure
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope_app.components.diagram import drawn, stage_maps
from fusionscope_app.components.diagram.stage_maps import MOST, shrunk, side_by_side


def test_every_stage_of_the_diagram_has_its_map(network: Network, trace: Trace):
    made = stage_maps(trace, network)
    stages = structure(trace.card).stages
    assert [*made.header] == [f"{stage.stream}.{stage.name}" for stage in stages]
    assert made.clip == trace.clip.digest
    for stage in stages:
        entry = made.header[f"{stage.stream}.{stage.name}"]
        maps = trace.maps(stage.stream)[stage.name]
        count = int(np.prod(entry["shape"]))
        read = np.frombuffer(made.payload, np.uint8, count, entry["offset"])
        read = entry["low"] + read.reshape(entry["shape"]) / 255 * (entry["high"] - entry["low"])
        if entry["channels"]:
            assert maps.shape[2:] == (1, 1)
            flat = read.reshape(len(maps), -1)[:, : maps.shape[1]]
            expected = maps[..., 0, 0]
        else:
            flat, expected = read, shrunk(maps.mean(axis=1))
        step = (entry["high"] - entry["low"]) / 255
        inside = expected.clip(entry["low"], entry["high"])
        assert flat == pytest.approx(inside, abs=step)


def test_a_large_map_is_drawn_as_means_of_blocks():
    cells = np.random.default_rng(0).random((2, 109, 70))
    made = shrunk(cells)
    assert made.shape == (2, 55, 35)
    assert max(made.shape[1:]) <= MOST
    assert made[1, 3, 4] == pytest.approx(cells[1, 6:8, 8:10].mean())
    assert made[0, 54, 0] == pytest.approx(cells[0, 108:, 0:2].mean())
    small = np.ones((1, 6, 6))
    assert shrunk(small) is small


def test_the_channels_of_one_cell_lie_side_by_side():
    made = side_by_side(np.arange(10.0).reshape(2, 5))
    assert made.tolist() == [
        [[0, 1, 2], [3, 4, 0], [0, 0, 0]],
        [[5, 6, 7], [8, 9, 0], [0, 0, 0]],
    ]


def test_a_3d_filter_reads_one_chunk_more_on_either_side_and_a_1x1_filter_does_not(trace: Trace):
    def reaches(fusion: str) -> dict[str, int]:
        card = dataclasses.replace(trace.card, fusion=fusion)
        upper, _ = drawn(structure(card))["lanes"]
        return {f"{one['stream']}.{one['name']}": one["reach"] for one in upper}

    found = reaches("conv3d")
    assert (found["spatial.relu5"], found["fused.relu5"], found["fused.fc6"]) == (0, 1, 1)
    assert set(reaches("conv").values()) == {0}


def test_the_receptive_field_of_a_stage_is_a_share_of_the_picture(trace: Trace):
    net = structure(trace.card)
    upper, _ = drawn(net)["lanes"]
    for one in upper:
        size = net.stage(one["stream"], one["name"]).field
        expected = None if size is None else [size / 112] * 2
        assert one["look"] == expected
