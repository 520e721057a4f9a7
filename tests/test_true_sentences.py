"""True sentences: every clause of a run's sentence is read back and held against raw scores.

Nothing here calls the code that made the sentence: probabilities, leads and terms are computed
again from the four passes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.data.toybox.world import BUNDLED, SPOTTED, toy_world
from fusionscope.explain.ledger.ledger import Passes, four_passes
from fusionscope.explain.ledger.sentence import beside, sentence
from fusionscope.nets.store.catalogue import networks
from fusionscope.nets.store.loading import load_network
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import sample_snippets

DRAWN = 100_000
NAMES = {
    "the baseline": 0,
    "appearance": 1,
    "motion": 2,
    "the interaction of both streams": 3,
}
NUMBER = r"[+\u2212]?\d+\.\d+"
TERM = rf"(?:{'|'.join(NAMES)}) \({NUMBER}\)"
TERMS_LIST = rf"{TERM}(?:, {TERM})*(?: and {TERM})?"
CLASS = r"\*([^*]+)\*"
SURE = r"\((\d\.\d\d)(, no better than chance)?\)"

PREDICTS = re.compile(rf"Predicts {CLASS} \((\d\.\d\d); chance ([\d.e-]+)\)")
AT_CHANCE = re.compile(r": no better than chance\.")
MEASURED = re.compile(r", but on test clips this network is no better than chance\.")
ONLY = re.compile(r" The network uses (appearance|motion) only\.")
STREAM = re.compile(
    r"(?P<who>[Tt]he (?:spatial|temporal) head|[Ww]ith motion replaced by zero flow, the network|"
    r"[Ww]ith appearance replaced by the training mean, the network|"
    r"[Ww]ith motion replaced by zero flow, the prediction is the same|"
    r"[Ww]ith appearance replaced by the training mean, the prediction is the same)"
    rf"(?: agrees| predicts {CLASS})? {SURE}(?:; |\.)"
)
LEAD = re.compile(
    rf" (?:With neither stream, the network predicts {CLASS} too\. )?Its score is ({NUMBER}) above "
    rf"that of {CLASS}; the largest term(s?) of this lead: ({TERMS_LIST})"
    rf"(?:; against it: ({TERMS_LIST}))?\."
)
NO_LEAD = re.compile(rf" Its lead over {CLASS} rounds to (0\.0+)\.")


def number(text: str) -> float:
    assert not re.fullmatch(r"[+\u2212]0\.0+", text), f"{text} has a sign"
    return float(text.replace("\u2212", "-"))


def unit(text: str) -> float:
    return 10.0 ** -len(text.partition(".")[2])


def softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def guessed(p: float, classes: int) -> bool | None:
    """Whether the odds are at most 1.5 times a guess's; None within rounding of the limit."""
    edge = 1.5 / (classes + 0.5) if classes > 1 else 2.0
    return None if abs(p - edge) < 1e-9 else p < edge


