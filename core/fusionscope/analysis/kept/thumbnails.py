"""Thumbnails of the bundled clips, in one file, so that a row of cards needs no clip."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from fusionscope.analysis.kept.kept_analysis import SHIPPED
from fusionscope.analysis.kept.record_file import Damaged, unpack
from fusionscope.analysis.run_reel import thumbnail
from fusionscope.video.clip import Clip

FILE = SHIPPED / "thumbnails.npz"


def kept_thumbnails() -> Mapping[str, bytes]:
    """Id of a clip -> WebP; empty if the file is missing or damaged."""
    with suppress(OSError, Damaged):
        found = unpack(FILE.read_bytes())
        if isinstance(found, dict):
            return {name: picture for name, picture in found.items() if isinstance(picture, bytes)}
    return {}


def thumbnail_of(clip: Clip) -> bytes:
    """A small WebP of a frame at a sixth of the clip."""
    return thumbnail(clip.frames[len(clip.frames) // 6])
