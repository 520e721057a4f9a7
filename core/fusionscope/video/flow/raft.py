"""RAFT: learned optical flow (Teed and Deng, ECCV 2020), torchvision's small variant.

Its weights are not part of this project and are never downloaded. They are read from the folder
named by FUSIONSCOPE_FLOW, or from torch hub's cache, where torchvision saves them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.paths import expanded
from fusionscope.base.records import InputError

FILE = "raft_small_C_T_V2-01064c6d.pth"
"""Torchvision's file name; weights of other trainings may have any name with raft_small*.pth."""

_CELL = 8  # pixels per feature cell, each side
_LEAST = 128  # pixels per side, at least: the features are halved three more times


def missing_reason() -> str:
    """Why RAFT cannot run, in one sentence; empty if it can."""
    try:
        network()
    except InputError as problem:
        return str(problem)
    return ""


def folders() -> list[Path]:
    """Folders searched for the weights, in order; the first match is used."""
    home = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))  # noqa: PTH111
    hub = os.environ.get("TORCH_HOME", f"{home}/torch")  # as in torch.hub; without a home, as is
    named = os.environ.get("FUSIONSCOPE_FLOW")
    return [*([expanded(named)] if named else []), Path(hub) / "hub/checkpoints"]


def network() -> Any:
    """Load the network with its weights, in evaluation mode, on CUDA if available.

    Raises:
        InputError: the weights are missing, unreadable, or those of another network.
    """
    found = [path for at in folders() for path in sorted(at.glob("raft_small*.pth"))]
    if not found:
        raise InputError(
            f"RAFT needs its weights, which are missing and are not downloaded automatically: put "
            f"torchvision's {FILE} into {folders()[-1]}, or into the folder set by FUSIONSCOPE_FLOW"
        )
    return _loaded(found[0], found[0].stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _loaded(path: Path, written: int) -> Any:  # noqa: ARG001  # reload when the file changes
    import torch  # here, as RAFT is rarely used and reading video must start fast
    from torchvision.models.optical_flow import raft_small

    made = raft_small(weights=None)
    try:
        made.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=True)
    except Exception as problem:  # a file that is not a pickle can raise any exception
        first = next(iter(str(problem).splitlines()), type(problem).__name__)
        raise InputError(
            f"{path.name} does not contain torchvision's weights of RAFT small: {first.rstrip(':')}"
        ) from problem
    made.requires_grad_(False)
    return made.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def estimator() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Make a function of two frames (H, W, 3) uint8 RGB -> (H, W, 2) float32 pixels, x before y."""
    import torch
    from torch.nn import functional

    made = network()
    where = next(made.parameters()).device

    def fed(frame: np.ndarray, room: tuple[int, int, int, int]) -> torch.Tensor:
        values = torch.from_numpy(frame.copy()).to(where).permute(2, 0, 1)[None].float()
        return functional.pad(values / 127.5 - 1, room, mode="replicate")

    def estimate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        height, width = first.shape[:2]
        room = (0, _room(width), 0, _room(height))  # at the right, at the bottom
        with torch.inference_mode():
            *_, finest = made(fed(first, room), fed(second, room))
        return finest[0, :, :height, :width].permute(1, 2, 0).cpu().numpy()

    return estimate


def _room(side: int) -> int:
    """Padding in pixels that makes a side long enough and a multiple of the cell size."""
    return max(_LEAST, -(-side // _CELL) * _CELL) - side
