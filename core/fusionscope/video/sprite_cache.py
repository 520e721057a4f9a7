"""Sprite cache: sprites on disk, limited in size; the least recently used are deleted first."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError, digest_of

MOST = 256 << 20  # bytes on disk, about 10,000 sprites
LARGEST = 1 << 20  # bytes of a file that is read as a sprite
_VERSION = 1  # raised when sprites are drawn in another way than before
_EACH = 64  # sprites stored between two looks at the size of the folder


def sprite_key(*source: str | int) -> str:
    """The name of a sprite by all that it depends on, such as path, size and time of its video."""
    return digest_of(_VERSION, *source)[:32]


class SpriteCache:
    """Sprites by key, in one folder. A folder that cannot be written keeps none.

    Args:
        most: bytes of all files together.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder, self._most = folder, most
        self._lock = threading.Lock()
        self._stored = 0  # since this object was created

    def get(self, key: str) -> bytes:
        """The sprite of a key; empty if it is not stored."""
        path = self._path(key)
        with suppress(OSError):
            if path.stat().st_size <= LARGEST:
                found = path.read_bytes()
                with suppress(OSError):  # a read-only folder
                    os.utime(path)
                return found
        return b""

    def put(self, key: str, sprite: bytes) -> None:
        """Store a sprite whole or not at all; every so often, delete those used least recently."""
        with suppress(InputError):  # no space: it is made again when needed
            make_folder(self.folder)
            with atomic_write(self._path(key)) as unfinished:
                unfinished.write_bytes(sprite)
        with self._lock:
            self._stored += 1
            if self._stored % _EACH == 1:
                self._trim()

    def _trim(self) -> None:
        found = []
        for path in self.folder.glob("*.webp"):
            with suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        size = sum(one[1] for one in found)
        for _, bytes_freed, path in sorted(found):
            if size <= self._most:
                return
            with suppress(OSError):
                path.unlink()
                size -= bytes_freed

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.webp"
