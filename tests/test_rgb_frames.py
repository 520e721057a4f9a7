"""RGB frames: conversion of decoded frames to RGB."""

from __future__ import annotations

import math

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from fusionscope.video.reading.limits import SIDE
from fusionscope.video.reading.rgb_frames import RgbConverter
from tests.videos import bars, corners, decoded, numbers, quarters, write

COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (128, 64, 200)]


def painted(frame: av.VideoFrame) -> np.ndarray:
    painter = RgbConverter(frame.width / frame.height, frame)
    width, height = painter.shown
    return np.frombuffer(painter.paint(frame), np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        ((0, False, False), "RG/BW"),
        ((90, False, False), "GW/RB"),
        ((180, False, False), "WB/GR"),
        ((-90, False, False), "BR/WG"),
        ((0, True, False), "GR/WB"),
        ((0, False, True), "BW/RG"),
        ((90, True, False), "WG/BR"),
        ((-90, True, False), "RB/GW"),
    ],
)
def test_a_video_filmed_on_its_side_or_in_a_mirror_stands_upright(tmp_path, turn, seen):
    frames, _ = decoded(write(tmp_path / "a.mp4", [quarters()] * 2, turn=turn))
    assert corners(frames[0]) == seen
    assert frames.shape[1:3] == ((342, 256) if abs(turn[0]) == 90 else (256, 342))


@pytest.mark.parametrize(
    ("angle", "seen"), [(0, "RG/BW"), (90, "GW/RB"), (180, "WB/GR"), (-90, "BR/WG")]
)
def test_where_pyav_cannot_read_the_matrix_its_angle_is_taken(angle, seen):
    class Unreadable:
        """A frame whose side data has a kind that PyAV lacks."""

        width, height, rotation, color_trc = 80, 60, angle, 2

        @property
        def side_data(self):
            raise ValueError("999 is not a valid Type")

    painter = RgbConverter(80 / 60, Unreadable())  # type: ignore[arg-type]
    width, height = painter.shown
    upright = painter.paint(av.VideoFrame.from_ndarray(quarters(), format="rgb24"))
    assert corners(np.frombuffer(upright, np.uint8).reshape(height, width, 3)) == seen


@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (2, 2), (61, 83), (83, 61), (240, 320), (1080, 1920), (300, 1199)]
)
def test_the_short_side_is_256_both_are_even_and_the_shape_is_kept(height, width):
    rgb = painted(av.VideoFrame.from_ndarray(quarters(height, width), format="rgb24"))
    assert min(rgb.shape[:2]) == SIDE
    assert rgb.shape[0] % 2 == rgb.shape[1] % 2 == 0
    assert math.isclose(rgb.shape[1] / rgb.shape[0], width / height, rel_tol=0.006)
    if min(height, width) > 60:
        assert corners(rgb) == "RG/BW"


PIXELS = [
    *("yuv420p", "yuvj420p", "yuv422p10le", "yuv444p12le", "nv12", "gray", "gray16le", "gray10le"),
    *("rgb24", "bgr0", "gbrp", "rgb48be", "rgb565le", "rgb8", "monob", "uyvy422", "yuv411p"),
]


@pytest.mark.parametrize("pix_fmt", PIXELS)
def test_every_usual_kind_of_pixel_becomes_rgb(pix_fmt):
    frame = av.VideoFrame.from_ndarray(bars(341), format="rgb24").reformat(format=pix_fmt)
    assert numbers(painted(frame)[None]) == [341]


@pytest.mark.parametrize("pix_fmt", ["rgba", "argb", "yuva420p", "yuva444p10le", "gbrap", "ya8"])
def test_what_is_transparent_is_laid_over_black(pix_fmt):
    picture = np.full((60, 80, 4), 200, np.uint8)
    picture[:30, :40, 3] = 0
    picture[:30, 40:, 3] = 128
    picture[30:, :, 3] = 255
    rgb = painted(av.VideoFrame.from_ndarray(picture, format="rgba").reformat(format=pix_fmt))
    assert np.abs(rgb[20:100, 20:150].astype(int)).max() <= 1
    assert np.abs(rgb[20:100, 200:].astype(int) - 100).max() <= 2
    assert np.abs(rgb[160:].astype(int) - 200).max() <= 2


def test_the_transparent_part_of_a_webm_is_black(tmp_path):
    picture = np.full((60, 80, 4), 200, np.uint8)
    picture[:30, :, 3], picture[30:, :, 3] = 0, 255
    path = tmp_path / "a.webm"
    write(path, [picture] * 3, codec="libvpx-vp9", pix_fmt="yuva420p", source="rgba")
    frames, _ = decoded(path)
    assert frames[:, :100].max() <= 2
    assert frames[:, 160:].min() >= 196


@pytest.mark.parametrize(
    ("said", "meant", "full", "lines"),
    [
        (2, Colorspace.ITU601, False, 64),
        (2, Colorspace.ITU709, False, 720),
        (1, Colorspace.ITU709, False, 64),
        (5, Colorspace.ITU601, False, 720),
        (5, Colorspace.ITU601, True, 64),
        (9, Colorspace.BT2020, False, 64),
    ],
)
def test_colours_are_those_the_file_means(said, meant, full, lines):
    for colour in COLOURS:
        flat = np.full((lines, lines, 3), colour, np.uint8)
        frame = av.VideoFrame.from_ndarray(flat, format="rgb24").reformat(
            format="yuv444p", dst_colorspace=meant, dst_color_range="JPEG" if full else "MPEG"
        )
        frame.colorspace, frame.color_range = said, 2 if full else 1
        assert np.abs(painted(frame)[100, 100].astype(int) - colour).max() <= 2


def test_fine_stripes_become_grey_and_no_new_stripes():
    stripes = np.zeros((1024, 1024, 3), np.uint8)
    stripes[:, ::2] = 255
    rgb = painted(av.VideoFrame.from_ndarray(stripes, format="rgb24"))
    assert np.abs(rgb.astype(int) - 127).max() <= 8
