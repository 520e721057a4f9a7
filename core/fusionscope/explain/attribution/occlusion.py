"""Space-time occlusion: the drop of a score when a patch of one stream is removed for some chunks.

A patch of one stream is replaced in one chunk, or in several consecutive ones, and the network is
scored again. Absent appearance is the training mean, absent motion is zero flow. The results equal
those of Captum's ``Occlusion`` on the whole network.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from fusionscope.base.records import InputError, Progress, no_progress, seal
from fusionscope.explain.attribution.absence import ABSENT, absence
from fusionscope.explain.attribution.cost import Cost, Work, cost_of, done
from fusionscope.explain.attribution.patches import Patches
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.video.snippets import Snippets


@dataclass(frozen=True, eq=False)
class Occlusion:
    """The attribution of every patch: the score with it minus the score without it."""

    stream: str  # spatial, temporal
    target: Target
    worth: np.ndarray  # (T - window + 1, rows, columns) signed, in units of the score
    patches: Patches
    window: int  # consecutive chunks in which a patch is absent
    score: float  # of the unchanged clip
    baseline: str  # what replaces an absent patch
    seconds: float

    def __post_init__(self) -> None:
        seal(self)

    @property
    def cells(self) -> np.ndarray:
        """(T, rows, columns): the mean over all windows that contain a chunk."""
        windows, rows, columns = self.worth.shape
        total = np.zeros((windows + self.window - 1, rows, columns))
        count = np.zeros((len(total), 1, 1))
        for first, worth in enumerate(self.worth):
            total[first : first + self.window] += worth
            count[first : first + self.window] += 1
        return total / count

    @property
    def pixels(self) -> np.ndarray:
        """(T, H, W): the mean over all patches that cover a pixel, as in Captum."""
        return self.patches.spread(self.cells)


def occlusion(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    patch: int | None = None,
    stride: int | None = None,
    window: int = 1,
    progress: Progress = no_progress,
) -> Occlusion:
    """Remove every patch of a stream in every window of chunks, one at a time.

    Args:
        stream: ``spatial`` or ``temporal``.
        patch: side in pixels of the network input; None: a seventh of the short side.
        stride: pixels from one patch to the next; None: the size of the patch.
        window: consecutive chunks in which a patch is absent.
        progress: called after each batch; an exception that it raises stops the work.

    Raises:
        InputError: the network has no such stream, or patch, stride or window do not fit the clip.
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
    """Estimate the cost of ``occlusion`` for the same arguments by timing one batch.

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
    """The positions of the patches, the work, and the score of the unchanged clip."""
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
