"""True comparisons: sentences about two or more runs, read back and held against raw scores."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.evaluation import sentences
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.explain.checks.weight_randomisation import ALL, WeightRandomisation, words
from fusionscope.explain.ledger import by_flow_method, two_networks
from fusionscope.explain.ledger.before_after import changed, shifts_of
from fusionscope.explain.ledger.changed_fusion import shifted, swapped
from fusionscope.explain.ledger.flow_quality import quality
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.video.flow.score import FlowScore
from tests.test_true_sentences import CLASS, drawn, guessed, number, softmax

COUNT = 4000
CHANCE = ", no better than chance"


def final(passes: Passes) -> np.ndarray:
    return np.asarray(passes.logits[[*passes.logits][-1]])


def runs(seed: int) -> list[tuple[Passes, Passes]]:
    """Pairs of runs of the same kind of network."""
    drawn_runs = [one for one in drawn(COUNT, seed) if len(one.labels) > 1]
    return [(a, b) for a, b in pairwise(drawn_runs) if [*a.logits] == [*b.logits]
            and a.labels == b.labels]  # fmt: skip


def hold_prediction(passes: Passes, label: str, p: str, at_chance: bool, text: str) -> None:
    scores = final(passes)[0]
    place = passes.labels.index(label.replace(" ", "_"))
    assert scores[place] >= scores.max(), text
    assert abs(float(p) - softmax(scores)[place]) < 0.0051, text
    weak = guessed(float(softmax(scores)[place]), len(scores))
    if weak is not None:
        assert at_chance == (weak or [*passes.logits][-1] in passes.guesses), text


def test_before_and_after_an_edit():
    score = re.compile(r"[Tt]he score of \*[^*]+\* (?:(rose|fell) by ([\d.]+)|did not change)")
    for before, after in runs(2):
        text = changed(before, after, "mirrored")
        assert not re.search(r"-\d|_|nan", text), text
        if "still predicts" in text:
            found = re.search(
                rf"still predicts {CLASS} \((\d\.\d\d), before (\d\.\d\d)(,.*?)?\)", text
            )
            assert found, text
            hold_prediction(after, found[1], found[2], found[4] is not None, text)
            assert final(before)[0].argmax() == final(after)[0].argmax(), text
        else:
            found = re.search(
                rf"predicts {CLASS} \((\d\.\d\d)({CHANCE})?\) instead of {CLASS} "
                rf"\((\d\.\d\d)({CHANCE})?\)", text
            )  # fmt: skip
            assert found, text
            hold_prediction(after, found[1], found[2], found[3] is not None, text)
            hold_prediction(before, found[4], found[5], found[6] is not None, text)
        k = int(final(before)[0].argmax())
        moved = final(after)[0, k] - final(before)[0, k]
        if found := score.search(text):
            by = {"rose": 1, "fell": -1, None: 0}[found[1]] * float(found[2] or 0)
            assert abs(by - moved) < 0.1 * (1 + 1e-5), text
        *terms, total, _ = shifts_of(before, after, before.labels[k])
        assert sum(one.by for one in terms) == pytest.approx(total.by, abs=1e-6), text
        assert sum(one.before for one in terms) == pytest.approx(total.before, abs=1e-6), text


def test_two_networks():
    for first, second in runs(3):
        expected = first.labels[int(final(first)[0].argmax())]
        text = two_networks.verdict(first, second, ("one", "two"), expected)
        same = final(first)[0].argmax() == final(second)[0].argmax()
        assert text.startswith("Both predict") == bool(same), text
        if not same:
            pattern = rf"predicts {CLASS} \((\d\.\d\d)({CHANCE})?\)"
            for found, run in zip(re.finditer(pattern, text), (first, second), strict=True):
                hold_prediction(run, found[1], found[2], found[3] is not None, text)
            assert "they differ, and A is correct" in text, text
            p = float(softmax(final(first)[0]).max())
            weak = guessed(p, len(first.labels))
            if weak is not None:
                hopeless = weak or [*first.logits][-1] in first.guesses
                assert text.endswith("though no better than chance.") == hopeless, text
        for row in two_networks.ledger_rows(first, second, expected):
            assert row.first is not None
            assert row.second is not None
            assert row.difference == pytest.approx(row.first - row.second, abs=1e-9)


def test_flow_methods(card: Card):
    for first, second in runs(4):
        rows = by_flow_method.answers({"dis": first, "farneback": second}, "dis")
        text = by_flow_method.verdict(dataclasses.replace(card, flow="dis"), rows)
        same = final(first)[0].argmax() == final(second)[0].argmax()
        assert ("The prediction is the same" in text) == bool(same), text
        p = sorted(float(softmax(final(run)[0]).max()) for run in (first, second))
        shown = [float(one) for one in re.findall(r"\d\.\d\d", text)]
        assert abs(min(shown) - p[0]) < 0.0051, text
        assert abs(max(shown) - p[1]) < 0.0051, text


def test_shifted_motion_and_another_operator():
    for before, after in runs(5):
        logits, k = final(after)[0], int(final(before)[0].argmax())
        was, now = float(softmax(final(before)[0])[k]), float(softmax(logits)[k])
        text = shifted(before, logits)
        shown = [float(one) for one in re.findall(r"\*\*(\d\.\d\d)\*\*", text)]
        assert abs(shown[0] - was) < 0.0051, text
        assert abs(shown[-1] - now) < 0.0051, text
        word = re.search(r"falls|rises|stays", text)
        assert word, text
        if len(shown) == 2:
            assert shown[0] != shown[1], text
            assert (word[0] == "rises") == (now > was), text
        else:
            assert word[0] == "stays", text
        same = int(logits.argmax()) == k
        assert ("still predicts" in text) == ("still predicts" in swapped(before, logits)) == same


def test_correlations_with_randomised_weights():
    random = np.random.default_rng(6)
    for _ in range(2000):
        rows = {s: (float(random.choice([np.nan, *random.uniform(-1, 1, 3)])),)
                for s in ("spatial", "temporal")}  # fmt: skip
        text = words(WeightRandomisation((ALL,), rows))
        for stream, colour in (("spatial", "appearance"), ("temporal", "motion")):
            (value,) = rows[stream]
            trusted = re.search(rf"The [a-z and]*{colour}[a-z and]* map depends", text)
            doubted = re.search(rf"The [a-z and]*{colour}[a-z and]* map hardly changes", text)
            if np.isnan(value):
                assert not trusted, text
                assert not doubted, text
                assert "undefined" in text
            else:
                assert bool(doubted) == (abs(round(value, 2)) > 0.5), text
                assert bool(trusted) != bool(doubted), text
                found = re.search(rf"{colour} ([+\u2212]?\d\.\d\d)", text)
                assert found, text
                assert abs(number(found[1]) - value) < 0.0051, text


def test_the_best_flow_is_best_as_shown_and_compared_with_zero_flow():
    random = np.random.default_rng(7)
    for _ in range(2000):
        errors = random.uniform(0, 3, 3).round(int(random.integers(1, 4)))
        scores = {
            name: FlowScore(float(error), 1.0, 0.0)
            for name, error in zip(("dis", "tvl1", "farneback"), errors, strict=True)
        }
        still = FlowScore(float(random.uniform(0, 3)), 1.0, 0.0)
        text = quality(scores, still)
        shown = sorted(round(float(error), 2) for error in errors)
        assert bool(text) == bool(shown[0] < shown[1]), text
        if text:
            best, zero = map(float, re.findall(r"\d+\.\d\d", text))
            assert best == pytest.approx(shown[0])
            assert ("no better than zero flow" in text) == (best >= zero), text


def test_the_sentences_of_a_trial_are_those_of_its_counts():
    random = np.random.default_rng(8)
    for _ in range(60):
        trial = made(random, int(random.integers(5, 60)))
        right = {role: head.said == head.labels for role, head in trial.roles.items()}
        text = sentences.verdict(trial)
        shares = [int(one) for one in re.findall(r"(\d+) %(?! interval)", text)]
        means = [100 * right[role].mean() for role in ("fused", "spatial", "temporal")]
        assert np.abs(np.array(shares) - means).max() <= 0.5 + 1e-9, text
        rescued = int((right["fused"] & ~right["spatial"] & ~right["temporal"]).sum())
        lost = int((~right["fused"] & (right["spatial"] | right["temporal"])).sum())
        assert f"It is correct on {rescued} clip" in text, text
        assert f"and wrong on {lost} that" in text, text
        gain = sentences.gain_words(trial, "spatial")
        assert not re.search(r"-\d|[+\u2212]0\.0\b", gain), gain
        points = re.search(r": ([+\u2212]?\d+\.\d) points", gain)
        assert points, gain
        assert abs(number(points[1]) - (means[0] - means[1])) <= 0.05 + 1e-9, gain
        said = sentences.calibration(trial.fused)
        sure, accuracy = map(float, re.findall(r"\((\d\.\d\d)\)", said))
        assert abs(accuracy - means[0] / 100) <= 0.005 + 1e-9, said
        how = "equals" if sure == accuracy else "above" if sure > accuracy else "below"
        assert how in said, said
        if how != "equals":
            assert f"{abs(sure - accuracy):.2f} {how}" in said, said


def made(random: np.random.Generator, count: int) -> HeadTrial:
    """Three heads with random predictions on the same clips."""
    labels = random.integers(0, 3, count)

    def head(name: str) -> Answers:
        scores = random.normal(size=(count, 3))
        clips = tuple(f"clip {k}" for k in range(count))
        return Answers("net", name, ("a", "b", "c"), clips, labels, scores)

    return HeadTrial(head("spatial"), head("temporal"), head("spatiotemporal"))
