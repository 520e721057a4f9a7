"""Pointings: the table of figures that is told beside a method's maps."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from core.explain.actor import OnActor
from core.explain.methods import METHODS
from core.nets.zoo import card_named
from core.records import InputError
from core.study.pointing import Pointing
from core.study.pointings import (
    Pointed,
    pointings_words,
    read_pointings,
    rows_of,
    write_pointings,
)

ROW = Pointed(
    "toybox-conv3d", "toybox", "unseen", "occlusion", "", "temporal",
    clips=200, share=0.9, area=0.07, pointing=0.96, chance=0.1, chunks=700, gap=math.nan,
)  # fmt: skip


def test_rows_are_made_of_what_was_found_with_the_largest_gap():
    found = Pointing(
        "integrated-gradients",
        "",
        {"a": {"spatial": OnActor(0.5, 0.2, 2, 4, 0.3), "temporal": OnActor(0.4, 0.1, 1, 1, 0.2)}},
        {},
        {"a": 0.004, "b": 0.02},
    )
    spatial, temporal = rows_of(found, "net", "jhmdb", "3")
    assert (spatial.stream, spatial.share, spatial.pointing, spatial.gap) == (
        "spatial", 0.5, 0.5, 0.02,
    )  # fmt: skip
    assert (temporal.stream, temporal.area, temporal.chunks) == ("temporal", 0.1, 1)


def test_rows_are_read_back_and_take_the_place_of_their_like(tmp_path: Path):
    path = tmp_path / "t.csv"
    assert read_pointings(path) == ()
    other = dataclasses.replace(ROW, method="grad-cam", stage="fused.relu5", fold="3", gap=0.25)
    write_pointings([ROW, other], path)
    better = dataclasses.replace(ROW, share=0.95)
    write_pointings([better], path)
    first, second = read_pointings(path)
    assert first == other
    assert dataclasses.replace(second, gap=0) == dataclasses.replace(better, gap=0)
    assert math.isnan(second.gap)


@pytest.mark.parametrize("content", [b"", b"model,data\na,b\n", b"\xff\xfe\x00"])
def test_what_is_no_such_table_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv is no table of pointings: .*needed: what"):
        write_pointings([ROW], path)
    assert path.read_bytes() == content


def test_a_method_that_does_well_is_told_without_a_warning():
    said = pointings_words([ROW])
    assert said == (
        "Measured on 200 unseen Toybox clips: 90% of what motion says for the class lies on the "
        "striped ball (7% of the picture), and its highest cell does in 96% of the chunks (by "
        "chance 10%)."
    )


@pytest.mark.parametrize("worse", [{"share": 0.84}, {"pointing": 0.94}])
def test_a_method_that_misses_what_is_asked_of_it_is_told_so(worse: dict[str, float]):
    said = pointings_words([dataclasses.replace(ROW, **worse)])
    assert "less than should be: 85% and 95% are asked of motion" in said


def test_of_people_twice_the_actors_area_is_asked_and_every_data_set_is_told():
    people = dataclasses.replace(ROW, data="jhmdb", fold="3", share=0.2, area=0.11)
    said = pointings_words([ROW, people])
    assert "90% of what motion says for the class lies on the striped ball" in said
    assert "Measured on 200 clips of jhmdb, fold 3: 20% of what motion says" in said
    assert said.count("2 times the actor's area are asked of motion") == 1
    assert "less" not in pointings_words([dataclasses.replace(people, share=0.23)])
    assert pointings_words([]) == ""


def test_the_table_that_comes_with_the_project_speaks_of_its_networks_and_methods():
    rows = read_pointings()
    assert rows
    for one in rows:
        assert one.method in METHODS
        assert one.stream in ("spatial", "temporal", "fused")
        assert card_named(one.model).taught
        assert 0 < one.share < 1
        assert 0 < one.area < 1
        assert one.clips > 0
