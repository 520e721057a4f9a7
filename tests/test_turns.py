"""Turns: so many at once, the first to come first, and nobody quick behind somebody slow."""

from __future__ import annotations

import threading
import time

import pytest

from app.turns import Turns, turns_of_machine


class Visitor:
    """Somebody with a turn, or waiting for one, in a thread of its own."""

    def __init__(self, turns: Turns, long: bool = False) -> None:
        self.told: list[str] = []
        self.has, self.end = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._come, args=(turns, long))
        self.thread.start()

    def _come(self, turns: Turns, long: bool) -> None:
        with turns.taken(long, lambda words, _: self.told.append(words)):
            self.has.set()
            assert self.end.wait(30)

    def waits(self) -> bool:
        until = time.monotonic() + 30
        while not (self.told or self.has.is_set()) and time.monotonic() < until:
            time.sleep(0.005)
        return not self.has.is_set()

    def goes(self) -> None:
        self.end.set()
        self.thread.join(30)


def test_so_many_at_once_and_then_in_the_order_they_came():
    turns = Turns(2, 1)
    one, two = Visitor(turns), Visitor(turns)
    assert one.has.wait(30)
    assert two.has.wait(30)
    three = Visitor(turns)
    assert three.waits()
    four = Visitor(turns)
    assert four.waits()
    assert three.told[0] == "Waiting: 1 analysis before this one"
    assert four.told[0] == "Waiting: 2 analyses before this one"
    two.goes()
    assert three.has.wait(30)
    assert not four.has.wait(0.4)
    assert four.told[-1] == "Waiting: 1 analysis before this one"
    for visitor in (one, four, three):
        visitor.goes()
    assert four.has.is_set()


def test_quick_work_does_not_wait_for_long_work():
    turns = Turns(1, 1)
    slow = Visitor(turns, long=True)
    assert slow.has.wait(30)
    second = Visitor(turns, long=True)
    assert second.waits()
    quick = Visitor(turns)
    assert quick.has.wait(30)
    for visitor in (quick, slow, second):
        visitor.goes()
    assert second.has.is_set()


def test_who_has_a_turn_goes_straight_through_and_gives_it_back_once():
    turns = Turns(1, 1)
    with turns.taken():
        with turns.taken(), turns.taken(long=True):
            assert turns.taken_here
        assert turns.taken_here
    assert not turns.taken_here
    with turns.taken():
        other = Visitor(turns)
        assert other.waits()
    assert other.has.wait(30)
    other.goes()


def test_what_fails_gives_its_turn_back():
    turns = Turns(1, 1)
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    with turns.taken():
        assert turns.taken_here


def test_a_machine_of_one_core_has_a_turn_of_either_kind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    turns = turns_of_machine()
    slow = Visitor(turns, long=True)
    assert slow.has.wait(30)
    slow.goes()