def hold(text: str, labels: tuple[str, ...], scores: Mapping[str, np.ndarray],
         streams: tuple[str, ...], guesses: tuple[str, ...] = ()) -> set[str]:  # fmt: skip
    """Hold each clause of a sentence against the scores; return which clauses it has."""
    assert not re.search(r"-\d|nan|inf|_", text), text
    clauses, count = set(), len(labels)
    spoken = {label.replace("_", " "): k for k, label in enumerate(labels)}
    deciding = [*scores][-1]
    final = np.asarray(scores[deciding])
    found = PREDICTS.match(text)
    assert found, text
    said = spoken[found[1]]
    p = softmax(final[0])
    assert final[0, said] >= final[0].max(), text
    assert abs(float(found[2]) - p[said]) < 0.0051, text
    assert abs(float(found[3]) - 1 / count) <= 0.0051, text
    at = found.end()
    weak, listed = guessed(float(p[said]), count), deciding in guesses
    if end := AT_CHANCE.match(text, at):
        assert weak is not False, text
        clauses.add("chance")
    elif end := MEASURED.match(text, at):
        assert listed, text
        clauses.add("measured")
    else:
        assert text[at] == ".", text
        assert weak is not True and not listed, text  # noqa: PT018
    at = end.end() if end else at + 1
    hopeless = end is not None
    if end := ONLY.match(text, at):
        assert streams == ({"appearance": "spatial", "motion": "temporal"}[end[1]],), text
        at = end.end()
        clauses.add("only")
    elif not hopeless:
        assert len(streams) == 2, text
        seen = 0
        at += 1
        while end := STREAM.match(text, at):
            at, seen = end.end(), seen + 1
            hold_stream(end, text, spoken, scores, said, guesses)
            clauses.add("head" if "head" in end["who"] else "replaced")
        assert seen == 2, text
    if hopeless:
        assert at == len(text), text
        return clauses
    order = np.sort(final[0])[::-1]
    if end := NO_LEAD.match(text, at):
        lead = order[0] - order[1]
        assert lead <= 0.5 * unit(end[2]) + 1e-9, text
        assert final[0, spoken[end[1]]] >= order[1] - 1e-12, text
        clauses.add("no lead")
    elif end := LEAD.match(text, at):
        clauses |= hold_lead(end, text, spoken, final, said)
    else:
        assert count == 1, text
        end = re.compile("").match(text, at)
    assert end
    assert end.end() == len(text), text
    return clauses


def hold_stream(
    found: re.Match[str],
    text: str,
    spoken: Mapping[str, int],
    scores: Mapping[str, np.ndarray],
    said: int,
    guesses: tuple[str, ...],
) -> None:
    """A stream is quoted by its own head; only one without is judged by replacing the other."""
    who, heads = found["who"].lower(), [*scores]
    own = [stream for stream in ("spatial", "temporal") if len(heads) > 1 and stream in heads]
    if "head" in who:
        head, row = who.split()[1], 0
        assert head in own, text
    else:
        stream, row = ("spatial", 1) if "zero flow" in who else ("temporal", 2)
        assert stream not in own, text
        head = heads[-1]
    values = np.asarray(scores[head])[row]
    same = "agrees" in found[0] or "the same" in who
    label = said if same else spoken[found[2]]
    if not same:
        assert label != said, text
    assert values[label] >= values.max(), text
    p = float(softmax(values)[label])
    assert abs(float(found[3]) - p) < 0.0051, text
    weak = guessed(p, len(values))
    if weak is not None:
        assert bool(found[4]) == (weak or head in guesses), text


def hold_lead(found: re.Match[str], text: str, spoken: Mapping[str, int], final: np.ndarray,
              said: int) -> set[str]:  # fmt: skip
    """The named term is the largest of the lead; one larger than the lead has its opponent."""
    clauses = {"lead"}
    leans, total, second, plural, named, against = found.groups()
    other = spoken[second]
    rest = np.delete(final[0], said)
    assert other != said, text
    assert final[0, other] >= rest.max(), text
    of = final[:, said] - final[:, other]
    terms = np.array([of[3], of[1] - of[3], of[2] - of[3], of[0] - of[1] - of[2] + of[3]])
    one = unit(total)
    assert abs(number(total) - of[0]) <= 0.5 * one + 1e-9, text
    pairs = re.findall(rf"({'|'.join(NAMES)}) \(({NUMBER})\)", named)
    assert bool(plural) == (len(pairs) > 1), text
    values = [(NAMES[name], number(value)) for name, value in pairs]
    for at, value in values:
        assert abs(value - terms[at]) < one * (1 + 1e-5), text
        assert terms[at] > terms.max() - one * (1 + 1e-5), text
    assert int(terms.argmax()) in dict(values) or np.isclose(
        terms.max(), max(terms[at] for at, _ in values), atol=1e-9
    ), text
    if leans:
        clauses.add("leans")
        assert spoken[leans] == said, text
        assert final[3, said] >= final[3].max(), text
        assert 0 in dict(values), text
    largest = max(value for _, value in values)
    if against:
        clauses.add("against")
        assert largest > number(total), text
        pairs = re.findall(rf"({'|'.join(NAMES)}) \(({NUMBER})\)", against)
        assert terms.min() < 0, text
        for name, value in pairs:
            assert abs(number(value) - terms[NAMES[name]]) < one * (1 + 1e-5), text
            assert terms[NAMES[name]] < terms.min() + one * (1 + 1e-5), text
    else:
        assert largest <= number(total) + 1e-9, text  # no part is larger than the whole
    return clauses


