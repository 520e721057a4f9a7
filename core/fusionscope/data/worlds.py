"""Worlds: the data sets that networks are trained on, by name, and the task of a network."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from fusionscope.card import Card

_FILE = Path(__file__).with_name("worlds.toml")


@cache
def worlds() -> Mapping[str, Mapping[str, str]]:
    """World -> its title and the parts of its task; missing parts are those of ``other``."""
    with _FILE.open("rb") as file:
        found = tomllib.load(file)
    return MappingProxyType({name: found["other"] | parts for name, parts in found.items()})


def world_title(world: str) -> str:
    """The display name of a world; its own name if it has no entry."""
    return worlds()[world]["title"] if world in worlds() else world


def task_of(card: Card) -> str:
    """The task of a network in one line: its question, then what its streams contribute."""
    if card.task:
        return card.task
    parts = worlds().get(card.world, worlds()["other"])
    if not card.taught:
        return parts["untrained"]
    _, ceiling = card.final
    some = [label.replace("_", " ") for label in card.labels[:3]]
    words = {
        "classes": str(len(card.labels)),
        "some": "; ".join(some) + ("; …" if len(card.labels) > len(some) else ""),
        "place": " and ".join(card.places),
        "ceiling": "" if ceiling is None else f"{100 * ceiling:.1f} %",
    }
    contribution = parts.get(_streams_of(card, ceiling), "")
    return " ".join(text.format(**words) for text in (parts["question"], contribution) if text)


def _streams_of(card: Card, ceiling: float | None) -> str:
    """How the streams of a network reach its prediction, as the name of a part of its task."""
    if card.spatial and card.temporal:
        if card.places:
            return "fused" if ceiling is None or ceiling == 1 else "unordered"
        return "late" if card.place == "softmax" else "both"
    return "appearance" if card.spatial else "motion" if card.temporal else ""
