"""Paper tables: Toybox results appear only in the row of the same fusion."""

from __future__ import annotations

import dataclasses

import pytest

from fusionscope.card import Card
from fusionscope.nets.inspect.paper_tables import ROWS, paper_tables, table_line
from fusionscope.training.toybox.recipes import TOY_RECIPES

LABELS = ("a", "b")
BASE = Card(
    "base",
    "Base",
    LABELS,
    spatial="vgg-m-mini",
    temporal="vgg-m-mini",
    world="toybox",
    accuracy=(("spatiotemporal", 0.4), ("average", 0.45)),
    ceiling=(("spatiotemporal", 0.5), ("average", 0.5)),
)


def net(name: str, fusion: str, place: str, pool: str = "2d", keep: bool = False) -> Card:
    return dataclasses.replace(
        BASE, name=name, fusion=fusion, place=place, pool=pool, keep_temporal=keep
    )


def beside(*cards: Card) -> list[tuple[int, str, str, str]]:
    """Table, fusion, place and network of every row that has one."""
    rows, _ = paper_tables(cards)
    return [
        (row["table"], row["fusion"], row["place"], row["toybox"]["name"])
        for row in rows
        if row["toybox"]
    ]


@pytest.mark.parametrize(
    ("card", "rows"),
    [
        (net("n", "conv", "relu5"), [(1, "conv", "relu5", "n"), (2, "conv", "relu5", "n")]),
        (net("n", "conv", "relu2"), [(2, "conv", "relu2", "n")]),
        (net("n", "conv", "relu5+fc8"), [(2, "conv", "relu5+fc8", "n")]),
        (net("n", "sum", "softmax", keep=True), [(1, "sum", "softmax", "n")] * 2),
        (net("n", "conv", "relu5", keep=True), [(4, "conv", "relu5", "n")]),
        (net("n", "conv", "relu5", "3d", True), [(4, "conv", "relu5", "n")]),
        (net("n", "conv3d", "relu5", "3d", True), [(4, "conv3d", "relu5", "n")]),
        (net("n", "conv3d", "relu5", "3d"), []),
        (net("n", "conv", "relu5", "3d"), []),
        (dataclasses.replace(net("n", "conv", "relu5"), world="jhmdb"), []),
    ],
)
def test_a_network_appears_only_in_the_rows_of_its_fusion(card: Card, rows: list[object]):
    assert beside(card) == rows


def test_of_two_equal_networks_the_first_appears():
    pair = net("one", "max", "relu5"), net("two", "max", "relu5")
    assert beside(*pair) == [(1, "max", "relu5", "one")]


def test_accuracy_and_ceiling_are_those_of_the_final_prediction():
    rows, note = paper_tables([net("n", "max", "relu5")])
    (row,) = (row for row in rows if row["toybox"])
    assert row["toybox"] == {"name": "n", "accuracy": 0.45, "ceiling": 0.5, "tested": 0}
    assert "Toybox 45.0 %, ceiling 50.0 %" in table_line(row)
    assert "20-channel" in note


def test_a_single_head_is_the_final_prediction_and_a_missing_ceiling_is_none():
    one = dataclasses.replace(BASE, accuracy=(("spatial", 0.1),), ceiling=())
    assert one.final == (0.1, None)
    assert dataclasses.replace(one, accuracy=()).final == (None, None)


def test_table_4_is_counted_and_has_no_published_count():
    table = [row for row in ROWS if row.table == 4]
    assert [row.accuracy for row in table] == [89.35, 89.64, 90.40]
    assert [row.hmdb51 for row in table] == [56.93, 57.58, 58.63]
    rows, _ = paper_tables()
    conv, _, conv3d = (row for row in rows if row["table"] == 4)
    # VGG-16 and, from 20 channels, VGG-M-2048, each with its own head (paper.md 2.4, 2.5)
    assert conv["counted"] == 134_674_341 + 90_707_781 + 1024 * 512 + 512
    assert conv3d["counted"] - conv["counted"] == 26 * 1024 * 512
    assert "published no count" in table_line(conv)


def test_the_papers_final_network_is_in_table_4():
    card = TOY_RECIPES["toybox-conv3d"].card
    assert beside(card) == [(4, "conv3d", "relu5", "toybox-conv3d")]
