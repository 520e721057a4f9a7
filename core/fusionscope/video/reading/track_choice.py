"""Track choice: which video track of a file is read, as ffmpeg chooses without an option.

ffmpeg prefers the track marked as default, then the larger picture (``map_auto_video``), then more
frames and the higher bit rate (``av_find_best_stream``). Above that stand two rules: a track that
moves comes before a still or a thumbnail, and a track that can be decoded before one that cannot.
A picture on the cover is never chosen. The decoder's child process imports this file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

STILL = Disposition.still_image | Disposition.timed_thumbnails
MOST = 5000  # packets in which the frames of tracks are counted


def codec_of(track: VideoStream) -> str:
    """The codec's name, whichever decoder FFmpeg uses for it."""
    codec = track.codec_context
    return codec.codec.canonical_name if codec else "an unknown codec"


def best_track(
    opened: InputContainer, codecs: Sequence[str], reopened: Callable[[], InputContainer]
) -> VideoStream | None:
    """Choose the video track to read; None if there is none.

    Args:
        codecs: those that can be decoded.
        reopened: opens the same file again, to count frames if the header does not.
    """
    tracks = [t for t in opened.streams.video if not t.disposition & Disposition.attached_pic]
    if len(tracks) < 2:
        return tracks[0] if tracks else None
    frames = {track.index: track.frames for track in tracks}
    if not all(frames.values()):
        counted = _first_frames(reopened())
        frames = {index: count or counted[index] for index, count in frames.items()}

    def rank(track: VideoStream) -> tuple[float, ...]:
        count = frames[track.index]
        readable = codec_of(track) in codecs
        moving = count > 1 and not track.disposition & STILL
        default = bool(track.disposition & Disposition.default)
        area = track.width * track.height if readable else 0
        return readable, moving, default, area, count, track.bit_rate or 0

    return max(tracks, key=rank)  # the first of equals


def _first_frames(container: InputContainer) -> Counter[int]:
    """Track index -> number of packets among the file's first ones."""
    counts = Counter[int]()
    with container, suppress(FFmpegError):
        for number, packet in enumerate(container.demux(container.streams.video)):
            counts[packet.stream.index] += bool(packet.size)
            if number >= MOST:
                break
    return counts
