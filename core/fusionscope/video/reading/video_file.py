"""Video file: open one untrusted file and read its video track packet by packet.

Accepted are only formats that never open a second file, common codecs, and sizes that fit into
memory. The decoder's child process imports this file, so it imports nothing heavy.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard

from fusionscope.video.reading import frame_times
from fusionscope.video.reading.frame_times import Mark, Refusal, Scan
from fusionscope.video.reading.limits import ASPECT
from fusionscope.video.reading.track_choice import best_track, codec_of

SIDE, PIXELS = 8192, 40_000_000  # at most; 8K is 7680 x 4320: 33 million
FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,gif,ogg,asf,yuv4mpegpipe"
CODECS = (
    "av1 cinepak dnxhd dvvideo ffv1 ffvhuff flv1 gif h263 h264 hevc huffyuv magicyuv mjpeg"
    " mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 png prores qtrle rawvideo svq1"
    " svq3 theora utvideo vc1 vp6f vp8 vp9 wmv1 wmv2 wmv3"
)
BACK = -0.25  # seconds; a larger step back is a clock reset, as in joined files
LEAST_DELAY, USUAL_DELAY = 2, 10  # hundredths of a second in a GIF
WEBM_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # only these decoders support alpha


class VideoFile:
    """The video track of one file, with times in seconds from the file's start.

    Decoding uses one thread: with several, a damaged stream yields different frames each time.
    """

    def __init__(self, path: str) -> None:
        self.container = _opened(path)
        stream = best_track(self.container, CODECS.split(), lambda: _opened(path))
        if stream is None:
            raise Refusal("has no video track; a video file is needed")
        self.stream = stream
        for other in self.container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        codec = stream.codec_context
        self.codec_name = codec_of(stream)
        if self.codec_name not in CODECS.split():
            raise Refusal(
                f"uses {self.codec_name}, which is not supported; use H.264 in an mp4 file"
            )
        self.width, self.height = codec.width, codec.height
        self.wide = self.width * float(stream.sample_aspect_ratio or 1) / max(self.height, 1)
        self._check_size()
        if self.codec_name in WEBM_ALPHA and stream.metadata.get("alpha_mode") == "1":
            codec = av.Codec(WEBM_ALPHA[self.codec_name], "r").create("video")
        codec.thread_count, codec.options = 1, {"max_pixels": str(PIXELS)}
        self.codec = codec
        self.tick = float(stream.time_base or 0) or 1e-6  # seconds
        self.base = stream.start_time  # ticks
        self.rates = [float(r) for r in (stream.average_rate, stream.base_rate) if r]
        self.is_gif = self.container.format.name == "gif"
        length = (stream.duration or 0) * self.tick or (self.container.duration or 0) / 1e6
        self.declared = 0.0 if self.is_gif else max(0.0, length)  # seconds, 0 if unknown

    def _check_size(self) -> None:
        found = f"has frames of {self.width}x{self.height} pixels"
        if min(self.width, self.height) < 1:  # libav also reports this for an unknown size
            found = "has frames of unknown size"
        elif max(self.width, self.height) <= SIDE and self.width * self.height <= PIXELS:
            if 1 / ASPECT <= self.wide <= ASPECT:
                return
            shape = f"{found}, displayed with an aspect ratio of {self.wide:.4g}"
            raise Refusal(f"{shape}; it must be between {1 / ASPECT:g} and {ASPECT:g}")
        limit = f"{SIDE} per side and {PIXELS // 10**6} million in total"
        raise Refusal(f"{found}; the limit is {limit}")

    def seek(self, start: float) -> bool:
        """Seek to a key frame at or before ``start`` seconds; return False if not possible."""
        if self.base is None or self.is_gif:  # a GIF's times are counted from its first frame
            return False
        with contextlib.suppress(FFmpegError, OverflowError):
            self.container.seek(self.base + round(start / self.tick), stream=self.stream)
            return True
        return False

    def packets(self) -> Iterator[av.Packet]:
        """Yield packets in file order until reading fails; time continues after a clock reset."""
        shift, last = 0, None
        packets = _until_broken(self.container.demux(self.stream))
        for packet in _as_browsers_time(packets) if self.is_gif else packets:
            if packet.dts is not None:
                if last is not None and (packet.dts + shift - last) * self.tick < BACK:
                    shift = last + max(1, packet.duration or 0) - packet.dts
                last = packet.dts = packet.dts + shift
            stored = None if self.container.format.name == "avi" else packet.pts
            packet.pts = None if stored is None else stored + shift  # AVI stores no times
            if self.base is None:
                self.base = packet.dts if packet.pts is None else packet.pts
            if packet.size:
                yield packet

    def marks(self) -> Iterator[Mark]:
        """Yield the timing of each packet whose frame will be shown."""
        for place, packet in enumerate(self.packets()):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and not packet.is_discard and self._is_shown(packet):
                duration = (packet.duration or 0) * self.tick
                yield Mark(place, self._seconds(stamp), duration, packet.is_keyframe)

    def _is_shown(self, packet: av.Packet) -> bool:
        """VP8 stores pictures that only serve others; the fifth bit tells (RFC 6386, 9.1)."""
        return self.codec_name != "vp8" or bool(memoryview(packet)[0] & 16)

    def frames(self, skip: int) -> Iterator[tuple[float, av.VideoFrame]]:
        """Decode all but the first ``skip`` packets, in display order; skip damaged ones.

        Frames without a time stamp get those of the packets, in order.
        """
        times = deque[float]()
        for place, packet in enumerate(chain(self.packets(), [None])):  # None flushes the decoder
            if packet and place < skip:
                continue
            if packet and packet.dts is not None:
                times.append(self._seconds(packet.dts))
            try:
                decoded = self.codec.decode(packet)
            except MemoryError:
                raise
            except FFmpegError:
                times = deque(list(times)[:-1])
                continue
            for frame in decoded:
                if frame.pts is not None:
                    yield self._seconds(frame.pts), frame
                elif times:
                    yield times.popleft(), frame

    def _seconds(self, stamp: int) -> float:
        return (stamp - (self.base or 0)) * self.tick


def _opened(path: str) -> InputContainer:
    limits = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    return av.open(f"file:{path}", options=limits, metadata_errors="replace")


def _as_browsers_time(packets: Iterable[av.Packet]) -> Iterator[av.Packet]:
    """Show a GIF's frames with a delay of 0 or 1 cs for 10 cs, as all browsers do."""
    late = 0
    for packet in packets:
        if packet.pts is not None:
            packet.pts = packet.dts = packet.pts + late
        if packet.size and (packet.duration or 0) < LEAST_DELAY:
            late += USUAL_DELAY - (packet.duration or 0)
            packet.duration = USUAL_DELAY
        yield packet


def _until_broken(packets: Iterator[av.Packet]) -> Iterator[av.Packet]:
    try:
        yield from packets
    except MemoryError:
        raise
    except FFmpegError:
        return


def open_video(path: str, start: float | None) -> tuple[VideoFile, Scan]:
    """Open a file to decode from ``start`` on, by seeking if possible, and scan its frame times.

    The file is reopened for each pass, so that both passes read the same packets.
    """
    source = VideoFile(path)
    if start is not None and source.seek(start):
        scan = frame_times.scan(source.marks(), start, source.declared)
        again = VideoFile(path)
        moves = len(set(scan.times)) > 1  # else the scan from the beginning explains the error
        if scan.skip is not None and moves and again.seek(start):
            return again, scan
        source = VideoFile(path)
    scan = frame_times.scan(source.marks(), start, source.declared)
    return VideoFile(path), scan
