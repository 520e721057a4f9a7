"""Lures: files that refer to other files or URLs, in every way that players follow."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.hostile.case import REFUSED, Case
from tests.hostile.films import film
from tests.hostile.making import box, chunk, moving
from tests.hostile.stills import still
from tests.videos import bars

HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n"
END = "\n#EXT-X-ENDLIST\n"
SMIL = '<smil><body><video src="{0}"/></body></smil>'
TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "hls": HLS + "#EXTINF:10,\n{0}" + END,
        "hls-part": HLS + "#EXTINF:10,\n#EXT-X-BYTERANGE:100@0\n{0}" + END,
        "hls-key": HLS + '#EXT-X-KEY:METHOD=AES-128,URI="{0}"\n#EXTINF:10,\n{0}' + END,
        "hls-map": HLS + '#EXT-X-MAP:URI="{0}"\n#EXTINF:10,\n{0}' + END,
        "hls-master": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{0}\n",
        "hls-sound": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{0}"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n{0}\n',
        "m3u": "{0}\n",
        "concat": "ffconcat version 1.0\nfile '{0}'\n",
        "concat-option": "ffconcat version 1.0\nfile '{0}'\n"
        "option protocol_whitelist file,http,tcp\n",
        "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT10S"><Period><AdaptationSet mimeType="video/mp4">'
        '<Representation id="1" bandwidth="1"><BaseURL>{0}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns={0}\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "rtsp": "rtsptext\n{0}\n",
        "asx": '<asx version="3.0"><entry><ref href="{0}"/></entry></asx>',
        "asf-reference": "[Reference]\nRef1={0}\n",
        "smil": SMIL,
        "pls": "[playlist]\nFile1={0}\nNumberOfEntries=1\nVersion=2\n",
        "xspf": '<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>'
        "<location>{0}</location></track></trackList></playlist>",
        "imf": '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/'
        '2067-3/2016"><Id>{0}</Id></CompositionPlaylist>',
        "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{0}"/></svg>',
        "entity": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{0}">]><MPD>&b;</MPD>',
        "avisynth": 'DirectShowSource("{0}")\n',
        "lavfi": "movie={0}\n",
        "vapoursynth": "import urllib.request\nurllib.request.urlopen('{0}')\n",
        "address": "[InternetShortcut]\nURL={0}\n",
        "descriptor": "# Extended M3U\nFile={0}\n",
    }
)


@dataclass(frozen=True)
class Bait:
    """What lures lead to; nothing of it may be touched."""

    film: Path  # a good video
    pipe: Path  # without a writer: who opens it hangs
    address: str  # http://127.0.0.1:PORT, where somebody counts

    @property
    def places(self) -> Mapping[str, str]:
        """The ways to name it."""
        port = self.address.rpartition(":")[2]
        return {
            "path": str(self.film),
            "name": self.film.name,
            "up": f"../{self.film.parent.name}/{self.film.name}",
            "file": f"file://{self.film}",
            "pipe": str(self.pipe),
            "http": f"{self.address}/a.ts",
            "tcp": f"tcp://127.0.0.1:{port}",
            "part": f"subfile,,start,0,end,0,,:{self.film}",
            "concat": f"concat:{self.film}|{self.film}",
            "crypto": f"crypto:{self.film}",
            "rtmp": f"rtmp://127.0.0.1:{port}/a/b",
            "data": "data:video/mp4;base64,AAAA",
        }


def lures(bait: Bait) -> Iterator[Case]:
    """Every kind of list, with one place after the other, and the films that name others."""
    for kind, text in TEXTS.items():
        for place in bait.places if kind in ("hls", "concat") else ("path", "http", "pipe"):
            content = text.format(bait.places[place]).encode()
            yield Case(f"lure-{kind}-{place}.mp4", content, REFUSED)
    for suffix in ("m3u8", "ffconcat", "mpd", "sdp", "avs", "txt"):
        text = TEXTS["concat" if suffix in ("ffconcat", "txt") else "hls"]
        yield Case(f"lure.{suffix}", text.format(bait.places["path"]).encode(), REFUSED)
    for place in ("path", "http", "pipe"):
        yield from _in_films(place, bait.places[place])


def _in_films(place: str, named: str) -> Iterator[Case]:
    """Films that refer to data in other files."""
    url = named.encode() + b"\0"
    small = still("mjpeg", "yuvj420p", bars(1))
    for name, entry in {
        "url": box(b"url ", bytes(4) + url),
        "urn": box(b"urn ", bytes(4) + b"a\0" + url),
        "alias": box(b"alis", bytes(4) + _alias(named)),
    }.items():
        made = moving(small, 4, (60, 80), b"jpeg", reference=entry)
        hollow = made.replace(small, bytes(len(small)))  # nothing to show is in the file itself
        yield Case(f"lure-film-{name}-{place}.mov", hollow, REFUSED)
    pointer = box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(url)) + url)
    moved = box(b"moov", box(b"rmra", box(b"rmda", pointer)))
    yield Case(f"lure-film-pointer-{place}.mov", box(b"ftyp", b"qt  \0\0\2\0") + moved, REFUSED)
    playlist = (HLS + f"#EXTINF:10,\n{named}" + END).encode()
    gab = b"GAB2\0\2\0" + struct.pack("<I", 4) + b"a\0\0\0" + b"\4\0"
    gab += struct.pack("<I", len(playlist)) + playlist
    yield Case(f"lure-film-subtitles-{place}.avi", _with_subtitles(gab))
    yield Case(f"lure-film-behind-{place}.ts", film("ts") + playlist)


def _with_subtitles(body: bytes) -> bytes:
    """An AVI with a track of text, whose one packet this is."""
    data = film("avi")
    head, tracks = chunk(b"strh", b"txts" + bytes(52)), chunk(b"strf", bytes(16))
    listed = chunk(b"LIST", b"strl" + head + tracks)
    at = data.index(b"LIST", data.index(b"strl"))
    data = data[:at] + listed + data[at:]
    size = data.index(b"hdrl") - 4
    longer = int.from_bytes(data[size : size + 4], "little") + len(listed)
    data = data[:size] + longer.to_bytes(4, "little") + data[size + 4 :]
    at = data.index(b"movi") + 4
    return data[:at] + chunk(b"01tx", body) + data[at:]


def _alias(named: str) -> bytes:
    """A Macintosh alias record that ends in a path."""
    volume, path = b"\4disk" + bytes(23), named.encode()
    record = bytes(2) + b"\0\2\0\0" + volume + bytes(12) + b"\1a" + bytes(62)
    record += bytes(20) + struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2)
    return record + struct.pack(">HH", 0xFFFF, 0)
