"""Published: the paper's Tables 1 and 2, to stand beside our own counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.card import Card
from core.nets.describe import describe

NOTE = (
    "Accuracy as published: UCF101, split 1, two VGG-M-2048. Most published counts come out only "
    "if both towers are counted with the temporal net's 20-channel first layer and the fusion "
    "filter as 1x1xDxD instead of the stated 1x1x2DxD, some also without biases; three rows "
    "(relu2, relu3, relu3+relu5+fc6) come out under no reading we tried. Ours are exact: a "
    "3-channel first layer in the spatial tower, 2DxD filters, biases."
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
    accuracy: float  # percent
    layers: int  # conv and fully connected ones of both towers, and of the fusion
    parameters: str  # as printed

    @property
    def card(self) -> Card:
        """The network, as we build it: the temporal tower ends at the last fusion."""
        return Card(
            name="published",
            title=self.method,
            labels=_LABELS,
            spatial="vgg-m-2048",
            temporal="vgg-m-2048",
            fusion=self.fusion,
            place=self.place,
            keep_temporal=False,
        )


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
)


def paper_tables() -> tuple[list[dict[str, Any]], str]:
    """Every row with our own exact count in it, and why the counts differ."""
    rows = [{**asdict(row), "counted": describe(row.card).parameters} for row in ROWS]
    return rows, NOTE


def table_line(row: dict[str, Any]) -> str:
    """A row of ``paper_tables`` for people."""
    return (
        f"Table {row['table']}  {row['method']:<40} {row['place']:<16} {row['accuracy']:.2f} %  "
        f"{row['layers']:>2} layers  published {row['parameters']:<12} "
        f"counted {row['counted']:>11,}"
    )
