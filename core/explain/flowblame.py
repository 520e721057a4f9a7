"""Flow blame: does a network's answer change with the method that measured the flow?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.card import Card
from core.explain.ledger import BOTH, Passes, four_passes
from core.explain.measures import probabilities
from core.nets.network import Network
from core.video.clip import Clip
from core.video.flow import TITLES
from core.video.snippets import sample_snippets


@dataclass(frozen=True)
class Answer:
    """What a network says under the flow of one method."""

    method: str
    said: str
    p: float  # of what it says
    kept: float  # P of what it says under the flow that it was trained with
    motion: float  # the ledger's motion term of that same class


def passes_under(network: Network, clip: Clip, flow: np.ndarray) -> Passes:
    """The four passes of a network with another flow (N-1, 2, H, W) pixels in its own's place."""
    return four_passes(network, sample_snippets(clip, flow, network.card))


def answers(passes: Mapping[str, Passes], own: str) -> list[Answer]:
    """Method -> passes become method by method what is said; ``own`` is the network's method."""
    kept = passes[own].said
    found = []
    for method, one in passes.items():
        p = probabilities(one.logits[one.deciding][BOTH])
        ledger = one.ledger(one.deciding, kept)
        place = one.labels.index(kept)
        found.append(Answer(method, one.said, float(p.max()), float(p[place]), ledger.motion))
    return found


def spoken(method: str) -> str:
    """How a sentence names a method."""
    return "the true flow" if method == "true" else TITLES.get(method, method)


def verdict(card: Card, found: Sequence[Answer]) -> str:
    """One sentence: whether the answer depends on the method. The network's own is among them."""
    if not card.temporal:
        return "This network sees appearance only: no flow can change its answer."
    own = next(one for one in found if one.method == card.flow)
    others = [one for one in found if one.method != card.flow]
    if not others:
        return (
            f"With {spoken(own.method)} it says *{own.said}* ({own.p:.2f}); choose a second method "
            "to see whether that depends on the flow."
        )
    astray = [one for one in others if one.said != own.said]
    if not astray:
        least, most = (pick(one.p for one in found) for pick in (min, max))
        sure = f"{least:.2f}" if f"{least:.2f}" == f"{most:.2f}" else f"{least:.2f} to {most:.2f}"
        each = "both" if len(found) == 2 else f"each of the {len(found)}"
        return f"The answer does not depend on the method: with {each} it is *{own.said}* ({sure})."
    parts = [f"with {spoken(one.method)} it says *{one.said}* ({one.p:.2f})" for one in astray]
    text = _listed(parts)
    agreeing = [spoken(one.method) for one in others if one.said == own.said]
    also = f" and with {_listed(agreeing)}" if agreeing else ""
    return (
        f"{text[0].upper()}{text[1:]}; with {spoken(own.method)}, which it was trained on,{also} "
        f"*{own.said}* ({own.p:.2f})."
    )


def _listed(parts: Sequence[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
