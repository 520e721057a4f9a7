"""Subject: a video file and a network on which measures run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from fusionscope.data.toybox.world import BUNDLED, render, toy_plan
from fusionscope.nets.network import Network
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import Snippets, sample_snippets


@dataclass(frozen=True, eq=False)
class Subject:
    """One video with its decoded clip, flow and network input, shared by all measures."""

    name: str  # display name
    network: Network
    file: Path
    clip: Clip
    flow: np.ndarray
    snippets: Snippets


def subject(name: str, network: Network, file: Path) -> Subject:
    """Prepare a video for a network."""
    clip = read_clip(file, start=0.0)
    flow = dense_flow(clip, network.card.flow)
    snippets = sample_snippets(clip, flow, network.card)
    return Subject(name, network, file, clip, flow, snippets)


def toybox_video(folder: Path, frames: int | None = None) -> Path:
    """Write a bundled Toybox clip as a video file with this many frames, repeated if necessary."""
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
