"""Parts: decoding, flow and a forward pass, each against the bare calls it stands on."""

from __future__ import annotations

import itertools
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from av.video.reformatter import Interpolation, VideoReformatter
from torch import Tensor

from core.bench.convolutions import bare, calls_of, matmul_rate
from core.bench.pair import Pair, apart, in_turn, paired
from core.bench.subject import Subject
from core.trace import fed
from core.video.child import keep_one_ready
from core.video.clip import read_clip
from core.video.flow import METHODS, dense_flow, lanes, seen_by
from core.video.painter import EXACT

_START = 0.5  # seconds in which a child is ready


@dataclass(frozen=True)
class Rate:
    """Operations a second: of a pass's convolutions, and of one large product on this machine."""

    forward: float
    matmul: float

    @property
    def share(self) -> float:
        """How much of the machine's rate a pass reaches."""
        return self.forward / self.matmul


def decode(on: Subject, repeats: int) -> list[Pair]:
    """Reading a file in a child process, against PyAV in this one: the same frames.

    The child is started ahead, as on a server whose last visitor came a while ago.
    Of a file whose times are uneven, PyAV's frames are not a clip's: those are timed, not compared.
    """
    count, height, width = on.clip.frames.shape[:3]
    what = f"{on.name}: {count} frames read, against PyAV on one thread"

    def ours() -> np.ndarray:
        return read_clip(on.file, start=0.0).frames

    def theirs() -> np.ndarray:
        return bare_frames(on.file, height, width)

    def wait() -> None:
        time.sleep(_START)

    keep_one_ready()
    if len(theirs()) == count:
        return [paired(what, ours, theirs, repeats, wait)]
    return [Pair(what, *in_turn(ours, theirs, repeats, before=wait), None)]


def bare_frames(file: Path, height: int, width: int) -> np.ndarray:
    """Every frame of a file at one size, as PyAV gives them on one thread: (N, H, W, 3) uint8."""
    scaler, frames = VideoReformatter(), []
    with av.open(str(file)) as container:
        track = container.streams.video[0]
        track.thread_count = 1
        shrinks = track.width * track.height > width * height
        how = EXACT | (Interpolation.AREA if shrinks else Interpolation.BICUBIC)
        for frame in container.decode(track):
            rgb = scaler.reformat(frame, width, height, "rgb24", interpolation=how, threads=1)
            frames.append(rgb.to_ndarray())
    return np.stack(frames)


def flow(on: Subject, repeats: int) -> list[Pair]:
    """Flow of all pairs, spread over the cores, against OpenCV on one thread."""
    method = on.network.card.flow
    what = f"{on.name}: {len(on.flow)} fields of {method}, against OpenCV on one thread"

    def theirs() -> np.ndarray:
        return bare_flow(on.clip.frames, method)

    return [paired(what, lambda: dense_flow(on.clip, method), theirs, repeats)]


def bare_flow(frames: np.ndarray, method: str) -> np.ndarray:
    """(N, H, W, 3) -> (N-1, 2, H, W) float16 pixels, one pair after the other on one thread."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    estimate = METHODS[method]()
    seen = [seen_by(method, frame) for frame in frames]
    fields = [estimate(one, other).transpose(2, 0, 1) for one, other in itertools.pairwise(seen)]
    cv2.setNumThreads(before)
    return np.stack(fields).astype(np.float16)


def flow_limit() -> float:
    """The least gain that flow is held to: nine tenths of the cores."""
    return 0.9 * lanes("dis")


def forward(on: Subject, repeats: int) -> list[Pair]:
    """One pass, against its convolutions alone."""
    rgb, motion = fed(on.network, on.snippets)
    calls = calls_of(on.network, rgb, motion)

    @torch.inference_mode()
    def ours() -> Tensor:
        return on.network(rgb, motion).final.cpu()

    def theirs() -> Tensor:
        return bare(calls).cpu()

    what = f"{on.name}: a pass of {len(on.snippets.rgb)} chunks, against its {len(calls)} bare "
    gap = apart(theirs().numpy(), calls[-1].made.cpu().numpy())
    return [Pair(f"{what}convolutions", *in_turn(ours, theirs, repeats), gap)]


def rate(on: Subject, repeats: int) -> Rate:
    """How fast a pass multiplies, and how fast this machine can, measured in turn."""
    rgb, motion = fed(on.network, on.snippets)
    work = sum(call.operations for call in calls_of(on.network, rgb, motion))
    passes, products = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        with torch.inference_mode():
            on.network(rgb, motion).final.cpu()
        passes.append(work / (time.perf_counter() - begun))
        products.append(matmul_rate(rgb.device))
    return Rate(statistics.median(passes), statistics.median(products))
