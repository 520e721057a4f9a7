"""The task of a network in one line."""

import dataclasses

import pytest

from fusionscope.card import read_card, write_card
from fusionscope.data.toybox.ceilings import CEILINGS
from fusionscope.data.worlds import task_of, world_title, worlds
from fusionscope.nets.store.catalogue import FOLDER, cards
from tests.conftest import TINY

SHIPPED = cards(FOLDER)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_network_of_the_project_has_a_task_that_is_true_of_it(name):
    card, said = SHIPPED[name], task_of(SHIPPED[name])
    assert "{" not in said
    assert len(said) <= 150  # one line at 1280 pixels
    if not card.taught:
        assert said.startswith("No task")
        return
    knows_all = dict(card.ceiling).get("spatiotemporal") == 1
    assert ("combines both in each cell" in said) == (card.world == "toybox" and knows_all)
    if card.world == "toybox" and not knows_all and card.place != "softmax":
        assert f"{100 * (card.final[1] or 0):.1f} % correct at best" in said
    assert ("sees single frames" in said) == (card.spatial is not None and card.temporal is None)
    assert ("fuses both after" in said) == (card.world == "jhmdb" and bool(card.places))


def test_the_line_of_the_default_network_is_that_of_the_paper():
    assert task_of(SHIPPED["toybox-conv3d"]) == (
        "Class: the two moves of the *striped* ball. Frames show which ball is striped, flow shows "
        "how balls move; this network combines both in each cell."
    )
    assert CEILINGS["fusion of features that knows the order"] == 1


def test_a_card_may_bring_its_own_task(tmp_path):
    card = dataclasses.replace(TINY, name="mine", task="Is the door open or closed?")
    write_card(card, tmp_path / "mine.json")
    assert task_of(read_card(tmp_path / "mine.json")) == "Is the door open or closed?"


def test_a_network_of_unknown_data_has_a_line_made_from_its_classes():
    card = dataclasses.replace(TINY, labels=("open_door", "close_door", "knock", "ring"))
    said = task_of(card)
    assert said.startswith(
        "Which of 4 classes does the clip show (open door; close door; knock; …)?"
    )
    assert said.endswith("this network fuses both after relu5.")
    plain = dataclasses.replace(card, fusion=None, place="", labels=("a", "b"))
    assert task_of(plain).endswith("(a; b)? Appearance sees single frames, motion sees flow.")


def test_a_world_has_a_title_with_or_without_an_entry():
    assert world_title("jhmdb") == "J-HMDB (21 human actions)"
    assert world_title("kitchen") == "kitchen"
    assert all(parts["question"] and parts["title"] for parts in worlds().values())
