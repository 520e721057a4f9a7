"""Ledger by flow method: does the prediction change with the optical-flow method?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.numbers import class_name, listed
from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import BOTH, Passes, four_passes
from fusionscope.explain.ledger.sentence import NO_BETTER, Prediction, predicted
from fusionscope.explain.measures import probabilities
from fusionscope.nets.network import Network
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import TITLES
from fusionscope.video.snippets import sample_snippets


@dataclass(frozen=True)
class Answer:
    """A network's prediction with the flow of one method."""

    method: str
    said: str
    p: float  # of the predicted class
    kept: float  # of the class predicted with the method used in training
    motion: float  # motion term of that same class
    guess: bool = False  # the prediction is no better than chance

    @property
    def words(self) -> str:
        """The prediction with its probability."""
        return Prediction(self.said, self.p, self.guess).words


def passes_under(network: Network, clip: Clip, flow: np.ndarray) -> Passes:
    """Run the four passes with a given flow (N-1, 2, H, W), in pixels."""
    return four_passes(network, sample_snippets(clip, flow, network.card))


def answers(passes: Mapping[str, Passes], own: str) -> list[Answer]:
    """Flow method -> passes, as one answer per method; ``own``: the method used in training."""
    kept = passes[own].said
    found = []
    for method, one in passes.items():
        place = one.labels.index(kept)
        p = probabilities(one.logits[one.deciding][BOTH])
        motion = one.ledger(one.deciding, kept).motion
        found.append(
            Answer(method, *predicted(one)[:2], float(p[place]), motion, predicted(one).guess)
        )
    return found


def in_words(method: str) -> str:
    """The name of a flow method in a sentence."""
    return "the true flow" if method == "true" else TITLES.get(method, method)


def verdict(card: Card, found: Sequence[Answer]) -> str:
    """One sentence: does the prediction depend on the flow method?"""
    if card.streams == ("spatial",):
        return "This network uses appearance only: the flow does not change its prediction."
    own = next(one for one in found if one.method == card.flow)
    others = [one for one in found if one.method != card.flow]
    if not others:
        return (
            f"With {in_words(own.method)} the network predicts {own.words}; "
            "choose a second method to see whether the prediction depends on the flow."
        )
    astray = [one for one in others if one.said != own.said]
    if not astray:
        each = "both" if len(found) == 2 else f"all {len(found)}"
        said = class_name(own.said)
        return f"The prediction is the same with {each} methods: *{said}* ({_range(found)})."
    text = listed(
        [f"with {in_words(one.method)} the network predicts {one.words}" for one in astray]
    )
    agreeing = [in_words(one.method) for one in others if one.said == own.said]
    also = f" and with {listed(agreeing)}" if agreeing else ""
    sure = _range([one for one in found if one.said == own.said])
    return (
        f"{text[0].upper()}{text[1:]}; with {in_words(own.method)}, "
        f"the method it was trained on,{also} *{class_name(own.said)}* ({sure})."
    )


def _range(found: Sequence[Answer]) -> str:
    """The lowest and the highest probability, and whether they are better than chance."""
    least, most = (f"{pick(one.p for one in found):.2f}" for pick in (min, max))
    guesses = sum(one.guess for one in found)
    which = "" if guesses == len(found) else f"{guesses} of {len(found)} "
    chance = f", {which}{NO_BETTER}" if guesses else ""
    return (least if least == most else f"{least} to {most}") + chance
