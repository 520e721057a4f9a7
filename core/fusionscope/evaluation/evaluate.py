"""Evaluate: run a network on all clips of a data set, with a fast protocol or the paper's.

*fast*: one run of T chunks spread over the clip, as in the app. *dense*: up to 20 runs with starts
spread over the clip, each also mirrored, with averaged scores (paper section 3.5).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fusionscope.base.records import InputError, Progress, digest_of, no_progress, seal
from fusionscope.card import Card
from fusionscope.data.datasets import DataSet, Item
from fusionscope.data.prepared.store import Store
from fusionscope.evaluation.answers import Answers, Column
from fusionscope.evaluation.by_clip.blocks import Answering, blocks_of
from fusionscope.evaluation.by_clip.inputs import PROTOCOLS
from fusionscope.evaluation.by_clip.outputs import Outputs
from fusionscope.evaluation.by_clip.parts import Parts, parts_folder
from fusionscope.evaluation.clip_map import clip_map
from fusionscope.evaluation.predictions_file import Predictions, gathered
from fusionscope.evaluation.table_file import column_of
from fusionscope.explain.ledger.ledger import split
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network
from fusionscope.parallel.results import results


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Predictions of every head on every readable clip, and errors for the others."""

    predictions: Predictions
    problems: Mapping[str, str]  # clip id -> error message
    seconds: float
    notes: Mapping[str, str] = field(
        default_factory=dict
    )  # id -> how a file was read, if not whole

    def __post_init__(self) -> None:
        seal(self)

    @property
    def heads(self) -> dict[str, Answers]:
        """Head -> its predictions; the network's final prediction is last."""
        return {head: answers for (_, head), answers in self.predictions.heads.items()}

    @property
    def accuracy(self) -> dict[str, float]:
        """Head -> share of clips that it classifies correctly, in 0..1."""
        return {head: float(answers.right.mean()) for head, answers in self.heads.items()}


def evaluate(
    network: Network,
    data: DataSet,
    *,
    protocol: str = "fast",
    explain: bool = False,
    store: Store | None = None,
    jobs: int | None = None,
    ray: str = "",
    parts: Path | None = None,
    progress: Progress = no_progress,
) -> Evaluation:
    """Run a network on every clip of a data set.

    Scores are equal to the bit for any number of jobs, on a cluster, and in a run that is resumed,
    on devices of one kind.

    Args:
        explain: also split the label's score (the ledger) and place the clips on a map; the Errors
            page needs both. Takes four times as many passes.
        store: read prepared clips instead of videos.
        jobs: number of processes, each with one core; None: this process, with all cores.
        ray: ``auto`` or the address of a Ray cluster, whose machines see the same folders.
        parts: the file that the result is for; what is found is kept beside it as it comes, and
            an evaluation with the same settings goes on from there. See ``remove_parts``.

    Raises:
        InputError: unknown protocol, an untrained classifier, other classes than those of the data
            set, flow of another method in the store, or no clip can be read.
    """
    card = network.card
    _check(card, data, protocol)
    if store:
        store.check_flow(card.flow)
    begin = time.monotonic()
    work = Answering(network, protocol, explain, store, alone=jobs is None and not ray)
    found = _found(work, data, jobs, ray, parts, progress)
    answered = [(item, found[item.id]) for item in data.items if not found[item.id].problem]
    problems = {name: one.problem for name, one in found.items() if one.problem}
    if not answered:
        first = next(iter(problems.values()), "there are no clips")
        raise InputError(f"no clip of {data.root} could be evaluated: {first}")
    heads = _by_head(card, answered, data, explain=explain)
    notes = {name: one.notes for name, one in found.items() if one.notes}
    return Evaluation(gathered(heads), problems, time.monotonic() - begin, notes)


def remove_parts(out: Path) -> None:
    """Remove the parts kept beside a result, once it is written."""
    shutil.rmtree(parts_folder(out), ignore_errors=True)


def _check(card: Card, data: DataSet, protocol: str) -> None:
    if protocol not in PROTOCOLS:
        raise InputError(f"unknown protocol {protocol!r}; choose one of {', '.join(PROTOCOLS)}")
    if not card.taught:
        raise InputError(
            f"{card.name} has an untrained classifier; a network trained on classes is needed"
        )
    unknown = sorted({item.label for item in data.items} - set(card.labels))
    if unknown:
        raise InputError(
            f"{card.name} has no class {unknown[0]!r} of {data.name}; its classes are "
            f"{', '.join(card.labels[:4])}{' …' if len(card.labels) > 4 else ''}"
        )


def _found(
    work: Answering,
    data: DataSet,
    jobs: int | None,
    ray: str,
    out: Path | None,
    progress: Progress,
) -> dict[str, Outputs]:
    """Clip id -> its outputs, from the parts where they are kept."""
    parts = Parts(out, _settings(work, data)) if out else None
    found = dict(parts.found) if parts else {}
    blocks = blocks_of(data.items, work.protocol)
    todo = [block for block in blocks if any(item.id not in found for item in block)]
    done = sum(map(len, blocks)) - sum(map(len, todo))
    try:
        for number, outputs in results(work, todo, jobs, ray):
            new = {item.id: one for item, one in zip(todo[number], outputs, strict=True)}
            found |= new
            if parts:
                parts.add(new)
            done += len(new)
            progress("evaluate", done / len(data.items))
    finally:
        if parts:
            parts.write()
    return found


def _settings(work: Answering, data: DataSet) -> str:
    """A digest of all that the outputs of a block depend on."""
    network, store = work.network, work.store
    return digest_of(
        state_digest(network),
        repr(network.card),
        *(work.protocol, work.explain, work.alone, network.rgb_mean.device.type),
        *(str(store.folder), store.flow) if store else (),
        *(f"{item.id} {item.path}" for item in data.items),
    )


def _by_head(
    card: Card, answered: Sequence[tuple[Item, Outputs]], data: DataSet, *, explain: bool
) -> Iterator[Answers]:
    """Regroup the outputs of all clips by head."""
    items = [item for item, _ in answered]
    labels = np.array([card.labels.index(item.label) for item in items])
    columns = _columns(items)
    map_of_clips = clip_map(np.stack([one.features for _, one in answered])) if explain else None
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
            columns,
        )


def _columns(items: Sequence[Item]) -> dict[str, Column]:
    """What the data set's list says of its clips, besides class, fold and group."""
    names = dict.fromkeys(name for item in items for name, _ in item.about)
    each = [dict(item.about) for item in items]
    found = {name: column_of([one.get(name, "") for one in each]) for name in names}
    return {name: column for name, column in found.items() if column is not None}
