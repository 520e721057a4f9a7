"""Adapter: the example of docs/bring-your-own.md, installed; other objects as entry points."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from fusionscope.analysis.analysis import analyse
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.diagnostics.network_check import BROKEN, LACKS, WORKS, check_model, check_network
from fusionscope.explain.fusion.lens import lens
from fusionscope.nets.network import Seen
from fusionscope.nets.operators.fixed import Sum
from fusionscope.nets.receptive_field import Field
from fusionscope.nets.store.adapted import Adapted
from fusionscope.nets.store.catalogue import card_named, cards, networks
from fusionscope.nets.store.loading import load_network, prepared_for_inference
from fusionscope.trace import run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from tests.own_network import example_block, install, on_path

EXAMPLE = example_block("python", "Adapter(CARD, Mine)")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Card:
    """The documented example, installed; its random weights are the same in every test."""
    torch.manual_seed(1)
    install(tmp_path, "myscope", EXAMPLE)
    on_path(tmp_path, monkeypatch, "myscope")
    return card_named("mine")


def adapted(card: Card, forward: Callable[..., Any], **more: object) -> Adapted:
    """A network whose forward is a plain function."""
    module = nn.Module()
    module.forward = forward  # pyright: ignore[reportAttributeAccessIssue]
    for name, value in more.items():
        setattr(module, name, value)
    network = prepared_for_inference(Adapted(card, module))
    assert isinstance(network, Adapted)
    return network


def answer(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
    """Two maps, their sum, and a score for each of TINY's four classes from it."""
    pair = [nn.functional.avg_pool2d(x[:, :, :3].mean(2) / 255, 16) for x in (rgb, flow)]
    a, m = (x[:, :, None] for x in pair)  # (B, T, 1, h, w)
    fused = a + m
    row = fused.mean(dim=(1, 3, 4))
    scores = torch.cat((row, -row, row * row, row - 1), dim=1)
    return Seen({"cells": a}, {"cells": m}, {"cells": fused}, {"spatiotemporal": scores})


@pytest.fixture(scope="module")
def plain(card: Card) -> Card:
    """A card for ``answer``."""
    return dataclasses.replace(card, fusion="sum", place="cells", keep_temporal=False)


def test_the_example_is_short():
    code = [line for line in EXAMPLE.splitlines() if line.strip()]
    assert len(code) <= 36


def test_an_installed_adapter_is_listed_as_yours_and_loads(mine: Card):
    (one,) = (one for one in networks() if one.name == "mine")
    assert one.origin == "yours, by entry point mine (myscope-of-mine)"
    assert [*cards()][-1] == "mine"
    network = load_network(mine)
    assert network.card is mine
    assert not any(value.requires_grad or network.training for value in network.parameters())


def test_the_first_page_shows_all_of_an_adapted_network(mine: Card, square: Clip):
    made = analyse(load_network(mine), square, dense_flow(square))
    assert [heat.key for heat in made.maps] == ["spatial", "temporal", "fused", "why"]
    for heat in made.maps:
        assert heat.cells.shape[0] == 3
        assert heat.extent == (0, 0, 1, 1)
        assert heat.detail.endswith(", stretched over the picture")
    ledger = made.passes.ledger("spatiotemporal", made.passes.said)
    assert ledger.synergy != 0


def test_the_check_of_the_example_says_what_works_and_what_is_not_offered(mine: Card):
    lines = {line.name: line for line in check_model(mine)}
    assert {name for name, line in lines.items() if line.verdict == LACKS} == {
        "fusion lens",
        "receptive fields",
    }
    assert BROKEN not in {line.verdict for line in lines.values()}
    assert "stretched over the picture" in lines["receptive fields"].detail


def test_an_adapted_network_says_that_it_has_no_lens(plain: Card, square: Clip):
    network = adapted(plain, answer)
    trace = run(network, square, dense_flow(square))
    with pytest.raises(InputError, match="does not expose its fusion operator"):
        lens(network, trace, "cells", 0, (0, 0, 0))


