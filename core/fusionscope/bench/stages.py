"""Stages: decoding, flow and a forward pass, each compared with the bare library calls."""

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

from fusionscope.bench.bare_convolutions import bare, calls_of, matmul_rate
from fusionscope.bench.subject import Subject
from fusionscope.bench.timed_pair import TimedPair, apart, in_turn, paired
from fusionscope.trace import network_inputs
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import FLOW_METHODS, dense_flow, lanes, seen_by
from fusionscope.video.reading.decoder_process import keep_one_ready
from fusionscope.video.reading.rgb_frames import EXACT

_START = 0.5  # seconds until a child process is ready


@dataclass(frozen=True)
class Rate:
    """Operations per second: a pass's convolutions, and one large matrix product."""

    forward: float
    matmul: float

    @property
    def share(self) -> float:
        """Rate of a pass relative to the matrix product."""
        return self.forward / self.matmul


def decode(on: Subject, repeats: int) -> list[TimedPair]:
    """Time reading a file in a child process, compared with PyAV in this process.

    The child is started in advance, as on a server. For a file with irregular frame times, PyAV's
    frames differ from the clip's; they are timed but not compared.
    """
    count, height, width = on.clip.frames.shape[:3]
    what = f"{on.name}: {count} frames read, vs PyAV on one thread"

    def ours() -> np.ndarray:
        return read_clip(on.file, start=0.0).frames

    def theirs() -> np.ndarray:
        return bare_frames(on.file, height, width)

    def wait() -> None:
        time.sleep(_START)

    keep_one_ready()
    if len(theirs()) == count:
        return [paired(what, ours, theirs, repeats, wait)]
    return [TimedPair(what, *in_turn(ours, theirs, repeats, before=wait), None)]


def bare_frames(file: Path, height: int, width: int) -> np.ndarray:
    """Decode every frame of a file at one size with PyAV on one thread: (N, H, W, 3) uint8."""
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


def flow(on: Subject, repeats: int) -> list[TimedPair]:
    """Time the flow of all pairs on all cores, compared with OpenCV on one thread."""
    method = on.network.card.flow
    what = f"{on.name}: {len(on.flow)} fields of {method}, vs OpenCV on one thread"

    def theirs() -> np.ndarray:
        return bare_flow(on.clip.frames, method)

    return [paired(what, lambda: dense_flow(on.clip, method), theirs, repeats)]


def bare_flow(frames: np.ndarray, method: str) -> np.ndarray:
    """Flow of (N, H, W, 3) frames on one thread, pair by pair: (N-1, 2, H, W) float16 pixels."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    estimate = FLOW_METHODS[method]()
    seen = [seen_by(method, frame) for frame in frames]
    fields = [estimate(one, other).transpose(2, 0, 1) for one, other in itertools.pairwise(seen)]
    cv2.setNumThreads(before)
    return np.stack(fields).astype(np.float16)


def flow_limit() -> float:
    """Target speed-up of flow: nine tenths of the number of cores."""
    return 0.9 * lanes("dis")


def forward(on: Subject, repeats: int) -> list[TimedPair]:
    """Time one pass, compared with its bare convolutions."""
    rgb, motion = network_inputs(on.network, on.snippets)
    calls = calls_of(on.network, rgb, motion)

    @torch.inference_mode()
    def ours() -> Tensor:
        return on.network(rgb, motion).final.cpu()

    def theirs() -> Tensor:
        return bare(calls).cpu()

    what = f"{on.name}: a pass of {len(on.snippets.rgb)} chunks, vs its {len(calls)} bare "
    gap = apart(theirs().numpy(), calls[-1].made.cpu().numpy())
    return [TimedPair(f"{what}convolutions", *in_turn(ours, theirs, repeats), gap)]


def rate(on: Subject, repeats: int) -> Rate:
    """Measure the rate of operations of a pass and of a matrix product, alternately."""
    rgb, motion = network_inputs(on.network, on.snippets)
    work = sum(call.operations for call in calls_of(on.network, rgb, motion))
    passes, products = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        with torch.inference_mode():
            on.network(rgb, motion).final.cpu()
        passes.append(work / (time.perf_counter() - started))
        products.append(matmul_rate(rgb.device))
    return Rate(statistics.median(passes), statistics.median(products))
