"""Fair ladder: one start, one budget and one pair of losses for every operator, resumable."""

from __future__ import annotations

import csv
import dataclasses
import json

import numpy as np
import pytest
import torch

from fusionscope.base.streams import STREAMS
from fusionscope.data.toybox.world import LABELS
from fusionscope.training.toybox import fair_ladder
from fusionscope.training.toybox.fair_ladder import (
    HOW,
    REST,
    Run,
    runs,
    shared_start,
    train_run,
    write_tables,
)
from fusionscope.training.toybox.fair_run import (
    Budget,
    evidence_in,
    fair_run,
    learns_from,
    told_map,
)
from fusionscope.training.toybox.recipes import TOY_RECIPES
from fusionscope.training.toybox.scene_draw import scene_batches, scene_orders, swapped_label
from fusionscope.training.toybox.tower_maps import Maps
from fusionscope.training.toybox.towers import Towers
from fusionscope.training.toybox.training_set import label_of, movers
from tests.slow import rest_slow

CARDS = {name: recipe.card for name, recipe in TOY_RECIPES.items()}
ONE_STEP = Budget(epochs=1, size=4)


@pytest.fixture(scope="module")
def towers() -> Towers:
    return shared_start()


def numbered_maps(place: str = "relu4", clips: int = 4) -> Maps:
    """Maps whose value is the number of their chunk, with cells and moves drawn at random."""
    random = np.random.default_rng(3)
    shape = (64, 12, 12) if place == "relu2" else (96, 6, 6)
    cells = torch.arange(5.0)[:, None, None, None].expand(1, clips, 5, *shape).contiguous()
    shown = random.random((clips, 5, 2, 6, 6)) < 0.3
    moves = np.array([[[0, 1], [2, 3]], [[3, 2], [1, 0]], [[2, 0], [0, 1]], [[1, 3], [3, 1]]])
    moves = moves[np.arange(clips) % 4].astype(np.int8)
    known = torch.from_numpy(movers(shown, moves, CARDS["toybox-conv"]))[None]
    return Maps(cells, cells.clone(), torch.from_numpy(label_of(moves))[None], known)


def test_exchanging_the_halves_exchanges_the_moves_of_the_label():
    swap = swapped_label()
    assert LABELS[swap[LABELS.index("left, then up")]] == "up, then left"
    assert torch.equal(swap[swap], torch.arange(12))


def test_scenes_are_exchanged_only_within_and_between_halves():
    orders, exchanged = scene_orders(CARDS["toybox-conv"])
    assert len({tuple(order) for order in orders.tolist()}) == 8
    for order, exchange in zip(orders.tolist(), exchanged.tolist(), strict=True):
        assert order[2] == 2
        assert set(order[:2]) == ({3, 4} if exchange else {0, 1})


def test_a_batch_keeps_chunks_labels_and_evidence_together():
    maps, card = numbered_maps(), CARDS["toybox-conv"]
    random, seen = np.random.default_rng(0), set()
    for _ in range(20):
        for cells, motion, labels, known in scene_batches(maps, card, 4, random):
            assert torch.equal(cells, motion)
            for row in range(4):
                order = cells[row, :, 0, 0, 0].int().tolist()
                shown = known[row].unflatten(1, (2, 8))
                clip = next(
                    k
                    for k in range(4)
                    if all(
                        torch.equal(
                            shown[chunk].any(0), maps.known[0, k, at].unflatten(0, (2, 8)).any(0)
                        )
                        for chunk, at in enumerate(order)
                    )
                )
                before = int(maps.labels[0, clip])
                exchanged = order[0] > 2
                assert int(labels[row]) == (swapped_label()[before] if exchanged else before)
                assert not shown[:2, 1].any()  # the first half's chunks have its evidence only
                assert not shown[3:, 0].any()
                seen.add(tuple(order))
    assert len(seen) == 8