SHAPES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("spatiotemporal",), ("spatial", "temporal")),
    (("spatiotemporal", "temporal", "average"), ("spatial", "temporal")),
    (("spatial", "temporal", "average"), ("spatial", "temporal")),
    (("spatial",), ("spatial",)),
    (("temporal",), ("temporal",)),
)


def drawn(count: int, seed: int = 0) -> Iterator[Passes]:
    """Runs of all kinds: of 1 to 21 classes, huge and tiny scores, ties, zeros, silent streams."""
    random = np.random.default_rng(seed)
    kinds = [(heads, streams, k) for heads, streams in SHAPES for k in (1, 2, 3, 12, 21)]
    for heads, streams, classes in kinds:
        labels = tuple(f"class_{chr(97 + k)}" for k in range(classes))
        each = count // len(kinds)
        scores = random.normal(size=(each, len(heads), 4, classes))
        scores *= 10.0 ** random.uniform(-2, 2.5, (each, 1, 1, 1))
        scores *= 10.0 ** random.uniform(-2, 0.3, (each, 1, 4, 1))  # one pass larger than another
        tied = random.random(each) < 0.15
        scores[tied] = scores[tied].round()
        equal = random.random(each) < 0.05
        scores[equal, :, 1:] = scores[equal, :, :1]
        scores[random.random(each) < 0.03] = 0
        leaning = random.random(each) < 0.1
        scores[leaning] += 3 * random.normal(size=(int(leaning.sum()), 1, 1, classes))
        if streams == ("spatial",):
            scores[:, :, 1], scores[:, :, 2] = scores[:, :, 0], scores[:, :, 3]
        if streams == ("temporal",):
            scores[:, :, 2], scores[:, :, 1] = scores[:, :, 0], scores[:, :, 3]
        if "average" in heads:
            scores[:, -1] = scores[:, :-1].mean(axis=1)
        poor = random.random(each) < 0.05
        for rows, bad in zip(scores, poor.tolist(), strict=True):
            yield Passes(
                labels,
                dict(zip(heads, rows, strict=True)),
                streams=streams,
                guesses=(heads[0],) if bad else (),
            )


@pytest.mark.slow
def test_each_clause_is_true_of_a_hundred_thousand_drawn_runs(figures):
    begun, count, clauses = time.perf_counter(), 0, dict[str, int]()
    for passes in drawn(DRAWN):
        found = hold(sentence(passes), passes.labels, passes.logits, passes.streams, passes.guesses)
        count += 1
        for clause in found:
            clauses[clause] = clauses.get(clause, 0) + 1
    figures(f"{count:,} drawn sentences in {time.perf_counter() - begun:.1f} s: {clauses}")
    assert count == DRAWN
    kinds = (
        "chance",
        "measured",
        "only",
        "head",
        "replaced",
        "lead",
        "no lead",
        "leans",
        "against",
    )
    assert all(clauses.get(kind, 0) > 100 for kind in [*kinds, "against"]), clauses


BESIDE = re.compile(
    rf"{CLASS} \((\d\.\d\d)\) scores (?:({NUMBER}) lower than|the same as) {CLASS}(?:, as shown)?"
    rf"(?:; largest difference: ({TERMS_LIST}))?(?:; ({TERMS_LIST}) favours? {CLASS})?\."
)


