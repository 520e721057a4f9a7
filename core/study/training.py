"""Training: a network by its plan, on one machine or several, to the step where it was broken off.

Everything a step does follows from the plan and the step's number: what is drawn, what is dropped,
how fast is learned. So a run that was killed and goes on ends with the same weights as one that was
not, and processes that share each batch (``torchrun``) learn what one alone would; where a tower
has batch norms that learn, these see all processes' clips on GPUs and one process' on CPUs.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from core.draft import draft, made
from core.nets.loading import channels_last
from core.nets.network import Network
from core.records import InputError
from core.study.clipstore import Kept
from core.study.curves import Curves
from core.study.draws import Drawn, Draws
from core.study.frozen import Onward, TowerMaps
from core.study.learners import learning, parameter_groups, set_dropout
from core.study.plans import Plan

log = logging.getLogger(__name__)

Measure = Callable[[Network], float]
"""A network -> its share of right answers on the clips that are watched."""


def train(
    network: Network,
    plan: Plan,
    clips: Sequence[Kept],
    folder: Path,
    *,
    every: int = 100,
    stop: int | None = None,
    measure: Measure | None = None,
    maps: Path | None = None,
    workers: int = 0,
    accelerator: Accelerator | None = None,
) -> Network:
    """Train, or go on where the folder's ``state.pt`` ends; the network with its final weights.

    Args:
        every: steps between two states on disk, and between two looks at the watched clips.
        stop: end after this step, as a kill would; None: at the plan's last.
        measure: where given, the weights that it likes best are the final ones.
        maps: where the maps of frozen towers are kept, if the plan shows clips in a few ways only.

    Raises:
        InputError: what is in the folder is a training by another recipe.
    """
    accelerator = accelerator or Accelerator(mixed_precision=plan.precision)
    steps = plan.epochs * (len(clips) // plan.batch)
    if steps < 1:
        raise ValueError(f"expected a batch of clips or more, got {len(clips)} for {plan.batch}")
    share = plan.batch // accelerator.num_processes
    if share * accelerator.num_processes != plan.batch:
        raise ValueError(
            f"expected processes that divide the batch of {plan.batch}, "
            f"got {accelerator.num_processes}"
        )
    network = channels_last(network)
    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(network)  # its parts, in place
    run = _Run(network, plan, steps, accelerator)
    begun = run.resume(folder)
    draws = Draws(clips, plan, network.card.labels)
    if plan.ways:
        draws = TowerMaps(draws, run.plain.to(accelerator.device), maps or folder, accelerator)
    mine = [
        step * plan.batch + accelerator.process_index * share + k
        for step in range(begun, steps)
        for k in range(share)
    ]
    batches = DataLoader(draws, share, sampler=mine, num_workers=workers)
    curves = Curves(folder / "curve.csv", begun, quiet=not accelerator.is_main_process)
    with curves:
        for step, batch in enumerate(batches, start=begun + 1):
            loss, right = run.step(step, batch)
            curves.add(step, loss=loss, right=right, rate=run.rate_at(step))
            if step % every == 0 or step == steps:
                if measure is not None:
                    run.look(step, measure, curves)
                curves.told(step, steps)  # before the state that says these steps are done
                run.save(folder, step)
            if step == stop:
                break
    return run.final


class _Run:
    """A network that learns: its weights, their running mean, the optimiser, the best so far."""

    def __init__(self, network: Network, plan: Plan, steps: int, accelerator: Accelerator) -> None:
        self.plan, self.steps, self.accelerator = plan, steps, accelerator
        set_dropout(network, plan.dropout)
        groups = parameter_groups(network, plan)
        optimiser = torch.optim.AdamW(groups, plan.rate, weight_decay=plan.decay)
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
        """The network without what was put around it."""
        inside = self.accelerator.unwrap_model(self.learner)
        return inside.network if isinstance(inside, Onward) else inside

    @property
    def kept(self) -> Network:
        """The weights that count: their running mean where the plan asks for it."""
        return self.plain if self.mean is None else self.mean.module  # pyright: ignore[reportReturnType]

    @property
    def final(self) -> Network:
        """The network with the best weights, or the last where nothing was watched."""
        network = self.plain
        network.load_state_dict(self.best[1] if self.best else self.kept.state_dict())
        return network.cpu().eval().requires_grad_(False)

    def rate_at(self, step: int) -> float:
        """The rate of step 1, 2, ...: up in a line, down as a cosine."""
        done = (step - 0.5) / self.steps
        warm = self.plan.warm
        if done < warm:
            return self.plan.rate * done / warm
        return self.plan.rate * (1 + math.cos(math.pi * (done - warm) / (1 - warm))) / 2

    def step(self, step: int, batch: Drawn) -> tuple[float, float]:
        """Learn from one batch; loss and share of right answers over all processes."""
        torch.manual_seed(hash((self.plan.seed, step, self.accelerator.process_index)))
        for group, factor in zip(self.optimiser.param_groups, self.factors, strict=True):
            group["lr"] = self.rate_at(step) * factor
        learning(self.plain, self.plan)
        *fed, target = (part.to(self.accelerator.device) for part in batch)
        with self.accelerator.autocast():
            seen = self.learner(*(part.float() if part.numel() else None for part in fed))
            heads = [scores.float() for scores in seen.logits.values()]
            loss = torch.stack([functional.cross_entropy(s, target) for s in heads]).sum()
        self.optimiser.zero_grad()
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.learner.parameters(), 5.0)
        self.optimiser.step()
        if self.mean is not None:
            self.mean.update_parameters(self.plain)
        hits = (seen.final.argmax(1) == target.argmax(1)).float().mean()
        both = self.accelerator.reduce(torch.stack((loss.detach(), hits)), reduction="mean")
        loss_value, right = both.tolist()  # pyright: ignore[reportAttributeAccessIssue]
        if not math.isfinite(loss_value):
            raise ArithmeticError(f"the loss of step {step} is {loss_value}: lower the rate")
        return loss_value, right

    def look(self, step: int, measure: Measure, curves: Curves) -> None:
        """Measure the weights that count; keep them if none were better."""
        found = measure(self.kept.eval())
        curves.watched(step, found)
        if self.best is None or found >= self.best[0]:
            weights = self.kept.state_dict().items()
            self.best = found, {name: value.detach().clone() for name, value in weights}

    def save(self, folder: Path, step: int) -> None:
        """Put all of it on disk."""
        if not self.accelerator.is_main_process:
            return
        state = {
            "step": step,
            "plan": self.plan.steps_follow_from,
            "network": self.plain.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "mean": self.mean.state_dict() if self.mean is not None else {},
            "best": self.best,
        }
        stored = BytesIO()  # torch tells of a full disk in no way that can be told from a bug
        torch.save(state, stored)
        with draft(folder / "state.pt") as unfinished:
            unfinished.write_bytes(stored.getbuffer())

    def resume(self, folder: Path) -> int:
        """Take up what is on disk; the number of steps done, 0 where there is nothing."""
        made(folder)
        path = folder / "state.pt"
        if not path.exists():
            return 0
        state = torch.load(path, map_location=self.accelerator.device, weights_only=True)
        if state.get("plan") != self.plan.steps_follow_from:
            raise InputError(
                f"{folder} holds a training by another recipe; needed: this one's, or none: "
                "remove the folder to begin anew"
            )
        self.plain.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.mean is not None:
            self.mean.load_state_dict(state["mean"])
        self.best = state["best"]
        log.info("going on after step %d of %d", state["step"], self.steps)
        return state["step"]
