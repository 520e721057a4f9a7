"""Spare process: start the next process in advance, to save its start-up time.

It waits for its standard input. When this process ends, that input closes and the spare ends too.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # environment variables passed on
PIPE = 1 << 20  # bytes, size of the pipe: a few frames

Process = subprocess.Popen[bytes]


class SpareProcess:
    """Keep at most one waiting process; each is handed out once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wanted = False
        self._command: tuple[str, ...] = ()
        self.waiting: Process | None = None

    def want(self, command: Sequence[str]) -> None:
        """From now on, keep one process waiting."""
        if not self._wanted:
            self._wanted = True
            atexit.register(self.end)
        self.prepare(command)

    def taken(self, command: Sequence[str]) -> Process:
        """Hand out the waiting process if it is alive and runs this command, else start one."""
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
        """Start the next process, if wanted and none is waiting."""
        with self._lock:
            if self._wanted and self.waiting is None:
                with suppress(OSError):  # the next ``taken`` raises it
                    self.waiting, self._command = _started(command), tuple(command)

    def end(self) -> None:
        """End the waiting process and start no other."""
        with self._lock:
            process, self.waiting, self._wanted = self.waiting, None, False
        if process is not None:
            _discard(process)


SPARE = SpareProcess()


def _started(command: Sequence[str]) -> Process:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={key: os.environ[key] for key in KEPT if key in os.environ},
        start_new_session=True,  # a keyboard interrupt goes to the parent only
    )
    with suppress(ImportError, AttributeError, OSError):  # only Linux can enlarge pipes
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
