"""Words: one sentence made from the numbers of a run."""

from __future__ import annotations

from core.explain.ledger import APPEARANCE, BOTH, MOTION, Passes
from core.explain.measures import probabilities, top

_ALONE = {APPEARANCE: "Appearance", MOTION: "Motion"}


SILENT = "taught no classes, it says nothing"


def beside(passes: Passes, label: str) -> str:
    """How the score of another class falls short of that of the class that is said, and why."""
    head, said = passes.deciding, passes.said
    first, second = passes.ledger(head, said), passes.ledger(head, label)
    p = probabilities(passes.logits[head][BOTH])[passes.labels.index(label)]
    parts = {
        "the baseline": first.baseline - second.baseline,
        "appearance": first.appearance - second.appearance,
        "motion": first.motion - second.motion,
        "both together": first.synergy - second.synergy,
    }
    least, most = min(parts, key=parts.__getitem__), max(parts, key=parts.__getitem__)
    text = (
        f"*{label}* ({p:.2f}) scores {first.logit - second.logit:.1f} less than *{said}*, "
        f"mostly because of {most} ({parts[most]:+.1f})"
    )
    against = (
        f"; {least} speaks for *{label}* ({-parts[least]:+.1f})" if parts[least] < -0.05 else ""
    )
    return f"{text}{against}."


def sentence(passes: Passes) -> str:
    """What the network says, what either stream alone would make it say, what carries it."""
    if not passes.taught:
        return "This network was taught no classes: it says nothing, and only sees."
    scores = passes.logits[passes.deciding]
    (said, sure), *_ = top(scores[BOTH], passes.labels)
    text = [f"Says *{said}* ({sure:.2f})."]
    ledger = passes.ledger(passes.deciding, said)
    parts = {
        "appearance": ledger.appearance,
        "motion": ledger.motion,
        "both together": ledger.synergy,
    }
    silent = [name for name in ("appearance", "motion") if abs(parts[name]) < 1e-6]
    if abs(ledger.synergy) < 1e-6 and silent:
        other = "motion" if silent[0] == "appearance" else "appearance"
        return f"{text[0]} This network sees {other} only."
    alone = {row: top(scores[row], passes.labels)[0] for row in (MOTION, APPEARANCE)}
    agree = [row for row, (label, _) in alone.items() if label == said]
    if len(agree) == 2:
        text.append("Either stream alone would say so too.")
    elif agree:
        other = next(row for row in alone if row not in agree)
        text.append(
            f"{_ALONE[agree[0]]} alone would say so too ({alone[agree[0]][1]:.2f}); "
            f"{_ALONE[other].lower()} alone would say *{alone[other][0]}* ({alone[other][1]:.2f})."
        )
    else:
        label, p = alone[MOTION]
        text.append(f"Motion alone would say *{label}* ({p:.2f}).")
    most = max(parts, key=lambda name: parts[name])
    if most == "both together":
        text.append(
            f"Most of the score comes from the two streams together ({ledger.synergy:+.1f})."
        )
    else:
        text.append(f"Most of the score comes from {most} ({parts[most]:+.1f}).")
    return " ".join(text)
