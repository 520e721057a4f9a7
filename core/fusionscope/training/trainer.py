"""Trainer: train a network by its recipe, resumable, on one machine or several.

A step depends only on the recipe and the step's number: samples, dropout, learning rate. So a
training that is killed and resumed ends with the same weights as an uninterrupted one, and
processes that share each batch (``torchrun``) learn the same as a single one. Trainable batch norms
use the clips of all processes on GPUs, but only those of their own process on CPUs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from accelerate import Accelerator
from torch import nn
from torch.utils.data import DataLoader

from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import channels_last
from fusionscope.training.clips.clip_sampling import Draws
from fusionscope.training.frozen_tower_maps import TowerMaps
from fusionscope.training.learning_curve import LearningCurve
from fusionscope.training.processes import joined_processes
from fusionscope.training.recipe import Recipe
from fusionscope.training.steps.class_weights import class_weights
from fusionscope.training.steps.rate_schedule import rate_at
from fusionscope.training.steps.training_run import Measure, TrainingRun

PAUSE = 300.0
"""Seconds after which state and curve are saved, whatever the number of steps."""


def train(
    network: Network,
    plan: Recipe,
    clips: Sequence[Kept],
    folder: Path,
    *,
    every: int = 100,
    pause: float = PAUSE,
    stop: int | None = None,
    measure: Measure | None = None,
    maps: Path | None = None,
    workers: int = 0,
    events: bool = False,
    accelerator: Accelerator | None = None,
) -> Network:
    """Train a network, or resume from the folder's ``state.pt``; return it with its final weights.

    State and curve are saved at the start, every ``every`` steps and every ``pause`` seconds.

    Args:
        every: number of steps between validations, each after a saved state.
        stop: stop after this step, as if killed; None: at the recipe's last step.
        measure: validation; the weights with its highest result become the final ones.
        maps: folder for the maps of frozen towers, if the recipe uses fixed variants of clips.
        events: also write TensorBoard event files into the folder.

    Raises:
        InputError: the folder has the state of another recipe.
    """
    accelerator = accelerator or joined_processes(plan.precision)
    steps = plan.epochs * (len(clips) // plan.batch)
    if steps < 1:
        raise ValueError(f"expected a batch of clips or more, got {len(clips)} for {plan.batch}")
    share = plan.batch // accelerator.num_processes
    if share * accelerator.num_processes != plan.batch or share % plan.accumulate:
        raise ValueError(
            f"expected processes and parts that divide the batch of {plan.batch}, "
            f"got {accelerator.num_processes} and {plan.accumulate}"
        )
    network = channels_last(network)
    on_gpu = accelerator.device.type == "cuda"
    if accelerator.num_processes > 1 and on_gpu:
        nn.SyncBatchNorm.convert_sync_batchnorm(network)  # changes its parts in place
    draws = Draws(clips, plan, network.card.labels)
    weights = class_weights(draws.classes, len(draws.labels)) if plan.balanced else None
    run = TrainingRun(network, plan, steps, accelerator, weights)
    begun = run.resume(folder)
    if plan.ways:
        draws = TowerMaps(draws, run.plain.to(accelerator.device), maps or folder, accelerator)
    mine = [
        step * plan.batch + accelerator.process_index * share + k
        for step in range(begun, steps)
        for k in range(share)
    ]
    part = share // plan.accumulate
    parts = iter(DataLoader(draws, part, sampler=mine, num_workers=workers, pin_memory=on_gpu))
    quiet = not accelerator.is_main_process
    curves = LearningCurve(
        folder / "curve.csv", begun,
        heads=network.card.heads, batch=plan.batch, events=events, quiet=quiet,
    )  # fmt: skip
    with curves:
        saved = time.monotonic()
        for step in range(begun + 1, steps + 1):
            found = run.step(step, islice(parts, plan.accumulate))
            rate = rate_at(plan, step, steps)
            curves.add(step, **found._asdict(), rate=rate)
            looks = step % every == 0 or step == steps
            if looks and measure is not None:
                run.look(step, measure, curves)
            if looks or time.monotonic() - saved > pause:
                curves.report(step, steps)  # before the state in which these steps are done
                run.save(folder, step)
                saved = time.monotonic()
            if step == stop:
                break
    return run.final
