"""Listening: a local address that counts connections, and files placed as bait."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.lures import Bait
from tests.videos import bars, write

FIRST = 700  # the bait's frames are numbered from here


@dataclass
class Visitors:
    """Who came by."""

    address: str
    asked: list[bytes] = field(default_factory=list)  # the first bytes of each


@contextmanager
def listening() -> Iterator[Visitors]:
    """Listen on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        visitors = Visitors(f"http://127.0.0.1:{door.getsockname()[1]}")

        def work() -> None:
            while True:
                try:
                    guest, _ = door.accept()
                except OSError:
                    return
                guest.settimeout(2)
                with guest:
                    visitors.asked.append(guest.recv(200))

        threading.Thread(target=work, daemon=True).start()
        yield visitors
        door.shutdown(socket.SHUT_RDWR)


def laid_out(folder: Path, address: str) -> Bait:
    """Put the bait into a folder."""
    film = write(folder / "bait.mp4", [bars(FIRST + n) for n in range(12)])
    os.mkfifo(folder / "pipe")
    return Bait(film, folder / "pipe", address)
