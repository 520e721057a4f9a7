"""Uploads: one visitor's own clips, which go with the session, and all that was made of them."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from app.shelf import Shelf
from core.draft import draft
from core.records import InputError
from core.video.clip import Clip


class Uploads(dict[str, Clip]):
    """A visitor's own clips. With the session that holds them goes all that was made of them."""

    def __init__(self, made: Shelf) -> None:
        super().__init__()
        self.digests: set[str] = set()
        weakref.finalize(self, self._let_go, made, self.digests).atexit = False

    @staticmethod
    def _let_go(made: Shelf, digests: set[str]) -> None:
        def work() -> None:
            for digest in digests:
                made.forget(digest)

        # the collector may come by while this very thread is at the shelf's door
        threading.Thread(target=work, daemon=True, name="fusionscope-forget").start()


class UploadFolder:
    """A folder under a random name, which goes when the session that holds it goes.

    Raises:
        InputError: there is no room for it.
    """

    def __init__(self) -> None:
        self.path = self._made()

    def _made(self) -> Path:
        try:
            path = Path(tempfile.mkdtemp(prefix="fusionscope-"))
        except OSError as problem:
            raise InputError(
                f"the video cannot be written ({problem.strerror}); needed: room on the disk, and "
                "leave to write there"
            ) from problem
        weakref.finalize(self, shutil.rmtree, path, ignore_errors=True)
        return path

    def keep(self, name: str, content: bytes | memoryview) -> Path:
        """Write a file, whole or not at all, unless it is there already; all others go.

        Raises:
            InputError: it cannot be written.
        """
        if not self.path.is_dir():  # a system may clear up what lies about for long
            self.path = self._made()
        path = self.path / Path(name).name
        if not path.exists():
            self.clear()
            with draft(path, "the video") as unfinished:
                unfinished.write_bytes(content)
        return path

    def clear(self) -> None:
        """Delete what lies in it."""
        for path in self.path.glob("*"):
            path.unlink(missing_ok=True)
