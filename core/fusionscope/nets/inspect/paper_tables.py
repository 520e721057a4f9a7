"""Paper tables: Tables 1, 2 and 4 of the paper, to compare with our own counts and accuracies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from fusionscope.base.records import percent
from fusionscope.card import Card
from fusionscope.nets.inspect.ceiling_words import ceiling_words
from fusionscope.nets.inspect.sizes import describe

NOTE = (
    "Published accuracy: UCF101, split 1. Tables 1 and 2 use two VGG-M-2048 towers. Table 4 uses "
    "VGG-16 for appearance and VGG-M-2048 for motion; the motion tower keeps its own head. "
    "Most published counts match only if both towers have the temporal network's 20-channel "
    "first layer and the fusion filter is 1x1xDxD instead of the stated 1x1x2DxD, in some rows "
    "also without biases. Three rows (relu2, relu3, relu3+relu5+fc6) could not be reproduced. Our "
    "counts are exact: a 3-channel first layer in the spatial tower, 2DxD filters, biases."
)
"""Why published and exact counts differ (paper.md 2.5)."""

_LABELS = tuple(f"class {k}" for k in range(101))


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    table: int
    method: str
    fusion: str
    place: str
    accuracy: float  # percent, on UCF101
    layers: int | None = None  # conv and fully connected layers of both towers and the fusion
    parameters: str = ""  # as printed
    pool: str = "2d"
    keep_temporal: bool = False  # the paper's "+"
    hmdb51: float | None = None  # percent

    @property
    def card(self) -> Card:
        """Card of this network; the temporal tower ends at the last fusion unless it is kept."""
        return Card(
            name="published",
            title=self.method,
            labels=_LABELS,
            spatial="vgg-16" if self.table == 4 else "vgg-m-2048",
            temporal="vgg-m-2048",
            fusion=self.fusion,
            place=self.place,
            pool=self.pool,
            keep_temporal=self.keep_temporal,
        )

    def same_on_toybox(self, cards: Iterable[Card]) -> Card | None:
        """First Toybox network with the same fusion, place, pooling and heads."""
        own = self.card
        for card in cards:
            alike = (card.fusion, card.place, card.pool) == (own.fusion, own.place, own.pool)
            if alike and card.world == "toybox" and card.heads == own.heads:
                return card
        return None


ROWS = (
    Row(1, "Sum, as in Simonyan and Zisserman 2014", "sum", "softmax", 85.6, 16, "181.42M"),
    Row(1, "Sum", "sum", "softmax", 85.94, 16, "181.42M"),
    Row(1, "Max", "max", "relu5", 82.70, 13, "97.31M"),
    Row(1, "Concatenation", "cat", "relu5", 83.53, 13, "172.81M"),
    Row(1, "Bilinear", "bilinear", "relu5", 85.05, 10, "6.61M + SVM"),
    Row(1, "Sum", "sum", "relu5", 85.20, 13, "97.31M"),
    Row(1, "Conv", "conv", "relu5", 85.96, 14, "97.58M"),
    Row(2, "Conv", "conv", "relu2", 82.25, 11, "91.90M"),
    Row(2, "Conv", "conv", "relu3", 83.43, 12, "93.08M"),
    Row(2, "Conv", "conv", "relu4", 82.55, 13, "95.48M"),
    Row(2, "Conv", "conv", "relu5", 85.96, 14, "97.57M"),
    Row(2, "Conv", "conv", "relu5+fc8", 86.04, 17, "181.68M"),
    Row(2, "Conv", "conv", "relu3+relu5+fc6", 81.55, 17, "190.06M"),
    Row(4, "2D conv", "conv", "relu5", 89.35, None, "", "2d", True, 56.93),
    Row(4, "2D conv", "conv", "relu5", 89.64, None, "", "3d", True, 57.58),
    Row(4, "3D conv", "conv3d", "relu5", 90.40, None, "", "3d", True, 58.63),
)


def paper_tables(cards: Iterable[Card] = ()) -> tuple[list[dict[str, Any]], str]:
    """List every row with our exact count and the Toybox results; explain why the counts differ.

    ``toybox`` is None if no card has this fusion, else name, accuracy and ceiling in 0..1.
    """
    cards, rows = tuple(cards), []
    for row in ROWS:
        card = row.same_on_toybox(cards)
        found = card and dict(
            zip(
                ("name", "accuracy", "ceiling", "tested"),
                (card.name, *card.final, card.tested),
                strict=True,
            )
        )
        rows.append({**asdict(row), "counted": _count(row.card), "toybox": found})
    return rows, NOTE


@cache
def _count(card: Card) -> int:
    return describe(card).parameters


def table_line(row: dict[str, Any]) -> str:
    """Format a row of ``paper_tables`` as a line of text."""
    layers = f"{row['layers']} layers" if row["layers"] else f"{row['pool']} pooling"
    counts = f"published {row['parameters'] or 'no count':<12} counted {row['counted']:>11,}"
    other = f"  HMDB51 {row['hmdb51']:.2f} %" if row["hmdb51"] else ""
    return (
        f"Table {row['table']}  {row['method']:<40} {row['place']:<16} {row['accuracy']:.2f} %  "
        f"{layers:>10}  {counts}{other}{_toybox(row['toybox'])}"
    )


def _toybox(found: dict[str, Any] | None) -> str:
    if found is None or found["accuracy"] is None:
        return ""
    share, ceiling = found["accuracy"], found["ceiling"]
    limit = "" if ceiling is None else f", {ceiling_words(share, ceiling, found['tested'])}"
    return f"  Toybox {percent(share, 1)}{limit}"
