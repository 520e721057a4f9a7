"""Sizes: every count from the layer table of paper.md 2.4, by hand."""

import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.inspect.paper_tables import ROWS
from fusionscope.nets.inspect.sizes import describe
from tests.slow import rest_slow

# Weights and biases of VGG-M-2048, 3 channels in; 101 classes.
CONV1, FLOW1 = 7 * 7 * 3 * 96 + 96, 7 * 7 * 20 * 96 + 96
CONV2 = 5 * 5 * 96 * 256 + 256
CONV3 = 3 * 3 * 256 * 512 + 512
CONV4 = CONV5 = 3 * 3 * 512 * 512 + 512
FC6 = 6 * 6 * 512 * 4096 + 4096
FC7 = 4096 * 2048 + 2048
FC8 = 2048 * 101 + 101
SPATIAL = CONV1 + CONV2 + CONV3 + CONV4 + CONV5 + FC6 + FC7 + FC8
MOTION = {"relu2": FLOW1 + CONV2}
MOTION["relu3"] = MOTION["relu2"] + CONV3
MOTION["relu4"] = MOTION["relu3"] + CONV4
MOTION["relu5"] = MOTION["relu4"] + CONV5
MOTION["fc6"] = MOTION["relu5"] + FC6
MOTION["fc8"] = MOTION["fc6"] + FC7 + FC8


def mix(channels: int) -> int:
    """A 1x1 filter of two streams of so many channels each."""
    return 2 * channels * channels + channels


BY_HAND = {
    ("sum", "softmax"): SPATIAL + MOTION["fc8"],
    ("max", "relu5"): SPATIAL + MOTION["relu5"],
    ("sum", "relu5"): SPATIAL + MOTION["relu5"],
    ("cat", "relu5"): SPATIAL + MOTION["relu5"] + 6 * 6 * 512 * 4096,
    ("bilinear", "relu5"): SPATIAL - FC6 - FC7 - FC8 + MOTION["relu5"] + 512 * 512 * 101 + 101,
    ("conv", "relu2"): SPATIAL + MOTION["relu2"] + mix(256),
    ("conv", "relu3"): SPATIAL + MOTION["relu3"] + mix(512),
    ("conv", "relu4"): SPATIAL + MOTION["relu4"] + mix(512),
    ("conv", "relu5"): SPATIAL + MOTION["relu5"] + mix(512),
    ("conv", "relu5+fc8"): SPATIAL + MOTION["fc8"] + mix(512),
    ("conv", "relu3+relu5+fc6"): SPATIAL + MOTION["fc6"] + 2 * mix(512) + mix(4096),
}


def card(**fields: object) -> Card:
    labels = tuple(f"class {k}" for k in range(101))
    towers = {"spatial": "vgg-m-2048", "temporal": "vgg-m-2048"}
    return Card("net", "Net", labels, **{**towers, "keep_temporal": False, **fields})  # pyright: ignore[reportArgumentType]


def test_the_two_counts_that_the_paper_note_gives():
    assert BY_HAND["sum", "softmax"] == 181_335_594
    assert BY_HAND["conv", "relu5"] == 97_761_221


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.parameters], ids=lambda row: f"{row.fusion} at {row.place}"
)
def test_every_published_row_is_counted_as_by_hand(row):
    found = describe(row.card)
    assert found.parameters == BY_HAND[row.fusion, row.place]
    assert sum(found.parts.values()) == found.parameters


def test_the_final_net_of_two_vgg_16():
    towers = {"spatial": "vgg-16", "temporal": "vgg-16", "keep_temporal": True}
    found = describe(card(**towers, fusion="conv3d", place="relu5", pool="3d"))
    assert found.parameters == 134_674_341 + 134_684_133 + 27 * 1024 * 512 + 512
    assert found.parameters == 283_514_762
    assert found.shapes["fused.relu5"] == (5, 512, 14, 14)
    assert found.shapes["fused.pool5"] == (1, 512, 7, 7)
    assert found.shapes["temporal.fc8"] == (1, 101, 1, 1)


def test_the_smaller_grid_is_padded_as_the_paper_pads_it():
    mixed = card(spatial="vgg-16", fusion="conv", place="relu5")
    shapes = describe(mixed).shapes
    assert shapes["temporal.relu5"] == (5, 512, 13, 13)
    assert shapes["spatial.relu5"] == shapes["fused.relu5"] == (5, 512, 14, 14)


def test_without_the_temporal_head_its_tower_ends_at_the_last_fusion():
    shapes = describe(card(fusion="conv", place="relu3+relu5")).shapes
    assert "temporal.relu5" in shapes
    assert "temporal.pool5" not in shapes


@pytest.mark.parametrize(
    "tower", rest_slow(["resnet-50", "efficientnet-lite0", "timm/resnet18"], "efficientnet-lite0")
)
@pytest.mark.parametrize(
    "fusion", rest_slow(["sum", "max", "cat", "conv", "conv3d"], "cat", "conv")
)
def test_every_tower_takes_every_fusion(tower: str, fusion: str):
    found = describe(card(spatial=tower, temporal=tower, fusion=fusion, place="relu4"))
    chunks, channels, height, width = found.shapes["spatial.relu4"]
    wide = 2 * channels if fusion == "cat" else channels
    assert found.shapes["fused.relu4"] == (chunks, wide, height, width)
    assert found.shapes["fused.fc8"][1] == 101


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"fusion": "conv", "place": "relu9"}, "cannot be fused at 'relu9'"),
        ({"fusion": "cat", "place": "fc8"}, "concatenation at fc8"),
        ({"fusion": "sum", "place": "relu5", "temporal": "resnet-50"}, "512 and 2048 channels"),
        ({"fusion": "sum", "place": "relu5", "temporal": None}, "both streams"),
        ({"spatial": "timm/nonsense"}, "timm has no network 'nonsense'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(fields: dict[str, object], says: str):
    with pytest.raises(InputError, match=says):
        describe(card(**fields))
