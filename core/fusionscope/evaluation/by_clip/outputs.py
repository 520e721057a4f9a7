"""Outputs: a network's mean outputs for each clip over its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from fusionscope.base.records import InputError
from fusionscope.evaluation.by_clip.inputs import Inputs
from fusionscope.explain.ledger.ledger import BOTH, in_four, passes_of
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.video.snippets import Snippets

_BATCH = 16  # runs at a time on a GPU; on a CPU, one at a time is as fast


@dataclass(frozen=True, eq=False)
class Outputs:
    """Outputs for one clip: head -> (K,) scores, head -> (4, K) by pass, (D,) features; float64.

    With a ``problem``, the clip could not be read and all else is empty.
    """

    scores: Mapping[str, np.ndarray]
    passes: Mapping[str, np.ndarray]
    features: np.ndarray
    notes: str = ""  # how the file was read, if not whole or as it is
    problem: str = ""


def outputs_of(
    network: Network, clips: Sequence[Inputs | InputError], *, explain: bool
) -> list[Outputs]:
    """Run a network on some clips.

    Args:
        explain: also run it without either stream and without both, and keep the features.
    """
    readable = [one for one in clips if not isinstance(one, InputError)]
    runs = [run for one in readable for run in one.runs]
    answers = _explained(network, runs) if explain else _plain(network, runs)
    of_clips = iter([[next(answers) for _ in one.runs] for one in readable])
    return [
        Outputs({}, {}, np.empty(0), problem=str(one))
        if isinstance(one, InputError)
        else _mean(next(of_clips), one.notes)
        for one in clips
    ]


Run = tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]
"""Of one run: head -> (K,) scores, head -> (4, K) by pass, (D,) features."""


def _explained(network: Network, runs: Sequence[Snippets]) -> Iterator[Run]:
    for snippets in runs:
        seen = in_four(network, snippets)
        features = seen.before_scores[BOTH].float().mean(dim=(0, 2, 3)).cpu().numpy()
        passes = dict(passes_of(network, seen).logits)
        yield {head: logits[BOTH] for head, logits in passes.items()}, passes, features


def _plain(network: Network, runs: Sequence[Snippets]) -> Iterator[Run]:
    most = _BATCH if network.rgb_mean.device.type == "cuda" else 1
    for _, alike in groupby(runs, key=lambda run: (run.rgb.shape, run.flow.shape)):
        batch = [*alike]
        for at in range(0, len(batch), most):
            parts = [network_inputs(network, run) for run in batch[at : at + most]]
            with torch.inference_mode():
                seen = network(*(torch.cat(stream) for stream in zip(*parts, strict=True)))
            found = {head: v.cpu().numpy().astype(float) for head, v in seen.decisions.items()}
            for row in range(len(parts)):
                yield {head: scores[row] for head, scores in found.items()}, {}, np.empty(0)


def _mean(runs: Sequence[Run], notes: tuple[str, ...]) -> Outputs:
    scores, passes, features = zip(*runs, strict=True)
    return Outputs(
        {head: np.mean([one[head] for one in scores], axis=0) for head in scores[0]},
        {head: np.mean([one[head] for one in passes], axis=0) for head in passes[0]},
        np.mean(features, axis=0).astype(float),
        "; ".join(notes),
    )
