"""Heap: what is set aside is not searched, and is let go of all the same once it is garbage."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from app import heap


class Ring:
    """Something that only the collector lets go of."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_set_aside_goes_once_it_is_garbage():
    ring = Ring()
    seen = weakref.ref(ring)
    heap.settle()
    assert gc.get_freeze_count() > 10_000
    del ring
    gc.collect()
    assert seen() is not None  # it is not searched between two times
    heap.settle()
    assert seen() is None


def test_new_garbage_is_found_as_before():
    heap.settle()
    ring = Ring()
    seen = weakref.ref(ring)
    del ring
    gc.collect()
    assert seen() is None
