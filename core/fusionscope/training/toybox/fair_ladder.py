"""Fair ladder: every Toybox network by one protocol, with and without the telling, by seed.

Runs are in order of seed, so that an interrupted ladder has whole seeds first. A finished run is
kept in the cache with its curves, and is not trained again; the tables are written after each run.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.streams import STREAMS
from fusionscope.card import Card, read_card
from fusionscope.data.toybox.ceilings import ceilings_of
from fusionscope.nets.store.loading import load_network, save_network
from fusionscope.training.toybox.fair_run import Budget, fair_run, learns_from
from fusionscope.training.toybox.recipes import FIRST_TRAINING_SEED, TEST_SEEDS, TOY_RECIPES
from fusionscope.training.toybox.tower_maps import Maps, shared_maps
from fusionscope.training.toybox.towers import Towers
from fusionscope.training.toybox.train import accuracy
from fusionscope.training.toybox.training_set import ToySet, toy_set

log = logging.getLogger(__name__)

ACCURACIES, CURVES = "toybox-fair-ladder.csv", "toybox-fair-curves.csv"

TOWERS_OF = "toybox-late"
"""The shipped network whose towers, up to relu5, every run starts from."""

TURNS = (0, 3, 5, 6)
"""Orientations of the training clips: as they are, and three that exchange or mirror axes."""

HOW = ("toybox-conv", "toybox-sum", "toybox-cat", "toybox-max", "toybox-bilinear")
"""The paper's Table 1: the same place, one operator each; trained first."""

REST = tuple(
    name for name in TOY_RECIPES if name not in (*HOW, "toybox-spatial", "toybox-temporal")
)
"""The other networks; the streams alone are the two halves of late fusion."""


@dataclass(frozen=True)
class Run:
    """One training of the ladder."""

    name: str
    told: bool
    seed: int

    @property
    def stem(self) -> str:
        """The name of its files in the cache."""
        return f"{self.name}-{'told' if self.told else 'untold'}-{self.seed}"


def runs(seeds: Iterable[int]) -> Iterator[Run]:
    """Yield all runs, with and without the telling: first Table 1, seed by seed, then the rest.

    Late fusion has no fused map to read: it is the same with and without, and runs once.
    """
    seeds = tuple(seeds)
    for part in (HOW, REST):
        for seed in seeds:
            for told in (True, False):
                for name in part:
                    if told or TOY_RECIPES[name].card.places:
                        yield Run(name, told, seed)


def shared_start() -> Towers:
    """The shipped shared towers, which every run starts from."""
    network = load_network(TOWERS_OF).to("cpu")
    return {stream: getattr(network, stream) for stream in STREAMS}


def training_maps(cache: Path, clips: int, place: str, towers: Towers) -> Maps:
    """The shared towers' maps of the training clips at a stage, from the cache where they exist."""
    seeds = range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + clips)
    return _maps(cache, clips, "train", seeds, place, towers, TURNS, torch.half)


def unseen_maps(cache: Path, clips: int, place: str, towers: Towers) -> Maps:
    """The shared towers' maps of the unseen clips at a stage, from the cache where they exist."""
    return _maps(cache, clips, "test", TEST_SEEDS, place, towers, (0,), torch.float)


def _maps(
    cache: Path,
    clips: int,
    name: str,
    seeds: range,
    place: str,
    towers: Towers,
    turns: tuple[int, ...],
    dtype: torch.dtype,
) -> Maps:
    card = TOY_RECIPES[TOWERS_OF].card
    folder = cache / f"ladder-{clips}"
    make_folder(folder)

    def make() -> tuple[Towers, ToySet]:
        log.info("preparing %d clips (%s)", len(seeds), name)
        return towers, toy_set(seeds, card, cache)

    return shared_maps(folder, name, make, card, place, turns, dtype)


