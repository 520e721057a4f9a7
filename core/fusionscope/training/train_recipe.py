"""Train a recipe: from a recipe and a data set to a saved and measured network."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from accelerate import Accelerator

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError
from fusionscope.base.user_files import read_text
from fusionscope.card import Card, write_card
from fusionscope.data.clip_cache import Kept
from fusionscope.data.datasets import DataSet, open_data
from fusionscope.data.prepared.store import Store, open_store, prepared_data
from fusionscope.evaluation.evaluate import evaluate
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, parts_of
from fusionscope.nets.store.loading import (
    joined_digest,
    load_network,
    save_network,
    untrained_network,
)
from fusionscope.training.clips.training_clips import TrainingClips, training_clips
from fusionscope.training.event_files import check_event_files
from fusionscope.training.first_weights import Files, Start, initial_network, read_starts
from fusionscope.training.linear_probe import start_from_probe
from fusionscope.training.processes import check_shares, joined_processes, made_by_one
from fusionscope.training.recipe import Recipe
from fusionscope.training.temperature import cool, temperatures
from fusionscope.training.trainer import train
from fusionscope.training.validation import share_right

log = logging.getLogger(__name__)

DATA = {
    "jhmdb": "J-HMDB, own folds, research data",
    "ucf101": "UCF101",
    "hmdb51": "HMDB51",
    "folder": "a folder of clips",
}
"""Name of a data set on cards."""


def train_recipe(
    plan: Recipe,
    root: Path | None,
    out: Path,
    cache: Path,
    *,
    workers: int = 0,
    every: int = 100,
    files: Files = MappingProxyType({}),
    events: bool = False,
    prepared: Path | None = None,
) -> Card:
    """Train and save a network, and measure the saved network on the test folds.

    First weights are read, downloaded if needed, and checked before all other work. An interrupted
    training is resumed. A network whose card refers to the weights of other networks is only
    measured.

    Args:
        out: folder for the weights, the card, the recipe NAME.toml and the learning curve NAME.csv;
            networks trained before are looked for here first.
        cache: folder for decoded clips, shared by all networks, and the training state in NAME.
        workers: additional processes that prepare clips.
        every: number of steps between validations.
        files: files of ImageNet weights, by stream; for the others, published weights are used.
        events: also write TensorBoard event files beside the learning curve.
        prepared: folder of prepared clips, instead of ``root``.

    Raises:
        InputError: first weights are not available or do not fit; the processes cannot share the
            work; a fold is missing, or has too few clips for training or validation.
    """
    check_shares(plan)
    if events:
        check_event_files()
    accelerator = joined_processes(plan.precision)
    starts = {} if plan.card.weights else _starts(plan, files, out, accelerator)
    make_folder(out)
    data, store = _opened(plan, root, prepared)
    card = dataclasses.replace(
        plan.card,
        labels=data.labels,
        world=plan.data,
        seed=plan.seed,
        recipe=command_of(plan, files),
    )
    plan = dataclasses.replace(plan, card=card)
    if card.taught:
        data.of(plan.test)  # raises now, not after training, if a fold is missing
    if plan.text and accelerator.is_main_process:
        with atomic_write(out / f"{plan.name}.toml") as unfinished:
            unfinished.write_text(plan.text, "utf-8")
    learned = ""
    if not card.weights:
        clips, watched = made_by_one(
            accelerator, f"{plan.name}-clips", lambda: _clips(plan, data, cache, store)
        )
        network = _trained(
            plan, starts, clips.clips, watched, cache, workers, every, events, accelerator
        )
        learned = clips.in_words
        if not accelerator.is_main_process:
            return card
        curve = cache / plan.name / "curve.csv"
        if curve.exists():
            shutil.copyfile(curve, out / f"{plan.name}.csv")
        card = save_network(network, card, out)
    return measured(card, plan, data, out, learned, store)


def _opened(plan: Recipe, root: Path | None, prepared: Path | None) -> tuple[DataSet, Store | None]:
    """The recipe's data set, from its folder or from prepared clips."""
    if prepared is None:
        if root is None:
            raise InputError(f"{plan.name} is trained on {plan.data}; give its folder with --root")
        return open_data(plan.data, root, plan.split), None
    store = open_store(prepared)
    if store.data != plan.data:
        raise InputError(f"{prepared} holds {store.data}; needed: {plan.data}, for {plan.name}")
    store.check_flow(plan.card.flow)
    return prepared_data(store, plan.split), store


