"""Clocks: valid files whose rates, times and lengths are zero, infinite, negative or missing."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from tests.hostile.boxes import boxes, chunks, elements
from tests.hostile.case import Case
from tests.hostile.films import film

_LARGE = (0, 0x7FFFFFFF, 0xFFFFFFFF)
_NUMBERS = {
    **{"nan": float("nan"), "inf": float("inf"), "less": float("-inf"), "zero": 0.0},
    **{"minus": -1.0, "large": 1e300, "small": 5e-324},
}


def clocks() -> Iterator[Case]:
    """Every kind of file that keeps time in a way of its own."""
    yield from _mp4()
    yield from _avi()
    yield from _matroska()
    yield from _flv()
    yield from _gif()
    yield from _y4m()
    yield from _mpeg()


def put(data: bytes, at: int, value: bytes) -> bytes:
    """Bytes with others in their place."""
    return data[:at] + value + data[at + len(value) :]


def _mp4() -> Iterator[Case]:
    data = film("mp4")
    body = {part.name: part.body for part in boxes(data)}
    places = {
        **{"timescale": body["mdhd"] + 12, "length": body["mdhd"] + 16},
        **{"all-timescale": body["mvhd"] + 12, "all-length": body["mvhd"] + 16},
        **{"gap": body["stts"] + 12, "edit": body["elst"] + 8, "edit-start": body["elst"] + 12},
        **{"edit-rate": body["elst"] + 16, "width": body["tkhd"] + 76, "matrix": body["tkhd"] + 40},
    }
    for name, at in places.items():
        for value in _LARGE:
            yield Case(f"clock-{name}-{value:x}.mp4", put(data, at, value.to_bytes(4, "big")))
    for value in (0, 1, 65535):
        changed = put(data, body["avc1"] + 24, value.to_bytes(2, "big") * 2)
        yield Case(f"clock-pixels-{value}.mp4", changed)
    for value in (0, 0x7FFFFFFF):
        yield Case(f"clock-no-turn-{value}.mp4", put(data, body["tkhd"] + 40, _words(value, 9)))


def _avi() -> Iterator[Case]:
    data = film("avi")
    body = {part.name: part.body for part in chunks(data)}
    places = {"frame": body["avih"], "frames": body["avih"] + 16} | {
        name: body["strh"] + at
        for name, at in {"scale": 20, "rate": 24, "start": 28, "length": 32, "sample": 44}.items()
    }
    for name, at in places.items():
        for value in _LARGE:
            yield Case(f"clock-{name}-{value:x}.avi", put(data, at, value.to_bytes(4, "little")))


def _matroska() -> Iterator[Case]:
    for kind in ("mkv", "webm"):
        data = film(kind)
        for part in elements(data):
            size = part.end - part.body
            if part.name == "4489":  # the length of all, a float
                for name, number in _NUMBERS.items():
                    yield Case(
                        f"clock-length-{name}.{kind}",
                        put(data, part.body, struct.pack(">d", number)[:size]),
                    )
            elif part.name in ("2ad7b1", "23e383", "e7"):  # nanoseconds a tick, a frame; a cluster
                for name, fill in (("none", b"\0"), ("all", b"\xff"), ("half", b"\x7f")):
                    changed = put(data, part.body, fill * size)
                    yield Case(f"clock-{part.name}-{name}.{kind}", changed)
        blocks = [part.body + 1 for part in elements(data) if part.name == "a3"]
        for name, ticks in _courses(len(blocks)).items():
            yield Case(f"clock-blocks-{name}.{kind}", _each(data, blocks, ticks, ">h"))


def _flv() -> Iterator[Case]:
    data = film("flv")
    for key in (b"duration", b"framerate", b"width", b"height", b"filesize"):
        at = data.index(key) + len(key) + 1
        for name, number in _NUMBERS.items():
            changed = put(data, at, struct.pack(">d", number))
            yield Case(f"clock-{key.decode()}-{name}.flv", changed)
    tags, at = [], 13
    while at + 11 < len(data):
        tags.append(at + 4)
        at += 15 + int.from_bytes(data[at + 1 : at + 4], "big")
    for name, ticks in _courses(len(tags)).items():
        whole = [n % 2**24 << 8 | (n % 2**32) >> 24 for n in ticks]
        yield Case(f"clock-tags-{name}.flv", _each(data, tags, whole, ">I"))


def _gif() -> Iterator[Case]:
    data = film("gif")
    delays = [at + 4 for at in range(len(data)) if data.startswith(b"\x21\xf9\x04", at)]
    for delay in (0, 1, 2, 65535):
        yield Case(f"clock-delay-{delay}.gif", _each(data, delays, [delay] * len(delays), "<H"))


def _y4m() -> Iterator[Case]:
    data = film("y4m")
    head, rest = data.split(b"\n", 1)
    for number, (old, new) in enumerate(
        [
            (b"F10:1", b"F" + rate)
            for rate in (b"0:0", b"0:1", b"1:0", b"-1:1", b"4294967295:1", b"x")
        ]
        + [(b"W80", b"W" + wide) for wide in (b"0", b"-80", b"99999999", b"8192", b"", b"81")]
        + [(b"H60", b"H" + high) for high in (b"0", b"2147483647", b"61")]
        + [(b"A1:1", b"A" + pixel) for pixel in (b"0:0", b"65535:1", b"1:65535", b"-1:-1")]
    ):
        yield Case(f"clock-head-{number}.y4m", head.replace(old, new) + b"\n" + rest)
    yield Case("clock-head-long.y4m", head + b" X" + b"x" * 100_000 + b"\n" + rest)


def _mpeg() -> Iterator[Case]:
    data = film("ts")
    at, stamps = 0, []
    while (at := data.find(b"\x00\x00\x01\xe0", at + 1)) > 0:
        stamps.append(at + 9)
    for name, stamp in (("none", bytes(5)), ("all", b"\xff" * 5), ("same", b"\x21\0\x01\0\x01")):
        changed = data
        for place in stamps:
            changed = put(changed, place, stamp)
        yield Case(f"clock-stamps-{name}.ts", changed)
    changed = data
    for number, place in enumerate(stamps):
        changed = put(changed, place, bytes([0x21 + 2 * (number * 5 % 8), 0, 1, 0, 1]))
    yield Case("clock-stamps-jump.ts", changed)


def _courses(count: int) -> dict[str, list[int]]:
    """Ways that time goes which it does not go, in ticks."""
    return {
        "still": [0] * count,
        "back": [*range(count * 100, 0, -100)],
        "last": [0x7FFF] * count,
        "before": [-0x8000 + n for n in range(count)],
        "jump": [n * 3000 % 0x7FFF for n in range(count)],
        "pile": [0] * (count - 1) + [0x7FFF],
    }


def _each(data: bytes, places: Iterable[int], values: Iterable[int], how: str) -> bytes:
    for at, value in zip(places, values, strict=True):
        data = put(data, at, struct.pack(how, value))
    return data


def _words(value: int, count: int) -> bytes:
    return value.to_bytes(4, "big") * count
