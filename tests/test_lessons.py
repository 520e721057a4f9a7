"""Lessons: the schema, the check of what they name, and answers that come from the numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.data.toybox.world import toy_world
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, cards
from fusionscope.nets.store.loading import load_network
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import sample_snippets
from fusionscope_app.cli.shell import cli
from fusionscope_app.learn import answer
from fusionscope_app.learn.lesson_check import check_folder, lessons, problems_of
from fusionscope_app.learn.lesson_file import SHIPPED, Lesson, Question, Step, read_lesson
from fusionscope_app.learn.shown_view import ShownView
from fusionscope_app.learn.templates import Claim, filled, names_in, read_claims
from fusionscope_app.learn.values import OF_NETWORKS, VALUES, value_of
from fusionscope_app.state import address
from tests.serve import ROOT

LESSON = """
title = "T"
finding = "Right in {toybox-conv3d.accuracy}."
section = "§3"
[[step]]
text = "One. Two. Three."
page = "explore"
view = { clip = "toybox:8" }
[step.question]
ask = "Which?"
choices = [{ text = "a", when = "p > 0.5" }, { text = "b" }]
reveal = "It has {p}."
holds = ["p > chance"]
[[step]]
text = "Do it."
page = "what_if"
[step.task]
do = "Reverse."
done = "after.prediction != prediction"
now = "Still {after.prediction}."
solution = { edits = "reverse" }
reveal = "Now {after.prediction}."
"""


@pytest.fixture(scope="module", autouse=True)
def no_data() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUSIONSCOPE_DATA", "/nowhere")
        patch.delenv("FUSIONSCOPE_LESSONS", raising=False)
        yield


FAULTS = {  # what is written instead -> the sentence
    ('title = "T"', ""): "title: missing",
    ('title = "T"', 'title = ""'): "title: string should have at least 1 character; found ''",
    ('section = "§3"', 'section = "§3"\ncolour = 1'): "colour: unknown field",
    ("One. Two.", "One. Two. Four."): "step 1: `text` has 4 sentences; needed: at most 3",
    ('{ text = "b" }', '{ txt = "b" }'): "step 1, question, choices 2, text: missing",
    ('when = "p > 0.5"', 'now = "1"'): "step 1, question, choices 1, now: unknown field",
    (', when = "p > 0.5"', ""): "step 1, question: two choices have no `when`",
    (', { text = "b" }', ""): "step 1, question, choices: tuple should have at least 2 items",
    ("[step.question]", "[step.quest]"): "step 1, quest: unknown field",
    ("title", "title ="): "not TOML: ",
    ("toybox-conv3d.acc", "toybox-none.acc"): "finding: there is no value 'toybox-none.accuracy'",
    ("{toybox-conv3d.accuracy}", "{p}"): "finding: p is known only when the step is shown",
    ('"explore"', '"explorer"'): "step 1, page: 'explorer'; needed: one of explore, fusion",
    ('"explore"', '"learn"'): "step 1, page: 'learn'; needed: one of",
    ("clip = ", "clop = "): "step 1, view: page explore has no parameter 'clop'",
    ("clip = ", "errors_view = "): "step 1, view: page explore has no parameter 'errors_view'",
    ("clip = ", "lesson = "): "step 1, view: page explore has no parameter 'lesson'",
    ("clip = ", "model = "): "step 1, view, model: there is no network 'toybox:8'",
    ("toybox:8", "toybox:x"): "step 1, view, clip: toybox:x is not a Toybox clip",
    ('"p > 0.5"', '"p is 1"'): "step 1, question, choices 1, when: 'p is 1' is not a claim",
    ('"p > chance"', '"q > chance"'): "step 1, question, holds: there is no value 'q'",
    ("It has {p}", "It has {q}"): "step 1, question, reveal: there is no value 'q'",
    ('"reverse"', '"rewind"'): "step 2, task, solution, edits: there is no edit 'rewind'",
}


def test_the_lesson_that_faults_are_planted_in_has_none():
    lesson = read_lesson(LESSON)
    assert [step.page for step in lesson.steps] == ["explore", "what_if"]
    assert not [*problems_of(lesson)]


@pytest.mark.parametrize(("change", "said"), FAULTS.items(), ids=FAULTS.values())
def test_each_fault_is_said_in_one_sentence(change: tuple[str, str], said: str, tmp_path: Path):
    (tmp_path / "one.toml").write_text(LESSON.replace(change[0], change[1], 1), "utf-8")
    (found,) = check_folder(tmp_path)
    assert found.lesson is None
    assert any(problem.startswith(said) for problem in found.problems), found.problems
    assert all("\n" not in problem for problem in found.problems)


def test_a_folder_is_checked_by_the_command(tmp_path, capsys):
    (tmp_path / "good.toml").write_text(LESSON, "utf-8")
    cli(["lessons", "--check", str(tmp_path), "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told == {"lessons": [{"name": "good", "steps": 2, "problems": []}]}
    (tmp_path / "bad.toml").write_text(LESSON.replace("toybox:8", "toybox:x"), "utf-8")
    assert cli(["lessons", "--check", str(tmp_path)], standalone_mode=False) == 2
    said = capsys.readouterr().out
    assert "bad " in said
    assert "step 1, view, clip: toybox:x is not a Toybox clip" in said
    for folder in (tmp_path / "none", tmp_path):
        for file in tmp_path.glob("*.toml"):
            file.unlink()
        with pytest.raises(InputError, match="needed"):
            cli(["lessons", "--check", str(folder)], standalone_mode=False)


def test_a_lecturers_folder_is_read_beside_those_that_ship(tmp_path, monkeypatch):
    shipped = [*lessons()]
    monkeypatch.setenv("FUSIONSCOPE_LESSONS", str(tmp_path))
    (tmp_path / "mine.toml").write_text(LESSON, "utf-8")
    (tmp_path / f"{shipped[0]}.toml").write_text(LESSON, "utf-8")
    found = lessons()
    assert [*found] == [*shipped, "mine"]
    assert [one.own for one in found.values()] == [True, *[False] * (len(shipped) - 1), True]


def test_eight_lessons_ship_each_with_finding_and_section_and_without_fault():
    found = [one for one in check_folder(None) if not one.own]
    assert len(found) == 8
    for one in found:
        assert one.problems == ()
        assert one.lesson is not None
        assert "§" in one.lesson.section
        assert answer.network_words(one.lesson.finding).endswith(".")


def test_no_lesson_that_ships_types_a_measured_number_in():
    for path in SHIPPED.glob("*.toml"):
        texts = re.findall(r'(?:reveal|finding|now) = "(.*)"', path.read_text("utf-8"))
        assert texts
        for text in texts:
            assert not re.search(r"\d+\.\d|\d+ ?%", re.sub(r"\{[^}]*\}", "", text)), text


def test_a_template_is_filled_and_a_claim_compared_as_shown():
    values = {"p": 0.97, "q": 0.97, "a": "left", "b": "right"}
    assert names_in("{p} of {a.b-c}") == ["p", "a.b-c"]
    assert filled("{p} and {q}.", lambda name: f"<{name}>") == "<p> and <q>."
    for text, holds in {
        "p == q": True,
        "p < q": False,
        "p >= 0.9 and a != b": True,
        "p >= 0.9 and a == b": False,
        "0.5 > p": False,
    }.items():
        assert all(claim.holds(values.__getitem__) for claim in read_claims(text)) is holds
    assert read_claims("p > 0.5 and a == b")[0] == Claim("p", ">", "0.5")
    for wrong in ("p", "p = 1", "p > ", "p > q > 1"):
        with pytest.raises(InputError, match="is not a claim"):
            read_claims(wrong)
    with pytest.raises(InputError, match="cannot be compared"):
        read_claims("p > a")[0].holds(values.__getitem__)


def test_every_value_is_documented():
    page = (ROOT / "docs/lessons.md").read_text("utf-8")
    for name in (*VALUES, *(f"NETWORK.{name}" for name in OF_NETWORKS)):
        assert f"`{name}`" in page, name
    for part in (Lesson, Step, Question):
        for name in part.model_fields:
            assert f"`{'step' if name == 'steps' else name}`" in page, name


VIEW = {"clip": "toybox:8", "model": "toybox-conv3d"}


@pytest.fixture(scope="module")
def view() -> ShownView:
    return ShownView("fusion", VIEW)


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(cards(FOLDER)["toybox-conv3d"])


@torch.inference_mode()
def scores(network: Network, with_motion: bool = True, right: int = 0) -> np.ndarray:
    """(K,) scores of the clip, from the towers on and without the app's code."""
    clip, card = toy_world(8).clip, network.card
    given = sample_snippets(clip, dense_flow(clip, card.flow), card)
    rgb, flow = (torch.tensor(part, dtype=torch.float32)[None] for part in (given.rgb, given.flow))
    if not with_motion:
        flow = torch.full_like(flow, card.flow_mean)
    if not right:
        return network(rgb, flow).final[0].numpy()
    fuse, (place,) = network.fuse, card.places
    moved = lambda at, a, b: fuse(at, a, b.roll(right, -1) if at == place else b)  # noqa: E731
    network.__dict__["fuse"] = moved
    try:
        return network(rgb, flow).final[0].numpy()
    finally:
        del network.__dict__["fuse"]


