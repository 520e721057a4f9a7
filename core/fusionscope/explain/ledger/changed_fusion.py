"""Changed fusion: the probability of the predicted class after motion or the operator changed."""

from __future__ import annotations

import numpy as np

from fusionscope.base.numbers import class_name, is_guess
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.explain.ledger.sentence import Prediction, predicted
from fusionscope.explain.measures import probabilities, top


def shifted(passes: Passes, logits: np.ndarray) -> str:
    """How the probability of the prediction changed when motion was moved against appearance.

    Args:
        logits: (K,) scores of the deciding head with motion moved.
    """
    was, p, now = *_before(passes, logits), _after(passes, logits)
    name, before, after = f"*{class_name(was.label)}*", f"{was.p:.2f}", f"{p:.2f}"
    if before == after:
        change = f"P of {name} stays at **{before}**"
    else:
        falls = "falls" if float(after) < float(before) else "rises"
        change = f"P of {name} {falls} from **{before}** to **{after}**"
    same = "still" if now.label == was.label else "now"
    end = f", {now.sure[1:-1].partition(', ')[2]}" if now.guess else ""
    return f"{change}; the network {same} predicts *{class_name(now.label)}*{end}."


def swapped(passes: Passes, logits: np.ndarray) -> str:
    """The prediction with another operator at a fusion, whose next layers were not retrained."""
    was, p, now = *_before(passes, logits), _after(passes, logits)
    same = "still predicts" if now.label == was.label else "predicts"
    return (
        f"The next layers were not trained with this operator. With it the network {same} "
        f"{class_name(now.label)} {now.sure}; P of the original prediction, "
        f"{class_name(was.label)}, is {p:.2f} (before: {was.p:.2f})."
    )


def _before(passes: Passes, logits: np.ndarray) -> tuple[Prediction, float]:
    """The prediction of the run, and its probability after the change."""
    was = predicted(passes)
    return was, float(probabilities(logits)[passes.labels.index(was.label)])


def _after(passes: Passes, logits: np.ndarray) -> Prediction:
    (label, p), *_ = top(logits, passes.labels, 1)
    return Prediction(label, p, is_guess(p, len(passes.labels)))