def train_run(run: Run, budget: Budget, towers: Towers, maps: Maps, folder: Path) -> None:
    """Train a run, unless it is in the folder already, and keep its weights and curves there."""
    curves = folder / f"{run.stem}.curves.json"
    if curves.exists():
        return
    log.info("training %s", run.stem)
    budget = budget if run.told else dataclasses.replace(budget, telling=0)
    card = TOY_RECIPES[run.name].card
    found = fair_run(card, towers, maps, budget, run.seed)
    save_network(found.network, dataclasses.replace(card, name=run.stem, seed=run.seed), folder)
    with atomic_write(curves) as unfinished:
        text = json.dumps({"label": found.label_loss, "telling": found.telling_loss})
        unfinished.write_text(text, "utf-8")


def measure_run(run: Run, test: Maps, folder: Path) -> dict[str, float]:
    """Accuracy of each head of a trained run, from its stored weights, on the unseen clips.

    Measured once; later calls read the figures.
    """
    figures = folder / f"{run.stem}.accuracy.json"
    if figures.exists():
        return json.loads(figures.read_text("utf-8"))
    card: Card = read_card(folder / f"{run.stem}.json")
    found = accuracy(load_network(card, folder), test, after=learns_from(card))
    with atomic_write(figures) as unfinished:
        unfinished.write_text(json.dumps(found), "utf-8")
    return found


def train_ladder(
    out: Path, cache: Path, clips: int, seeds: Sequence[int], budget: Budget | None = None
) -> tuple[Path, Path]:
    """Train and measure every run, and write both tables to ``out`` after each.

    Returns:
        The table of accuracies, and that of the losses by epoch.
    """
    budget = budget or Budget()
    towers, folder = shared_start(), cache / f"ladder-{clips}" / "runs"
    make_folder(folder)
    make_folder(out)
    done: list[Run] = []
    paths = out / ACCURACIES, out / CURVES
    for run in runs(seeds):
        place = learns_from(TOY_RECIPES[run.name].card)
        if not (folder / f"{run.stem}.curves.json").exists():
            maps = training_maps(cache, clips, place, towers)
            train_run(run, budget, towers, maps, folder)
        measure_run(run, unseen_maps(cache, clips, place, towers), folder)
        done.append(run)
        write_tables(done, folder, clips, paths)
    return paths


def write_tables(done: Iterable[Run], folder: Path, clips: int, paths: tuple[Path, Path]) -> None:
    """Write accuracies and losses of finished runs as CSV."""
    accuracies: list[tuple[object, ...]] = []
    losses: list[tuple[object, ...]] = []
    for run in done:
        card = TOY_RECIPES[run.name].card
        curves = json.loads((folder / f"{run.stem}.curves.json").read_text("utf-8"))
        found = json.loads((folder / f"{run.stem}.accuracy.json").read_text("utf-8"))
        label, telling = curves["label"], curves["telling"] or [None] * len(curves["label"])
        ceilings = dict(ceilings_of(card.fusion, card.heads))
        key = (run.name, "yes" if run.told and card.places else "no", run.seed)
        for head, share in found.items():
            ceiling = ceilings.get(head)
            limit = "" if ceiling is None else f"{ceiling:.4f}"
            row = (*key, head, f"{share:.4f}", limit, len(TEST_SEEDS), clips, len(label))
            accuracies.append(row)
        for epoch, pair in enumerate(zip(label, telling, strict=True), start=1):
            losses.append((*key, epoch, *("" if v is None else f"{v:.4f}" for v in pair)))
    columns = ("head", "accuracy", "ceiling", "tested", "clips", "epochs")
    _write(paths[0], (*_KEY, *columns), accuracies)
    _write(paths[1], (*_KEY, "epoch", "label_loss", "telling_loss"), losses)


_KEY = ("network", "telling", "seed")


def _write(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as to:
        table = csv.writer(to, lineterminator="\n")
        table.writerow(head)
        table.writerows(rows)
