"""Work queue: a limited number at once, first come first served, quick work never behind long."""

from __future__ import annotations

import threading
import time

import pytest

from fusionscope_app.server.work_queue import Turns, turns_of_machine


class Visitor:
    """A visitor who has a turn or waits for one, in a separate thread."""

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


def test_a_limited_number_at_once_and_then_first_come_first_served():
    turns = Turns(2, 1)
    one, two = Visitor(turns), Visitor(turns)
    assert one.has.wait(30)
    assert two.has.wait(30)
    three = Visitor(turns)
    assert three.waits()
    four = Visitor(turns)
    assert four.waits()
    assert three.told[0] == "Waiting: 1 analysis ahead"
    assert four.told[0] == "Waiting: 2 analyses ahead"
    two.goes()
    assert three.has.wait(30)
    assert not four.has.wait(0.4)
    assert four.told[-1] == "Waiting: 1 analysis ahead"
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


def test_a_thread_with_a_turn_does_not_wait_again_and_releases_it_once():
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


def test_a_failure_releases_the_turn():
    turns = Turns(1, 1)
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    with turns.taken():
        assert turns.taken_here


def test_a_machine_with_one_core_has_one_quick_and_one_long_turn(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    turns = turns_of_machine()
    slow = Visitor(turns, long=True)
    assert slow.has.wait(30)
    slow.goes()
