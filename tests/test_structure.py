"""Anatomy: every stage of a drawing, from the layer table of paper.md 2.4 by hand."""

import pytest

from fusionscope.base.records import InputError
from fusionscope.base.streams import LANES
from fusionscope.card import Card
from fusionscope.nets.fusion import FUSIONS
from fusionscope.nets.inspect.structure import structure

NAMES = ("relu1", "pool1", "relu2", "pool2", "relu3", "relu4", "relu5", "pool5")
NAMES += ("fc6", "fc7", "fc8")
GRIDS = (109, 54, 26, 13, 13, 13, 13, 6, 1, 1, 1)
CHANNELS = (96, 96, 256, 256, 512, 512, 512, 512, 4096, 2048, 101)
FIELDS = (7, 11, 27, 43, 75, 107, 139, 171, 331, 331, 331)  # fc6 takes 6 cells, 32 px apart
STRIDES = (2, 4, 8, 16, 16, 16, 16, 32, None, None, None)
WEIGHTS = (14_112 + 96, 0, 614_400 + 256, 0, 1_179_648 + 512, *[2_359_296 + 512] * 2, 0)
WEIGHTS += (75_497_472 + 4096, 8_388_608 + 2048, 206_848 + 101)


def card(**fields: object) -> Card:
    labels = tuple(f"class {k}" for k in range(101))
    towers = {"spatial": "vgg-m-2048", "temporal": "vgg-m-2048"}
    return Card("net", "Net", labels, **{**towers, **fields})  # pyright: ignore[reportArgumentType]


def test_vgg_m_is_the_papers_table_row_for_row():
    found = structure(card(temporal=None), (224, 224))
    rows = [(s.name, s.shape[2], s.shape[1], s.field, s.stride) for s in found.stages]
    assert rows == list(zip(NAMES, GRIDS, CHANNELS, FIELDS, STRIDES, strict=True))
    assert tuple(s.parameters for s in found.stages) == WEIGHTS
    assert found.parameters == sum(WEIGHTS) == 90_627_813
    assert {s.stream for s in found.stages} == {"spatial"}
    assert [(h.name, h.stream, h.stage, h.shape) for h in found.heads] == [
        ("spatial", "spatial", "fc8", (5, 101, 1, 1))
    ]
    assert [s.shape for s in found.sources] == [(5, 3, 224, 224)]


def test_what_a_cell_looks_at_in_words():
    found = structure(card(temporal=None), (224, 224))
    assert found.stage("spatial", "relu5").looks_at == "139 px"
    assert found.stage("spatial", "fc6").looks_at == "331 px (the whole picture)"
    wide = structure(card(temporal=None), (224, 340)).stage("spatial", "fc6")
    assert (wide.shape, wide.looks_at, wide.stride) == ((5, 4096, 1, 4), "331 px", 32)
    everywhere = structure(card(fusion="bilinear", place="relu5")).stage("fused", "relu5")
    assert (everywhere.shape, everywhere.field) == ((5, 512 * 512, 1, 1), None)
    assert everywhere.looks_at == "the whole picture"


def test_late_fusion_is_two_towers_whose_heads_are_averaged():
    found = structure(card(fusion="sum", place="softmax"))
    assert [len(found.lane(stream)) for stream in LANES] == [11, 11, 0]
    assert [(h.name, h.stream) for h in found.heads] == [
        ("spatial", "spatial"),
        ("temporal", "temporal"),
    ]
    assert [s.shape[1] for s in found.sources] == [3, 20]
    assert found.parameters == 181_335_594


