"""Shelf: made once, within bounds, in turn."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from app.shelf import Shelf
from app.turns import Turns
from core.records import InputError


def test_a_shelf_makes_each_thing_once_however_many_ask():
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


def test_a_shelf_lets_the_longest_unused_go_first():
    shelf = Shelf(250, Turns(2, 1))
    for key in "abc":
        shelf.get(key, lambda: np.zeros(100, np.uint8))
        shelf.get("a", lambda: pytest.fail("a was let go"))
    assert "b" not in shelf
    assert "c" in shelf


def test_a_shelf_shows_what_is_too_large_to_keep():
    shelf = Shelf(10, Turns(2, 1))
    assert len(shelf.get("key", lambda: np.zeros(100, np.uint8))) == 100
    assert "key" not in shelf


def test_what_could_not_be_made_is_tried_again():
    shelf = Shelf(10**6, Turns(2, 1))
    with pytest.raises(InputError):
        shelf.get("key", lambda: (_ for _ in ()).throw(InputError("no")))
    assert shelf.get("key", lambda: 3) == 3


def test_who_waits_for_the_same_is_told_and_holds_no_turn():
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
    quick.start()  # two wait for the first: the second turn is free all the same
    quick.join(30)
    assert other == [2]
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert set(told) == {"Waiting for the same, which another visitor asked for"}


def test_who_gives_up_waiting_leaves_the_rest_as_it_was():
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
    with pytest.raises(InterruptedError, match="Waiting: 1 analysis before this one"):
        shelf.get("other", lambda: 2, gives_up)
    with pytest.raises(InterruptedError, match="Waiting for the same"):
        shelf.get("slow", slow, gives_up)
    go_on.set()
    thread.join(30)
    assert shelf.get("other", lambda: 3, gives_up) == 3
    assert shelf.get("slow", lambda: pytest.fail("it was made")) == 1


def test_what_is_made_may_need_what_another_makes_without_waiting_for_ever():
    shelf, results = Shelf(10**6, Turns(1, 1)), []

    def ask(key: str) -> None:
        results.append(shelf.get(key, lambda: shelf.get("part", lambda: 1) + 1))

    threads = [threading.Thread(target=ask, args=(key,)) for key in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [2, 2, 2]


def test_those_who_wait_for_what_is_refused_are_told_and_do_not_try_in_turn():
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


def test_what_was_given_up_is_made_by_the_next_who_waits():
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


def test_of_what_cannot_be_made_a_shelf_keeps_nothing():
    shelf = Shelf(10**6, Turns(2, 1))
    for n in range(100):
        with suppress(InputError):
            shelf.get(n, lambda: (_ for _ in ()).throw(InputError("no")))
    assert not shelf._makers
