"""Alone: who measures time is alone, and gets there though others come and go."""

from __future__ import annotations

import threading
import time
import uuid

from tests.alone import turn


def test_one_that_is_alone_waits_for_the_others_and_they_for_it():
    name, seen, busy, lock = f"turns-{uuid.uuid4().hex}", [], set(), threading.Lock()

    def work(who: str, times: int) -> None:
        for _ in range(times):
            with turn(name, alone=who == "alone"):
                with lock:
                    busy.add(who)
                time.sleep(0.02)
                with lock:
                    seen.append(frozenset(busy))
                    busy.discard(who)

    threads = [threading.Thread(target=work, args=(who, 15)) for who in ("one", "other")]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    begun = time.monotonic()
    work("alone", 1)
    assert time.monotonic() - begun < 0.25  # its turn came before the others were done
    for thread in threads:
        thread.join()
    assert frozenset({"alone"}) in seen
    assert all(len(who) == 1 for who in seen if "alone" in who)
    assert frozenset({"one", "other"}) in seen
