"""Attribution: which cells a score rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core.explain.target import Target
from core.nets.network import Network, Seen
from core.records import InputError
from core.trace import Trace, fed, scores
from core.video.snippets import Snippets


def grad_cam(
    network: Network, snippets: Snippets, stream: str, stage: str, head: str, target: int
) -> np.ndarray:
    """(T, h, w) evidence for a class in each cell, 0 and up (Grad-CAM, Selvaraju et al. 2017).

    Channels are weighted by their mean gradient, chunk by chunk, summed, and rectified.

    Args:
        stream: ``spatial``, ``temporal`` or ``fused``.
        stage: a stage of that stream with a grid.
        head: whose score; ``average`` for the mean of all heads.
        target: number of the class.

    Raises:
        InputError: the score does not depend on that stage, as far as the network's graph tells.
    """
    return _weighted(*sloped(network, snippets, stream, stage, head, target)).clip(min=0)


def sloped(
    network: Network, snippets: Snippets, stream: str, stage: str, head: str, target: int
) -> tuple[Tensor, Tensor]:
    """(1, T, C, h, w) twice: the map of a stage, and the gradient of a score by it.

    Raises:
        InputError: the score does not depend on that stage, as far as the network's graph tells.
    """
    rgb, flow = (part.requires_grad_() for part in fed(network, snippets))
    with torch.enable_grad():
        return _sloped_in(network(rgb, flow), stream, stage, head, target)


def evidence(
    network: Network, trace: Trace, stream: str, stage: str, head: str, target: int
) -> np.ndarray:
    """As ``grad_cam``, of a run's own maps: what lies before them is not run again.

    Raises:
        InputError: as ``grad_cam``.
    """
    places = [*network.fusions] if stream == "fused" else [stage]
    towers = {"spatial": network.spatial, "temporal": network.temporal}
    known = [name for name, tower in towers.items() if tower is not None]
    if not known or not places or any(places[0] not in trace.maps(name) for name in known):
        return grad_cam(network, trace.snippets, stream, stage, head, target)
    where = network.rgb_mean.device
    with torch.enable_grad():
        own = {
            name: torch.tensor(trace.maps(name)[places[0]], device=where)[None].requires_grad_()
            for name in known
        }
        seen = network.onward(own.get("spatial"), own.get("temporal"), after=places[0])
        return _weighted(*_sloped_in(seen, stream, stage, head, target)).clip(min=0)


def cams(
    network: Network, snippets: Snippets, stages: Sequence[tuple[str, str]], target: Target
) -> tuple[list[np.ndarray | None], float]:
    """Signed Grad-CAM of several maps of one pass, (T, h, w) each, and the target's score.

    As ``grad_cam``, but for the rectifier; None where the score does not depend on a map.

    Args:
        stages: stream and stage of each map.
    """
    rgb, flow = (part.requires_grad_() for part in fed(network, snippets))
    found: list[np.ndarray | None] = []
    with torch.enable_grad():
        seen = network(rgb, flow)
        score = target.of(seen, network.card.labels)[0]
        for stream, stage in stages:
            cells = getattr(seen, stream)[stage]
            slope = slope_of(score, cells)
            found.append(None if slope is None else _weighted(cells.detach(), slope))
    return found, float(score.detach())


def slope_of(score: Tensor, cells: Tensor) -> Tensor | None:
    """The gradient of a score by a map; None where the score does not depend on it."""
    if not (score.requires_grad and cells.requires_grad):
        return None
    (slope,) = torch.autograd.grad(score, cells, retain_graph=True, allow_unused=True)
    return slope


def _sloped_in(
    seen: Seen, stream: str, stage: str, head: str, target: int
) -> tuple[Tensor, Tensor]:
    """As ``sloped``, of a pass that was made, still in its graph."""
    cells = getattr(seen, stream)[stage]
    slope = slope_of(scores(seen, head)[0, target], cells)
    if slope is None:
        raise InputError(
            f"the score of {head} does not depend on {stream} {stage}: "
            "the map that forward returns must be the one that it goes on with"
        )
    return cells.detach(), slope


def _weighted(cells: Tensor, slope: Tensor) -> np.ndarray:
    """(1, T, C, h, w) twice -> (T, h, w): channels weighted by their mean slope, and summed."""
    weight = slope.mean(dim=(-2, -1), keepdim=True)
    return (weight * cells).sum(dim=2)[0].detach().cpu().numpy()
