"""Draws: what a network is shown of clips while it learns, cut anew each time.

Draw number n is the same whoever makes it: a run that goes on after a kill, and processes that
share the work, see what one run without a break would see.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from core.study.clipstore import Kept
from core.study.plans import Plan
from core.video.snippets import mirrored_flow

Drawn = tuple[Tensor, Tensor, Tensor]
"""rgb (T, 3, H, W) and flow (T, 2L, H, W) uint8, one of them empty where the network lacks that
stream, and the target (K,), which adds up to 1."""


class Draws(Dataset[Drawn]):
    """Every clip once an epoch, in an order of its own: number n is clip n of that row."""

    def __init__(self, clips: Sequence[Kept], plan: Plan, labels: Sequence[str]) -> None:
        self.clips, self.plan = clips, plan
        self.classes = [list(labels).index(clip.item.label) for clip in clips]
        self.labels = labels

    def __getitem__(self, number: int) -> Drawn:
        epoch, place = divmod(number, len(self.clips))
        order = np.random.default_rng((self.plan.seed, epoch)).permutation(len(self.clips))
        random = np.random.default_rng((self.plan.seed, 1, number))
        clip = int(order[place])
        rgb, flow = self._cut(clip, random)
        target = self._target(clip)
        if self.plan.mixup:
            other = int(random.integers(len(self.clips)))
            share = float(random.beta(self.plan.mixup, self.plan.mixup))
            share = max(share, 1 - share)
            others = self._cut(other, random)
            rgb, flow = (_mixed(a, b, share) for a, b in zip((rgb, flow), others, strict=True))
            target = share * target + (1 - share) * self._target(other)
        return torch.from_numpy(rgb), torch.from_numpy(flow), torch.from_numpy(target)

    def _target(self, clip: int) -> np.ndarray:
        """(K,) the class, smoothed."""
        count = len(self.labels)
        target = np.full(count, self.plan.smoothing / count, np.float32)
        target[self.classes[clip]] += 1 - self.plan.smoothing
        return target

    def _cut(self, clip: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """One crop through all chunks of a clip."""
        card, plan = self.plan.card, self.plan
        pictures, fields = self.clips[clip].pictures(), self.clips[clip].fields()
        frames = drawn_frames(len(pictures), plan.chunks, card.stack, random)
        box = drawn_box(pictures.shape[1:3], plan, random)
        mirrored = random.random() < 0.5
        empty = np.empty((plan.chunks, 0, 0, 0), np.uint8)
        rgb, flow = empty, empty
        if card.spatial:
            cut = [_resized(pictures[c][box], plan.crop) for c in frames]
            rgb = recoloured(np.stack(cut), plan.colour, random).transpose(0, 3, 1, 2)
            rgb = rgb[..., ::-1] if mirrored else rgb
        if card.temporal:
            starts = frames - card.stack // 2
            stacks = [fields[a : a + card.stack][:, *box] for a in starts]
            flow = np.stack([_stacked(stack, plan.crop) for stack in stacks])
            flow = mirrored_flow(flow) if mirrored else flow
        return np.ascontiguousarray(rgb), np.ascontiguousarray(flow)


def drawn_frames(count: int, chunks: int, stack: int, random: np.random.Generator) -> np.ndarray:
    """(T,) frames evenly spaced, a whole stack of flow about each; spacing and start are drawn.

    The authors draw a spacing of 1 to 10 frames (paper section 3.5); a short clip allows for less.
    """
    low, high = stack // 2, count - 1 - (stack - stack // 2)
    if high < low:
        raise ValueError(f"expected {stack + 1} frames or more, got {count}")
    widest = min(10, (high - low) // max(1, chunks - 1))
    step = int(random.integers(min(1, widest), widest + 1)) if chunks > 1 else 0
    first = int(random.integers(low, high - step * (chunks - 1) + 1))
    return first + step * np.arange(chunks)


def drawn_box(
    size: tuple[int, ...], plan: Plan, random: np.random.Generator
) -> tuple[slice, slice]:
    """Rows and columns of a crop, its height and width jittered each on its own (paper 3.5)."""
    height, width = size
    side = min(height, width) * plan.crop / plan.shown
    high, wide = (
        min(round(side * random.uniform(1 - plan.jitter, 1 + plan.jitter)), most)
        for most in (height, width)
    )
    top = int(random.integers(height - high + 1))
    left = int(random.integers(width - wide + 1))
    return slice(top, top + high), slice(left, left + wide)


def recoloured(frames: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """(T, H, W, 3) uint8 with brightness, contrast and saturation changed alike in all frames."""
    if not most:
        return frames
    bright, contrast, colour = random.uniform(1 - most, 1 + most, size=3).astype(np.float32)
    values = frames.astype(np.float32) * bright
    grey = values @ np.array([0.299, 0.587, 0.114], np.float32)
    values = grey[..., None] + colour * (values - grey[..., None])
    values = grey.mean() + contrast * (values - grey.mean())
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def _stacked(fields: np.ndarray, side: int) -> np.ndarray:
    """(L, h, w, 2) -> (2L, side, side): u1, v1, u2, v2, ..."""
    return np.concatenate([_resized(field, side).transpose(2, 0, 1) for field in fields])


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    smaller = picture.shape[0] > side
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(picture), (side, side), interpolation=way)


def _mixed(one: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    return (share * one + (1 - share) * other + 0.5).astype(np.uint8)
