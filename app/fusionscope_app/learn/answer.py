"""Answer: which choice the numbers support, whether a task is done, and what they reveal.

The words of a reveal state claims. Where the numbers of the view do not support them, for instance
because another clip was chosen, the numbers are shown and the words are not.
"""

from __future__ import annotations

from collections.abc import Iterable

from fusionscope.base.numbers import listed
from fusionscope_app.learn.lesson_file import Question, Task
from fusionscope_app.learn.shown_view import ShownView
from fusionscope_app.learn.templates import filled, names_in, read_claims
from fusionscope_app.learn.values import value_of


def correct_choice(question: Question, view: ShownView) -> int | None:
    """The index of the choice whose claims hold; None if none or several do."""
    claimed = [n for n, one in enumerate(question.choices) if one.when]
    found = [n for n in claimed if _all_hold([question.choices[n].when or ""], view)]
    if not found:
        found = [n for n, one in enumerate(question.choices) if not one.when]
    return found[0] if len(found) == 1 else None


def is_done(task: Task, view: ShownView) -> bool:
    """Whether the view is as a task asks."""
    return _all_hold([task.done], view)


def words_now(task: Task, view: ShownView) -> str:
    """What the numbers are until a task is done."""
    return _with_values(task.now, view)


def reveal(part: Question | Task, view: ShownView) -> str:
    """The reveal of a question or a task, if the numbers support what it states."""
    supported = _all_hold(part.holds, view)
    if isinstance(part, Question):
        supported = supported and correct_choice(part, view) is not None
    if supported:
        return _with_values(part.reveal, view)
    numbers = [f"{name} {value_of(name, view)[1]}" for name in dict.fromkeys(_names_of(part))]
    return f"This view does not show what the lesson states. Its values: {listed(numbers)}."


def network_words(text: str) -> str:
    """A template that quotes networks only, with their values."""
    return _with_values(text, None)


def _names_of(part: Question | Task) -> list[str]:
    claims = [claim for text in part.holds for claim in read_claims(text)]
    return [*names_in(part.reveal), *(name for claim in claims for name in claim.names)]


def _with_values(text: str, view: ShownView | None) -> str:
    return filled(text, lambda name: value_of(name, view)[1])


def _all_hold(texts: Iterable[str], view: ShownView) -> bool:
    claims = [claim for text in texts for claim in read_claims(text)]
    return all(claim.holds(lambda name: value_of(name, view)[0]) for claim in claims)