def test_what_an_adapter_offers_beyond_is_used(plain: Card):
    offered = adapted(
        plain, answer, fusions=nn.ModuleDict({"cells": Sum(1)}), field=lambda _: Field(7.5, 16, 16)
    )
    lines = {line.name: line for line in check_network(offered)}
    assert {line.verdict for line in lines.values()} == {WORKS}, lines


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise RuntimeError('no GPU here')", "failed with RuntimeError: no GPU here"),
        ("import a_package_that_is_not_there", "failed with ModuleNotFoundError"),
        ("import sys; sys.exit(3)", "failed with SystemExit"),
        ("other = 1", "failed with AttributeError"),
        (
            "from core.card import Card\nfrom core.nets.adapter import Adapter",
            "myscope imports core.card, which is now part of the package fusionscope: "
            "write `from fusionscope import Adapter, Card, Seen`",
        ),
        ("model = 3", "gives a int; needed: an Adapter"),
        (EXAMPLE.replace('"walk", "run"', '"jump"'), "labels are empty or not unique"),
        (EXAMPLE.replace("chunks=3", "chunks=0"), "chunks is 0; needed: 1 to"),
        (EXAMPLE.replace("size=96", "size='96'"), "size is '96'; needed: int"),
    ],
)
def test_a_broken_package_is_listed_with_its_trouble_and_the_rest_works(
    source: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    install(tmp_path, "myscope", source)
    on_path(tmp_path, monkeypatch, "myscope")
    (one,) = (one for one in networks() if one.origin)
    assert one.card is None
    assert says in one.problem
    assert "toybox-conv3d" in cards()
    with pytest.raises(InputError, match="mine cannot be used"):
        card_named("mine")


def test_a_name_of_the_projects_own_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    install(tmp_path, "myscope", EXAMPLE.replace('"mine"', '"toybox-conv3d"'))
    on_path(tmp_path, monkeypatch, "myscope")
    (one,) = (one for one in networks() if one.origin)
    assert "the name toybox-conv3d is taken (a network of the project)" in one.problem
    assert card_named("toybox-conv3d").world == "toybox"
    assert not isinstance(load_network(card_named("toybox-conv3d")), Adapted)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: 3, "returns a int; needed: a Seen"),
        (lambda _: Seen(), "returns no scores"),
        (lambda _: Seen(logits={"x": torch.zeros(1, 9)}), r"head x is \(1, 9\); needed: \(1, 4"),
        (lambda seen: Seen({"a": torch.zeros(3, 4, 4)}, logits=seen.logits), "spatial a is"),
        (lambda seen: seen.nothing, "failed with AttributeError"),
    ],
)
def test_what_is_no_answer_is_told_in_one_sentence(
    change: Callable[[Any], Any], says: str, plain: Card, square: Clip
):
    network = adapted(plain, lambda rgb, flow: change(answer(rgb, flow)))
    with pytest.raises(InputError, match=says):
        run(network, square, dense_flow(square))
    (line,) = check_network(network)
    assert (line.name, line.verdict) == ("runs", BROKEN)


def test_a_maker_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    install(tmp_path, "myscope", EXAMPLE.replace("# self.load", "self.load"))
    on_path(tmp_path, monkeypatch, "myscope")
    (line,) = check_model(card_named("mine"))
    assert line.verdict == BROKEN
    assert "FileNotFoundError" in line.detail
    assert "best.pt" in line.detail


def test_a_module_that_notes_things_down_is_passed_one_at_a_time(plain: Card):
    noted: dict[str, torch.Tensor] = {}

    def forward(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
        noted["rgb"] = rgb
        time.sleep(0.01)
        return answer(noted["rgb"], flow)

    network = adapted(plain, forward)
    (line,) = (line for line in check_network(network) if line.name == "thread-safe")
    assert line.verdict == WORKS
    assert isinstance(copy.deepcopy(network), Adapted)  # a copy gets a lock of its own


def test_two_visitors_of_different_networks_do_not_wait_for_each_other(plain: Card):
    inside = threading.Barrier(2, timeout=20)

    def forward(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
        inside.wait()
        return answer(rgb, flow)

    first = adapted(plain, forward)
    pair = torch.zeros(1, 3, 3, 32, 32), torch.zeros(1, 3, 4, 32, 32)
    others = [
        threading.Thread(target=network, args=pair) for network in (first, copy.deepcopy(first))
    ]
    for thread in others:
        thread.start()
    for thread in others:
        thread.join()
    assert not inside.broken


@pytest.mark.slow
def test_the_command_line_checks_an_installed_network(tmp_path: Path):
    install(tmp_path, "myscope", EXAMPLE)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}

    command = [sys.executable, "-m", "fusionscope_app.cli", "models", "--check", "mine", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["model", "ok", "checks"]
    assert said["ok"]
    assert all(list(line) == ["name", "verdict", "detail"] for line in said["checks"])
