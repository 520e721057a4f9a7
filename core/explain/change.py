"""Change: what an edit did to an answer, in numbers and in one sentence made from them."""

from __future__ import annotations

from dataclasses import dataclass

from core.explain.ledger import BOTH, TERMS, Passes
from core.explain.measures import probabilities, top

_SAID = {
    "baseline": "the baseline",
    "appearance": "appearance's share",
    "motion": "motion's share",
    "synergy": "the share of both together",
}


@dataclass(frozen=True)
class Shift:
    """One number about a class, before and after."""

    term: str  # baseline, appearance, motion, synergy, score, P
    before: float
    after: float

    @property
    def by(self) -> float:
        """What was added."""
        return self.after - self.before


def shifts_of(before: Passes, after: Passes, label: str) -> list[Shift]:
    """The terms of a class's score, their sum, and its probability, by the deciding head."""
    head, at = before.deciding, before.labels.index(label)
    one, other = (passes.ledger(head, label) for passes in (before, after))
    terms = [Shift(term, getattr(one, term), getattr(other, term)) for term in TERMS]
    p, q = (float(probabilities(passes.logits[head][BOTH])[at]) for passes in (before, after))
    return [*terms, Shift("score", one.logit, other.logit), Shift("P", p, q)]


def changed(before: Passes, after: Passes, done: str, truth: str = "") -> str:
    """What the network says now, instead of what, and which term of the ledger moved most.

    Args:
        done: what was done to the clip, in words.
        truth: the class that the edited clip shows, where that is known.
    """
    start = f"{done[:1].upper()}{done[1:]}"
    if not before.taught:
        return f"{start}: the network was taught no classes, and says nothing."
    (said, sure), (now, certain) = (
        top(passes.logits[passes.deciding][BOTH], passes.labels)[0] for passes in (before, after)
    )
    right = ""
    if truth:
        right = ", rightly" if now == truth else f", wrongly (it is *{truth}*)"
    if now == said:
        says = f"still says *{said}* ({certain:.2f}, before {sure:.2f}){right}"
    else:
        comma = "," if right else ""
        says = f"says *{now}* ({certain:.2f}){right}{comma} instead of *{said}* ({sure:.2f})"
    *terms, score, _ = shifts_of(before, after, said)
    if abs(score.by) < 0.05 and all(abs(term.by) < 0.05 for term in terms):
        return f"{start}: {says}. Its score is the same."
    most = max(terms, key=lambda term: abs(term.by))
    return (
        f"{start}: {says}. The score of *{said}* {_went(score)}; {_SAID[most.term]} {_went(most)}."
    )


def _went(shift: Shift) -> str:
    """How a number moved."""
    if abs(shift.by) < 0.05:
        return "stayed"
    return f"{'rose' if shift.by > 0 else 'fell'} by {abs(shift.by):.1f}"
