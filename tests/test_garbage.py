"""Frozen objects are skipped by garbage collection, and collected later if they become garbage."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from fusionscope_app.server import garbage


class Ring:
    """An object in a reference cycle, which only garbage collection frees."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_frozen_object_is_collected_once_it_is_garbage():
    ring = Ring()
    seen = weakref.ref(ring)
    garbage.settle()
    assert gc.get_freeze_count() > 10_000
    del ring
    gc.collect()
    assert seen() is not None  # frozen objects are skipped
    garbage.settle()
    assert seen() is None


def test_new_garbage_is_collected_as_usual():
    garbage.settle()
    ring = Ring()
    seen = weakref.ref(ring)
    del ring
    gc.collect()
    assert seen() is None


def test_new_modules_are_frozen_without_waiting_for_a_pause(monkeypatch: pytest.MonkeyPatch):
    known = garbage.freeze_new_modules(0)
    frozen = gc.get_freeze_count()
    kept = [Ring() for _ in range(5000)]
    assert garbage.freeze_new_modules(known) == known
    assert gc.get_freeze_count() < frozen + 1000
    monkeypatch.setitem(sys.modules, "new_module", gc)
    assert garbage.freeze_new_modules(known) == known + 1
    assert gc.get_freeze_count() >= frozen + len(kept)