def test_the_papers_final_net_joins_at_relu5_and_keeps_its_temporal_tower():
    towers = {"spatial": "vgg-16", "temporal": "vgg-m-2048"}
    found = structure(card(**towers, fusion="conv3d", place="relu5", pool="3d"))
    join = found.stage("fused", "relu5")
    assert join.operator is not None
    assert (join.operator.name, join.operator.symbol) == ("conv3d", "3x3x3")
    assert join.shape == found.stage("spatial", "relu5").shape == (5, 512, 14, 14)
    assert found.stage("temporal", "relu5").shape == (5, 512, 13, 13)
    assert join.parameters == 27 * 1024 * 512 + 512
    # VGG-16's 196 px hold VGG-M's 139; the filter reaches one cell of 16 px further on each side.
    assert (join.field, join.stride) == (196 + 2 * 16, 16)
    assert found.stage("temporal", "relu5").field == 139
    assert found.lane("fused")[1].shape == found.stage("fused", "pool5").shape == (1, 512, 7, 7)
    assert found.stage("temporal", "pool5").shape == (1, 512, 6, 6)
    assert found.stage("fused", "fc6").parameters == 7 * 7 * 512 * 4096 + 4096
    assert [s.name for s in found.lane("spatial")][-1] == "relu5"
    assert [(h.name, h.stream, h.shape[0]) for h in found.heads] == [
        ("spatiotemporal", "fused", 1),
        ("temporal", "temporal", 1),
    ]


def test_three_fusions_are_three_joins_and_the_temporal_tower_ends_at_the_last():
    found = structure(card(fusion="conv", place="relu3+relu5+fc6", keep_temporal=False))
    joins = [s for s in found.stages if s.operator]
    assert [(s.stream, s.name) for s in joins] == [
        ("fused", "relu3"),
        ("fused", "relu5"),
        ("fused", "fc6"),
    ]
    assert [s.name for s in found.lane("spatial")] == list(NAMES[:5])
    assert [s.name for s in found.lane("temporal")] == list(NAMES[:9])
    assert [s.name for s in found.lane("fused")] == list(NAMES[4:])
    assert found.stage("fused", "relu4").parameters == WEIGHTS[5]
    # The first join takes the spatial lane's last map; the others what relu5 and fc6 make of it.
    assert [s.before for s in joins] == [None, WEIGHTS[6], WEIGHTS[8]]
    assert sum(s.parameters + (s.before or 0) for s in found.stages) == found.parameters
    assert [h.name for h in found.heads] == ["spatiotemporal"]


def test_behind_a_fusion_of_features_scores_are_added():
    found = structure(card(fusion="conv", place="relu5+fc8"))
    scores = found.stage("fused", "fc8")
    assert scores.operator is not None
    assert (scores.operator.name, scores.parameters) == ("sum", 0)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_every_operator_says_what_it_does(fusion: str):
    join = structure(card(fusion=fusion, place="relu5")).stage("fused", "relu5")
    assert join.operator is not None
    assert join.operator.name == fusion
    assert all((join.operator.symbol, join.operator.formula, join.operator.words))


@pytest.mark.parametrize("place", ["relu2", "relu3", "relu4", "relu5", "pool5", "fc6", "fc7"])
def test_a_place_splits_the_lanes_there_and_all_parts_are_counted_once(place: str):
    found = structure(card(fusion="conv", place=place, keep_temporal=False))
    for stream in ("spatial", "temporal"):
        assert found.lane(stream)[-1].name == place
    assert found.lane("fused")[0].name == place
    assert sum(s.parameters for s in found.stages) == found.parameters


@pytest.mark.parametrize("tower", ["resnet-50", "efficientnet-lite0", "timm/resnet18"])
def test_other_towers_are_taken_apart_too(tower: str):
    found = structure(card(spatial=tower, temporal=tower, fusion="conv3d", place="relu5"))
    assert [s.name for s in found.lane("fused")][:2] == ["relu5", "pool5"]
    assert found.stage("fused", "relu5").stride == 32
    assert sum(s.parameters for s in found.stages) == found.parameters


def test_frames_too_small_are_told():
    with pytest.raises(InputError, match="100x90 pixels are too small for vgg-m-2048"):
        structure(card(), (90, 100))


def test_a_stage_that_is_not_there_is_no_stage():
    with pytest.raises(KeyError, match=r"fused\.relu5"):
        structure(card()).stage("fused", "relu5")
