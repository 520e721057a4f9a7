"""Bombs: small files that need much time or memory, deeply nested files, and very large ones."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from tests.hostile.boxes import boxes
from tests.hostile.case import REFUSED, SANE, WHOLE, Case
from tests.hostile.films import film
from tests.hostile.making import box, chunk, element, moving
from tests.hostile.stills import still
from tests.videos import bars, numbered

MANY = 100_000


def bombs() -> Iterator[Case]:
    """All of them."""
    yield from _many_frames()
    yield from _large_frames()
    yield from _swelling()
    yield from _deep()
    yield from _long()


def _many_frames() -> Iterator[Case]:
    gif = b"GIF89a" + b"\x50\0\x3c\0\xf0\0\0" + bytes(3) + b"\xff" * 3
    dot = b"\x2c" + bytes(4) + b"\1\0\1\0\0\2\2\x44\1\0"
    for delay in (0, 2, 65535):
        frame = b"\x21\xf9\4\4" + delay.to_bytes(2, "little") + b"\0\0" + dot
        yield Case(f"bomb-frames-{delay}.gif", gif + frame * MANY + b";")
    small = still("mjpeg", "yuvj420p", bars(1, 32, 32))
    for rate in (10, MANY):  # a hundred thousand frames that lie at one place in the file
        yield Case(f"bomb-frames-{rate}.mov", moving(small, MANY, (32, 32), b"jpeg", rate))
    held = moving(small, MANY, (32, 32), b"jpeg", 10, gap=0)
    yield Case("bomb-frames-still.mov", held, REFUSED, says="all its frames at the same time")
    avi = film("avi")
    at = avi.index(b"movi") + 4
    yield Case("bomb-empty-chunks.avi", avi[:at] + chunk(b"00dc", b"") * MANY + avi[at:])
    yield Case("bomb-junk-chunks.avi", avi[:at] + chunk(b"JUNK", b"") * MANY + avi[at:])
    matroska = film("mkv")
    at = matroska.index(b"\x1f\x43\xb6\x75")
    yield Case("bomb-empty-clusters.mkv", matroska[:at] + element("1f43b675", b"") * MANY)
    yield Case(
        "bomb-blocks.mkv", matroska[:at] + element("1f43b675", b"\xa3\x84\x81\0\0\x80" * MANY)
    )
    flash = film("flv")
    tag = b"\x09\0\0\1\0\0\0\0\0\0\0\x22\0\0\0\x0c"
    yield Case("bomb-empty-tags.flv", flash + tag * MANY)
    raw = film("y4m")
    head = raw[: raw.index(b"FRAME")].replace(b"W80 H60", b"W2 H2")
    yield Case("bomb-frames.y4m", head.replace(b"F10:1", b"F100000:1") + b"FRAME\n123456" * MANY)
    yield Case("bomb-packets.ts", film("ts")[:564] + b"\x47\x1f\xff\x10" * 47 * 1000)


def _large_frames() -> Iterator[Case]:
    wide = {"height": 4320, "width": 7680, "options": {"preset": "ultrafast"}}
    yield Case("bomb-8k-one.mp4", partial(_bars, count=1, **wide), REFUSED, says="only 1 frame")
    yield Case("bomb-8k-two.mp4", partial(_bars, count=2, **wide), WHOLE, 2)
    for name, (height, width), may, says in (
        ("most", (4882, 8192), SANE, ""),
        ("beyond", (8192, 8193), REFUSED, "the limit is 8192 per side and 40 million"),
        ("wide", (64, 8192), REFUSED, "aspect ratio of 128"),
    ):
        black = _black(height, width)
        made = moving(black, 600, (height, width), b"png ", 30)
        yield Case(f"bomb-png-{name}.mov", made, may, says=says, seconds=3)
        yield Case(f"bomb-png-{name}-one.mov", moving(black, 1, (height, width), b"png "), REFUSED)
        hidden = moving(black, 4, (60, 80), b"png ")  # larger than in the header
        yield Case(f"bomb-png-{name}-hidden.mov", hidden)
    screen = b"GIF89a\xff\xff\xff\xff\xf0\0\0" + bytes(6)
    picture = b"\x2c\0\0\0\0\xff\xff\xff\xff\0\2\2\x44\1\0"
    yield Case("bomb-screen.gif", screen + picture * 3 + b";", REFUSED)


def _swelling() -> Iterator[Case]:
    """What is small until it is unpacked."""
    zeros = zlib.compress(bytes(200_000_000), 9)
    packed = box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", (2**31).to_bytes(4, "big") + zeros))
    yield Case("bomb-packed-index.mov", box(b"moov", packed) + box(b"mdat", b""), REFUSED)
    encoding = element("5034", element("4254", b"\0"))
    order = element("5031", b"\0") + element("5033", b"\0")
    coded = element("6d80", element("6240", order + encoding))
    yield Case("bomb-packed-blocks.mkv", _packed(coded, zeros))


def _packed(coded: bytes, zeros: bytes) -> bytes:
    """A Matroska file of two blocks that unpack to 200 MB each."""
    video = element("e0", element("b0", b"\x50") + element("ba", b"\x3c"))
    track = element("d7", b"\1") + element("73c5", b"\1") + element("83", b"\1")
    track += element("86", b"V_MJPEG") + video + coded
    blocks = b"".join(element("a3", b"\x81\0" + bytes([n]) + b"\x80" + zeros) for n in (0, 100))
    head = element("1a45dfa3", element("4282", b"matroska"))
    tracks = element("1654ae6b", element("ae", track))
    return head + element("18538067", tracks + element("1f43b675", element("e7", b"\0") + blocks))


def _deep() -> Iterator[Case]:
    depth = 3000
    for name in (b"moov", b"trak", b"udta", b"meta", b"moof"):
        yield Case(
            f"deep-{name.decode()}.mp4", film("mp4")[:32] + _nested(partial(box, name), depth)
        )
    deepest = _nested(partial(box, b"udta"), depth)
    whole = film("late.mp4") + deepest
    yield Case("deep-behind.mp4", whole)
    matroska = film("mkv")
    for name in ("18538067", "1f43b675", "a0", "67c8", "80"):
        yield Case(f"deep-{name}.mkv", matroska[:47] + _nested(partial(element, name), depth))
    tags = element("1254c367", element("7373", _nested(partial(element, "67c8"), depth)))
    yield Case("deep-tags.mkv", matroska + tags)
    lists = _nested(lambda body: chunk(b"LIST", b"hdrl" + body), depth)
    yield Case("deep-lists.avi", b"RIFF\xff\xff\xff\x7fAVI " + lists)
    nested_object = b"\3\0\1a" * depth
    tag = b"\x12" + len(nested_object).to_bytes(3, "big") + bytes(7) + b"\2\0\x0aonMetaData"
    yield Case("deep-objects.flv", film("flv")[:13] + tag + nested_object)


def _nested(around: Callable[[bytes], bytes], depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        body = around(body)
    return body


def _long() -> Iterator[Case]:
    """Terabytes that take no room on the disk."""
    for kind in ("mp4", "mkv", "avi", "ts", "mpg", "gif", "wmv", "y4m"):
        yield Case(f"long-{kind}.{kind}", partial(_sparse, data=film(kind)), seconds=2)
    yield Case("long-zeros.mp4", partial(_sparse, data=b""), REFUSED, seconds=6)
    tracks = [part for part in boxes(film("mp4")) if part.name == "trak"]
    head, track = film("mp4")[:32], film("mp4")[tracks[0].start : tracks[0].end]
    yield Case("bomb-tracks.mp4", head + box(b"moov", track * 3000), seconds=10)


def _bars(path: Path, count: int, **how: object) -> None:
    numbered(path, count, **how)


def _black(height: int, width: int) -> bytes:
    return still("png", "rgb24", np.zeros((height, width, 3), np.uint8))


def _sparse(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.truncate(1 << 40)
