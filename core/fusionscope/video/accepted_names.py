"""Accepted names: the endings by which a file is listed and taken as a video, everywhere.

The upload, the data folder and the data sets all use this list. The command line and ``read_clip``
open a file of any name and judge its content. There is an ending for each format that
``reading.video_file`` opens.
"""

from __future__ import annotations

from pathlib import PurePath

ENDINGS = (
    *(".mp4", ".mpeg4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".f4v"),  # ISO media
    *(".mkv", ".webm"),  # Matroska
    *(".avi", ".divx"),
    *(".ts", ".mts", ".m2ts", ".m2t"),  # MPEG transport streams: cameras, television
    *(".mpg", ".mpeg", ".m2p", ".vob"),  # MPEG program streams
    *(".flv", ".gif", ".ogv", ".ogg", ".ogm", ".wmv", ".asf", ".y4m"),
)
"""In lower case; a name may be in either case."""


def is_video_name(path: str | PurePath) -> bool:
    """Whether a file's name ends as a video's does."""
    return PurePath(path).suffix.lower() in ENDINGS
