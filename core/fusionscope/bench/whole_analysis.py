"""Whole analysis: the analysis for the first page, compared with its bare library calls.

The bare calls use the same number of cores, so that the ratio measures only our overhead.
"""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch
from PIL import Image

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.bench.subject import Subject
from fusionscope.bench.timed_pair import TimedPair, apart, in_turn
from fusionscope.explain.ledger.ledger import batch_of
from fusionscope.nets.network import Seen
from fusionscope.trace import network_inputs
from fusionscope.video.flow.methods import FLOW_METHODS, dense_flow, lanes, seen_by


def analysis(on: Subject, repeats: int) -> list[TimedPair]:
    """Time flow, passes, gradient and pictures, compared with the bare library calls."""
    gaps = []

    def ours() -> Analysis:
        return analyse(on.network, on.clip, dense_flow(on.clip, on.network.card.flow))

    def compare(made: Analysis, scores: np.ndarray) -> None:
        gaps.append(apart(made.trace.final, scores))

    what = f"{on.name}: a whole analysis, vs its bare flow, passes, gradient and pictures"
    return [TimedPair(what, *in_turn(ours, lambda: bare_analysis(on), repeats, compare), max(gaps))]


def bare_analysis(on: Subject) -> np.ndarray:
    """Make only the library calls of an analysis; return the scores, (K,)."""
    flow = _fields(on)
    size = on.snippets.rgb.shape[:1:-1]
    needed = {n for first, last in on.snippets.spans for n in range(first, last)}
    for picture in (*on.clip.frames[on.snippets.frames], *(flow[n] for n in needed)):
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    rgb, motion = network_inputs(on.network, on.snippets)
    with torch.inference_mode():
        seen = on.network(rgb, motion)
    scores, upto = seen.final[0], _meeting(seen)
    own = seen.spatial.get(upto), seen.temporal.get(upto)
    nothing = [None if maps is None else torch.zeros_like(maps) for maps in own]
    with torch.inference_mode():
        for tower, part in ((on.network.spatial, rgb), (on.network.temporal, motion)):
            if tower is not None:
                tower.until(upto, torch.zeros_like(part[0, :1]))
        (here, moves), (bare, rests) = own, nothing
        in_four = batch_of(here, here, bare, bare), batch_of(moves, rests, moves, rests)
        on.network.onward(*in_four, after=upto)
    with torch.enable_grad():
        leaves = [None if maps is None else maps.clone().requires_grad_() for maps in own]
        again = on.network.onward(*leaves, after=upto)
        asked = (again.fused or again.spatial or again.temporal)[upto]
        torch.autograd.grad(again.final[0].max(), asked)
    with ThreadPoolExecutor(lanes("dis")) as pool:
        sizes = pool.map(lambda n: _pictures(on.clip.frames[n], flow[n]), range(len(flow)))
        if not all(sizes):
            raise ValueError("expected pictures, got none")
    return scores.cpu().numpy()


def _fields(on: Subject) -> list[np.ndarray]:
    """Flow of every pair, (H, W, 2) pixels, with one thread per core."""
    method = on.network.card.flow
    seen = [seen_by(method, frame) for frame in on.clip.frames]
    count = len(seen) - 1
    numbers = np.array_split(np.arange(count), lanes(method))

    def work(part: np.ndarray) -> list[np.ndarray]:
        estimate = FLOW_METHODS[method]()
        return [estimate(seen[n], seen[n + 1]) for n in part]

    with ThreadPoolExecutor(lanes(method)) as pool:
        return [field for part in pool.map(work, numbers) for field in part]


def _meeting(seen: Seen) -> str:
    """The first place of fusion, or the stage shown by the page if there is none."""
    return next(iter(seen.fused), "relu5")


def _pictures(frame: np.ndarray, field: np.ndarray) -> int:
    """Encode a frame and its flow, with hue for direction, as WebP; return the number of bytes."""
    size, angle = cv2.cartToPolar(field[..., 0], field[..., 1], angleInDegrees=True)
    full = np.full(size.shape, 255, np.uint8)
    grown = cv2.convertScaleAbs(size, alpha=16)
    hsv = cv2.merge((cv2.convertScaleAbs(angle, alpha=0.5), grown, full))
    colours = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    held = io.BytesIO()
    for picture in (frame, colours):
        Image.fromarray(picture).save(held, "WEBP", quality=82, method=1)
    return held.tell()
