"""Disguises: other files with a video's name, files of two formats, exchanged headers."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import wave
import zipfile
from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.hostile.boxes import boxes
from tests.hostile.case import REFUSED, SANE, WHOLE, Case
from tests.hostile.films import KINDS, film
from tests.hostile.stills import still
from tests.videos import bars, numbered

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_PICTURES = {
    **{"png": "rgb24", "mjpeg": "yuvj420p", "bmp": "bgr24", "tiff": "rgb24", "ppm": "rgb24"},
    **{"gif": "rgb8", "targa": "bgr24", "sgi": "rgb24", "pcx": "rgb24"},
}
_MAGIC = {
    "mp4": b"\0\0\0\x18ftypisom\0\0\2\0isommp42",
    "mkv": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1",
    "avi": b"RIFF\xff\xff\xff\x7fAVI LIST",
    "gif": b"GIF89a\x50\0\x3c\0\xf7\0\0",
    "flv": b"FLV\1\1\0\0\0\x09\0\0\0\0",
    "ogv": b"OggS\0\2" + bytes(20),
    "wmv": _ASF + b"\xff" * 14,
    "y4m": b"YUV4MPEG2 W80 H60 F25:1\n",
    "ts": (b"\x47" + bytes(187)) * 40,
    "mpg": b"\0\0\1\xba" + bytes(60),
    "h264": b"\0\0\0\1\x67\x42\0\x0a" * 9,
}


def disguises() -> Iterator[Case]:
    """All of them."""
    yield from _not_videos()
    yield from _heads()
    yield from _rare_codecs()
    yield from _of_two_kinds()


def _not_videos() -> Iterator[Case]:
    picture = bars(5)
    for codec, layout in _PICTURES.items():
        yield Case(f"picture-{codec}.mp4", still(codec, layout, picture), REFUSED)
    random = np.random.default_rng(0)
    for name, content in {
        "text": b"Dear reader,\nthis is a letter.\n" * 40,
        "text-16": "Dear reader".encode("utf-16") * 40,
        "html": b"<!doctype html><title>x</title><script>alert(1)</script>" * 9,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        b"<a>&b;</a>",
        "json": b'{"frames": 3, "height": 256, "width": 342, "fps": 10.0}\n' * 9,
        "script": b"#!/bin/sh\ntouch /tmp/was-here\n",
        "pdf": b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n" * 9,
        "elf": b"\x7fELF\2\1\1" + bytes(300),
        "exe": b"MZ\x90\0" + bytes(300),
        "pickle": pickle.dumps({"a": picture}),
        "gzip": gzip.compress(bytes(1_000_000)),
        "zip": _zip(),
        "tar": _tar(),
        "wav": _wave(),
        "mp3": b"ID3\4\0\0\0\0\0\0" + (b"\xff\xfb\x90\x64" + bytes(413)) * 20,
        "midi": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n" * 9,
        "sqlite": b"SQLite format 3\0" + bytes(300),
        "safetensors": b"\x02\0\0\0\0\0\0\0{}",
        "pixels": picture.tobytes(),
        "nothing": b"",
        "byte": b"\0",
        "lines": b"\n" * 4000,
        "zeros": bytes(1_000_000),
        "ones": b"\xff" * 1_000_000,
        "noise": random.bytes(1_000_000),
    }.items():
        yield Case(f"kind-{name}.mp4", content, REFUSED, says="needed|is empty")


def _heads() -> Iterator[Case]:
    """A format's first bytes and no more, or with zeros after; the head of one before another."""
    for kind, magic in _MAGIC.items():
        yield Case(f"head-alone.{kind}", magic, REFUSED)
        yield Case(f"head-and-zeros.{kind}", magic + bytes(20_000), REFUSED)
        yield Case(f"head-and-ones.{kind}", magic + b"\xff" * 20_000, REFUSED)
    for one, other in zip(KINDS, (*KINDS[1:], KINDS[0]), strict=True):
        yield Case(f"head-of-next.{one}", film(other)[:64] + film(one)[64:])
        yield Case(f"name-of-next.{one}", film(other), WHOLE)


def _rare_codecs() -> Iterator[Case]:
    """Good films in allowed files, coded as no camera codes: their decoders are little tried."""
    for codec, pix_fmt, ending in (
        *(("asv1", "yuv420p", "avi"), ("snow", "yuv420p", "avi")),
        *(("jpeg2000", "rgb24", "mov"), ("cljr", "yuv411p", "avi")),
    ):
        coded = partial(numbered, codec=codec, pix_fmt=pix_fmt)
        yield Case(f"rare-{codec}.{ending}", coded, REFUSED, says="which is not supported")


def _of_two_kinds() -> Iterator[Case]:
    page = b"<script>fetch('http://127.0.0.1/')</script><!--"
    ftyp = next(boxes(film("mp4"))).end
    free = (8 + len(page)).to_bytes(4, "big") + b"free" + page
    late = film("late.mp4")  # its index is at its end, so what comes before it stays where it was
    yield Case("two-page-within.mp4", late + free, WHOLE)
    yield Case("two-page-first.mp4", film("mp4")[:ftyp] + free + film("mp4")[ftyp:])
    yield Case("two-zip-behind.mp4", late + _zip(), WHOLE)
    yield Case("two-zip-behind.gif", film("gif") + _zip(), WHOLE)
    yield Case("two-zip-behind.avi", film("avi") + _zip(), WHOLE)
    yield Case("two-picture-first.mp4", still("mjpeg", "yuvj420p", bars(1)) + late)
    yield Case("two-text-first.mkv", b"#EXTM3U\n" + film("mkv"))
    yield Case("two-playlist-behind.ts", film("ts") + b"\n#EXTM3U\nhttp://127.0.0.1/x.ts\n")
    for first, second in (("gif", "mp4"), ("mp4", "gif"), ("mkv", "webm"), ("avi", "ts")):
        yield Case(f"two-{first}-{second}.{first}", film(first) + film(second), SANE, 24)
        yield Case(f"two-{second}-in.{first}", film(first)[:300] + film(second))


def _zip() -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as file:
        file.writestr("../../evil.py", "print(1)")
    return stored.getvalue()


def _tar() -> bytes:
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode="w") as file:
        file.addfile(tarfile.TarInfo("/etc/evil"))
    return stored.getvalue()


def _wave() -> bytes:
    stored = io.BytesIO()
    with wave.open(stored, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    return stored.getvalue()
