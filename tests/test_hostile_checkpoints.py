"""Hostile checkpoints: each is loaded, or told in one sentence; no code in it runs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import networks
from fusionscope.nets.store.loading import load_network
from tests.hostile.checkpoints import Files, cards, weights
from tests.hostile.figures import counted, is_a_sentence, resident

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # torch says so of a pickle it then refuses
    pytest.mark.filterwarnings("ignore:Detected pickle protocol", "ignore:Validating sparse"),
]
_LOADS = ("weights-integers", "weights-other-names", "digest-right")
SECONDS = 30.0  # for one on a busy machine
MEGABYTES = 1500.0  # more than before; the archive that swells would take three thousand


def _cases(network: Network, card: Card, canary: Path) -> Iterator[tuple[str, Files]]:
    good = {name: v.half().contiguous() for name, v in network.state_dict().items()}
    card = dataclasses.replace(card, sha256="")  # so that what is damaged is opened at all
    yield from weights(card, good, canary)
    yield from cards(card)


def test_each_checkpoint_is_loaded_or_told_in_one_sentence(
    network: Network,
    card: Card,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    figures: Callable[[str], None],
):
    folder, canary = tmp_path / "models", tmp_path / "canary"
    folder.mkdir()
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(folder))
    told, wrong, before = [], {}, resident()
    for name, files in _cases(network, card, canary):
        for path in folder.iterdir():
            path.unlink()
        for file, content in files.items():
            (folder / file).write_bytes(content)
        began = time.monotonic()
        sentence = _loaded()
        taken = time.monotonic() - began
        told.append({"name": name, "seconds": taken} | ({"sentence": sentence} if sentence else {}))
        fine = is_a_sentence(sentence) if sentence else name in _LOADS
        if canary.exists() or not fine or taken > SECONDS:
            wrong[name] = f"{'ran its code, ' if canary.exists() else ''}{taken:.1f} s: {sentence}"
            canary.unlink(missing_ok=True)
    grown = resident() - before
    figures(counted("hostile checkpoints", told, grown))
    assert not wrong
    assert grown < MEGABYTES


def _loaded() -> str:
    """Load the one network of the user's folder; empty, or why it cannot be."""
    try:
        (one,) = (one for one in networks() if one.origin)
        if one.card is None:
            return one.problem
        load_network(one.card)
    except InputError as problem:
        return str(problem)
    return ""
