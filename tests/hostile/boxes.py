"""Boxes: start and end of the parts of an mp4, AVI or Matroska file, including nested ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_MP4 = {
    **dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta"), 0),
    **{b"meta": 4, b"stsd": 8, b"dref": 8, b"avc1": 78},
}
_MATROSKA = dict.fromkeys(
    [
        "1a45dfa3",
        "18538067",
        "114d9b74",
        "4dbb",
        "1549a966",
        "1654ae6b",
        "ae",
        "e0",
        "1f43b675",
        "a0",
        "1c53bb6b",
        "bb",
        "b7",
    ],
    0,
)


@dataclass(frozen=True)
class Part:
    """A box, a chunk, an element: its header, then its body."""

    name: str
    start: int  # bytes from the file's beginning
    size_at: int
    size_bytes: int
    body: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """The boxes of an mp4 file."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        stop = start + size if size >= 8 else end
        yield Part(kind.decode("latin-1"), start, start, 4, start + 8, stop)
        if kind in _MP4:
            yield from boxes(data, start + 8 + _MP4[kind], stop)
        start = stop


def chunks(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """The chunks of a RIFF file."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        kind, size = data[start : start + 4], int.from_bytes(data[start + 4 : start + 8], "little")
        stop = min(start + 8 + size + size % 2, end)
        yield Part(kind.decode("latin-1"), start, start + 4, 4, start + 8, stop)
        if kind in (b"RIFF", b"LIST"):
            yield from chunks(data, start + 12, stop)
        start = stop


def elements(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Part]:
    """The elements of a Matroska file."""
    end = len(data) if end is None else end
    while start < end:
        size_at = start + 9 - data[start].bit_length()
        size_bytes = 9 - data[size_at].bit_length()
        body = size_at + size_bytes
        size = int.from_bytes(data[size_at:body], "big") & ((1 << 7 * size_bytes) - 1)
        unknown = size == (1 << 7 * size_bytes) - 1
        stop = end if unknown else min(body + size, end)
        name = data[start:size_at].hex()
        yield Part(name, start, size_at, size_bytes, body, stop)
        if name in _MATROSKA:
            yield from elements(data, body, stop)
        start = stop
