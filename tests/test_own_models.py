"""Own models: networks in the user's folder are listed and load, or have an error."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from fusionscope.base.paths import models_folder
from fusionscope.base.records import InputError
from fusionscope.card import Card, write_card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, card_named, cards, networks
from fusionscope.nets.store.loading import joined_digest, load_network, save_network
from fusionscope.nets.store.weight_files import read_weights


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder, empty."""
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    return tmp_path


def wrong(folder: Path) -> str:
    """The error of the only network in the folder."""
    (one,) = (one for one in networks() if one.origin)
    assert one.origin == f"yours, in {folder}"
    assert one.card is None
    assert [*cards()] == sorted_shipped()
    return one.problem


def sorted_shipped() -> list[str]:
    return [*cards(FOLDER)]


def test_the_folder_is_set_by_the_user_or_in_the_cache(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", "~/mine")
    assert models_folder() == Path.home() / "mine"
    monkeypatch.delenv("FUSIONSCOPE_MODELS")
    assert models_folder() == Path.home() / ".cache/fusionscope/models"
    monkeypatch.setenv("FUSIONSCOPE_MODELS", "/nowhere/at/all")
    assert [*cards()] == sorted_shipped()


def test_a_network_saved_there_is_listed_last_as_yours_and_loads(
    network: Network, card: Card, folder: Path
):
    saved = save_network(network, card, folder)
    assert [*cards()] == [*sorted_shipped(), "tiny"]
    assert card_named("tiny") == saved
    assert {one.name for one in networks() if one.origin} == {"tiny"}
    own = load_network(saved).state_dict()
    assert all(torch.equal(own[k], v.half().float()) for k, v in network.state_dict().items())


@pytest.mark.parametrize("ending", ["pt", "pth"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {f"module.{name}": value for name, value in state.items()},
    ],
)
def test_a_state_dict_loads_without_a_digest_in_its_card(
    network: Network, card: Card, folder: Path, ending: str, wrap: Callable[[dict], dict]
):
    write_card(card, folder / "tiny.json")
    torch.save(wrap(network.state_dict()), folder / f"tiny.{ending}")
    known = card_named("tiny")
    assert len(known.sha256) == 64
    own = load_network(known).state_dict()
    assert all(torch.equal(own[name], value) for name, value in network.state_dict().items())


def test_other_weights_under_the_name_are_other_weights(network: Network, card: Card, folder: Path):
    write_card(card, folder / "tiny.json")
    torch.save(network.state_dict(), folder / "tiny.pt")
    before = card_named("tiny")
    torch.save({k: v + 1 for k, v in network.state_dict().items()}, folder / "tiny.pt")
    assert card_named("tiny").sha256 != before.sha256
    with pytest.raises(InputError, match=r"does not match its card: sha256"):
        load_network(before)


class Trap:
    """What runs code when a careless reader opens it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_that_wants_code_is_refused_in_a_sentence_and_runs_nothing(tmp_path: Path):
    mark = tmp_path / "ran"
    for name, save in (
        ("zip.pt", lambda path: torch.save({"w": Trap(mark)}, path)),
        ("bare.pt", lambda path: path.write_bytes(pickle.dumps(Trap(mark), protocol=2))),
    ):
        save(tmp_path / name)
        with pytest.raises(InputError, match="run code") as told:
            read_weights(tmp_path / name)
        assert "\n" not in str(told.value)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([1, 2], "contains no state dict"),
        ({}, "contains no state dict"),
        ({"epoch": 3}, "'epoch', which is not a tensor"),
        ({"w": torch.tensor([float("nan")])}, "not finite, in w"),
    ],
)
def test_a_file_without_a_state_dict_is_refused(content: object, says: str, tmp_path: Path):
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(InputError, match=says):
        read_weights(tmp_path / "x.pt")


@pytest.mark.parametrize("name", ["x.pt", "x.pth", "x.safetensors"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\x80\x02 no", b"text"])
def test_an_unreadable_file_is_refused_in_one_sentence(name: str, content: bytes, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"^x\.{name[2:]} "):
        read_weights(tmp_path / name)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"labels": "walk"}, "field labels is 'walk'"),
        ({"labels": []}, "labels are empty"),
        ({"labels": ["a", "a"]}, "not unique"),
        ({"chunks": True}, "field chunks is 'True'"),
        ({"chunks": 10**9}, "chunks is 1000000000; needed: 1 to"),
        ({"rgb_scale": 0}, "rgb_scale or flow_scale is 0"),
        ({"rgb_scale": [58.4, 0, 57.4]}, "rgb_scale or flow_scale is 0"),
        ({"rgb_scale": [58.4, 57.4]}, "field rgb_scale is"),
        ({"rgb_mean": [1, 2]}, "field rgb_mean is"),
        ({"accuracy": [["spatial", "high"]]}, "field accuracy is"),
        ({"flow_mean": float("inf")}, "field flow_mean is 'inf'"),
        ({"spatial": 7}, "field spatial is '7'"),
        ({"name": "other"}, r"calls its network 'other'; needed: 'tiny'"),
        ({"colour": "red"}, "unexpected keyword argument 'colour'"),
    ],
)
def test_a_broken_card_is_listed_with_its_trouble(
    fields: dict[str, object], says: str, card: Card, folder: Path
):
    (folder / "tiny.safetensors").write_bytes(b"")
    stored = {**dataclasses.asdict(card), **fields}
    (folder / "tiny.json").write_text(json.dumps(stored), "utf-8")
    assert says in wrong(folder)
    with pytest.raises(InputError, match="the model tiny cannot be used: "):
        card_named("tiny")


def test_weights_without_a_card_are_listed_with_an_error(card: Card, folder: Path):
    write_card(card, folder / "tiny.json")
    assert wrong(folder) == (
        "the weights of tiny are missing: tiny.safetensors, tiny.pt or tiny.pth"
    )
    (folder / "tiny.json").rename(folder / "tiny.pt")
    assert wrong(folder) == "tiny.pt has no card; needed: tiny.json beside it"


@pytest.fixture
def stream(build: Callable[..., Network], folder: Path) -> Card:
    """A spatial stream of the user's own, with Toybox's classes."""
    alone = dataclasses.replace(
        card_named("toybox-spatial"), name="mine", recipe="", accuracy=(), ceiling=()
    )
    return save_network(build(alone), alone, folder)


def late(*parts: Card) -> Card:
    """Two streams side by side, as ``fusionscope train`` writes such a card."""
    return dataclasses.replace(
        card_named("toybox-late"),
        name="side-by-side",
        weights="+".join(part.name for part in parts),
        sha256=joined_digest([(part, FOLDER) for part in parts]),
    )


def test_late_fusion_joins_a_stream_of_ones_own_with_one_that_ships(stream: Card, folder: Path):
    shipped = card_named("toybox-temporal")
    write_card(late(stream, shipped), folder / "side-by-side.json")
    joined = load_network(card_named("side-by-side")).state_dict()
    apart = load_network(stream).state_dict() | load_network(shipped).state_dict()
    assert joined.keys() == apart.keys()
    assert all(torch.equal(joined[name], value) for name, value in apart.items())


def test_late_fusion_takes_the_stream_beside_it_before_one_that_ships(stream: Card, folder: Path):
    """As a training does that is told to write its networks to a folder: names may be the same."""
    again = save_network(
        load_network(stream), dataclasses.replace(stream, name="toybox-spatial"), folder
    )
    card = late(again, card_named("toybox-temporal"))
    loaded = load_network(card, folder).state_dict()
    own = load_network(stream).state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in own.items())


def test_late_fusion_of_a_missing_or_broken_stream_is_refused(stream: Card, folder: Path):
    nowhere = dataclasses.replace(stream, name="lost")
    with pytest.raises(InputError, match="made of lost, which lies neither beside it nor in the"):
        load_network(late(stream, nowhere), folder)
    (folder / "lost.json").write_text("{}")
    with pytest.raises(InputError, match="the model lost cannot be used"):
        load_network(late(stream, nowhere), folder)
    with pytest.raises(InputError, match="mine and toybox-temporal, whose weights have changed"):
        load_network(
            dataclasses.replace(late(stream, card_named("toybox-temporal")), sha256="0"), folder
        )


def test_a_name_of_the_projects_own_is_refused_and_the_projects_stays(
    network: Network, card: Card, folder: Path
):
    taken = sorted_shipped()[0]
    save_network(network, dataclasses.replace(card, name=taken), folder)
    assert f"the name {taken} is taken (a network of the project)" in wrong(folder)
    assert card_named(taken) == cards(FOLDER)[taken]
    load_network(card_named(taken))


def lightning(state: dict) -> dict:
    more = {"criterion.weight": torch.ones(4)}
    return {"state_dict": {f"model.{name}": value for name, value in state.items()} | more}


def compiled_inside(state: dict) -> dict:
    return {name.replace("spatial.", "spatial._orig_mod.", 1): v for name, v in state.items()}


def prefixed(prefix: str) -> Callable[[dict], dict]:
    return lambda state: {f"{prefix}{name}": value for name, value in state.items()}


@pytest.mark.parametrize("ending", ["pt", "safetensors"])
@pytest.mark.parametrize(
    "wrap",
    [
        *map(prefixed, ("_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "module.module.")),
        *map(prefixed, ("model.", "model._orig_mod.", "net.backbone.")),
        lightning,
        compiled_inside,
    ],
)
def test_weights_with_the_names_of_wrappers_load(
    network: Network, card: Card, folder: Path, ending: str, wrap: Callable[[dict], dict]
):
    write_card(card, folder / "tiny.json")
    state = wrap(network.state_dict())
    if ending == "pt":
        torch.save(state, folder / "tiny.pt")
    else:
        save_file(
            {k: v.contiguous() for k, v in state.get("state_dict", state).items()},
            folder / "tiny.safetensors",
        )
    own = load_network(card_named("tiny")).state_dict()
    assert all(torch.equal(own[name], value) for name, value in network.state_dict().items())


def test_weights_that_do_not_fit_are_listed_in_one_sentence(
    network: Network, card: Card, folder: Path
):
    write_card(card, folder / "tiny.json")
    state = network.state_dict()
    first, second, *_ = state
    for change, says in (
        ({first: None}, f"missing: {first}$"),
        (
            dict.fromkeys([*state][:5]) | {"a.b": torch.ones(1)},
            rf"missing: {first}, {second}, \S+ and 2 more; not in the network: a\.b$",
        ),
        ({first: torch.ones(2, 3)}, f"{first} is 2x3; needed: "),
    ):
        odd = {name: value for name, value in (state | change).items() if value is not None}
        torch.save(odd, folder / "tiny.pt")
        with pytest.raises(InputError, match=f"the weights of tiny do not fit its card: {says}"):
            load_network(card_named("tiny"))
    cut = {name: value for name, value in state.items() if name != first}
    torch.save(prefixed("model.")(cut), folder / "tiny.pt")
    with pytest.raises(
        InputError, match=rf"missing: {first} \(names in the file start with 'model\.'\)$"
    ):
        load_network(card_named("tiny"))
    torch.save(prefixed("model.")(state) | prefixed("ema.")(state), folder / "tiny.pt")
    with pytest.raises(InputError, match=r"2 times, under 'model\.' and 'ema\.'; needed: one"):
        load_network(card_named("tiny"))


def test_a_hidden_file_is_no_network_and_an_unreadable_folder_is_named(folder: Path, monkeypatch):
    (folder / "._tiny.json").write_bytes(b"\0\5")
    (folder / "._tiny.safetensors").write_bytes(b"\0\5")
    assert [*cards()] == sorted_shipped()
    assert not [one for one in networks() if one.origin]

    def refuse(self: Path) -> list[Path]:
        if self == folder:
            raise PermissionError(13, "Permission denied")
        return [self / name for name in os.listdir(self)]  # noqa: PTH208

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert "cannot be listed (Permission denied)" in wrong(folder)
