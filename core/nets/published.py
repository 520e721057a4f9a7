"""Published: the paper's Tables 1, 2 and 4, to stand beside our own counts and Toybox's figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from core.card import Card
from core.nets.describe import describe

NOTE = (
    "Accuracy as published: UCF101, split 1; Tables 1 and 2 with two VGG-M-2048, Table 4 with "
    "VGG-16 for appearance and VGG-M-2048 for motion, which keeps a head of its own. Most "
    "published counts come out only if both towers are counted with the temporal net's 20-channel "
    "first layer and the fusion filter as 1x1xDxD instead of the stated 1x1x2DxD, some also "
    "without biases; three rows (relu2, relu3, relu3+relu5+fc6) come out under no reading we "
    "tried. Ours are exact: a 3-channel first layer in the spatial tower, 2DxD filters, biases."
)
"""Why the counts differ (paper.md 2.5)."""

_LABELS = tuple(f"class {k}" for k in range(101))


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    table: int
    method: str
    fusion: str
    place: str
    accuracy: float  # percent, on UCF101
    layers: int | None = None  # conv and fully connected ones of both towers, and of the fusion
    parameters: str = ""  # as printed
    pool: str = "2d"
    keep_temporal: bool = False  # the paper's "+"
    hmdb51: float | None = None  # percent

    @property
    def card(self) -> Card:
        """The network, as we build it: unless kept, the temporal tower ends at the last fusion."""
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
        """The first Toybox network with this fusion, place and pooling, and as many heads."""
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
    """Every row with our own exact count and Toybox's figures in it, and why the counts differ.

    ``toybox`` is None where none of the cards fuses so, else name, accuracy and ceiling in 0..1.
    """
    cards, rows = tuple(cards), []
    for row in ROWS:
        card = row.same_on_toybox(cards)
        found = card and dict(
            zip(("name", "accuracy", "ceiling"), (card.name, *card.final), strict=True)
        )
        rows.append({**asdict(row), "counted": _count(row.card), "toybox": found})
    return rows, NOTE


@cache
def _count(card: Card) -> int:
    return describe(card).parameters


def table_line(row: dict[str, Any]) -> str:
    """A row of ``paper_tables`` for people."""
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
    limit = "" if found["ceiling"] is None else f" of at most {found['ceiling']:.1%}"
    return f"  Toybox {found['accuracy']:.1%}{limit}"
