"""Ahead: a process started before it is asked, where its start takes longer than its work.

It waits for its input, which ends when this process does, and then so does it.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # of our environment
PIPE = 1 << 20  # bytes on their way from a process: a few frames

Process = subprocess.Popen[bytes]


class Ahead:
    """At most one process that waits, once that is wanted; each is given to one who asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wanted = False
        self._command: tuple[str, ...] = ()
        self.waiting: Process | None = None

    def want(self, command: Sequence[str]) -> None:
        """From now on have one wait."""
        if not self._wanted:
            self._wanted = True
            atexit.register(self.end)
        self.prepare(command)

    def taken(self, command: Sequence[str]) -> Process:
        """The one that waits, if it still does and is of this command; else a new one."""
        with self._lock:
            process, self.waiting = self.waiting, None
            fits = self._command == tuple(command)
        if process is None:
            return _started(command)
        if fits and process.poll() is None:
            return process
        _discard(process)
        return _started(command)

    def prepare(self, command: Sequence[str]) -> None:
        """Start the next one, where that is wanted and none waits."""
        with self._lock:
            if self._wanted and self.waiting is None:
                with suppress(OSError):  # whoever asks next is told
                    self.waiting, self._command = _started(command), tuple(command)

    def end(self) -> None:
        """Have none wait any more."""
        with self._lock:
            process, self.waiting, self._wanted = self.waiting, None, False
        if process is not None:
            _discard(process)


AHEAD = Ahead()


def _started(command: Sequence[str]) -> Process:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={key: os.environ[key] for key in KEPT if key in os.environ},
        start_new_session=True,  # an interrupt from the keyboard is for the parent
    )
    with suppress(ImportError, AttributeError, OSError):  # Linux alone has wider pipes
        import fcntl

        fcntl.fcntl(process.stdout or 0, fcntl.F_SETPIPE_SZ, PIPE)
    return process


def _discard(process: Process) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
