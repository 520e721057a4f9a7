"""Damage: truncated files, flipped bits, missing or duplicated parts, wrong sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from tests.hostile.boxes import Part, boxes, chunks, elements
from tests.hostile.case import BEGINNING, WHOLE, Case
from tests.hostile.films import KINDS, film, films

_WALKS: Mapping[str, Callable[[bytes], Iterator[Part]]] = MappingProxyType(
    {**dict.fromkeys(("mp4", "late.mp4", "mov"), boxes), "avi": chunks}
    | dict.fromkeys(("mkv", "webm"), elements)
)
_FLIPS, _NOISES = 6, 1  # of each kind of file
_STEPS = 10  # where a file is cut whose parts are not known here


def good() -> Iterator[Case]:
    """The files before anything is done to them."""
    for kind, data in films():
        yield Case(f"good.{kind}", data, WHOLE)


def cut_off() -> Iterator[Case]:
    """Files that break off where a part begins; in one kind, after its head and in its end too."""
    for kind, data in films():
        if kind in _WALKS and kind != "mkv":  # webm is of the same parts
            parts = [*_WALKS[kind](data)]
            limits = {part.start for part in parts}
            if kind == "mp4":
                limits |= {at for part in parts for at in (part.body, part.end - 1)}
        else:
            limits = {len(data) * step // _STEPS for step in range(1, _STEPS)} | {1, 2, 4, 8}
        for at in sorted(limits - {0, len(data)}):
            yield Case(f"cut-{at}.{kind}", data[:at], BEGINNING)


def wrong_sizes() -> Iterator[Case]:
    """Each part of a file declares to be as large as can be said, or empty."""
    for kind in ("mp4", "avi", "webm"):
        data = film(kind)
        for part in _WALKS[kind](data):
            for name, size in _sizes(part, kind):
                at = part.size_at
                changed = data[:at] + size + data[at + part.size_bytes :]
                yield Case(f"size-{name}-{_slug(part)}.{kind}", changed)


def _sizes(part: Part, kind: str) -> Iterator[tuple[str, bytes]]:
    width = part.size_bytes
    if kind == "webm":
        mark = 1 << 7 * width
        if part.end - part.start > 20:
            yield "huge", (mark | (mark - 2)).to_bytes(width, "big")
            yield "zero", mark.to_bytes(width, "big")
        return
    order = "little" if kind == "avi" else "big"
    yield "huge", (0xFFFFFFF0).to_bytes(width, order)
    yield "zero", bytes(width)
    if kind == "mp4":
        yield "one", (1).to_bytes(width, order)  # the true size follows in eight bytes: not so


def wrong_counts() -> Iterator[Case]:
    """The tables of an mp4 file declare more entries than there are, and larger ones."""
    data = film("mp4")
    for part in boxes(data):
        if part.name in ("stts", "stss", "stsc", "stsz", "stco", "elst", "dref", "stsd"):
            at = part.body + (8 if part.name == "stsz" else 4)
            for count in (1, 0xFFFFFF, 0xFFFFFFFF):
                changed = data[:at] + count.to_bytes(4, "big") + data[at + 4 :]
                yield Case(f"count-{count:x}-{_slug(part)}.mp4", changed)


def gone_and_doubled() -> Iterator[Case]:
    """Files that lack a part, or have one twice, or filled with ones."""
    for kind in ("mp4", "avi"):
        data = film(kind)
        for part in _WALKS[kind](data):
            before, own, after = data[: part.start], data[part.start : part.end], data[part.end :]
            yield Case(f"gone-{_slug(part)}.{kind}", before + after)
            if kind == "mp4":
                yield Case(f"twice-{_slug(part)}.{kind}", before + own + own + after)
            if part.name == "00dc":
                continue
            ones = b"\xff" * (part.end - part.body)
            yield Case(f"ones-{_slug(part)}.{kind}", data[: part.body] + ones + after)


def flipped() -> Iterator[Case]:
    """Files with a few bits flipped, in their head most of all, and with a run of noise."""
    for number, kind in enumerate(KINDS):
        data = np.frombuffer(film(kind), np.uint8)
        random = np.random.default_rng(number)
        for time in range(_FLIPS):
            changed = data.copy()
            reach = min(len(data), 600) if time % 2 else len(data)
            places = random.integers(0, reach, 1 + time)
            changed[places] ^= (1 << random.integers(0, 8, len(places))).astype(np.uint8)
            yield Case(f"flip-{time}.{kind}", changed.tobytes())
        for time in range(_NOISES):
            changed = data.copy()
            at = random.integers(0, len(data) - 40)
            changed[at : at + 40] = random.integers(0, 256, 40)
            yield Case(f"noise-{time}.{kind}", changed.tobytes())


def _slug(part: Part) -> str:
    return f"{''.join(c if c.isascii() and c.isalnum() else '_' for c in part.name)}-{part.start}"
