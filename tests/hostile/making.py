"""Making: build boxes, chunks and elements, and mp4 files from them."""

from __future__ import annotations

import struct


def box(name: bytes, body: bytes) -> bytes:
    """Of an mp4 file."""
    return struct.pack(">I4s", 8 + len(body), name) + body


def chunk(name: bytes, body: bytes) -> bytes:
    """Of a RIFF file."""
    return struct.pack("<4sI", name, len(body)) + body + bytes(len(body) % 2)


def element(name: str, body: bytes) -> bytes:
    """Of a Matroska file; its name in hexadecimal digits."""
    return bytes.fromhex(name) + (1 << 56 | len(body)).to_bytes(8, "big") + body


def moving(
    sample: bytes,
    count: int,
    size: tuple[int, int],
    codec: bytes,
    rate: int = 10,
    gap: int = 1,
    reference: bytes = b"",
) -> bytes:
    """A film that shows one picture over and over, which it holds once.

    Args:
        size: height and width.
        rate: ticks a second; ``gap`` ticks are from frame to frame.
        reference: where the pictures lie, an entry of a ``dref``; empty: in this file.
    """
    height, width = size
    start = box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"mdat", sample)
    at = len(start) - len(sample)
    entry = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", min(width, 65535), height)
    entry += struct.pack(">IIIH", 72 << 16, 72 << 16, 0, 1) + bytes(32) + b"\0\x18\xff\xff"
    reference = reference or box(b"url ", b"\0\0\0\1")
    length = count * gap
    tables = [
        box(b"stsd", struct.pack(">II", 0, 1) + box(codec, entry)),
        box(b"stts", struct.pack(">IIII", 0, 1, count, gap)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">III", 0, len(sample), count)),
        box(b"stco", struct.pack(">II", 0, count) + struct.pack(">I", at) * count),
    ]
    info = box(b"vmhd", b"\0\0\0\1" + bytes(8)) + box(
        b"dinf", box(b"dref", struct.pack(">II", 0, 1) + reference)
    )
    media = [
        box(b"mdhd", struct.pack(">IIIIII", 0, 0, 0, rate, length, 0)),
        box(b"hdlr", bytes(4) + b"mhlrvide" + bytes(13)),
        box(b"minf", info + box(b"stbl", b"".join(tables))),
    ]
    upright = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    shown = struct.pack(">II", width << 16 & 0xFFFFFFFF, height << 16 & 0xFFFFFFFF)
    about = struct.pack(">IIIIII", 1, 0, 0, 1, 0, length) + bytes(16) + upright + shown
    track = box(b"tkhd", about) + box(b"mdia", b"".join(media))
    head = struct.pack(">IIIII", 0, 0, 0, rate, length) + b"\0\1\0\0\1\0" + bytes(10)
    return start + box(
        b"moov", box(b"mvhd", head + upright + bytes(24) + b"\0\0\0\2") + box(b"trak", track)
    )
