"""Blending: between the first weights and the last ones."""

from __future__ import annotations

import torch

from core.study.blending import blended


def test_the_share_is_that_of_the_first_weights():
    first, last = {"a": torch.tensor([0.0, 8.0])}, {"a": torch.tensor([4.0, 0.0])}
    assert blended(first, last, 0.25)["a"].tolist() == [3.0, 2.0]
    assert blended(first, last, 0.0)["a"].tolist() == [4.0, 0.0]


def test_how_many_batches_a_norm_has_seen_is_not_blended():
    first, last = {"n": torch.tensor(0)}, {"n": torch.tensor(7)}
    assert blended(first, last, 0.5)["n"].item() == 7
