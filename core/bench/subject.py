"""Subject: a video on disk and the network that sees it: what is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from core.nets.network import Network
from core.study.toybox import BUNDLED, render, toy_plan
from core.video.clip import Clip, read_clip
from core.video.flow import dense_flow
from core.video.snippets import Snippets, sample_snippets


@dataclass(frozen=True, eq=False)
class Subject:
    """One video, read and measured once, for all that is timed on it."""

    name: str  # how to speak of it
    network: Network
    file: Path
    clip: Clip
    flow: np.ndarray
    snippets: Snippets


def subject(name: str, network: Network, file: Path) -> Subject:
    """Read a video for a network."""
    clip = read_clip(file, start=0.0)
    flow = dense_flow(clip, network.card.flow)
    snippets = sample_snippets(clip, flow, network.card)
    return Subject(name, network, file, clip, flow, snippets)


def toybox_video(folder: Path, frames: int | None = None) -> Path:
    """A bundled Toybox clip as a video file of so many frames, over again where it is too short."""
    clip = render(toy_plan(BUNDLED[0])).clip
    numbers = np.arange(frames or len(clip.frames)) % len(clip.frames)
    path = folder / f"toybox-{len(numbers)}.mp4"
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w") as out:
        track = out.add_stream(codec, rate=round(2 * clip.fps))
        track.height, track.width = clip.frames.shape[1:3]
        track.pix_fmt = "yuv420p"
        for n in numbers:
            out.mux(track.encode(av.VideoFrame.from_ndarray(clip.frames[n], format="rgb24")))
        out.mux(track.encode())
    return path
