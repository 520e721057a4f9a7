"""Source: one untrusted file opened, its picture track read packet by packet.

Only formats that never open a second file, only codecs that people's videos are in, only sizes that
fit into memory. The decoder's child process imports this file, so it imports nothing heavy.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from itertools import chain

import av
from av.error import FFmpegError
from av.stream import Discard, Disposition

from core.video import timing
from core.video.timing import Mark, Refusal, Scan

ASPECT = 4.0  # long side to short side, at most
SIDE, PIXELS = 8192, 40_000_000  # at most; 8K is 7680 x 4320: 33 million
FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,gif,ogg,asf,yuv4mpegpipe"
CODECS = (
    "av1 cinepak dnxhd dvvideo ffv1 ffvhuff flv1 gif h263 h264 hevc huffyuv magicyuv mjpeg"
    " mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 png prores qtrle rawvideo svq1"
    " svq3 theora utvideo vc1 vp6f vp8 vp9 wmv1 wmv2 wmv3"
)
BACK = -0.25  # seconds; a clock that goes further back was set back, as where files were joined
WEBM_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # only these decoders see it


class Source:
    """The picture track of one file, with times in seconds from the file's start.

    One thread decodes: on a damaged stream several do not give the same frames twice.
    """

    def __init__(self, path: str) -> None:
        limits = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
        self.container = av.open(f"file:{path}", options=limits, metadata_errors="replace")
        tracks = self.container.streams.video
        tracks = [t for t in tracks if not t.disposition & Disposition.attached_pic]
        if not tracks:
            raise Refusal("has no video track; a file with moving pictures is needed")
        self.stream = stream = tracks[0]
        for other in self.container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        codec = stream.codec_context
        self.codec_name = codec.codec.canonical_name if codec else "something unknown"
        if self.codec_name not in CODECS.split():
            raise Refusal(f"is coded as {self.codec_name}, not read here; H.264 in an mp4 file is")
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
        length = (stream.duration or 0) * self.tick or (self.container.duration or 0) / 1e6
        self.declared = max(0.0, length)  # seconds, 0 if unknown

    def _check_size(self) -> None:
        found = f"has pictures of {self.width}x{self.height} pixels"
        if min(self.width, self.height) < 1:  # libav says so too where it cannot count them
            found = "has pictures of no possible size"
        elif max(self.width, self.height) <= SIDE and self.width * self.height <= PIXELS:
            if 1 / ASPECT <= self.wide <= ASPECT:
                return
            shape = f"{found}, shown {self.wide:.4g} times as wide as high"
            raise Refusal(f"{shape}; between {1 / ASPECT:g} and {ASPECT:g} times is needed")
        limit = f"{SIDE} on a side and {PIXELS // 10**6} million in all"
        raise Refusal(f"{found}; at most {limit} can be read")

    def seek(self, start: float) -> bool:
        """Go to a key frame at or before ``start`` seconds; False if the file cannot."""
        if self.base is None:
            return False
        with contextlib.suppress(FFmpegError, OverflowError):
            self.container.seek(self.base + round(start / self.tick), stream=self.stream)
            return True
        return False

    def packets(self) -> Iterator[av.Packet]:
        """Packets as they lie, to where reading fails; a clock set back goes on where it was."""
        shift, last = 0, None
        for packet in _until_broken(self.container.demux(self.stream)):
            if packet.dts is not None:
                if last is not None and (packet.dts + shift - last) * self.tick < BACK:
                    shift = last + max(1, packet.duration or 0) - packet.dts
                last = packet.dts = packet.dts + shift
            stored = None if self.container.format.name == "avi" else packet.pts
            packet.pts = None if stored is None else stored + shift  # AVI has but an order
            if self.base is None:
                self.base = packet.dts if packet.pts is None else packet.pts
            if packet.size:
                yield packet

    def marks(self) -> Iterator[Mark]:
        """What the packets say of the frames that will be shown."""
        for place, packet in enumerate(self.packets()):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and not packet.is_discard:
                duration = (packet.duration or 0) * self.tick
                yield Mark(place, self._seconds(stamp), duration, packet.is_keyframe)

    def frames(self, skip: int) -> Iterator[tuple[float, av.VideoFrame]]:
        """Decode all but ``skip`` packets, in order of showing; what is damaged is left out.

        Frames without a time of their own take those of the packets, in order.
        """
        times = deque[float]()
        for place, packet in enumerate(chain(self.packets(), [None])):  # None: what is held back
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


def _until_broken(packets: Iterator[av.Packet]) -> Iterator[av.Packet]:
    try:
        yield from packets
    except MemoryError:
        raise
    except FFmpegError:
        return


def opened(path: str, start: float | None) -> tuple[Source, Scan]:
    """A file ready to decode from ``start`` on, sought if it can be, and what its packets say.

    Each reading opens the file anew: only then is the second as the first.
    """
    source = Source(path)
    if start is not None and source.seek(start):
        scan = timing.scan(source.marks(), start, source.declared)
        again = Source(path)
        moves = len(set(scan.times)) > 1  # else what came before says what is wrong
        if scan.skip is not None and moves and again.seek(start):
            return again, scan
        source = Source(path)
    scan = timing.scan(source.marks(), start, source.declared)
    return Source(path), scan