def test_the_comparison_with_another_class_is_true_of_drawn_runs():
    for number_of, passes in enumerate(drawn(5000, seed=1)):
        if len(passes.labels) < 2:
            continue
        scores = np.asarray(passes.logits[passes.deciding])
        said = int(scores[0].argmax())
        other = (said + 1 + number_of % (len(passes.labels) - 1)) % len(passes.labels)
        text = beside(passes, passes.labels[other])
        found = BESIDE.fullmatch(text)
        assert found, text
        assert found[1].replace(" ", "_") == passes.labels[other], text
        assert abs(float(found[2]) - softmax(scores[0])[other]) < 0.0051, text
        of = scores[:, said] - scores[:, other]
        terms = np.array([of[3], of[1] - of[3], of[2] - of[3], of[0] - of[1] - of[2] + of[3]])
        shown = re.findall(rf"{NUMBER}", text.partition(")")[2]) or ["0.1"]
        one = unit(shown[0])
        lead = number(found[3]) if found[3] else 0.0
        assert abs(lead - of[0]) <= one * (1 + 1e-5), text
        for part, sign in ((found[5], 1), (found[6], -1)):
            values = [
                (NAMES[name], sign * number(value))
                for name, value in re.findall(rf"({'|'.join(NAMES)}) \(({NUMBER})\)", part or "")
            ]
            for at, value in values:
                assert sign * value > 0, text
                assert abs(value - terms[at]) < 2 * one * (1 + 1e-5), text  # of two rounded numbers
                assert sign * terms[at] > (sign * terms).max() - 4 * one, text


@pytest.fixture(scope="module")
def shipped() -> dict[str, Card]:
    return {one.card.name: one.card for one in networks() if one.card}


@pytest.mark.slow
def test_each_clause_is_true_of_every_shipped_network_on_every_bundled_clip(
    shipped: Mapping[str, Card], figures
):
    count = 0
    clips = {seed: toy_world(seed).clip for seed in BUNDLED}
    flows = {seed: dense_flow(clip, "dis") for seed, clip in clips.items()}
    for card in shipped.values():
        if not card.taught:
            continue
        assert card.flow == "dis"
        network = load_network(card)
        for seed, clip in clips.items():
            passes = four_passes(network, sample_snippets(clip, flows[seed], card))
            hold(sentence(passes), card.labels, passes.logits, card.streams, card.guesses)
            count += 1
    figures(f"{count} sentences of shipped networks")
    assert count >= 6 * 20


def test_the_default_clip_needs_both_streams(shipped: Mapping[str, Card]):
    """Appearance is wrong, motion names the other ball's moves, and only fusion is right."""
    world = toy_world(BUNDLED[0])
    flow, truth = dense_flow(world.clip, "dis"), world.plan.label
    found = {
        name: four_passes(load_network(card), sample_snippets(world.clip, flow, card))
        for name, card in shipped.items()
        if name in ("toybox-conv3d", "toybox-late", "toybox-spatial", "toybox-temporal")
    }
    said = {
        (name, head): passes.labels[int(passes.logits[head][0].argmax())]
        for name, passes in found.items()
        for head in passes.logits
    }
    other = "{}, then {}".format(*world.plan.moves[SPOTTED])
    assert said.pop(("toybox-conv3d", "average")) == truth
    assert said.pop(("toybox-conv3d", "spatiotemporal")) == truth
    assert truth not in said.values()
    assert said["toybox-conv3d", "temporal"] == said["toybox-temporal", "temporal"] == other
    fused = found["toybox-conv3d"]
    still = fused.labels[int(fused.logits["average"][1].argmax())]
    assert still != truth  # with motion replaced by zero flow
    assert f"The temporal head predicts *{other}*" in sentence(fused)
