"""Before and after: how an edit changed a prediction, in numbers and in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from fusionscope.base.numbers import class_name, difference, plain
from fusionscope.explain.ledger.ledger import BOTH, TERMS, Passes
from fusionscope.explain.ledger.sentence import (
    NO_BETTER,
    TERM_NAMES,
    largest,
    ledger_places,
    predicted,
    shown_ledger,
)
from fusionscope.explain.measures import probabilities


@dataclass(frozen=True)
class Shift:
    """One number about a class, before and after an edit."""

    term: str  # baseline, appearance, motion, synergy, score, P
    before: float
    after: float

    places: int = 2  # decimals of both numbers as shown

    @property
    def by(self) -> float:
        """The difference of the numbers as shown."""
        return difference(self.after, self.before, self.places)


def shifts_of(before: Passes, after: Passes, label: str) -> list[Shift]:
    """The terms of a class's final score, their sum, and the class's probability, as shown."""
    head, at = before.deciding, before.labels.index(label)
    one, other = (passes.ledger(head, label) for passes in (before, after))
    places = ledger_places(one, other)
    first, second = (shown_ledger(ledger, places) for ledger in (one, other))
    p, q = (float(probabilities(passes.logits[head][BOTH])[at]) for passes in (before, after))
    shifts = [Shift(term, first[term], second[term], places) for term in (*TERMS, "score")]
    return [*shifts, Shift("P", round(p, 2), round(q, 2))]


def changed(before: Passes, after: Passes, done: str, truth: str = "") -> str:
    """The prediction after an edit and before it, and the ledger term that changed most.

    Args:
        done: the edit, in words.
        truth: the true class of the edited clip; empty if unknown.
    """
    start = f"{done[:1].upper()}{done[1:]}"
    if not before.taught:
        return f"{start}: untrained classifier, no prediction to compare."
    was, now = (predicted(passes) for passes in (before, after))
    right = ""
    if truth:
        correct = now.label == truth
        right = ", correct" if correct else f", incorrect (true class: *{class_name(truth)}*)"
    if now.label == was.label:
        chance = f", {NO_BETTER}" if now.guess else ""
        says = (
            f"still predicts *{class_name(now.label)}* ({now.p:.2f}, before {was.p:.2f}{chance})"
            f"{right}"
        )
    else:
        says = f"predicts {now.words}{right}{',' if right else ''} instead of {was.words}"
    *terms, score, _ = shifts_of(before, after, was.label)
    if not any(shift.by for shift in (*terms, score)):
        return f"{start}: {says}. Its score is unchanged."
    sizes = {shift.term: abs(shift.by) for shift in terms}
    most = largest(sizes, sizes)
    parts = [f"the score of *{class_name(was.label)}* {_went(score)}"]
    parts += [f"{_MOVED[shift.term]} {_went(shift)}" for shift in terms if shift.term in most]
    text = "; ".join(parts)
    return f"{start}: {says}. {text[:1].upper()}{text[1:]}."


_MOVED = {
    term: f"the contribution of {name}" if term in ("appearance", "motion") else name
    for term, name in TERM_NAMES.items()
}


def _went(shift: Shift) -> str:
    """How a number changed, as shown."""
    if not shift.by:
        return "did not change"
    by = plain(abs(shift.by), shift.places)
    return f"{'rose' if shift.by > 0 else 'fell'} by {by}"
