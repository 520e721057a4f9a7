"""Memory: whoever runs out of it is told so, and what was taken is free again."""

import gc
import weakref

import numpy as np
import pytest
import torch

from core.memory import enough_memory
from core.records import InputError


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "the graphics card has too little memory"),
        (MemoryError(), "this computer has too little memory"),
    ],
)
def test_running_out_of_memory_is_told_in_one_sentence(problem: Exception, says: str):
    with pytest.raises(InputError, match=says), enough_memory():
        raise problem


def test_torch_that_finds_no_room_outside_a_card_is_understood():
    with pytest.raises(InputError, match="this computer has too little"), enough_memory():
        torch.empty(1 << 60, dtype=torch.uint8)


def test_what_was_made_before_is_let_go_of():
    kept = []

    def work() -> None:
        large = np.zeros(1000)
        kept.append(weakref.ref(large))
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(InputError), enough_memory():
        work()
    gc.collect()
    assert kept[0]() is None


@pytest.mark.parametrize("problem", [RuntimeError("a bug"), KeyError("a bug"), InputError("no")])
def test_all_else_passes(problem: Exception):
    with pytest.raises(type(problem)) as caught, enough_memory():
        raise problem
    assert caught.value is problem
