"""Target: a class's score, or by how much it leads another's."""

from __future__ import annotations

import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.explain.target import Target
from fusionscope.nets.network import Seen

LABELS = ("jump", "run", "walk")


def seen() -> Seen:
    return Seen(
        logits={
            "spatiotemporal": torch.tensor([[1.0, 2.0, 4.0], [0.0, 8.0, 16.0]]),
            "temporal": torch.tensor([[3.0, 0.0, 0.0], [2.0, 0.0, 0.0]]),
        }
    )


def test_one_class_is_its_score_at_the_head():
    assert Target("spatiotemporal", "walk").of(seen(), LABELS).tolist() == [4.0, 16.0]
    assert Target("temporal", "jump").of(seen(), LABELS).tolist() == [3.0, 2.0]
    assert Target("average", "jump").of(seen(), LABELS).tolist() == [2.0, 1.0]


def test_two_classes_are_the_difference_of_their_scores():
    assert Target("spatiotemporal", "walk", "run").of(seen(), LABELS).tolist() == [2.0, 8.0]
    assert Target("spatiotemporal", "run", "walk").of(seen(), LABELS).tolist() == [-2.0, -8.0]


@pytest.mark.parametrize("names", [("fly",), ("walk", "fly")])
def test_a_class_that_the_network_does_not_know_is_named(names: tuple[str, ...]):
    with pytest.raises(InputError, match=r"'fly'.*jump, run, walk"):
        Target("temporal", *names).of(seen(), LABELS)


def test_a_class_cannot_lead_itself():
    with pytest.raises(InputError, match="'walk' is compared with itself"):
        Target("temporal", "walk", "walk").of(seen(), LABELS)


def test_it_says_what_it_is():
    assert str(Target("temporal", "walk")) == "“walk”"
    assert str(Target("temporal", "walk", "run")) == "“walk” versus “run”"
