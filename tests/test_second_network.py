"""The default second network of the Compare page."""

import dataclasses
from collections.abc import Mapping

import pytest

from fusionscope.card import Card
from fusionscope_app.compare.second_network import instructive


@pytest.fixture
def zoo(card: Card) -> dict[str, Card]:
    """One network of each kind, the most complete first, as the zoo lists them."""

    def made(name: str, **fields: object) -> Card:
        return dataclasses.replace(card, name=name, **fields)  # pyright: ignore[reportArgumentType]

    both = {"fusion": None, "place": "", "pool": "2d"}
    cards = (
        made("conv3d"),
        made("conv", fusion="conv", pool="2d"),
        made("conv-3d-pool", fusion="conv"),
        made("sum", fusion="sum", pool="2d"),
        made("late", **both),
        made("spatial", **both, temporal=None),
        made("temporal", **both, spatial=None),
        made("balls", fusion="conv", labels=("red", "blue")),
        made("people", fusion="conv", labels=("walk", "run"), world="jhmdb"),
        made("elsewhere", fusion="conv", world="elsewhere"),
    )
    return {card.name: card for card in cards}


def without(zoo: Mapping[str, Card], *names: str) -> dict[str, Card]:
    return {name: card for name, card in zoo.items() if name not in names}


@pytest.mark.parametrize(
    ("name", "gone", "other"),
    [
        ("conv3d", (), "conv-3d-pool"),  # the next rung down, and the likest on it
        ("conv3d", ("conv-3d-pool",), "conv"),
        ("conv3d", ("conv-3d-pool", "conv", "sum"), "late"),
        ("conv3d", ("conv-3d-pool", "conv", "sum", "late"), "temporal"),
        ("conv3d", ("conv-3d-pool", "conv", "sum", "late", "temporal"), "spatial"),
        ("sum", (), "late"),
        ("sum", ("late", "temporal", "spatial"), "conv3d"),  # none below it that names its classes
        ("late", (), "temporal"),
        ("temporal", (), "conv3d"),  # what fusion adds
        ("spatial", (), "conv3d"),
        ("people", (), "sum"),  # none of its world
        ("elsewhere", (), "sum"),  # the same classes before the same world
    ],
)
def test_the_most_instructive_other(
    zoo: dict[str, Card], name: str, gone: tuple[str, ...], other: str
):
    assert instructive(zoo[name], without(zoo, *gone)) == other


def test_no_network_is_set_beside_itself(zoo: dict[str, Card]):
    for name, card in zoo.items():
        assert instructive(card, zoo) != name
        only = without(zoo, *[other for other in zoo if other not in (name, "late", "people")])
        assert instructive(card, only) != name
