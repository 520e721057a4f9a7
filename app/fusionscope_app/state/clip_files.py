"""Clip files: a visitor's recordings and files on disk, deleted when the visitor leaves.

Frames in memory take 20 times as much: a class of 30 students could not keep theirs there.
"""

from __future__ import annotations

from pathlib import Path

from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip, read_clip
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.state.uploads import UploadFolder, forget_with

ROOM = 150_000_000  # bytes of all files of one visitor


class ClipFiles:
    """Files by the id of their clips, ``upload:`` and the start of the digest."""

    def __init__(self, made: Shelf) -> None:
        self._made = made
        self._folder = UploadFolder()
        self._names: dict[str, str] = {}
        self._digests: set[str] = set()
        forget_with(self, made, self._digests)

    def __contains__(self, clip_id: str) -> bool:
        return clip_id in self._names

    def keep(self, content: bytes, name: str) -> Clip:
        """Read a video and keep its file; return the clip.

        Raises:
            InputError: it cannot be read or written, or the files would exceed ``ROOM``.
        """
        held = sum(path.stat().st_size for path in self._folder.path.glob("*"))
        if held + len(content) > ROOM:
            raise InputError(
                f"your clips have {held / 1e6:.0f} MB and {name} {len(content) / 1e6:.1f} MB; the "
                f"limit is {ROOM / 1e6:.0f} MB together: delete some first"
            )
        unread = self._folder.add("unread", content)
        try:
            clip = read_clip(unread, 0.0, name)
            clip_id = f"upload:{clip.digest[:12]}"
            self._folder.add(_file_of(clip_id), content)
        finally:
            unread.unlink(missing_ok=True)
        self._names[clip_id] = name
        self._digests.add(clip.digest)
        return clip

    def read(self, clip_id: str) -> Clip:
        """Read a kept clip again.

        Raises:
            InputError: its file is gone.
        """
        return read_clip(self._path(clip_id), 0.0, self._names[clip_id])

    def content(self, clip_id: str) -> bytes:
        """The file itself."""
        return self._path(clip_id).read_bytes()

    def name_of(self, clip_id: str) -> str:
        """The name that a clip was given."""
        return self._names[clip_id]

    def rename(self, clip_id: str, name: str) -> None:
        """Give a clip another name."""
        self._names[clip_id] = name

    def drop(self, clip_id: str) -> None:
        """Delete a clip and its results."""
        if self._names.pop(clip_id, None) is None:
            return
        self._path(clip_id).unlink(missing_ok=True)
        for digest in [one for one in self._digests if clip_id == f"upload:{one[:12]}"]:
            self._made.forget(digest)

    def _path(self, clip_id: str) -> Path:
        return self._folder.path / _file_of(clip_id)


def _file_of(clip_id: str) -> str:
    return clip_id.replace(":", "-")
