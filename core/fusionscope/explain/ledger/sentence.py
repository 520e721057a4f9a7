"""Sentence: the rules of all sentences that quote a run's numbers, and the sentence of a run.

- A prediction is quoted with its probability and that of a guess. If it is no better than chance
  (``base/numbers.py``), or its head is not on test clips, that is said and nothing else claimed.
- What a stream predicts is what its own head predicts. A stream without a head of its own is
  judged by replacing the other: motion by zero flow, appearance by the training mean.
- The one reason given is the largest term of the lead over the second class: a lead has no
  baseline of its own to be confused with. A term larger than the lead is quoted with the term
  against it. Ties are named together. "Always leans to" needs a prediction that is the same
  without any input.
- Numbers are compared as they are shown: terms and their sum come from ``adding_up``.

Class names are between asterisks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fusionscope.base.numbers import (
    adding_up,
    chance_of,
    class_name,
    difference,
    is_guess,
    listed,
    places_of,
    plain,
    sentence_of,
    signed,
)
from fusionscope.base.streams import STREAMS
from fusionscope.explain.ledger.ledger import (
    APPEARANCE,
    BOTH,
    MOTION,
    NEITHER,
    TERMS,
    Ledger,
    Passes,
    split,
)
from fusionscope.explain.measures import probabilities, top

_REPLACED = {
    "spatial": (APPEARANCE, "with motion replaced by zero flow"),
    "temporal": (MOTION, "with appearance replaced by the training mean"),
}
"""A stream without a head of its own -> the pass that tells what it predicts, in words."""

TERM_NAMES: Mapping[str, str] = {
    "baseline": "the baseline",
    "appearance": "appearance",
    "motion": "motion",
    "synergy": "the interaction of both streams",
}
"""The terms of a ledger in a sentence."""

UNTRAINED = "untrained classifier: features only"
NO_BETTER = "no better than chance"
_EQUAL = 1e-9


class Prediction(NamedTuple):
    """The likeliest class of one pass of a head."""

    label: str
    p: float
    guess: bool  # no better than chance

    @property
    def sure(self) -> str:
        """Its probability in brackets; said to be no better than chance if it is not."""
        return f"({self.p:.2f}{f', {NO_BETTER}' if self.guess else ''})"

    @property
    def words(self) -> str:
        """The class with that."""
        return f"*{class_name(self.label)}* {self.sure}"


def predicted(passes: Passes, head: str = "", row: int = BOTH) -> Prediction:
    """What a head predicts in a pass; by default the deciding head with both streams."""
    head = head or passes.deciding
    (label, p), *_ = top(passes.logits[head][row], passes.labels, 1)
    return Prediction(label, p, head in passes.guesses or is_guess(p, len(passes.labels)))


def sentence(passes: Passes) -> str:
    """The prediction, what the streams predict, and the largest term of its lead."""
    if not passes.taught:
        return "Untrained classifier: this network shows features only."
    found, classes = predicted(passes), len(passes.labels)
    said = f"Predicts *{class_name(found.label)}* ({found.p:.2f}; chance {chance_of(classes)})"
    if is_guess(found.p, classes):
        said += f": {NO_BETTER}."
    elif found.guess:
        said += f", but on test clips this network is {NO_BETTER}."
    else:
        said += "."
    text = [said, _streams(passes, found)]
    if not found.guess:
        text.append(_lead(passes))
    return " ".join(filter(None, text))


def _streams(passes: Passes, found: Prediction) -> str:
    """What each stream predicts: by its own head, else with the other stream replaced."""
    if len(passes.streams) == 1:
        (only,) = passes.streams
        return f"The network uses {'appearance' if only == 'spatial' else 'motion'} only."
    if found.guess:
        return ""
    heads, others = [], []
    for stream in STREAMS:
        if stream in passes.logits and len(passes.logits) > 1:
            one = predicted(passes, stream)
            agrees = f"agrees {one.sure}" if one.label == found.label else f"predicts {one.words}"
            heads.append(f"the {stream} head {agrees}")
        else:
            row, words = _REPLACED[stream]
            one = predicted(passes, passes.deciding, row)
            if one.label == found.label:
                others.append(f"{words}, the prediction is the same {one.sure}")
            else:
                others.append(f"{words}, the network predicts {one.words}")
    return sentence_of("; ".join([*heads, *others]))


def _lead(passes: Passes) -> str:
    """The largest term of the lead over the second class."""
    if len(passes.labels) < 2:
        return ""
    scores = passes.logits[passes.deciding]
    first, second = np.argsort(-scores[BOTH], kind="stable")[:2].tolist()
    by_term = dict(zip(TERMS, split(scores[:, first] - scores[:, second]).tolist(), strict=True))
    places = places_of(*by_term.values(), sum(by_term.values()))
    shown = shown_terms(by_term, places)
    total = sum(shown.values())
    name, other = (class_name(passes.labels[k]) for k in (first, second))
    if plain(total, places) == plain(0, places):
        return f"Its lead over *{other}* rounds to {plain(0, places)}."
    most = largest(by_term, shown)
    said = f"Its score is {plain(total, places)} above that of *{other}*; the largest "
    said += f"{'terms' if len(most) > 1 else 'term'} of this lead: {_named(shown, most, places)}"
    if "baseline" in most and int(scores[NEITHER].argmax()) == first:
        said = f"With neither stream, the network predicts *{name}* too. {said}"
    if max(shown.values()) > total + _EQUAL:
        said += (
            f"; against it: {_named(shown, largest(_negative(by_term), _negative(shown)), places)}"
        )
    return sentence_of(said)


def shown_terms(by_term: Mapping[str, float], places: int | None = None) -> dict[str, float]:
    """Terms as shown: rounded so that they add up to their sum as shown."""
    values = [*by_term.values()]
    places = places_of(*values, sum(values)) if places is None else places
    return dict(zip(by_term, adding_up(values, places), strict=True))


def largest(by_term: Mapping[str, float], shown: Mapping[str, float]) -> list[str]:
    """The largest term; several if they are equal, or are shown with the same number."""
    most, top_shown = max(by_term.values()), max(shown.values())
    return [
        term
        for term, value in by_term.items()
        if value >= most - _EQUAL or abs(shown[term] - top_shown) < _EQUAL
    ]


def ledger_places(*ledgers: Ledger) -> int:
    """Decimals for ledgers shown below each other."""
    return places_of(*(getattr(ledger, term) for ledger in ledgers for term in (*TERMS, "logit")))


def shown_ledger(ledger: Ledger, places: int | None = None) -> dict[str, float]:
    """A ledger's terms as shown, and ``score``, to which they add up."""
    places = ledger_places(ledger) if places is None else places
    shown = shown_terms({term: getattr(ledger, term) for term in TERMS}, places)
    return shown | {"score": round(sum(shown.values()), places) + 0.0}


