"""Uploads: a visitor's own clips, deleted with the session together with their results."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip
from fusionscope_app.server.result_cache import Shelf


def forget_with(owner: object, made: Shelf, digests: set[str]) -> None:
    """Delete the results of all clips with these digests once their owner is gone."""

    def work() -> None:
        for digest in digests:
            made.forget(digest)

    def let_go() -> None:
        # garbage collection may run this in a thread that holds the cache's lock
        threading.Thread(target=work, daemon=True, name="fusionscope-forget").start()

    weakref.finalize(owner, let_go).atexit = False


class Uploads(dict[str, Clip]):
    """A visitor's own clips; when the session ends, their results are deleted too."""

    def __init__(self, made: Shelf) -> None:
        super().__init__()
        self.digests: set[str] = set()
        forget_with(self, made, self.digests)


class UploadFolder:
    """A folder with a random name, deleted when the session ends.

    Raises:
        InputError: it cannot be created.
    """

    def __init__(self) -> None:
        self.path = self._made()

    def _made(self) -> Path:
        try:
            path = Path(tempfile.mkdtemp(prefix="fusionscope-"))
        except OSError as problem:
            raise InputError(
                f"the video cannot be written ({problem.strerror}); needed: free disk space and "
                "permission to write there"
            ) from problem
        weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        return path

    def keep(self, name: str, content: bytes | memoryview) -> Path:
        """Write a file completely or not at all, unless it exists; delete all others.

        Raises:
            InputError: it cannot be written.
        """
        if not (self.path / Path(name).name).exists():
            self.clear()
        return self.add(name, content)

    def add(self, name: str, content: bytes | memoryview) -> Path:
        """Write a file completely or not at all, unless it exists, beside the others.

        Raises:
            InputError: it cannot be written.
        """
        if not self.path.is_dir():  # the system may delete old temporary folders
            self.path = self._made()
        path = self.path / Path(name).name
        if not path.exists():
            with atomic_write(path, "the video") as unfinished:
                unfinished.write_bytes(content)
        return path

    def clear(self) -> None:
        """Delete all files in it."""
        for path in self.path.glob("*"):
            path.unlink(missing_ok=True)
