"""Result cache: one computation per result, limited size, one queue."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import Turns


def test_concurrent_callers_get_one_computation():
    shelf, made, start = Shelf(10**6, Turns(2, 1)), [], threading.Barrier(8)

    def make() -> np.ndarray:
        made.append(1)
        return np.zeros(10)

    def ask() -> None:
        start.wait()
        shelf.get("key", make)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_the_least_recently_used_result_is_removed_first():
    shelf = Shelf(250, Turns(2, 1))
    for key in "abc":
        shelf.get(key, lambda: np.zeros(100, np.uint8))
        shelf.get("a", lambda: pytest.fail("a was removed"))
    assert "b" not in shelf
    assert "c" in shelf


def test_a_result_larger_than_the_cache_is_returned_and_not_kept():
    shelf = Shelf(10, Turns(2, 1))
    assert len(shelf.get("key", lambda: np.zeros(100, np.uint8))) == 100
    assert "key" not in shelf


def test_a_result_that_was_refused_is_computed_at_the_next_call():
    shelf = Shelf(10**6, Turns(2, 1))
    with pytest.raises(InputError):
        shelf.get("key", lambda: (_ for _ in ()).throw(InputError("no")))
    assert shelf.get("key", lambda: 3) == 3


def test_a_caller_waiting_for_the_same_result_is_informed_and_holds_no_turn():
    shelf, told = Shelf(10**6, Turns(2, 1)), []
    begun, go_on, other = threading.Event(), threading.Event(), []

    def slow() -> int:
        begun.set()
        assert go_on.wait(30)
        return 1

    def waiting(words: str, _: float) -> None:
        told.append(words)

    threads = [threading.Thread(target=lambda: shelf.get("same", slow))]
    threads[0].start()
    assert begun.wait(30)
    threads += [threading.Thread(target=lambda: shelf.get("same", slow, waiting)) for _ in "ab"]
    for thread in threads[1:]:
        thread.start()
    until = time.monotonic() + 30
    while len(told) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    quick = threading.Thread(target=lambda: other.append(shelf.get("other", lambda: 2)))
    quick.start()  # two callers wait for the first; the second turn is still free
    quick.join(30)
    assert other == [2]
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert set(told) == {"Waiting for the same analysis, started by another visitor"}


def test_a_caller_that_stops_waiting_does_not_affect_the_others():
    shelf, begun, go_on = Shelf(10**6, Turns(1, 1)), threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert go_on.wait(30)
        return 1

    def gives_up(words: str, _: float) -> None:
        raise InterruptedError(words)

    thread = threading.Thread(target=lambda: shelf.get("slow", slow))
    thread.start()
    assert begun.wait(30)
    with pytest.raises(InterruptedError, match="1 analysis"):
        shelf.get("other", lambda: 2, gives_up)
    with pytest.raises(InterruptedError, match="Waiting for the same"):
        shelf.get("slow", slow, gives_up)
    go_on.set()
    thread.join(30)
    assert shelf.get("other", lambda: 3, gives_up) == 3
    assert shelf.get("slow", lambda: pytest.fail("it was computed again")) == 1


def test_nested_results_do_not_deadlock():
    shelf, results = Shelf(10**6, Turns(1, 1)), []

    def ask(key: str) -> None:
        results.append(shelf.get(key, lambda: shelf.get("part", lambda: 1) + 1))

    threads = [threading.Thread(target=ask, args=(key,)) for key in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [2, 2, 2]


def test_waiting_callers_raise_the_same_error_without_another_attempt():
    shelf, tried, told = Shelf(10**6, Turns(2, 1)), [], []
    all_there = threading.Event()

    def refuse() -> None:
        tried.append(1)
        all_there.wait(10)
        raise InputError("it took too long")

    def ask() -> None:
        try:
            shelf.get("key", refuse)
        except InputError as problem:
            told.append(str(problem))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)  # five of them wait
    all_there.set()
    for thread in threads:
        thread.join()
    assert told == ["it took too long"] * 6
    assert len(tried) == 1
    assert shelf.get("key", lambda: 3) == 3


def test_a_cancelled_result_is_computed_by_the_next_waiting_caller():
    shelf, made, begun = Shelf(10**6, Turns(2, 1)), [], threading.Event()

    def give_up() -> None:
        begun.set()
        time.sleep(0.3)
        raise KeyboardInterrupt

    def ask() -> None:
        with suppress(KeyboardInterrupt):
            shelf.get("key", give_up)

    first = threading.Thread(target=ask)
    first.start()
    begun.wait(10)
    made.append(shelf.get("key", lambda: 3))
    first.join()
    assert made == [3]


def test_nothing_is_kept_of_refused_results():
    shelf = Shelf(10**6, Turns(2, 1))
    for n in range(100):
        with suppress(InputError):
            shelf.get(n, lambda: (_ for _ in ()).throw(InputError("no")))
    assert not shelf._makers
