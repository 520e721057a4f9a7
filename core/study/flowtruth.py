"""Flow truth: the true flow of a Toybox clip, and where there is one."""

from __future__ import annotations

import numpy as np

from core.study.toybox import FRAMES, SOLID, ToyWorld
from core.video.flow import speed
from core.video.flowscore import FlowTruth


def flow_truth(world: ToyWorld) -> FlowTruth:
    """A world's flow; pairs of frames in which a scene gives way to the next do not count."""
    counted = np.zeros(FRAMES - 1, bool)
    for first, last in SOLID:
        counted[first : last - 1] = True
    moving = world.masks[:, :-1].any(axis=0) & (speed(world.flow) > 0)
    return FlowTruth(world.flow, counted, moving & counted[:, None, None])