def top(logits: np.ndarray, labels: tuple[str, ...]) -> tuple[str, float]:
    shares = np.exp(logits - logits.max())
    return labels[int(logits.argmax())], round(float((shares / shares.sum()).max()), 2)


def test_values_are_those_that_the_network_gives_without_the_app(view, network):
    labels = network.card.labels
    for name, logits in {"": scores(network), "still.": scores(network, False)}.items():
        label, p = top(logits, labels)
        assert value_of(f"{name}prediction", view) == (label, f"*{label}*")
        assert value_of(f"{name}p", view)[0] == pytest.approx(p, abs=0.0101)
    moved = ShownView("fusion", VIEW | {"fusion_move_right": "3"})
    label, p = top(scores(network, right=3), labels)
    assert value_of("moved.prediction", moved)[0] == label
    assert value_of("moved.p", moved)[0] == pytest.approx(p, abs=0.0101)
    assert value_of("truth", view)[0] == toy_world(8).plan.label
    parts = [value_of(name, view)[0] for name in ("baseline", "appearance", "motion")]
    whole = value_of("score", view)[0]
    assert whole == pytest.approx(float(scores(network).max()), abs=0.0501)
    assert sum(map(float, [*parts, value_of("interaction", view)[0]])) == pytest.approx(whole)


