"""Occlusion: what each patch of one stream is worth at each time: how far a score falls without it.

A patch of one stream is made absent in one chunk, or in a few chunks in a row, and the network
says what it says then. Absent appearance is the training mean, absent motion is no motion. The
numbers are those of Captum's ``Occlusion`` over the whole network.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.explain.absence import ABSENT, absence
from core.explain.cost import Cost, Work, cost_of, done
from core.explain.patches import Patches
from core.explain.target import Target
from core.nets.network import Network
from core.records import InputError, Progress, seal, silent
from core.video.snippets import Snippets


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What every patch was worth: the score with it less the score without it."""

    stream: str  # spatial, temporal
    target: Target
    worth: np.ndarray  # (T - window + 1, rows, columns) signed, in units of the score
    patches: Patches
    window: int  # chunks in a row that a patch is absent in
    score: float  # of the clip as it is
    baseline: str  # what an absent patch is
    seconds: float

    def __post_init__(self) -> None:
        seal(self)

    @property
    def cells(self) -> np.ndarray:
        """(T, rows, columns): the mean of all windows that hold a chunk."""
        windows, rows, columns = self.worth.shape
        total = np.zeros((windows + self.window - 1, rows, columns))
        count = np.zeros((len(total), 1, 1))
        for first, worth in enumerate(self.worth):
            total[first : first + self.window] += worth
            count[first : first + self.window] += 1
        return total / count

    @property
    def pixels(self) -> np.ndarray:
        """(T, H, W): the mean of all patches that lie over a pixel, as Captum gives it."""
        return self.patches.spread(self.cells)


def occlusion(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    patch: int | None = None,
    stride: int | None = None,
    window: int = 1,
    progress: Progress = silent,
) -> Occlusion:
    """Make every patch of a stream absent at every time, one after the other.

    Args:
        stream: ``spatial`` or ``temporal``.
        patch: pixels a side, of the picture as fed; None: a seventh of the short side.
        stride: pixels from one patch to the next; None: as large as the patch.
        window: chunks in a row that a patch is absent in.
        progress: called after each batch; what it raises stops the work.

    Raises:
        InputError: the network lacks that stream, or patch, stride or window do not fit the clip.
    """
    begun = time.perf_counter()
    patches, work, score = _asked(network, snippets, target, stream, patch, stride, window)
    without = done(work, progress).double().numpy()  # (places, windows)
    worth = (score - without).T.reshape(-1, len(patches.rows), len(patches.columns))
    seconds = time.perf_counter() - begun
    return Occlusion(stream, target, worth, patches, window, score, ABSENT[stream], seconds)


def cost_of_occlusion(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    patch: int | None = None,
    stride: int | None = None,
    window: int = 1,
) -> Cost:
    """What ``occlusion`` will take, asked the same way. Works on one batch to know.

    Raises:
        InputError: as ``occlusion``.
    """
    _, work, _ = _asked(network, snippets, target, stream, patch, stride, window)
    return cost_of(work)


def _asked(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    patch: int | None,
    stride: int | None,
    window: int,
) -> tuple[Patches, Work, float]:
    """Where the patches lie, the work, and the score of the clip as it is."""
    chunks, (height, width) = len(snippets.rgb), snippets.rgb.shape[2:]
    if not 1 <= window <= chunks:
        raise InputError(f"the window is {window} chunks long; needed: 1 to {chunks}")
    patch = patch or max(1, min(height, width) // 7)
    patches = Patches(height, width, patch, stride or patch)
    clip = absence(network, snippets, target, stream)

    def run(places: range) -> Tensor:
        return clip.of_patches(patches, places, window)

    passes = len(patches) * (chunks - window + 1)
    return patches, Work("occlusion", run, len(patches), passes), clip.score
