"""Actor overlap table: the table of results, and its description in words."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.actor_overlap import Pointing
from fusionscope.evaluation.actor_overlap_table import (
    Pointed,
    pointings_words,
    read_pointings,
    rows_of,
    write_pointings,
)
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.checks.actor_overlap import OnActor
from fusionscope.nets.store.catalogue import card_named

ROW = Pointed(
    "toybox-conv3d", "toybox", "unseen", "occlusion", "", "temporal",
    clips=200, share=0.9, area=0.07, pointing=0.96, chance=0.1, chunks=700, gap=math.nan,
)  # fmt: skip


def test_rows_contain_the_results_with_the_largest_gap():
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
def test_an_invalid_table_is_refused_and_not_changed(tmp_path: Path, content: bytes):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"t\.csv is not a table of actor overlap .*needed:"):
        write_pointings([ROW], path)
    assert path.read_bytes() == content


def test_a_method_above_the_limits_gets_no_warning():
    said = pointings_words([ROW])
    assert said == (
        "Measured on 200 unseen Toybox clips: 90 % of the motion map's support for the class is on "
        "the striped ball (7 % of the picture), and so is its highest cell in 96 % of the chunks "
        "(chance: 10 %)."
    )


def test_only_the_number_below_its_limit_is_called_too_low():
    said = pointings_words([dataclasses.replace(ROW, share=0.84)])
    assert "Too low for motion: 84 % on the ball (required: 85 %). Single" in said
    said = pointings_words([dataclasses.replace(ROW, pointing=0.94)])
    assert "Too low for motion: 94 % of the highest cells (required: 95 %). Single" in said
    shown = pointings_words([dataclasses.replace(ROW, share=0.8499, pointing=0.9501)])
    assert "oo low" not in shown  # 85 % is not less than 85 %


def test_for_people_the_limit_is_twice_the_actors_area_and_every_data_set_is_described():
    people = dataclasses.replace(ROW, data="jhmdb", fold="3", share=0.2, area=0.11)
    said = pointings_words([ROW, people])
    assert "90 % of the motion map's support for the class is on the striped ball" in said
    assert "Measured on 200 clips of jhmdb, fold 3: 20 % of the motion map's support" in said
    assert said.count("less than 2 times the actor's area (11 %)") == 1
    assert "less than" not in pointings_words([dataclasses.replace(people, share=0.23)])
    assert pointings_words([]) == ""


def test_the_shipped_table_covers_the_shipped_networks_and_methods():
    rows = read_pointings()
    assert rows
    for one in rows:
        assert one.method in ATTRIBUTION_METHODS
        assert one.stream in ("spatial", "temporal", "fused")
        assert card_named(one.model).taught
        assert 0 < one.share < 1
        assert 0 < one.area < 1
        assert one.clips > 0
