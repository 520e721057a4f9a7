"""From clips: teach a network from a folder, or from clips by class, in one call."""

from __future__ import annotations

from pathlib import Path

from fusionscope.base.records import Progress, no_progress
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import load_network
from fusionscope.teaching.examples import Options
from fusionscope.teaching.folder import Clips, examples_in, examples_of
from fusionscope.teaching.taught import Taught
from fusionscope.teaching.taught import teach as learn

TEACHER = "jhmdb-conv3d"
"""The network whose towers are used by default: the best on clips of people."""


def teach(
    clips: str | Path | Clips,
    network: Network | str = TEACHER,
    *,
    groups: str = "",
    mirror: bool = True,
    progress: Progress = no_progress,
) -> Taught:
    """Learn your own classes from a few clips of each, on the frozen towers of a network.

    The result predicts a clip by appearance, motion, late fusion and a conv fusion (``predict``),
    measures itself on the clips by leaving out one at a time (``left_out``), writes card and
    weights (``save``), and its ``network`` is a ``Network`` like any other. ``problems`` names the
    clips that could not be used.

    Args:
        clips: a folder of ``class/clip.mp4``, or class -> its clips or video files.
        network: a network with both towers, or its name.
        groups: for a folder, a regular expression that finds the person or the sitting in a file's
            name, for ``left_out("group")``.
        mirror: also learn from mirrored copies; False if left and right are the classes.
        progress: called as ``progress("maps", done)``, ``done`` in 0..1.

    Raises:
        InputError: there are fewer than two classes, a class has no clip that can be used, or the
            network does not exist or has only one tower.
    """
    if isinstance(network, str):
        network = load_network(network)
    if isinstance(clips, str | Path):
        examples, problems = examples_in(Path(clips), network, groups, progress)
    else:
        examples, problems = examples_of(clips, network, progress)
    return learn(examples, network, Options(mirror), problems)
