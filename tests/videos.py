"""Videos: small files made by code, whose frames carry their number as a bar code.

Frame n is ten upright bars, one for each bit of n, lowest bit at the left: it is read back at any
size, after any lossy codec, so that a lost, doubled or exchanged frame shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

from fusionscope.video.reading import decoder_main

BITS = 10
HEIGHT, WIDTH = 60, 80


def bars(number: int, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """(H, W, 3) uint8: the bar code of a number, grey on grey."""
    bit = np.arange(width) * BITS // width
    row = np.where(number >> bit & 1, 220, 30).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (height, width, 3)).copy()


def numbers(frames: np.ndarray) -> list[int]:
    """(N, H, W, 3) -> the numbers of frames of bars."""
    width = frames.shape[2]
    middles = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    middle = frames.shape[1] // 2
    lit = frames[:, middle - 8 : middle + 8, middles, 1].mean(axis=1) > 125
    return [int(n) for n in lit @ (1 << np.arange(BITS))]


def quarters(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """(H, W, 3) uint8: red, green over blue, white."""
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    picture[:top, :left] = 255, 0, 0
    picture[:top, left:] = 0, 255, 0
    picture[top:, :left] = 0, 0, 255
    picture[top:, left:] = 255, 255, 255
    return picture


def corners(frame: np.ndarray) -> str:
    """(H, W, 3) -> the letters of ``quarters`` as they stand: "RG/BW" if nothing was turned."""
    height, width = frame.shape[:2]
    letters = "?RG?B??W"  # by which of red, green, blue are lit
    lit = (frame[[[height // 4], [3 * height // 4]], [width // 4, 3 * width // 4]] > 127) @ (
        1,
        2,
        4,
    )
    return "/".join("".join(letters[n] for n in row) for row in lit)


def write(
    path: Path,
    frames: Sequence[np.ndarray],
    fps: float | Fraction = 10,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times: Sequence[float] | None = None,
    tick: Fraction | None = None,
    source: str = "rgb24",
    turn: tuple[float, bool, bool] | None = None,
    pixel: Fraction | None = None,
    options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    cover: bool = False,
    live: bool = False,
    front: bool = False,
    **stream_settings: Any,
) -> Path:
    """Encode frames; the same ones give the same bytes (bitexact: no random track identifiers).

    Args:
        times: seconds; they make the rate variable.
        turn: degrees against the clock, then whether mirrored in x and in y.
        pixel: width to height of one pixel.
        cover: mark the track as the picture on the cover of a record.
        live: write no length, as browsers do that record.
        front: the index before the pictures, as for the web: a truncated file still has it.
    """
    rate = Fraction(fps).limit_denominator(100_000)
    muxing = {"live": "1"} if live else {"movflags": "faststart"} if front else {}
    with av.open(str(path), "w", options={"fflags": "bitexact", **muxing}) as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=rate, options={"threads": "1", **(options or {})})
        if not isinstance(stream, av.VideoStream):
            raise ValueError(f"expected a codec for pictures, got {codec}")
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if times is not None:
            stream.codec_context.time_base = tick or Fraction(1, 1000)
        if pixel:
            stream.sample_aspect_ratio = pixel
        if cover:
            stream.disposition = Disposition.attached_pic
        if turn:
            stream.set_display_rotation(*turn)
        for setting, value in stream_settings.items():
            setattr(stream.codec_context, setting, value)
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format=source)
            frame.time_base = stream.codec_context.time_base if times is not None else 1 / rate
            frame.pts = index if times is None else round(times[index] / frame.time_base)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def numbered(path: Path, count: int = 12, **how: Any) -> Path:
    """Encode frames 0 ... count - 1 of bars."""
    size = {key: how.pop(key) for key in ("height", "width") if key in how}
    return write(path, [bars(n, **size) for n in range(count)], **how)


def decoded(path: Path, start: float | None = None) -> tuple[np.ndarray, float]:
    """What the decoder says of a file, without its process: frames (N, H, W, 3) and their rate."""
    head, *frames = decoder_main.decode(str(path), start)
    said = json.loads(head)
    size = (len(frames), said["height"], said["width"], 3)
    return np.frombuffer(b"".join(frames), np.uint8).reshape(size), said["fps"]
