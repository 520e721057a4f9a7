"""Rate schedule: the learning rate of each step, by the recipe."""

from __future__ import annotations

import math

from fusionscope.training.recipe import Recipe


def rate_at(plan: Recipe, step: int, steps: int) -> float:
    """Learning rate of step 1, 2, ..., ``steps``: a linear increase, then a cosine or drops."""
    done = (step - 0.5) / steps
    if done < plan.warm:
        return plan.rate * done / plan.warm
    if plan.schedule == "step":
        epoch = (step - 1) * plan.epochs / steps
        return plan.rate * plan.drop ** sum(at <= epoch for at in plan.drops)
    return plan.rate * (1 + math.cos(math.pi * (done - plan.warm) / (1 - plan.warm))) / 2