def command_of(plan: Recipe, files: Files) -> str:
    """The command that trains a recipe again."""
    shipped = FOLDER / f"{plan.name}.toml"
    own = not shipped.is_file() or (plan.text and read_text(shipped) != plan.text)
    given = "".join(f" --weights {stream}={file.name}" for stream, file in files.items())
    return f"fusionscope train {plan.name}{'.toml' if own else ''} --root DIR{given}"


def _starts(
    plan: Recipe, files: Files, folder: Path, accelerator: Accelerator
) -> Mapping[str, Start]:
    """First weights of the towers; the first process of a machine reads, or downloads, them."""
    if accelerator.num_processes > 1:
        made_by_one(
            accelerator, f"{plan.name}-starts", lambda: bool(read_starts(plan, files, folder))
        )
    return read_starts(plan, files, folder)


def _clips(
    plan: Recipe, data: DataSet, cache: Path, store: Store | None
) -> tuple[TrainingClips, list[Kept]]:
    """Find or cache the clips for training and for validation."""
    learned = training_clips(plan, data, plan.learn, cache, store)
    watched = training_clips(plan, data, plan.watch, cache, store).clips if plan.watch else []
    clips = learned.clips
    if plan.epochs and len(clips) < plan.batch:
        raise InputError(
            f"folds {', '.join(plan.learn)} of {data.root} have {len(clips)} clips; needed: at "
            f"least a batch of {plan.batch}, or a smaller batch"
        )
    return learned, watched


def _trained(
    plan: Recipe,
    starts: Mapping[str, Start],
    clips: list[Kept],
    watched: list[Kept],
    cache: Path,
    workers: int,
    every: int,
    events: bool,
    accelerator: Accelerator,
) -> Network:
    """Train the recipe's network."""
    folder = cache / plan.name
    begin = time.monotonic()
    network = initial_network(plan, plan.card, starts)
    if plan.probe and not (folder / "state.pt").exists():
        start_from_probe(network, clips, plan.probe)
    if plan.epochs:
        network = train(
            network,
            plan,
            clips,
            folder,
            every=every,
            measure=partial(share_right, clips=watched) if watched else None,
            maps=cache,
            workers=workers,
            events=events,
            accelerator=accelerator,
        )
    log.info("%s: trained in %.0f s", plan.name, time.monotonic() - begin)
    if watched and accelerator.is_main_process:
        for head, found in temperatures(network, watched).items():
            log.info("%s: temperature of %s on validation clips: %.3f", plan.name, head, found)
    cool(network, dict(zip(plan.card.heads, plan.temperature, strict=False)))
    return network


def measured(
    card: Card, plan: Recipe, data: DataSet, folder: Path, learned: str, store: Store | None = None
) -> Card:
    """Load the saved network, measure its accuracy, and write it to the card."""
    known = DATA[plan.data]
    if not card.weights:
        network = load_network(card, folder)
    elif card.taught:
        parts = parts_of(card, folder)
        learned = " and ".join(part.name for part, _ in parts)
        card = dataclasses.replace(card, sha256=joined_digest(parts))
        network = load_network(card, folder)
    else:
        network = untrained_network(card)
        card = dataclasses.replace(card, sha256=state_digest(network), seed=None)
    count = sum(value.numel() for value in network.parameters())
    card = dataclasses.replace(card, parameters=count, data=f"{known}: {learned}")
    if card.taught and plan.test:
        found = evaluate(network, data.of(plan.test), protocol=plan.protocol, store=store)
        shares = {head: float(answers.right.mean()) for head, answers in found.heads.items()}
        how = ", dense protocol" if plan.protocol == "dense" else ""
        tested = len(next(iter(found.heads.values())).clips)
        card = dataclasses.replace(
            card,
            accuracy=tuple(shares.items()),
            tested=tested,
            data=f"{card.data}; measured on {tested} of fold {', '.join(plan.test)}{how}",
        )
        log.info("%s: %s", card.name, shares)
    if not card.taught:
        card = dataclasses.replace(card, data="ImageNet alone: no clip was learned from", world="")
    write_card(card, folder / f"{card.name}.json")
    return card
