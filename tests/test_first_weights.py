"""First weights: towers start from ImageNet or from a trained network, with their own classes."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import save_network
from fusionscope.training.first_weights import initial_network, needed_downloads, read_starts
from fusionscope.training.recipe import Recipe
from fusionscope.training.recipe_file import recipe_named
from fusionscope.training.train_recipe import train_recipe
from tests.imagenet_files import in_torchs_cache, torchvision_values
from tests.tiny_training import CARD, PLAN

OTHERS = ("a", "b", "c", "d")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained network of both streams, ``before``, of three classes."""
    place = tmp_path_factory.mktemp("networks")
    torch.manual_seed(8)
    card = dataclasses.replace(CARD, name="before", fusion="sum", place="softmax")
    save_network(Network(card), card, place)
    return place


def plan_for(card: Card, **fields: object) -> Recipe:
    return dataclasses.replace(PLAN, card=card, spatial="before", temporal="before", **fields)


def begun(plan: Recipe, folder: Path) -> Network:
    return initial_network(plan, plan.card, read_starts(plan, {}, folder))


def weights(network: nn.Module, name: str) -> Tensor:
    return network.get_parameter(name).detach()


def test_towers_of_a_network_with_other_classes_start_with_new_classifiers(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    plan = plan_for(dataclasses.replace(CARD, labels=OTHERS))
    starts = read_starts(plan, {}, folder)
    with caplog.at_level(logging.INFO):
        network = initial_network(plan, plan.card, starts)
    for stream in ("spatial", "temporal"):
        for name, value in starts[stream].values.items():
            assert torch.equal(getattr(network, stream).state_dict()[name], value)
        last = weights(network, f"{stream}.stages.fc8.weight")
        assert last.shape[0] == 4
        assert float(last.std()) == pytest.approx(0.01, rel=0.2)
        assert (
            f"the {stream} classifier starts anew: before has 3 classes, this data set has 4"
            in caplog.messages
        )


def test_a_network_of_the_same_classes_gives_its_classifiers_too(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    plan = plan_for(CARD)
    starts = read_starts(plan, {}, folder)
    with caplog.at_level(logging.INFO):
        network = initial_network(plan, CARD, starts)
    given = starts["spatial"].classifier["stages.fc8.weight"]
    assert torch.equal(weights(network, "spatial.stages.fc8.weight"), given)
    assert "the spatial tower starts from before" in caplog.messages
    assert not any("anew" in line for line in caplog.messages)


def test_as_many_other_classes_are_no_reason_to_keep_a_classifier(folder: Path):
    plan = plan_for(dataclasses.replace(CARD, labels=OTHERS[:3]))
    starts = read_starts(plan, {}, folder)
    network = initial_network(plan, plan.card, starts)
    given = starts["spatial"].classifier["stages.fc8.weight"]
    assert not torch.equal(weights(network, "spatial.stages.fc8.weight"), given)


def test_a_layer_after_a_concatenation_starts_anew(folder: Path, caplog: pytest.LogCaptureFixture):
    plan = plan_for(dataclasses.replace(CARD, fusion="cat", keep_temporal=False))
    starts = read_starts(plan, {}, folder)
    with caplog.at_level(logging.INFO):
        network = initial_network(plan, plan.card, starts)
    assert "stages.fc6.0.weight" not in starts["spatial"].values
    assert torch.equal(
        weights(network, "spatial.stages.fc7.0.weight"),
        starts["spatial"].values["stages.fc7.0.weight"],
    )
    assert any("starting anew: fc6, which takes more channels" in m for m in caplog.messages)


def test_a_stream_that_the_source_does_not_have_is_refused(tmp_path: Path):
    card = dataclasses.replace(CARD, name="before", temporal=None, fusion=None, place="")
    save_network(Network(card), card, tmp_path)
    with pytest.raises(InputError, match="before has no temporal tower; needed: a network with"):
        read_starts(plan_for(CARD), {}, tmp_path)


def test_towers_of_another_kind_are_refused(folder: Path):
    plan = plan_for(dataclasses.replace(CARD, spatial="vgg-m-2048", temporal="vgg-m-2048"))
    with pytest.raises(InputError, match=r"before does not fit: relu1\.0\.weight has the shape"):
        read_starts(plan, {}, folder)


def test_both_streams_of_a_fused_vgg_16_start_from_one_imagenet_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    card = dataclasses.replace(CARD, spatial="vgg-16", temporal="vgg-16", keep_temporal=False)
    plan = Recipe(card)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert [one.tower for one in needed_downloads(plan, {})] == ["vgg-16"]  # once
    given = torchvision_values("vgg16")
    in_torchs_cache(monkeypatch, tmp_path, "vgg-16", given)
    assert needed_downloads(plan, {}) == []
    starts = read_starts(plan, {}, None)
    assert starts["temporal"].values["stages.relu1.0.weight"].shape == (64, 2 * card.stack, 3, 3)
    assert "stages.fc6.0.weight" not in starts["temporal"].values  # its tower ends at relu5
    assert "stages.fc6.0.weight" in starts["spatial"].values


def test_only_networks_that_start_from_imagenet_need_a_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    needed = {
        name: len(needed_downloads(recipe_named(name), {}))
        for name in ("ucf101-vgg16-temporal", "ucf101-vgg16-late", "ucf101-vgg16-conv3d")
    }
    assert needed == {
        "ucf101-vgg16-temporal": 1, "ucf101-vgg16-late": 0, "ucf101-vgg16-conv3d": 0,
    }  # fmt: skip
    alone = Card("x", "X", ("a",), spatial="resnet-50", weights="imagenet")
    assert len(needed_downloads(Recipe(alone, spatial=""), {})) == 1


def test_first_weights_are_checked_before_any_other_work(tmp_path: Path):
    torch.save({"body.0.weight": torch.ones(2, 2)}, tmp_path / "odd.pth")
    plan = Recipe(dataclasses.replace(CARD, spatial="vgg-16", temporal="vgg-16"))
    files = {"spatial": tmp_path / "odd.pth", "temporal": tmp_path / "odd.pth"}
    with pytest.raises(InputError, match=r"odd\.pth has no layers of vgg-16"):
        train_recipe(plan, tmp_path / "nowhere", tmp_path / "out", tmp_path / "cache", files=files)
    assert not (tmp_path / "out").exists()


def test_another_input_range_than_the_weights_expect_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    in_torchs_cache(monkeypatch, tmp_path, "resnet-50", torchvision_values("resnet50"))
    fields = {"spatial": "resnet-50", "temporal": None, "fusion": None, "place": ""}
    card = dataclasses.replace(CARD, **fields)
    read_starts(Recipe(dataclasses.replace(card, rgb_scale=(58.4, 57.1, 57.4))), {})
    assert not caplog.messages
    read_starts(Recipe(dataclasses.replace(card, rgb_scale=1.0)), {})
    assert any("expect rgb_mean = [123.67, 116.28, 103.53]" in m for m in caplog.messages)
