"""Analysis: all that the first page shows of a clip and a network."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.analysis.notebook import NotebookPlayer
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import of_prediction, run_reel
from fusionscope.base.records import InputError, Progress, no_progress, seal
from fusionscope.explain.heatmaps import HeatMap, activation_maps, why
from fusionscope.explain.ledger.before_after import changed
from fusionscope.explain.ledger.ledger import Passes, passes_of_run
from fusionscope.explain.ledger.sentence import sentence
from fusionscope.explain.measures import decisions, top
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.score import FlowScore, flow_score

if TYPE_CHECKING:
    from fusionscope.explain.fusion.lens import Lens
    from fusionscope.nets.network import Network


@dataclass(frozen=True, eq=False, repr=False)
class Analysis:
    """A run with its ledger, heat maps and reel, ready to be shown."""

    trace: Trace
    passes: Passes
    maps: tuple[HeatMap, ...]
    reel: Reel

    def __post_init__(self) -> None:
        seal(self)

    def __repr__(self) -> str:
        return f"<Analysis of {self._title}>"

    def _repr_html_(self) -> str:
        return self.player._repr_html_()

    @property
    def sentence(self) -> str:
        """The prediction and its largest contribution in words; class names between asterisks."""
        return sentence(self.passes)

    def top(self, count: int = 5) -> dict[str, list[tuple[str, float]]]:
        """Head -> its likeliest classes with their probabilities; ``average``, if any, is last."""
        labels = self.trace.card.labels
        return {head: top(v, labels, count) for head, v in decisions(self.trace).items()}

    @property
    def flow_score(self) -> FlowScore:
        """How well the flow explains the frames: warp error (grey levels) and clipped share."""
        return flow_score(self.trace.clip, self.trace.flow)

    def change_from(self, before: Analysis, edits: str = "Edited", truth: str = "") -> str:
        """Describe the change of the prediction and its ledger in one or two sentences.

        Args:
            edits: the edits in words; the sentence begins with them.
            truth: the expected class; empty if unknown.
        """
        return changed(before.passes, self.passes, edits, truth)

    def lens(self, network: Network, place: str, channel: int, cell: tuple[int, int, int]) -> Lens:
        """Split the value of a fused channel at one cell into its contributions.

        Args:
            network: the network of this analysis.
            place: a stage at which it fuses.
            cell: chunk, row, column, counted from 0.
        """
        from fusionscope.explain.fusion.lens import lens

        return lens(network, self.trace, place, channel, cell)

    @property
    def player(self) -> NotebookPlayer:
        """The player as the output of a notebook cell."""
        frames = self.trace.clip.frames
        size = (len(self.reel.shown), frames.shape[2], frames.shape[1])
        tracks = sum(bool(self.reel.panel(key).sums) for key in self.reel.shown)
        return NotebookPlayer(self._title, self.reel, size, tracks)

    @property
    def _title(self) -> str:
        return f"{self.trace.clip.name or 'a clip'} through {self.trace.card.name}"


def analyse(
    network: Network,
    clip: Clip,
    flow: np.ndarray | None = None,
    progress: Progress = no_progress,
    full: float | None = None,
) -> Analysis:
    """Run a network on a clip, split its score into a ledger and compute its heat maps.

    Args:
        flow: (N-1, 2, H, W) pixels; None: computed by the method the network was trained with.
        full: speed drawn in full colour, in pixels a frame; None: chosen for this flow.

    Raises:
        InputError: the clip is too short for the network.
    """
    progress("forward", 0.0)
    trace = run(network, clip, flow)
    progress("forward", 0.4)
    passes = passes_of_run(network, trace)
    progress("maps", 0.0)
    maps = activation_maps(trace, network)
    if passes.taught:
        with suppress(InputError):  # a user's network may return no map for Grad-CAM
            maps.append(of_prediction(why(trace, network, passes.deciding), passes))
    progress("maps", 1.0)
    return Analysis(trace, passes, tuple(maps), run_reel(trace, maps, progress, full))
