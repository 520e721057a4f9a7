"""Evaluation: a network on the clips of a data set, by the paper's protocol or by a fast one.

*fast*: one run of T chunks spread over the clip, as the app makes it. *dense*: up to 20 runs that
begin all over the clip, each once more mirrored, their scores averaged (paper section 3.5).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from core.card import Card
from core.explain.ledger import BOTH, Passes, in_four, passes_of, split
from core.nets.network import Network
from core.records import InputError, Progress, seal, silent
from core.study.answers import Answers
from core.study.datasets import DataSet, Item
from core.study.places import places
from core.study.predictions import Predictions, gathered
from core.trace import fed
from core.video.clip import read_clip
from core.video.flow import flow_fields
from core.video.snippets import Snippets, chunk_frames, dense_frames, mirrored, sample_snippets

log = logging.getLogger(__name__)

PROTOCOLS = ("fast", "dense")
_AHEAD = 2  # clips that are decoded while others run through the network


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What every head answered on every clip that could be read, and why the rest could not."""

    predictions: Predictions
    problems: Mapping[str, str]  # id -> what is wrong with the clip
    seconds: float

    def __post_init__(self) -> None:
        seal(self)

    @property
    def heads(self) -> dict[str, Answers]:
        """Head -> its answers, what the network says in the end last."""
        return {head: answers for (_, head), answers in self.predictions.heads.items()}


@dataclass(frozen=True, eq=False)
class _Answered:
    """One clip's answers: head -> (K,) scores, head -> (4, K) by pass, (D,) features."""

    scores: Mapping[str, np.ndarray]
    passes: Mapping[str, np.ndarray]
    features: np.ndarray


def evaluate(
    network: Network,
    data: DataSet,
    *,
    protocol: str = "fast",
    explain: bool = False,
    progress: Progress = silent,
) -> Evaluation:
    """Run a network on every clip of a data set.

    Args:
        explain: also split the label's score (the ledger) and lay the clips out on a map: needed
            for the page Errors, four times the passes.

    Raises:
        InputError: there is no such protocol, the network knows other classes or none, or not one
            clip can be read.
    """
    card = network.card
    if protocol not in PROTOCOLS:
        raise InputError(f"there is no protocol {protocol!r}; choose one of {', '.join(PROTOCOLS)}")
    if not card.taught:
        raise InputError(f"{card.name} was taught no classes: it has nothing to be measured by")
    unknown = sorted({item.label for item in data.items} - set(card.labels))
    if unknown:
        raise InputError(
            f"{card.name} does not know the class {unknown[0]!r} of {data.name}; it knows "
            f"{', '.join(card.labels[:4])}{' …' if len(card.labels) > 4 else ''}"
        )
    begin = time.monotonic()
    answered: list[tuple[Item, _Answered]] = []
    problems: dict[str, str] = {}
    for done, (item, found) in enumerate(_fed_clips(data.items, card, protocol), start=1):
        if isinstance(found, InputError):
            problems[item.id] = str(found)
        else:
            answered.append((item, _answered(network, found, explain=explain)))
        progress("evaluate", done / len(data.items))
    if not answered:
        first = next(iter(problems.values()), "there is none")
        raise InputError(f"not one clip of {data.root} could be evaluated: {first}")
    heads = _by_head(card, answered, data, explain=explain)
    return Evaluation(gathered(heads), problems, time.monotonic() - begin)


def _fed_clips(
    items: Sequence[Item], card: Card, protocol: str
) -> Iterator[tuple[Item, list[Snippets] | InputError]]:
    """Every clip as what the network is fed of it, decoded ahead of its turn."""
    with ThreadPoolExecutor(1) as decoder:
        waiting: list[tuple[Item, Future[list[Snippets]]]] = []
        coming = iter(items)
        while True:
            for item in coming:
                waiting.append((item, decoder.submit(_snippets, item, card, protocol)))
                if len(waiting) > _AHEAD:
                    break
            if not waiting:
                return
            item, future = waiting.pop(0)
            try:
                yield item, future.result()
            except InputError as problem:
                yield item, problem


def _snippets(item: Item, card: Card, protocol: str) -> list[Snippets]:
    """The runs of one clip; flow is estimated only where a run needs it."""
    clip = read_clip(item.path, start=0.0)
    count = len(clip.frames)
    if protocol == "dense":
        groups = dense_frames(count, card.chunks, card.stack)
    else:
        groups = [chunk_frames(count, card.chunks, card.stack)]
    first = np.unique(np.concatenate(groups)) - card.stack // 2
    numbers = np.unique(first[:, None] + np.arange(card.stack)) if card.temporal else []
    flow = np.zeros((count - 1, 2, *clip.frames.shape[1:3]), np.float16)
    flow[numbers] = flow_fields(clip, numbers, card.flow)
    runs = [sample_snippets(clip, flow, card, frames) for frames in groups]
    return [*runs, *map(mirrored, runs)] if protocol == "dense" else runs


def _answered(network: Network, runs: Sequence[Snippets], *, explain: bool) -> _Answered:
    """One clip's mean answers over its runs."""
    scores: list[dict[str, np.ndarray]] = []
    passes: list[Passes] = []
    features: list[np.ndarray] = []
    for snippets in runs:
        if explain:
            seen = in_four(network, snippets)
            passes.append(passes_of(network, seen))
            features.append(seen.before_scores[BOTH].float().mean(dim=(0, 2, 3)).cpu().numpy())
        else:
            with torch.inference_mode():
                seen = network(*fed(network, snippets))
        scores.append({h: v[BOTH].cpu().numpy().astype(float) for h, v in seen.decisions.items()})
    return _Answered(
        {head: np.mean([one[head] for one in scores], axis=0) for head in scores[0]},
        {head: np.mean([one.logits[head] for one in passes], axis=0) for head in scores[0]}
        if explain
        else {},
        np.mean(features, axis=0) if explain else np.empty(0),
    )


def _by_head(
    card: Card, answered: Sequence[tuple[Item, _Answered]], data: DataSet, *, explain: bool
) -> Iterator[Answers]:
    """The same answers, head by head."""
    items = [item for item, _ in answered]
    labels = np.array([card.labels.index(item.label) for item in items])
    map_of_clips = places(np.stack([one.features for _, one in answered])) if explain else None
    for head in answered[0][1].scores:
        terms = None
        if explain:
            terms = np.stack(
                [
                    split(one.passes[head][:, label])
                    for (_, one), label in zip(answered, labels, strict=True)
                ]
            )
        yield Answers(
            card.name,
            head,
            card.labels,
            tuple(item.id for item in items),
            labels,
            np.stack([one.scores[head] for _, one in answered]),
            tuple(item.group for item in items),
            tuple(item.path.relative_to(data.root).as_posix() for item in items),
            terms,
            map_of_clips,
        )
