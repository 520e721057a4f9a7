"""Grad-CAM: the cells of a stage that a class score depends on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network, Seen
from fusionscope.trace import Trace, network_inputs, scores
from fusionscope.video.snippets import Snippets


def stages_of(trace: Trace) -> list[str]:
    """List the stages that Grad-CAM can use, as STREAM.STAGE; the last one before fusion is first.

    ``spatial.relu5`` stands for that stage of both streams.
    """
    before = {
        name: stream for stream in ("temporal", "spatial") for name in _drawn(trace, stream)
    }  # a stage of both streams is listed under spatial
    order = list(dict.fromkeys([*_drawn(trace, "spatial"), *_drawn(trace, "temporal")]))
    own = [f"{before[name]}.{name}" for name in order]
    fused = [f"fused.{name}" for name in _drawn(trace, "fused")]
    shared = [s for s in own if s.startswith("spatial")] or own
    last = next((s for s in reversed(shared) if ".relu" in s), shared[-1] if shared else "")
    return [*([last] if last else []), *fused, *(s for s in reversed(own) if s != last)]


def grad_cam(
    network: Network, snippets: Snippets, stream: str, stage: str, head: str, target: int
) -> np.ndarray:
    """(T, h, w) evidence for a class per cell, >= 0 (Grad-CAM, Selvaraju et al. 2017).

    Channels are weighted by their mean gradient in each chunk, summed and rectified.

    Args:
        stream: ``spatial``, ``temporal`` or ``fused``.
        stage: a stage of that stream with a grid.
        head: the head of the score; ``average`` for the mean of all heads.
        target: index of the class.

    Raises:
        InputError: in the network's graph the score does not depend on that stage.
    """
    return _weighted(*sloped(network, snippets, stream, stage, head, target)).clip(min=0)


def sloped(
    network: Network, snippets: Snippets, stream: str, stage: str, head: str, target: int
) -> tuple[Tensor, Tensor]:
    """(1, T, C, h, w) twice: the map of a stage, and the gradient of a score with respect to it.

    Raises:
        InputError: in the network's graph the score does not depend on that stage.
    """
    rgb, flow = (part.requires_grad_() for part in network_inputs(network, snippets))
    with torch.enable_grad():
        return _sloped_in(network(rgb, flow), stream, stage, head, target)


def evidence(
    network: Network, trace: Trace, stream: str, stage: str, head: str, target: int
) -> np.ndarray:
    """Like ``grad_cam``, from the stored maps of a run: earlier layers are not run again.

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
    """Signed Grad-CAM of several maps of one pass, (T, h, w) each, and the score of the target.

    Like ``grad_cam`` without the ReLU; None where the score does not depend on a map.

    Args:
        stages: stream and stage of each map.
    """
    rgb, flow = (part.requires_grad_() for part in network_inputs(network, snippets))
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
    """The gradient of a score with respect to a map; None where the score does not depend on it."""
    if not (score.requires_grad and cells.requires_grad):
        return None
    (slope,) = torch.autograd.grad(score, cells, retain_graph=True, allow_unused=True)
    return slope


def _sloped_in(
    seen: Seen, stream: str, stage: str, head: str, target: int
) -> tuple[Tensor, Tensor]:
    """Like ``sloped``, for a pass that is still in its graph."""
    cells = getattr(seen, stream)[stage]
    slope = slope_of(scores(seen, head)[0, target], cells)
    if slope is None:
        raise InputError(
            f"the score of {head} does not depend on {stream} {stage}: "
            "forward must return the map that the next layer uses"
        )
    return cells.detach(), slope


def _weighted(cells: Tensor, slope: Tensor) -> np.ndarray:
    """(1, T, C, h, w) twice -> (T, h, w): channels weighted by their mean gradient and summed."""
    weight = slope.mean(dim=(-2, -1), keepdim=True)
    return (weight * cells).sum(dim=2)[0].detach().cpu().numpy()


def _drawn(trace: Trace, stream: str) -> list[str]:
    """The stages of a stream that have a grid per chunk."""
    return [
        name
        for name, maps in trace.maps(stream).items()
        if len(maps) == len(trace.snippets.frames) and maps.shape[2] * maps.shape[3] > 1
    ]
