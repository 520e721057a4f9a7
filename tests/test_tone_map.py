"""Tone map: an HDR file looks like the SDR picture it was made from, and its clip says so."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace, ColorTrc

from fusionscope.video.clip import read_clip
from fusionscope.video.reading.tone_map import ToneMap
from tests.videos import decoded, write

TO_2020 = np.array(  # ITU-R BT.2087
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)
COLOURS = [
    (200, 40, 40),
    (40, 180, 60),
    (50, 60, 190),
    (180, 170, 60),
    (230, 230, 230),
    (25, 25, 25),
]
TAGS = {"PQ": ColorTrc.SMPTE2084, "HLG": ColorTrc.ARIB_STD_B67}


def picture() -> np.ndarray:
    """(64, 96, 3) uint8: a ramp of grey over patches of colour."""
    patches = np.repeat(np.repeat(np.array([COLOURS], np.uint8), 32, axis=0), 16, axis=1)
    ramp = np.linspace(0, 255, 96).astype(np.uint8)
    return np.concatenate([np.repeat(np.tile(ramp, (32, 1))[..., None], 3, axis=2), patches])


def coded(light: np.ndarray, kind: str) -> np.ndarray:
    """Light in cd/m2, BT.709 -> code in 0..1 of BT.2100, BT.2020."""
    light = np.maximum(light @ TO_2020.T, 0)
    if kind == "PQ":
        power = (light / 10_000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    light = light / 1000
    bright = light @ np.array([0.2627, 0.678, 0.0593])
    scene = light * np.maximum(bright, 1e-9)[..., None] ** (-0.2 / 1.2)
    log = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), log)


def film(path: Path, light: np.ndarray, kind: str, matrix: Colorspace = Colorspace.BT2020) -> Path:
    """Ten-bit frames of one picture, (H, W, 3) in cd/m2."""
    codes = np.rint(65535 * np.clip(coded(light, kind), 0, 1)).astype(np.uint16)
    with av.open(str(path), "w", options={"fflags": "bitexact"}) as out:
        stream = out.add_stream("ffv1", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = codes.shape[:2]
        stream.pix_fmt = "yuv444p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries = TAGS[kind], 9
        context.colorspace, context.color_range = matrix, 1
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(codes, format="rgb48le")
            frame = frame.reformat(format="yuv444p10le", dst_colorspace=matrix, dst_color_range=1)
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def light_of(sdr: np.ndarray) -> np.ndarray:
    return 203 * (sdr / 255) ** 2.4


@pytest.mark.parametrize("kind", ["PQ", "HLG"])
def test_an_hdr_file_looks_like_the_sdr_picture_it_was_made_from(tmp_path, kind):
    sdr = picture()
    path = film(tmp_path / "a.mkv", light_of(sdr), kind)
    plain = write(tmp_path / "b.mkv", [sdr] * 3, codec="ffv1", pix_fmt="bgr0")
    frames, _ = decoded(path)
    reference, _ = decoded(plain)
    assert frames.mean() == pytest.approx(reference.mean(), rel=0.02)
    assert frames.std() == pytest.approx(reference.std(), rel=0.04)
    kept = reference < 215  # darker than the knee, 0.7 ** (1 / 2.4) of white
    assert np.abs(frames.astype(int) - reference)[kept].mean() < 1.5
    assert np.percentile(np.abs(frames.astype(int) - reference), 98) <= 18  # edges ring apart


@pytest.mark.parametrize("kind", ["PQ", "HLG"])
def test_highlights_are_compressed_and_not_cut_off_before_a_thousand_candela(tmp_path, kind):
    ramp = np.geomspace(20, 1000, 96)
    light = np.repeat(np.tile(ramp, (64, 1))[..., None], 3, axis=2)
    frames, _ = decoded(film(tmp_path / "a.mkv", light, kind))
    line = frames[0, 128, ::4, 1].astype(int)
    assert (np.diff(line) >= 0).all()
    assert line[-1] >= 253
    assert 232 <= np.interp(203, np.geomspace(20, 1000, len(line)), line) <= 244


def test_hues_of_bright_lights_are_kept():
    kinds = ToneMap("PQ", wide=False)
    light = np.array([[[100.0, 20, 20], [600, 120, 120]]])
    power = (light / 10_000) ** 0.1593017578125
    code = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    shown = (kinds(np.rint(65535 * code).astype(np.uint16)) / 255.0) ** 2.4
    assert shown[0, 0, 1] / shown[0, 0, 0] == pytest.approx(0.2, abs=0.01)
    assert shown[0, 1, 1] / shown[0, 1, 0] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("kind", ["PQ", "HLG"])
def test_the_clip_says_that_it_was_tone_mapped(tmp_path, kind):
    clip = read_clip(film(tmp_path / "a.mkv", light_of(picture()), kind))
    assert clip.notes == (f"HDR ({kind}) tone-mapped to SDR",)


def test_ten_bits_alone_are_no_hdr(tmp_path):
    sdr = [picture()] * 3
    ten = write(tmp_path / "a.mkv", sdr, codec="ffv1", pix_fmt="yuv444p10le")
    eight = write(tmp_path / "b.mkv", sdr, codec="ffv1", pix_fmt="yuv444p")
    assert np.abs(decoded(ten)[0].astype(int) - decoded(eight)[0]).max() <= 3
    assert read_clip(ten).notes == ()
