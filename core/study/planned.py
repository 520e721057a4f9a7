"""Planned: from a recipe and the data set's folder to a network on disk."""

from __future__ import annotations

import dataclasses
import logging
import shutil
import time
from functools import partial
from pathlib import Path

from accelerate import Accelerator

from core.card import Card, write_card
from core.draft import made
from core.nets.loading import blank, joined_digest, load_network, save_network
from core.nets.network import Network
from core.nets.state import state_digest
from core.nets.zoo import FOLDER, parts_of
from core.records import InputError
from core.study.beginnings import begun
from core.study.calibration import cool, temperatures
from core.study.clipstore import Kept, keep
from core.study.datasets import DataSet, open_data
from core.study.evaluation import evaluate
from core.study.plans import Plan, read_plan
from core.study.probe import start_from_probe
from core.study.training import train
from core.study.watching import share_right

log = logging.getLogger(__name__)

DATA = {
    "jhmdb": "J-HMDB, own folds, research data",
    "ucf101": "UCF101",
    "hmdb51": "HMDB51",
    "folder": "a folder of clips",
}
"""How a card speaks of a data set."""


def plan_named(name: str) -> Plan:
    """A recipe by the path of its file, or by the name of a network that comes with the project.

    Raises:
        InputError: there is none.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))
        raise InputError(f"there is no recipe {name!r}; there are {known}, or name a .toml file")
    return read_plan(path)


def train_plan(
    plan: Plan, root: Path, out: Path, cache: Path, *, workers: int = 0, every: int = 100
) -> Card:
    """Train a network, write it, and measure what was written on the test folds.

    A run that was broken off goes on where it was. A network without weights of its own, whose card
    names those of others, is only measured.

    Args:
        out: the weights, the card, and NAME.csv, the curve.
        cache: clips, decoded once for all networks, and NAME, the state of a run.
        workers: processes that draw clips beside the one that learns.

    Raises:
        InputError: the folds are not there, or hold too little to learn from or to be watched.
    """
    accelerator = Accelerator(mixed_precision=plan.precision)
    made(out)
    data = open_data(plan.data, root, plan.split)
    card = dataclasses.replace(
        plan.card,
        labels=data.labels,
        world=plan.data,
        seed=plan.seed,
        recipe=f"fusionscope train {plan.name} --root DIR",
    )
    plan = dataclasses.replace(plan, card=card)
    if card.taught:
        data.of(plan.test)  # what is not there is told now, not when all is learned
    learned = ""
    if not card.weights:
        network, count = _trained(plan, data, cache, workers, every, accelerator)
        learned = f"{count} clips of folds {', '.join(plan.learn)}"
        if not accelerator.is_main_process:
            return card
        curve = cache / plan.name / "curve.csv"
        if curve.exists():
            shutil.copyfile(curve, out / f"{plan.name}.csv")
        card = save_network(network, card, out)
    return measured(card, plan, data, out, learned)


def _trained(
    plan: Plan,
    data: DataSet,
    cache: Path,
    workers: int,
    every: int,
    accelerator: Accelerator,
) -> tuple[Network, int]:
    """The network that the plan gives, and of how many clips."""
    folder = cache / plan.name
    with accelerator.main_process_first():
        clips = _kept(plan, data, plan.learn, cache)
        watched = _kept(plan, data, plan.watch, cache)
    if plan.epochs and len(clips) < plan.batch:
        raise InputError(
            f"folds {', '.join(plan.learn)} of {data.root} hold {len(clips)} clips; needed: a "
            f"batch of {plan.batch}, or a smaller batch"
        )
    begin = time.monotonic()
    network = begun(plan, plan.card)
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
            accelerator=accelerator,
        )
    log.info("%s: trained in %.0f s", plan.name, time.monotonic() - begin)
    if watched and accelerator.is_main_process:
        for head, found in temperatures(network, watched).items():
            log.info("%s: temperature of %s on what was watched: %.3f", plan.name, head, found)
    cool(network, dict(zip(plan.card.heads, plan.temperature, strict=False)))
    return network, len(clips)


def measured(card: Card, plan: Plan, data: DataSet, folder: Path, learned: str) -> Card:
    """Write a card with what its network, read back from the folder, gets right."""
    known = DATA[plan.data]
    if not card.weights:
        network = load_network(card, folder)
    elif card.taught:
        parts = parts_of(card, folder)
        learned = " and ".join(part.name for part, _ in parts)
        card = dataclasses.replace(card, sha256=joined_digest(parts))
        network = load_network(card, folder)
    else:
        network = blank(card)
        card = dataclasses.replace(card, sha256=state_digest(network), seed=None)
    count = sum(value.numel() for value in network.parameters())
    card = dataclasses.replace(card, parameters=count, data=f"{known}: {learned}")
    if card.taught and plan.test:
        found = evaluate(network, data.of(plan.test))
        shares = {head: float(answers.right.mean()) for head, answers in found.heads.items()}
        tested = len(next(iter(found.heads.values())).clips)
        card = dataclasses.replace(
            card,
            accuracy=tuple(shares.items()),
            data=f"{card.data}; measured on {tested} of fold {', '.join(plan.test)}",
        )
        log.info("%s: %s", card.name, shares)
    if not card.taught:
        card = dataclasses.replace(card, data="ImageNet alone: no clip was learned from", world="")
    write_card(card, folder / f"{card.name}.json")
    return card


def _kept(plan: Plan, data: DataSet, folds: tuple[str, ...], cache: Path) -> list[Kept]:
    """The clips of some folds on disk; those too short for one flow stack are left out."""
    if not folds:
        return []
    found, broken = keep(data.of(folds).items, cache / "clips", plan.card.flow)
    least = plan.card.stack + 1
    long = [clip for clip in found if len(clip.pictures()) >= least]
    log.info(
        "folds %s: %d clips, %d cannot be read, %d are shorter than %d frames",
        ", ".join(folds), len(long), len(broken), len(found) - len(long), least,
    )  # fmt: skip
    if not long:
        raise InputError(
            f"folds {', '.join(folds)} of {data.root} hold no clip that can be read and has "
            f"{least} frames or more"
        )
    return long
