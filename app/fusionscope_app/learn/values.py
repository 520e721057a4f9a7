"""Values: the named numbers and classes that a lesson can quote, read from what is shown.

Nothing is typed into a lesson: a value comes from the run that the page shows, or from a card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from fusionscope.base.numbers import FACTOR, class_name, signed
from fusionscope.base.records import InputError, percent, printable
from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import APPEARANCE, BOTH, MOTION, TERMS, Passes
from fusionscope.explain.ledger.sentence import predicted, shown_ledger
from fusionscope.explain.measures import probabilities
from fusionscope_app.learn.shown_view import ShownView
from fusionscope_app.learn.trial_values import TRIAL_VALUES
from fusionscope_app.state import results

Found = float | str


@dataclass(frozen=True)
class Form:
    """How a kind of value is rounded and shown, and one that is about as long as any."""

    rounded: Callable[[Found], Found]
    shown: Callable[[Found], str]
    long: Found = 0.0


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "class": Form(str, lambda found: f"*{class_name(str(found))}*", "left, then right"),
        "probability": Form(lambda found: round(float(found), 2), "{:.2f}".format),
        "share": Form(lambda found: round(float(found), 3), lambda found: percent(float(found), 1)),
        "score": Form(lambda found: round(float(found), 1), lambda found: signed(float(found))),
        "count": Form(float, lambda found: f"{int(found):,}"),
    }
)
"""Kind of a value -> how it is rounded and shown."""


@dataclass(frozen=True)
class Value:
    """A value of what is shown."""

    says: str
    form: str
    of: Callable[[ShownView], Found]


def _p_of_prediction(scores: np.ndarray, before: Passes) -> float:
    return float(probabilities(scores)[before.labels.index(before.said)])


def _prediction(name: str, says: str, of: Callable[[ShownView], tuple[str, float]]) -> dict:
    return {
        f"{name}prediction": Value(f"class predicted {says}", "class", lambda view: of(view)[0]),
        f"{name}p": Value(f"probability of that class {says}", "probability", lambda v: of(v)[1]),
    }


def _head(head: str) -> Callable[[ShownView], tuple[str, float]]:
    def of(view: ShownView) -> tuple[str, float]:
        passes = view.run.passes
        if head not in passes.logits:
            raise InputError(f"{view.card.name} has no {head} head")
        return predicted(passes, head)[:2]

    return of


def _second(view: ShownView) -> tuple[str, float]:
    passes = view.run.passes
    found = probabilities(passes.logits[passes.deciding][BOTH])
    at = int(np.argsort(-found, kind="stable")[1])
    return passes.labels[at], float(found[at])


def _moved(view: ShownView) -> tuple[str, float]:
    found = probabilities(view.moved)
    return view.run.passes.labels[int(found.argmax())], float(found.max())


def _truth(view: ShownView) -> str:
    if not view.run.known.label:
        raise InputError("the true class of the clip is not known")
    return view.run.known.label


def _term(name: str) -> Callable[[ShownView], float]:
    def of(view: ShownView) -> float:
        passes = view.run.passes
        return shown_ledger(passes.ledger(passes.deciding, passes.said))[name]

    return of


_TERM_SAYS = {"synergy": "interaction", "score": "score"}
VALUES: Mapping[str, Value] = MappingProxyType(
    {
        **_prediction("", "by the network", lambda view: predicted(view.run.passes)[:2]),
        **_prediction("second.", "second most likely", _second),
        **{
            name: value
            for head in ("spatial", "temporal", "spatiotemporal")
            for name, value in _prediction(f"{head}.", f"by the {head} head", _head(head)).items()
        },
        **_prediction(
            "still.",
            "with motion replaced by zero flow",
            lambda view: predicted(view.run.passes, row=APPEARANCE)[:2],
        ),
        **_prediction(
            "unseen.",
            "with appearance replaced by the training mean",
            lambda view: predicted(view.run.passes, row=MOTION)[:2],
        ),
        "truth": Value("true class of the clip", "class", _truth),
        "chance": Value(
            "probability of a guess", "share", lambda view: 1 / len(view.run.passes.labels)
        ),
        "guess": Value(
            "the largest probability that is no better than chance",
            "probability",
            lambda view: FACTOR / (len(view.run.passes.labels) - 1 + FACTOR),
        ),
        "reversed": Value(
            "the predicted class of the Toybox with its moves in the other order",
            "class",
            lambda view: ", then ".join(view.run.passes.said.split(", then ")[::-1]),
        ),
        "classes": Value("number of classes", "count", lambda view: len(view.run.passes.labels)),
        **{
            _TERM_SAYS.get(term, term): Value(
                f"{_TERM_SAYS.get(term, term)}, in the score of the prediction",
                "score",
                _term(term),
            )
            for term in (*TERMS, "score")
        },
        "lens.appearance": Value(
            "contribution of appearance to the selected fused unit at the selected cell",
            "score",
            lambda view: view.lens.shares[0],
        ),
        "lens.motion": Value(
            "contribution of motion to it", "score", lambda view: view.lens.shares[1]
        ),
        **_prediction("moved.", "with motion moved against appearance", _moved),
        "moved.original": Value(
            "probability of the original prediction with motion moved",
            "probability",
            lambda view: _p_of_prediction(view.moved, view.run.passes),
        ),
        **_prediction("after.", "on the edited clip", lambda view: predicted(view.after)[:2]),
        "after.original": Value(
            "probability of the original prediction on the edited clip",
            "probability",
            lambda view: _p_of_prediction(
                view.after.logits[view.after.deciding][BOTH], view.run.passes
            ),
        ),
        "after.truth": Value(
            "true class of the edited clip", "class", lambda view: view.truth_after
        ),
        **_prediction(
            "other.",
            "by the network that it is compared with",
            lambda view: predicted(view.other.passes)[:2],
        ),
        **{
            name: Value(says, form, lambda view, of=of: of(view.trial))
            for name, (says, form, of) in TRIAL_VALUES.items()
        },
    }
)
"""Name -> value of what a page shows."""

OF_NETWORKS: Mapping[str, tuple[str, Callable[[Card], float | None]]] = MappingProxyType(
    {
        "accuracy": ("accuracy of a network on its test clips", lambda card: card.final[0]),
        "ceiling": ("best possible accuracy, if proved", lambda card: card.final[1]),
        "registered": (
            "accuracy of the fused head",
            lambda card: card.by_shift[0] if card.by_shift else None,
        ),
        "shifted": (
            "the same with motion shifted by half the grid",
            lambda card: card.by_shift[len(card.by_shift) // 2] if card.by_shift else None,
        ),
    }
)
"""Last part of a name, after a network's -> a share on the network's card."""


def is_of_network(name: str) -> bool:
    """Whether a name is that of a value on a card: ``toybox-conv3d.accuracy``."""
    network, _, what = name.rpartition(".")
    return what in OF_NETWORKS and network in results.models()


def sample_of(name: str) -> str:
    """A text about as long as a value, whose room can be kept for it."""
    form = FORMS[VALUES[name].form if name in VALUES else "share"]
    return form.shown(form.long)


def value_of(name: str, view: ShownView | None) -> tuple[Found, str]:
    """A value as compared and as shown.

    Args:
        view: what is shown; None: only values of networks.

    Raises:
        InputError: there is no such value, or what is shown does not have it.
    """
    if name in VALUES and view is not None:
        value = VALUES[name]
        found, form = value.of(view), FORMS[value.form]
    elif is_of_network(name):
        network, _, what = name.rpartition(".")
        share = OF_NETWORKS[what][1](results.models()[network])
        if share is None:
            raise InputError(f"the card of {network} has no {what}")
        found, form = share, FORMS["share"]
    else:
        raise InputError(f"there is no value {printable(name)!r}")
    found = form.rounded(found)
    return found, form.shown(found)
