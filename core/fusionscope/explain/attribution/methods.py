"""Attribution methods: name, formula, what each computes and its known failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Method:
    """One method, described for readers."""

    title: str
    formula: str
    account: str  # what it does
    failure: str  # known failures
    paper: str
    staged: bool = False  # works on a stage's maps, not on the inputs
    signed: bool = True  # has negative values: evidence against the target
    complete: bool = False  # the maps add up to the change of the score
    shared: bool = True  # values are in units of the score
    refined: bool = False  # adds gradients as needed: cost is a minimum


_known: dict[str, Method] = {
    "grad-cam": Method(
        "Grad-CAM",
        "max(0, Σ_k w_k A_k), w_k = mean over cells of ∂s/∂A_k",
        "Each channel k of a stage's map A is weighted by the mean gradient of the score s "
        "with respect to it, per chunk, and the channels are summed. Negative values are cut "
        "off.",
        "Shows evidence for the class and none against it. The mean gradient cannot tell which "
        "of several similar objects a channel responds to. The grid is as coarse as the "
        "stage's. Maps of two stages or streams are not in the same unit.",
        "Selvaraju et al., Grad-CAM, ICCV 2017",
        staged=True,
        signed=False,
        shared=False,
    ),
    "grad-cam-signed": Method(
        "Grad-CAM, signed",
        "Σ_k w_k A_k, w_k = mean over cells of ∂s/∂A_k",
        "Grad-CAM without the ReLU: evidence against the class is kept.",
        "As Grad-CAM, except for the cut. A negative cell holds channels that lower the class "
        "score on average over the grid, not necessarily in that cell.",
        "Selvaraju et al., Grad-CAM, ICCV 2017, equation 2 without the ReLU",
        staged=True,
        shared=False,
    ),
    "integrated-gradients": Method(
        "Integrated gradients",
        "(x - x') ∫ ∂s/∂x (x' + t (x - x')) dt, t from 0 to 1",
        "The gradient of the score is averaged along the straight path from the baseline x' "
        "(training mean, no motion) to the clip x and multiplied by the difference. The maps "
        "of both streams add up to the score minus the score of the baseline.",
        "Values equal to the baseline get no attribution, whatever they mean: a still object "
        "in the flow, a grey one in the frame. Images on the path lie outside the training "
        "data. Single values are noisy: here they are summed over small blocks.",
        "Sundararajan, Taly, Yan, Axiomatic Attribution for Deep Networks, ICML 2017",
        complete=True,
        refined=True,
    ),
    "smoothgrad": Method(
        "SmoothGrad",
        "mean over noise n of (x + n - x') ∂s/∂x (x + n)",
        "Gradient times (input minus baseline), averaged over 25 copies of the clip with noise "
        "of 15 % of the stream's range, so that gradients that vary between pixels cancel.",
        "A local gradient: where the score is saturated it finds nothing. The map does not add "
        "up to the score, and it depends on the amount of noise.",
        "Smilkov et al., SmoothGrad, 2017 (arXiv 1706.03825), over gradient times input",
    ),
    "occlusion": Method(
        "Space-time occlusion",
        "s(x) - s(x without a patch in a chunk)",
        "A patch of one stream is replaced in one chunk by the baseline (training mean, no "
        "motion); the drop of the score is the patch's attribution.",
        "A patch whose content also appears elsewhere gets no attribution. A grey or still "
        "patch adds edges, and the network responds to them. The map depends on the size of "
        "the patch.",
        "Zeiler, Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014",
    ),
    "shapley": Method(
        "Shapley values of the chunks",
        "Σ over S without t of |S|! (T-|S|-1)! / T! · (s(S and t) - s(S))",
        "What each chunk of a stream adds to the score, averaged over all orders of adding the "
        "chunks; the other stream is unchanged. The values of a stream add up exactly to the "
        "score minus the score without that stream.",
        "Shows when, not where. Most coalitions are clips with missing chunks, which lie "
        "outside the training data. Chunks with the same content share their value.",
        "Shapley 1953; Lundberg, Lee, A Unified Approach to Interpreting Model Predictions, "
        "NeurIPS 2017",
        complete=True,
    ),
}
ATTRIBUTION_METHODS: Mapping[str, Method] = MappingProxyType(_known)
"""Name -> method, fastest first."""


def describe_method(name: str, method: Method) -> None:
    """Add a method's description; ``attribute.register_method`` adds its work as well.

    Raises:
        ValueError: the name is taken.
    """
    if name in _known:
        raise ValueError(f"expected a new name, got {name!r}, which is registered")
    _known[name] = method
