"""Actor overlap: the share of an attribution map that falls on the actor's mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fusionscope.base.records import InputError
from fusionscope.explain.attribution.records import StreamMap
from fusionscope.video.snippets import Snippets

TOLERANCE = 15 / 224  # of the short side, as Zhang et al. 2018 allow in the pointing game
MATTERS = 0.5  # of an equal share of the positive evidence: chunks with less are left out


@dataclass(frozen=True)
class OnActor:
    """How much of a map's positive evidence falls on the actor."""

    share: float  # of the positive evidence; NaN where there is none
    area: float  # share of the pixels that belong to the actor, in the same frames
    hits: int  # chunks whose highest cell is on the actor, or within ``TOLERANCE`` of it
    asked: int  # chunks with enough positive evidence to count
    chance: float  # mean share of the pixels that would have counted as a hit


def on_actor(one: StreamMap, masks: np.ndarray) -> OnActor:
    """Compare a map with the actor's share of each pixel, ``masks`` (T, H, W) in 0..1.

    Hits follow the pointing game of Zhang et al., Top-down Neural Attention, IJCV 2018, applied
    to each chunk.
    """
    chunks, height, width = masks.shape
    if len(one.cells) != chunks:
        raise ValueError(f"expected masks of {len(one.cells)} chunks, got {chunks}")
    positive = StreamMap(np.maximum(one.cells, 0), one.extent)
    weight, total = positive.spread(height, width), float(positive.cells.sum())
    share = float((weight * masks).sum() / total) if total > 0 else float("nan")
    reach = max(1, round(TOLERANCE * min(height, width)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = np.stack([cv2.dilate((m >= 0.5).astype(np.uint8), disc) for m in masks]).astype(bool)
    asked, hits, chance = 0, 0, []
    for t, cells in enumerate(positive.cells):
        if total <= 0 or cells.sum() < MATTERS * total / chunks:
            continue
        row, column = _middle(one, int(cells.argmax()), height, width)
        asked += 1
        hits += bool(near[t, row, column])
        chance.append(float(near[t].mean()))
    expected = float(np.mean(chance)) if chance else float("nan")
    return OnActor(share, float(masks.mean()), hits, asked, expected)


def masks_of(snippets: Snippets, masks: np.ndarray, stream: str) -> np.ndarray:
    """(N, H, W) bool, one per frame -> (T, h, w) in 0..1: the actor in each chunk of a stream.

    An appearance chunk is one frame. A motion chunk covers all frames of its flow stack, so its
    mask is the union over those frames.

    Raises:
        InputError: fewer masks than frames.
    """
    last = max(end for _, end in snippets.spans)
    if len(masks) <= last:
        raise InputError(f"{len(masks)} masks; needed: one per frame, at least {last + 1}")
    height, width = snippets.rgb.shape[2:]
    found = []
    for frame, (first, end) in zip(snippets.frames, snippets.spans, strict=True):
        rows = masks[first : end + 1] if stream == "temporal" else masks[frame : frame + 1]
        anywhere = rows.max(axis=0).astype(np.float32)
        found.append(cv2.resize(anywhere, (width, height), interpolation=cv2.INTER_AREA))
    return np.stack(found)


def _middle(one: StreamMap, cell: int, height: int, width: int) -> tuple[int, int]:
    """The pixel at the centre of a cell, moved inside the picture if it lies outside."""
    _, rows, columns = one.cells.shape
    row, column = divmod(cell, columns)
    left, top, right, bottom = one.extent
    y = top + (row + 0.5) * (bottom - top) / rows
    x = left + (column + 0.5) * (right - left) / columns
    return (
        min(max(int(y * height), 0), height - 1),
        min(max(int(x * width), 0), width - 1),
    )
