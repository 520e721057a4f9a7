"""Clip sampling: random training samples from clips, with crops and augmentation.

Sample number n is always the same. So a resumed training, and processes that share the work, see
the same samples as one uninterrupted run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept
from fusionscope.training.recipe import Recipe
from fusionscope.training.validation import snippets_of
from fusionscope.video.snippets import mirrored, mirrored_flow, whole_stacks

Drawn = tuple[Tensor, Tensor, Tensor]
"""rgb (T, 3, H, W) and flow (T, 2L, H, W) uint8, empty for a stream that the network does not have,
and the target (K,), which sums to 1."""


class Draws(Dataset[Drawn]):
    """Training samples by number: every clip once per epoch, in a new random order each epoch."""

    def __init__(self, clips: Sequence[Kept], plan: Recipe, labels: Sequence[str]) -> None:
        self.clips, self.plan = clips, plan
        self.classes = [list(labels).index(clip.item.label) for clip in clips]
        self.labels = labels
        sizes = {clip.pictures().shape[1:3] for clip in clips} if plan.whole else set()
        if len(sizes) > 1:
            (height, width), (other, wide) = sorted(sizes)[:2]
            raise InputError(
                f"clips of {width}x{height} and of {wide}x{other} pixels cannot be combined in "
                "one batch without cropping; needed: one size, or whole = false"
            )

    def __getitem__(self, number: int) -> Drawn:
        return self.drawn(*self.at(number))

    def at(self, number: int) -> tuple[int, int]:
        """Clip of sample ``number``, and which of its variants: one per epoch, or one of a few."""
        epoch, place = divmod(number, len(self.clips))
        order = np.random.default_rng((self.plan.seed, epoch)).permutation(len(self.clips))
        return int(order[place]), epoch % self.plan.ways if self.plan.ways else epoch

    def drawn(self, clip: int, way: int) -> Drawn:
        """One variant of a clip; the same for the same arguments."""
        plan = self.plan
        if plan.whole:
            return self._whole(clip, turned=way % 2 == 1)
        random = np.random.default_rng((plan.seed, 1, way, clip))
        cut, target = self._cut(clip, random), self._target(clip)
        if plan.mixup:
            clip = int(random.integers(len(self.clips)))
            share = float(random.beta(plan.mixup, plan.mixup))
            cut = _mixed(cut, self._cut(clip, random), share)
            target = share * target + (1 - share) * self._target(clip)
        rgb, flow = (torch.from_numpy(np.ascontiguousarray(part)) for part in (cut.rgb, cut.flow))
        return rgb, flow, torch.from_numpy(target)

    def _whole(self, clip: int, *, turned: bool) -> Drawn:
        """A clip as used in inference, possibly mirrored."""
        card = self.plan.card
        snippets = snippets_of(self.clips[clip], card)
        snippets = mirrored(snippets) if turned else snippets
        rgb, flow = (
            torch.from_numpy(part.copy() if stream else np.empty((card.chunks, 0, 0, 0), np.uint8))
            for part, stream in ((snippets.rgb, card.spatial), (snippets.flow, card.temporal))
        )
        return rgb, flow, torch.from_numpy(self._target(clip))

    def _target(self, clip: int) -> np.ndarray:
        """Target (K,) with label smoothing."""
        count = len(self.labels)
        target = np.full(count, self.plan.smoothing / count, np.float32)
        target[self.classes[clip]] += 1 - self.plan.smoothing
        return target

    def _cut(self, clip: int, random: np.random.Generator) -> _Cut:
        """One crop, the same in all chunks of a clip."""
        card, plan, kept = self.plan.card, self.plan, self.clips[clip]
        pictures, fields = kept.pictures(), kept.fields()
        frames = drawn_frames(len(pictures), plan.chunks, card.stack, random, plan.spacing)
        box = drawn_box(pictures.shape[1:3], plan, random)
        turned = random.random() < 0.5
        starts = frames - card.stack // 2
        rgb = flow = np.empty((plan.chunks, 0, 0, 0), np.uint8)
        if card.spatial:
            cut = [_resized(pictures[c][box], plan.crop) for c in frames]
            rgb = recoloured(np.stack(cut), plan.colour, random).transpose(0, 3, 1, 2)
            rgb = rgb[..., ::-1] if turned else rgb
        if card.temporal:
            stacks = [fields[a : a + card.stack][:, *box] for a in starts]
            flow = np.stack([_stacked(stack, plan.crop) for stack in stacks])
            flow = mirrored_flow(flow) if turned else flow
        return _Cut(rgb, flow)


@dataclass(frozen=True, eq=False)
class _Cut:
    """A cropped network input."""

    rgb: np.ndarray  # (T, 3, H, W) uint8
    flow: np.ndarray  # (T, 2L, H, W) uint8


def _mixed(one: _Cut, other: _Cut, share: float) -> _Cut:
    rgb, flow = (
        (share * a + (1 - share) * b + 0.5).astype(np.uint8)
        for a, b in ((one.rgb, other.rgb), (one.flow, other.flow))
    )
    return _Cut(rgb, flow)


def drawn_frames(
    count: int,
    chunks: int,
    stack: int,
    random: np.random.Generator,
    spacing: Sequence[int] = (1, 10),
) -> np.ndarray:
    """Draw (T,) frames with a complete flow stack each, evenly spaced by a random step and start.

    The authors draw a spacing of 1 to 10 frames (paper section 3.5; their code: 5 to 15); for short
    clips it is limited.

    Raises:
        InputError: the clip is shorter than one stack.
    """
    low, high = whole_stacks(count, stack)
    least, most = spacing
    widest = min(most, (high - low) // max(1, chunks - 1))
    step = int(random.integers(min(least, widest), widest + 1)) if chunks > 1 else 0
    first = int(random.integers(low, high - step * (chunks - 1) + 1))
    return first + step * np.arange(chunks)


def drawn_box(
    size: tuple[int, ...], plan: Recipe, random: np.random.Generator
) -> tuple[slice, slice]:
    """Draw the rows and columns of a crop; height and width are jittered separately (paper 3.5).

    With ``border``, a crop lies near one of the four corners (0.25 in the paper).
    """
    height, width = size
    side = min(height, width) * plan.crop / plan.shown
    high, wide = (
        min(round(side * random.uniform(1 - plan.jitter, 1 + plan.jitter)), most)
        for most in (height, width)
    )
    top, left = (_offset(free, plan.border, random) for free in (height - high, width - wide))
    return slice(top, top + high), slice(left, left + wide)


def _offset(free: int, border: float, random: np.random.Generator) -> int:
    """Draw the start of a crop with this much free space (pixels) beside it."""
    if not border:
        return int(random.integers(free + 1))
    near = round(free * random.uniform(0, border))
    return free - near if random.random() < 0.5 else near


def recoloured(frames: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """Change brightness, contrast and saturation, equally in all frames (T, H, W, 3) uint8."""
    if not most:
        return frames
    bright, contrast, colour = random.uniform(1 - most, 1 + most, size=3).astype(np.float32)
    values = frames.astype(np.float32) * bright
    grey = values @ np.array([0.299, 0.587, 0.114], np.float32)
    values = grey[..., None] + colour * (values - grey[..., None])
    values = grey.mean() + contrast * (values - grey.mean())
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def _stacked(fields: np.ndarray, side: int) -> np.ndarray:
    """Resize and stack flow fields: (L, h, w, 2) -> (2L, side, side), u1, v1, u2, v2, ..."""
    return np.concatenate([_resized(field, side).transpose(2, 0, 1) for field in fields])


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    smaller = picture.shape[0] > side
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(picture), (side, side), interpolation=way)
