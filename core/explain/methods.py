"""Methods: the ways of asking where a score comes from, and what must be known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Method:
    """One method in words."""

    title: str
    formula: str
    account: str  # what it does
    failure: str  # what it is known to get wrong
    paper: str
    staged: bool = False  # is asked of a stage's maps, not of the inputs
    signed: bool = True  # can speak against the target
    complete: bool = False  # promises maps that add up to the score's change
    shared: bool = True  # its numbers are in units of the score
    refined: bool = False  # asks on until its maps add up: what it will take is the least


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "grad-cam": Method(
            "Grad-CAM",
            "max(0, Σ_k w_k A_k), w_k = mean over cells of ∂s/∂A_k",
            "Every channel k of a stage's map A is weighted by the mean slope of the score s by "
            "it, chunk by chunk, and the channels are added up. What remains below 0 is cut off.",
            "It sees what speaks for the class and not what speaks against it; the mean slope "
            "loses which of several like things a channel answers to; the grid is as coarse as "
            "the stage's; maps of two stages, or streams, are not in one unit.",
            "Selvaraju et al., Grad-CAM, ICCV 2017",
            staged=True,
            signed=False,
            shared=False,
        ),
        "grad-cam-signed": Method(
            "Grad-CAM, signed",
            "Σ_k w_k A_k, w_k = mean over cells of ∂s/∂A_k",
            "Grad-CAM without its rectifier: cells that speak against the class are kept.",
            "As Grad-CAM's, but for the cut. A cell below 0 has channels that the class is scored "
            "down by on average over the grid, which need not be so in that cell.",
            "Selvaraju et al., Grad-CAM, ICCV 2017, equation 2 without the ReLU",
            staged=True,
            shared=False,
        ),
        "integrated-gradients": Method(
            "Integrated gradients",
            "(x - x') ∫ ∂s/∂x (x' + t (x - x')) dt, t from 0 to 1",
            "The slope of the score is averaged along the straight path from the baseline x' "
            "(training mean, no motion) to the clip x, and multiplied by how far each value "
            "moved. The maps of both streams add up to the score less the baseline's.",
            "What equals the baseline gets nothing, whatever it means: a still thing in the flow, "
            "a grey one in the frame. Pictures on the path are like none that the network "
            "learned from. Single values are noisy: they are summed over small blocks here.",
            "Sundararajan, Taly, Yan, Axiomatic Attribution for Deep Networks, ICML 2017",
            complete=True,
            refined=True,
        ),
        "smoothgrad": Method(
            "SmoothGrad",
            "mean over noise n of (x + n - x') ∂s/∂x (x + n)",
            "Gradient times (input less baseline), averaged over 25 copies of the clip with noise "
            "of 15 % of a stream's range, so that slopes which change from pixel to pixel cancel.",
            "It is a slope at the clip: where the score is flat (saturated) it finds nothing. It "
            "does not add up to the score, and what it shows depends on how much noise is added.",
            "Smilkov et al., SmoothGrad, 2017 (arXiv 1706.03825), over gradient times input",
        ),
        "occlusion": Method(
            "Space-time occlusion",
            "s(x) - s(x without a patch in a chunk)",
            "A patch of one stream is replaced in one chunk by the baseline (training mean, no "
            "motion), and what the score falls by is that patch's worth.",
            "A patch whose content stands elsewhere too is worth nothing on its own; a grey or "
            "still patch has edges of its own, which the network answers to. What is found "
            "depends on the patch's size.",
            "Zeiler, Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014",
        ),
        "shapley": Method(
            "Shapley values of the chunks",
            "Σ over S without t of |S|! (T-|S|-1)! / T! · (s(S and t) - s(S))",
            "What each chunk of a stream adds to the score, averaged over all orders in which the "
            "chunks may come in; the other stream stays. The shares of a stream add up, exactly, "
            "to the score less what it is without that stream.",
            "It says when, not where. Most coalitions are clips with chunks missing, which the "
            "network never learned from, and chunks that say the same share their worth.",
            "Shapley 1953; Lundberg, Lee, A Unified Approach to Interpreting Model Predictions, "
            "NeurIPS 2017",
            complete=True,
        ),
    }
)
"""Name -> method, the quickest first."""
