"""Video file: common formats are read frame by frame, and no other file is opened."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import FFmpegError

from fusionscope.video.reading import frame_times, video_file
from fusionscope.video.reading.frame_times import Refusal
from fusionscope.video.reading.video_file import VideoFile, open_video
from tests.slow import rest_slow
from tests.videos import HEIGHT, WIDTH, bars, decoded, numbered, numbers, write

NTSC = Fraction(30000, 1001)
KINDS = [
    ("mp4", "libx264", "yuv420p", NTSC),
    ("mkv", "libx264", "yuv420p", NTSC),
    ("ts", "libx264", "yuv420p", 25),
    ("avi", "libx264", "yuv420p", 25),
    ("avi", "mpeg4", "yuv420p", 25),
    ("avi", "rawvideo", "bgr24", 10),
    ("webm", "libvpx-vp9", "yuv420p", Fraction(24000, 1001)),
    ("webm", "libvpx", "yuv420p", 25),
    ("mov", "mjpeg", "yuvj420p", 15),
    ("mov", "png", "rgb24", 10),
    ("mpg", "mpeg2video", "yuv420p", 25),
    ("flv", "flv", "yuv420p", 15),
    ("gif", "gif", "gray", 10),
    ("wmv", "wmv2", "yuv420p", 25),
    ("y4m", "wrapped_avframe", "yuv420p", 25),
    ("mkv", "ffv1", "yuv420p10le", 30),
]
WINDOWED = [
    ("mp4", "libx264"),
    ("mkv", "libx264"),
    ("ts", "libx264"),
    ("avi", "libx264"),
    ("webm", "libvpx"),
    ("mpg", "mpeg2video"),
    ("gif", "gif"),
]
DELAY = rb"(!\xf9\x04.)\x0a\0"  # of ten hundredths of a second, in a GIF
EVERY_25 = {"g": "25", "bf": "0", "sc_threshold": "0"}  # key frames at 0, 25, 50, ...


@pytest.mark.parametrize(("suffix", "codec", "pix_fmt", "fps"), KINDS)
def test_a_file_of_constant_rate_gives_exactly_its_own_frames(
    tmp_path, suffix, codec, pix_fmt, fps
):
    path = numbered(tmp_path / f"a.{suffix}", 12, fps=fps, codec=codec, pix_fmt=pix_fmt)
    frames, rate = decoded(path)
    assert numbers(frames) == list(range(12))
    assert rate == pytest.approx(float(fps), rel=1e-6)


def test_frames_stored_out_of_order_come_in_order_from_avi_too(tmp_path):
    path = numbered(tmp_path / "b.avi", 20, fps=25, codec="mpeg4", max_b_frames=2)
    assert numbers(decoded(path)[0]) == list(range(20))


@pytest.mark.parametrize(
    ("suffix", "codec"), rest_slow(WINDOWED, ("mp4", "libx264"), ("gif", "gif"))
)
def test_a_window_is_that_part_of_the_file_wherever_its_key_frames_are(tmp_path, suffix, codec):
    fps, seconds = (25, 24) if suffix == "mpg" else (5, 30)
    how = {"codec": codec, "pix_fmt": "gray" if codec == "gif" else "yuv420p", "fps": fps}
    path = numbered(tmp_path / f"w.{suffix}", seconds * fps, options={"g": str(7 * fps)}, **how)
    for start in (6.8,) if suffix == "mpg" else (0.0, 6.8, 12.4):
        frames, rate = decoded(path, start)
        first = round(start * fps)
        assert rate == fps
        assert numbers(frames) == list(range(first, min(first + 20 * fps, seconds * fps)))


def test_a_window_is_sought_and_not_read_from_the_beginning(tmp_path):
    path = numbered(tmp_path / "w.mp4", 150, fps=5, options=EVERY_25)
    found, scan = open_video(str(path), 16.0)
    assert scan.skip == 0
    assert (next(found.packets()).pts or 0) * found.tick == pytest.approx(15.0)


def test_a_window_of_a_file_that_cannot_seek_is_read_from_the_beginning(tmp_path, monkeypatch):
    path = numbered(tmp_path / "w.mp4", 150, fps=5, options=EVERY_25)
    monkeypatch.setattr(VideoFile, "seek", lambda *_: False)
    found, scan = open_video(str(path), 16.0)
    assert scan.skip == 75
    assert next(found.packets()).pts == 0
    assert next(open_video(str(path), 16.0)[0].frames(75))[0] == pytest.approx(15.0)
    assert numbers(decoded(path, 16.0)[0]) == list(range(80, 150))


def test_time_continues_after_a_clock_reset_in_joined_recordings(tmp_path):
    once = numbered(tmp_path / "a.ts", 15, fps=25).read_bytes()
    twice = tmp_path / "b.ts"
    twice.write_bytes(once + once)
    frames, rate = decoded(twice)
    assert numbers(frames) == [*range(15), *range(15)]
    assert rate == 25


def test_frames_that_are_never_shown_do_not_count(tmp_path):
    # VP8 stores pictures that only serve others: one is made here from a shown one
    path = numbered(tmp_path / "a.webm", 12, fps=25, codec="libvpx", options={"lag-in-frames": "0"})
    with av.open(str(path)) as made, av.open(str(tmp_path / "b.webm"), "w") as out:
        stream = out.add_stream_from_template(made.streams.video[0])
        for packet in made.demux(video=0):
            if not packet.size:
                continue
            data, stamp = bytes(packet), packet.pts or 0
            for part, late in ((data, 0), (bytes([data[0] & ~16]) + data[1:], 1)):
                if late and stamp != 200:
                    continue
                copy = av.Packet(part)
                copy.pts = copy.dts = stamp + late
                copy.time_base, copy.stream = packet.time_base, stream
                copy.is_keyframe = packet.is_keyframe
                out.mux(copy)
    frames, rate = decoded(tmp_path / "b.webm")
    assert numbers(frames) == list(range(12))
    assert len(list(VideoFile(str(tmp_path / "b.webm")).packets())) == 13
    assert rate == 25


def test_a_variable_rate_follows_its_clock(tmp_path):
    times = [0.0, 0.1, 0.2, 0.3, 0.4, 0.7, 0.8, 0.9, 1.2]
    for name in ("v.mp4", "v.mkv"):
        path = numbered(tmp_path / name, 9, times=times, fps=10)
        frames, rate = decoded(path)
        assert rate == pytest.approx(10)
        assert numbers(frames) == [0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 7, 7, 8]


def test_broken_packets_are_left_out_and_their_time_is_kept(tmp_path):
    path = numbered(tmp_path / "p.avi", 12, codec="png", pix_fmt="rgb24")
    data = bytearray(path.read_bytes())
    starts = [n for n in range(len(data)) if data.startswith(b"\x89PNG", n)]
    assert len(starts) == 12
    data[starts[5] + 16 : starts[5] + 24] = bytes(8)  # no picture is 0x0
    path.write_bytes(data)
    assert numbers(decoded(path)[0]) == [0, 1, 2, 3, 4, 4, 6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hls", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{0}\n#EXT-X-ENDLIST\n"),
        ("concat", "ffconcat version 1.0\nfile '{0}'\n"),
        ("sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nt=0 0\nm=video 5004 RTP/AVP 96\n"),
        ("dash", '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">{0}</MPD>'),
        ("subtitles", "1\n00:00:00,000 --> 00:00:01,000\nhello\n"),
    ],
)
def test_lists_of_other_files_are_refused(tmp_path, name, text):
    target = numbered(tmp_path / "target.mp4", 3)
    path = tmp_path / f"{name}.mp4"
    path.write_text(text.format(target))
    with pytest.raises(FFmpegError):
        VideoFile(str(path))


def test_a_name_is_never_a_pattern_nor_a_protocol(tmp_path, monkeypatch):
    for name in ("%03d.mp4", "a:b.mp4", "concat:a|b.mp4", "-i.mp4", "q?x=1#y.mp4", "new\nline.mp4"):
        path = numbered(tmp_path / "plain.mp4", 3).rename(tmp_path / name)
        assert numbers(decoded(path)[0]) == [0, 1, 2]
    monkeypatch.chdir(tmp_path)
    assert VideoFile("a:b.mp4").container.options["protocol_whitelist"] == "file"
    with pytest.raises(FFmpegError):
        VideoFile("http://127.0.0.1:9/a.mp4")


def test_sound_alone_and_a_cover_picture_are_no_video(tmp_path):
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=8000, layout="mono")
        quiet = np.zeros((1, 1024), np.float32)
        frame = av.AudioFrame.from_ndarray(quiet, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, 0
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    with pytest.raises(Refusal, match="has no video track"):
        VideoFile(str(path))
    cover = write(tmp_path / "cover.mkv", [bars(0)] * 3, codec="mjpeg", pix_fmt="yuvj420p")
    assert VideoFile(str(cover)).codec_name == "mjpeg"
    cover = write(
        tmp_path / "cover.mp4", [bars(0)] * 3, codec="mjpeg", pix_fmt="yuvj420p", cover=True
    )
    with pytest.raises(Refusal, match="has no video track"):
        VideoFile(str(cover))


def test_a_codec_outside_the_list_is_refused_by_name(tmp_path):
    path = numbered(tmp_path / "a.avi", 3, codec="zmbv", pix_fmt="bgr0")
    with pytest.raises(Refusal, match=r"uses zmbv, .*H.264 in an mp4 file"):
        VideoFile(str(path))


@pytest.mark.parametrize(
    ("width", "height", "found"),
    [
        (8200, 16, "8200x16 pixels; the limit is 8192 per side and 40 million"),
        (8000, 5200, "8000x5200 pixels; the limit is 8192 per side and 40 million"),
        (20000, 20000, "unknown size; the limit is 8192 per side and 40 million"),
        (2, 4000, "2x4000 pixels, .* ratio of 0.0005; .*between 0.25 and 4"),
        (258, 64, "258x64 pixels, .* ratio of 4.031; .*between 0.25 and 4"),
    ],
)
def test_sizes_beyond_reason_are_refused_before_anything_is_decoded(tmp_path, width, height, found):
    path = numbered(tmp_path / "a.avi", 3, codec="rawvideo", pix_fmt="bgr24")
    data = path.read_bytes()
    here = data.index(b"strf") + 12  # BITMAPINFOHEADER: its size, then width, height
    sizes = np.array([width, height], "<i4").tobytes()
    path.write_bytes(data[:here] + sizes + data[here + 8 :])
    with pytest.raises(Refusal, match=found):
        VideoFile(str(path))


def test_a_picture_larger_than_the_file_declared_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(video_file, "PIXELS", 3 * WIDTH * HEIGHT)
    how = {"codec": "png", "pix_fmt": "rgb24"}
    sound = numbered(tmp_path / "sound.avi", 3, **how)
    large = numbered(tmp_path / "large.avi", 3, height=2 * HEIGHT, width=2 * WIDTH, **how)
    with av.open(str(large)) as made:
        bombs = [bytes(packet) for packet in made.demux(video=0) if packet.size]
    with av.open(str(sound)) as made, av.open(str(tmp_path / "b.avi"), "w") as out:
        stream = out.add_stream_from_template(made.streams.video[0])
        for packet in made.demux(video=0):
            if packet.size:
                copy = av.Packet(bombs[1] if packet.dts == 1 else bytes(packet))
                copy.pts = copy.dts = packet.dts
                copy.time_base, copy.stream = packet.time_base, stream
                out.mux(copy)
    assert numbers(decoded(tmp_path / "b.avi")[0]) == [0, 0, 2]


def test_a_file_that_breaks_off_in_nonsense_ends_there(tmp_path):
    path = numbered(tmp_path / "a.y4m", 12, codec="wrapped_avframe")
    data = bytearray(path.read_bytes())
    starts = [n for n in range(len(data)) if data.startswith(b"FRAME", n)]
    data[starts[8] : starts[8] + 5] = b"frame"
    path.write_bytes(data)
    assert numbers(decoded(path)[0]) == list(range(8))


def test_the_shape_of_a_pixel_is_kept(tmp_path):
    for suffix in ("mp4", "mkv"):
        wide = write(tmp_path / f"w.{suffix}", [bars(n) for n in range(3)], pixel=Fraction(2, 1))
        assert decoded(wide)[0].shape == (3, 256, 682, 3)
        tall = write(tmp_path / f"t.{suffix}", [bars(n) for n in range(3)], pixel=Fraction(1, 2))
        assert decoded(tall)[0].shape == (3, 384, 256, 3)
    absurd = write(tmp_path / "a.mkv", [bars(0)] * 3, pixel=Fraction(9, 1))
    with pytest.raises(Refusal, match=r"80x60 pixels, .*aspect ratio of 12"):
        VideoFile(str(absurd))


def test_titles_in_no_known_alphabet_do_no_harm(tmp_path):
    path = numbered(tmp_path / "a.mp4", 3, metadata={"title": "QQQQ"})
    data = path.read_bytes()
    assert b"QQQQ" in data
    path.write_bytes(data.replace(b"QQQQ", b"\xe9\xff\xfe\x80"))
    assert numbers(decoded(path)[0]) == [0, 1, 2]


def test_a_file_without_a_length_is_measured(tmp_path):
    path = tmp_path / "live.webm"  # what a browser records
    write(path, [bars(n) for n in range(40)], codec="libvpx", live=True)
    assert VideoFile(str(path)).declared == 0
    found, scan = open_video(str(path), None)
    assert frame_times.pace(scan, found.rates, found.tick).length == pytest.approx(4.0)


def test_interlaced_pictures_are_read_as_they_are(tmp_path):
    settings = {"flags": "+ildct+ilme", "x264-params": "interlaced=1"}
    path = numbered(tmp_path / "i.mp4", 8, options=settings)
    assert numbers(decoded(path)[0]) == list(range(8))


def test_damage_gives_the_same_frames_every_time(tmp_path):
    path = numbered(tmp_path / "d.mp4", 30, fps=25, height=240, width=320)
    data = bytearray(path.read_bytes())
    for place in range(600, len(data) - 2000, 97):
        data[place] ^= 0x55
    path.write_bytes(data)
    first, again = decoded(path)[0], decoded(path)[0]
    assert len(first) >= 2
    assert np.array_equal(first, again)


def test_nothing_of_the_project_but_this_chain_is_needed_to_decode():
    here = Path(frame_times.__file__).parent
    for name in ("decoder_main", "video_file", "track_choice", "rgb_frames", "frame_times"):
        text = (here / f"{name}.py").read_text()
        imports = [
            line
            for line in text.splitlines()
            if line.startswith(("from fusionscope", "import fusionscope"))
        ]
        assert all("fusionscope.video" in line for line in imports)


def test_a_gif_without_a_delay_is_shown_at_ten_frames_a_second_as_browsers_do(tmp_path):
    path = numbered(tmp_path / "a.gif", 12, codec="gif", pix_fmt="gray")
    data = path.read_bytes()
    assert len(re.findall(DELAY, data, re.DOTALL)) == 12
    for delay in (0, 1, 2):
        changed = re.sub(DELAY, lambda m, n=delay: m[1] + bytes([n, 0]), data, flags=re.DOTALL)
        path.write_bytes(changed)
        frames, rate = decoded(path)
        if delay == 2:
            assert (numbers(frames), rate) == ([*range(0, 12, 2)], pytest.approx(25))
        else:
            assert (numbers(frames), rate) == ([*range(12)], pytest.approx(10))
            assert numbers(decoded(path, 0.5)[0]) == [*range(5, 12)]
