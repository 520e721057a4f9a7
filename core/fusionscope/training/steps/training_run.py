"""Training run: one training's network, optimiser, running mean and best weights, and its state."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, cast

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError
from fusionscope.nets.network import Network
from fusionscope.training.clips.clip_sampling import Drawn
from fusionscope.training.frozen_tower_maps import Onward
from fusionscope.training.learning_curve import LearningCurve
from fusionscope.training.recipe import Recipe
from fusionscope.training.steps.parameter_groups import (
    build_optimiser,
    learning,
    parameter_groups,
    set_dropout,
)
from fusionscope.training.steps.rate_schedule import rate_at

log = logging.getLogger(__name__)

Measure = Callable[[Network], float]
"""A network -> its accuracy on the validation clips."""


class Measured(NamedTuple):
    """Results of a step, over all processes."""

    loss: float
    right: float  # share of clips, in 0..1
    losses: Mapping[str, float]  # by head


class TrainingRun:
    """State of a training: weights, their running mean, the optimiser, the best weights so far."""

    def __init__(
        self,
        network: Network,
        plan: Recipe,
        steps: int,
        accelerator: Accelerator,
        class_weights: Tensor | None = None,
    ) -> None:
        self.plan, self.steps, self.accelerator = plan, steps, accelerator
        self.class_weights = class_weights
        if class_weights is not None:
            self.class_weights = class_weights.to(accelerator.device)
        set_dropout(network, plan.dropout)
        groups = parameter_groups(network, plan)
        optimiser = build_optimiser(groups, plan)
        self.factors = [group["factor"] for group in groups]
        learner = Onward(network, plan.moddrop) if plan.ways else network
        self.learner, self.optimiser = accelerator.prepare(learner, optimiser)
        self.mean = None
        if plan.average:
            average = get_ema_multi_avg_fn(plan.average)
            self.mean = AveragedModel(self.plain, multi_avg_fn=average, use_buffers=True)
        self.best: tuple[float, dict[str, Tensor]] | None = None

    @property
    def plain(self) -> Network:
        """The network without its wrappers."""
        inside = self.accelerator.unwrap_model(self.learner)
        return inside.network if isinstance(inside, Onward) else inside

    @property
    def kept(self) -> Network:
        """The network to evaluate: the running mean of the weights if the recipe uses one."""
        return self.plain if self.mean is None else cast(Network, self.mean.module)

    @property
    def final(self) -> Network:
        """The network with the best weights, or with the last if there was no validation."""
        network = self.plain
        network.load_state_dict(self.best[1] if self.best else self.kept.state_dict())
        return network.cpu().eval().requires_grad_(False)

    def step(self, step: int, parts: Iterable[Drawn]) -> Measured:
        """Train on one batch, part by part; return the results over all processes."""
        torch.manual_seed(hash((self.plan.seed, step, self.accelerator.process_index)))
        rate = rate_at(self.plan, step, self.steps)
        for group, factor in zip(self.optimiser.param_groups, self.factors, strict=True):
            group["lr"] = rate * factor
        learning(self.plain, self.plan)
        self.optimiser.zero_grad()
        count = self.plan.accumulate
        totals = torch.stack([self._learn(part, k == count) for k, part in enumerate(parts, 1)])
        if self.plan.clip:
            self.accelerator.clip_grad_norm_(self.learner.parameters(), self.plan.clip)
        self.optimiser.step()
        if self.mean is not None:
            self.mean.update_parameters(self.plain)
        both = self.accelerator.reduce(totals.sum(0), reduction="mean")
        right, *losses = torch.as_tensor(both).tolist()
        loss = sum(losses)
        if not math.isfinite(loss):
            raise ArithmeticError(f"the loss of step {step} is {loss}; use a lower rate")
        return Measured(loss, right, dict(zip(self.plan.card.heads, losses, strict=True)))

    def _learn(self, batch: Drawn, last: bool) -> Tensor:
        """Add the gradients of a part of the batch; return its shares (1 + heads,) of the results.

        Args:
            last: of its batch; after it, the processes add up their gradients.
        """
        where = self.accelerator.device
        *fed, target = (part.to(where, non_blocking=True) for part in batch)
        with nullcontext() if last else self.accelerator.no_sync(self.learner):
            with self.accelerator.autocast():
                seen = self.learner(*(part.float() if part.numel() else None for part in fed))
                heads = [scores.float() for scores in seen.logits.values()]
                weights = self.class_weights
                losses = torch.stack(
                    [functional.cross_entropy(one, target, weights) for one in heads]
                )
            self.accelerator.backward(losses.sum() / self.plan.accumulate)
        hits = (seen.final.argmax(1) == target.argmax(1)).float().mean()
        return torch.cat((hits[None], losses.detach())) / self.plan.accumulate

    def look(self, step: int, measure: Measure, curves: LearningCurve) -> None:
        """Validate the current weights; keep them if none were better."""
        found = measure(self.kept.eval())
        curves.watched(step, found)
        if self.best is None or found >= self.best[0]:
            weights = self.kept.state_dict().items()
            self.best = found, {name: value.detach().clone() for name, value in weights}

    def save(self, folder: Path, step: int) -> None:
        """Save the state to disk."""
        if not self.accelerator.is_main_process:
            return
        scaler = self.accelerator.scaler
        state = {
            "step": step,
            "plan": self.plan.steps_follow_from,
            "network": self.plain.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean.state_dict() if self.mean is not None else {},
            "best": self.best,
            "scaler": scaler.state_dict() if scaler else {},  # of fp16
        }
        stored = BytesIO()  # torch's error for a full disk looks like a bug, so write it here
        torch.save(state, stored)
        with atomic_write(folder / "state.pt") as unfinished:
            unfinished.write_bytes(stored.getbuffer())

    def resume(self, folder: Path) -> int:
        """Load the state from disk, if any; return the number of completed steps."""
        make_folder(folder)
        path = folder / "state.pt"
        if not path.exists():
            self.save(folder, 0)
            return 0
        state = torch.load(path, map_location=self.accelerator.device, weights_only=True)
        if state.get("plan") != self.plan.steps_follow_from:
            raise InputError(
                f"{folder} has a training state of another recipe; remove the folder to start a "
                "new training"
            )
        self.plain.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.mean is not None:
            self.mean.load_state_dict(state["mean"])
        self.best = state["best"]
        if self.accelerator.scaler and state.get("scaler"):
            self.accelerator.scaler.load_state_dict(state["scaler"])
        log.info("resuming after step %d of %d", state["step"], self.steps)
        return state["step"]