def test_values_of_networks_are_those_of_the_cards():
    card = cards(FOLDER)["toybox-conv3d"]
    assert value_of("toybox-conv3d.accuracy", None)[0] == round(card.accuracy[-1][1], 3)
    assert value_of("toybox-conv3d.shifted", None)[0] == round(card.by_shift[3], 3)
    with pytest.raises(InputError, match="has no ceiling"):
        value_of("jhmdb-conv.ceiling", None)


def test_a_reveal_that_contradicts_the_numbers_is_not_shown(view):
    question = next(step.question for step in read_lesson(LESSON).steps if step.question)
    assert answer.correct_choice(question, view) == 0
    assert answer.reveal(question, view) == f"It has {value_of('p', view)[1]}."
    for holds in ("p < chance", "prediction != truth"):
        wrong = question.model_copy(update={"holds": (holds,)})
        said = answer.reveal(wrong, view)
        assert "does not show what the lesson states" in said
        assert f"p {value_of('p', view)[1]}" in said
    choices = tuple(choice.model_copy(update={"when": "p > 0.5"}) for choice in question.choices)
    both = question.model_copy(update={"choices": choices})
    assert answer.correct_choice(both, view) is None
    assert "does not show" in answer.reveal(both, view)


def steps_that_ship() -> list[tuple[str, int]]:
    return [
        (one.name, n)
        for one in lessons().values()
        if one.lesson
        for n in range(1, len(one.lesson.steps) + 1)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), steps_that_ship())
def test_the_numbers_support_every_step_that_ships(name, number):
    lesson = lessons()[name].lesson
    assert lesson is not None
    step = lesson.steps[number - 1]
    part = step.question or step.task
    assert part is not None
    solution = step.task.solution if step.task else {}
    view = ShownView(step.page, address.written(**step.view, **solution))
    if step.question:
        assert answer.correct_choice(step.question, view) is not None
    if step.task:
        assert answer.is_done(step.task, view)
    said = answer.reveal(part, view)
    assert "does not show" not in said
    assert "{" not in said