def beside(passes: Passes, label: str, places: int | None = None) -> str:
    """Compare another class's score with the predicted one's, and name the largest difference.

    Args:
        places: decimals of the ledgers above the sentence, whose differences it quotes.
    """
    found = predicted(passes)
    first, second = (passes.ledger(passes.deciding, name) for name in (found.label, label))
    places = ledger_places(first, second) if places is None else places
    one, other = (shown_ledger(ledger, places) for ledger in (first, second))
    by_term = {term: difference(one[term], other[term], places) for term in (*TERMS, "score")}
    short = by_term.pop("score")
    name, said = class_name(label), class_name(found.label)
    p = float(probabilities(passes.logits[passes.deciding][BOTH])[passes.labels.index(label)])
    if short > 0:
        text = f"*{name}* ({p:.2f}) scores {plain(short, places)} lower than *{said}*"
    else:
        text = f"*{name}* ({p:.2f}) scores the same as *{said}*, as shown"
    most, least = largest(by_term, by_term), largest(*[_negative(by_term)] * 2)
    if by_term[most[0]] > 0:
        text += f"; largest difference: {_named(by_term, most, places)}"
    if by_term[least[0]] < 0:
        favours = "favours" if len(least) == 1 else "favour"
        text += f"; {_named(_negative(by_term), least, places)} {favours} *{name}*"
    return f"{text}."


def _named(by_term: Mapping[str, float], names: Sequence[str], places: int) -> str:
    """Some terms with their values."""
    return listed([f"{TERM_NAMES[term]} ({signed(by_term[term], places)})" for term in names])


def _negative(by_term: Mapping[str, float]) -> dict[str, float]:
    return {term: -value for term, value in by_term.items()}