def test_evidence_of_a_window_is_that_of_its_cells():
    known = torch.zeros(1, 5, 16, 6, 6, dtype=torch.bool)
    known[0, 1, 3, 2, 4] = known[0, 0, 5, 5, 5] = True
    windows = evidence_in(known, 5, (2, 2))
    assert windows[0, 1, 3].tolist() == [[0, 1], [0, 1]]  # row 2 lies in both windows
    assert not windows[0, 0].any(), "pool5 does not see the last row and column"
    assert evidence_in(known, 5, (1, 1))[0, 0, 5].tolist() == [[1]]
    assert evidence_in(known, 1, (2, 2)).shape == (1, 1, 16, 2, 2)
    assert torch.equal(evidence_in(known, 5, (6, 6)), known.float())


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("toybox-conv", (5, 96, 2, 2)),
        ("toybox-cat", (5, 192, 2, 2)),
        ("toybox-bilinear", (5, 96 * 96, 1, 1)),
        ("toybox-conv-fc6", (5, 256, 1, 1)),
        ("toybox-conv3d", (1, 96, 2, 2)),
        ("toybox-late", None),
    ],
)
def test_the_telling_is_read_from_what_the_classifier_receives(name, shape, towers):
    maps = numbered_maps()
    found = fair_run(CARDS[name], towers, maps, dataclasses.replace(ONE_STEP, epochs=0), 0)
    with torch.inference_mode():
        seen = found.network.onward(maps.spatial[0], maps.temporal[0], after="relu4")
    fused = told_map(seen)
    assert (None if fused is None else tuple(fused.shape[1:])) == shape


@pytest.mark.parametrize("name", rest_slow([*HOW, *REST], "toybox-sum", "toybox-conv"))
@pytest.mark.parametrize("told", [True, False])
def test_every_network_starts_from_the_shared_towers_and_learns_from_one_stage(name, told, towers):
    card = CARDS[name]
    place = learns_from(card)
    budget = dataclasses.replace(ONE_STEP, telling=10.0 if told else 0.0)
    maps = numbered_maps(place)
    random = torch.Generator().manual_seed(0)
    maps.spatial.copy_(torch.rand(maps.spatial.shape, generator=random))
    maps.temporal.copy_(torch.rand(maps.temporal.shape, generator=random))
    found = fair_run(card, towers, maps, budget, 0)
    assert len(found.label_loss) == 1
    assert len(found.telling_loss) == (1 if told and card.places else 0)
    for stream in STREAMS:
        own, shared = getattr(found.network, stream), towers[stream]
        names = list(own.stages)
        for weight, value in own.stages.named_parameters():
            stage = weight.partition(".")[0]
            frozen = names.index(stage) <= names.index(place)
            same = weight in dict(shared.stages.named_parameters()) and torch.equal(
                value, shared.stages.get_parameter(weight)
            )
            assert same == frozen or ".bias" in weight, weight
    assert not any(value.requires_grad for value in found.network.parameters())


def test_the_towers_upper_stage_moves_less_than_the_rest(towers):
    maps, card = numbered_maps(), CARDS["toybox-sum"]
    quick = dataclasses.replace(ONE_STEP, slow_rate=ONE_STEP.rate)
    change = {}
    for name, budget in (("slow", ONE_STEP), ("quick", quick)):
        network = fair_run(card, towers, maps, budget, 0).network
        assert network.temporal is not None
        weight = network.temporal.stages.get_parameter("relu5.0.weight")
        start = towers["temporal"].stages.get_parameter("relu5.0.weight")
        change[name] = float((weight - start).norm())
    assert 0 < change["slow"] < 0.5 * change["quick"]


def test_runs_come_by_question_then_seed_and_late_fusion_once():
    found = list(runs(range(2)))
    assert [run.name for run in found[:5]] == [*HOW]
    assert [(run.told, run.seed) for run in found[::5]][:4] == [
        (True, 0),
        (False, 0),
        (True, 1),
        (False, 1),
    ]
    assert len(found) == len(set(found)) == 2 * (2 * 14 - 1)
    assert [run.told for run in found if run.name == "toybox-late"] == [True, True]


def test_a_finished_run_is_kept_and_tabulated(tmp_path, towers, monkeypatch):
    run = Run("toybox-sum", told=True, seed=1)
    train_run(run, ONE_STEP, towers, numbered_maps(), tmp_path)
    monkeypatch.setattr(fair_ladder, "fair_run", None)  # a second training would fail
    train_run(run, ONE_STEP, towers, numbered_maps(), tmp_path)
    (tmp_path / f"{run.stem}.accuracy.json").write_text(json.dumps({"spatiotemporal": 0.25}))
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    write_tables([run], tmp_path, 4, paths)
    (row,), (epoch,) = (
        list(csv.DictReader(path.read_text("utf-8").splitlines())) for path in paths
    )
    assert row == {
        **{"network": "toybox-sum", "telling": "yes", "seed": "1", "head": "spatiotemporal"},
        **{"accuracy": "0.2500", "ceiling": "0.5000", "tested": "1200"},
        **{"clips": "4", "epochs": "1"},
    }
    assert float(epoch["label_loss"]) == pytest.approx(2.48, abs=0.3)
    assert float(epoch["telling_loss"]) > 0
