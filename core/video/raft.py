"""RAFT: optical flow by a learned network (Teed and Deng, ECCV 2020), in torchvision's small form.

Its weights are no part of this project and are never downloaded: they lie where torchvision puts
them, in torch hub's cache, or in the folder that FUSIONSCOPE_FLOW names.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.records import InputError

FILE = "raft_small_C_T_V2-01064c6d.pth"
"""As torchvision names its weights; another training's may be called raft_small and anything."""

_CELL = 8  # pixels a side of what a cell of its features stands for
_LEAST = 128  # pixels a side: its features are halved three times more


def lacking() -> str:
    """What is missing before it can be used, in one sentence; empty where nothing is."""
    try:
        network()
    except InputError as problem:
        return str(problem)
    return ""


def folders() -> list[Path]:
    """Where its weights may lie, first come first served."""
    home = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    hub = Path(os.environ.get("TORCH_HOME", home / "torch")) / "hub/checkpoints"  # as torch.hub has
    named = os.environ.get("FUSIONSCOPE_FLOW")
    return [Path(at).expanduser() for at in (named, hub) if at]


def network() -> Any:
    """The network with its weights, in evaluation, on CUDA where there is one.

    Raises:
        InputError: there are no weights, they cannot be read, or they are not this network's.
    """
    found = [path for at in folders() for path in sorted(at.glob("raft_small*.pth"))]
    if not found:
        raise InputError(
            f"RAFT needs its weights, which are not here and are not downloaded: put torchvision's "
            f"{FILE} into {folders()[-1]}, or into a folder that FUSIONSCOPE_FLOW names"
        )
    return _loaded(found[0], found[0].stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _loaded(path: Path, written: int) -> Any:  # noqa: ARG001  # read again when written anew
    import torch  # here, as few ask for RAFT and reading video is to start fast
    from torchvision.models.optical_flow import raft_small

    made = raft_small(weights=None)
    try:
        made.load_state_dict(torch.load(path, map_location="cpu", weights_only=True), strict=True)
    except Exception as problem:  # bytes that are no pickle make its reader stumble in any way
        first = next(iter(str(problem).splitlines()), type(problem).__name__)
        raise InputError(
            f"{path.name} does not hold the weights of RAFT small, as torchvision writes them: "
            f"{first.rstrip(':')}"
        ) from problem
    made.requires_grad_(False)
    return made.eval().to("cuda" if torch.cuda.is_available() else "cpu")


def estimator() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Two frames (H, W, 3) uint8 RGB -> (H, W, 2) float32 pixels, x before y."""
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
    """Pixels to put on, so that a side is whole cells and long enough."""
    return max(_LEAST, -(-side // _CELL) * _CELL) - side
