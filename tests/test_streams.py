"""Streams: their names match the records' fields, and each has its colour everywhere."""

from __future__ import annotations

import dataclasses

from fusionscope.base.streams import COLOURS, LANES, STREAMS
from fusionscope.card import Card
from fusionscope.nets.network import Seen
from fusionscope.trace import Trace
from fusionscope_app.theme.palette import DARK, HEADS, LIGHT


def names(record: type) -> set[str]:
    return {field.name for field in dataclasses.fields(record)}


def test_each_stream_is_a_field_of_every_record_that_holds_both():
    assert set(STREAMS) <= names(Card)
    assert set(LANES) <= names(Seen) & names(Trace)
    assert LANES[:2] == STREAMS


def test_each_has_its_own_colour_by_day_and_by_night():
    for shades in (LIGHT, DARK):
        assert set(COLOURS.values()) == set(shades)
        assert len(set(shades.values())) == len(shades)
    assert {HEADS[stream] for stream in STREAMS} == {"appearance", "motion"}
    heads = {"spatiotemporal", "average"}
    assert {HEADS[head] for head in heads} == {COLOURS["fused"]}
