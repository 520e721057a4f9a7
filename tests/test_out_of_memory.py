"""Out of memory: an InputError is raised, and the memory is freed."""

import gc
import weakref

import numpy as np
import pytest
import torch

from fusionscope.base.out_of_memory import memory_errors_as_input_errors
from fusionscope.base.records import InputError


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "the graphics card has too little memory"),
        (MemoryError(), "this computer has too little memory"),
    ],
)
def test_running_out_of_memory_is_one_sentence(problem: Exception, says: str):
    with pytest.raises(InputError, match=says), memory_errors_as_input_errors():
        raise problem


def test_torch_that_finds_no_room_outside_a_card_is_understood():
    with (
        pytest.raises(InputError, match="this computer has too little"),
        memory_errors_as_input_errors(),
    ):
        torch.empty(1 << 60, dtype=torch.uint8)


def test_memory_used_before_is_freed():
    kept = []

    def work() -> None:
        large = np.zeros(1000)
        kept.append(weakref.ref(large))
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(InputError), memory_errors_as_input_errors():
        work()
    gc.collect()
    assert kept[0]() is None


@pytest.mark.parametrize("problem", [RuntimeError("a bug"), KeyError("a bug"), InputError("no")])
def test_all_else_passes(problem: Exception):
    with pytest.raises(type(problem)) as caught, memory_errors_as_input_errors():
        raise problem
    assert caught.value is problem
