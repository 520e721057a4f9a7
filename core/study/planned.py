"""Planned: from a recipe and the data set's folder to a network on disk."""

from __future__ import annotations

import dataclasses
import logging
import time
from functools import partial
from pathlib import Path

from accelerate import Accelerator

from core.card import Card
from core.nets.loading import save_network
from core.nets.zoo import FOLDER
from core.records import InputError
from core.study.beginnings import begun
from core.study.clipstore import Kept, keep
from core.study.datasets import DataSet, open_data
from core.study.plans import Plan, read_plan
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
    """Train a network and write it; a run that was broken off goes on where it was.

    Args:
        out: the weights, the card and a folder NAME with the state and the curve.
        cache: decoded clips and their flow, made once for all networks.
        workers: processes that draw clips beside the one that learns.
    """
    accelerator = Accelerator(mixed_precision=plan.precision)
    data = open_data(plan.data, root, plan.split)
    card = dataclasses.replace(plan.card, labels=data.labels)
    plan = dataclasses.replace(plan, card=card)
    with accelerator.main_process_first():
        clips = _kept(plan, data, plan.learn, cache)
        watched = _kept(plan, data, plan.watch, cache)
    folder = out / plan.name
    begin = time.monotonic()
    network = train(
        begun(plan, card),
        plan,
        clips,
        folder,
        every=every,
        measure=partial(share_right, clips=watched) if watched else None,
        workers=workers,
        accelerator=accelerator,
    )
    log.info("%s: trained in %.0f s", plan.name, time.monotonic() - begin)
    card = dataclasses.replace(
        card,
        world=plan.data,
        data=f"{DATA[plan.data]}: {len(clips)} clips of folds {', '.join(plan.learn)}",
        seed=plan.seed,
        recipe=f"fusionscope train {plan.name} --root DIR",
    )
    return save_network(network, card, out) if accelerator.is_main_process else card


def _kept(plan: Plan, data: DataSet, folds: tuple[str, ...], cache: Path) -> list[Kept]:
    """The clips of some folds on disk; those too short for one flow stack are left out."""
    if not folds:
        return []
    found, broken = keep(data.of(folds).items, cache, plan.card.flow)
    least = plan.card.stack + 1
    long = [clip for clip in found if len(clip.pictures()) >= least]
    log.info(
        "folds %s: %d clips, %d cannot be read, %d are shorter than %d frames",
        ", ".join(folds), len(long), len(broken), len(found) - len(long), least,
    )  # fmt: skip
    if not long:
        raise InputError(f"folds {', '.join(folds)} of {data.root} hold no clip to learn from")
    return long
