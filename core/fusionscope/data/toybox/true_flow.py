"""True flow: the true flow of a Toybox clip, and the frame pairs for which it is defined."""

from __future__ import annotations

import numpy as np

from fusionscope.data.toybox.world import FRAMES, SOLID, ToyWorld
from fusionscope.video.flow.methods import speed
from fusionscope.video.flow.score import FlowTruth


def flow_truth(world: ToyWorld) -> FlowTruth:
    """True flow of a world; pairs of frames in a transition between scenes are not counted."""
    counted = np.zeros(FRAMES - 1, bool)
    for first, last in SOLID:
        counted[first : last - 1] = True
    moving = world.masks[:, :-1].any(axis=0) & (speed(world.flow) > 0)
    return FlowTruth(world.flow, counted, moving & counted[:, None, None])
