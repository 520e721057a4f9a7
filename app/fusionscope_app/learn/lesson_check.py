"""Lesson check: whether what a lesson names exists: pages, parameters, networks, edits, values."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from fusionscope.base import paths
from fusionscope.base.records import InputError, printable
from fusionscope.card import Card
from fusionscope.explain.edits.edit_list import WAYS, read_edits
from fusionscope_app.learn.lesson_file import SHIPPED, Found, Lesson, Step, files_of, read_folder
from fusionscope_app.learn.templates import names_in, read_claims
from fusionscope_app.learn.values import VALUES, is_of_network
from fusionscope_app.pages import TITLES
from fusionscope_app.state import address, clip_sources, results

PAGES = tuple(page for page in TITLES if page not in ("learn", "teach", "models"))
"""Pages that a step can show."""
_OWN = ("lesson", "step", "lecture")  # parameters that the strip writes itself


def lessons() -> Mapping[str, Found]:
    """Name -> lesson: those that ship, then the lecturer's; a broken one has no lesson.

    A lecturer's lesson takes the place of one that ships under the same name. Files are read again
    when they have changed.
    """
    folders = [SHIPPED, *filter(None, [paths.lessons_folder()])]
    return _read(tuple(map(_state_of, folders)), tuple(results.models().values()))


def _state_of(folder: Path) -> tuple[Path, tuple[tuple[str, int, int], ...]]:
    """A folder, and what changes when one of its files does."""
    states = ((path, path.stat()) for path in files_of(folder))
    return folder, tuple((path.name, state.st_mtime_ns, state.st_size) for path, state in states)


@lru_cache(maxsize=4)
def _read(folders: tuple[tuple[Path, Hashable], ...], _: tuple[Card, ...]) -> Mapping[str, Found]:
    """The lessons of folders in this state, checked against these networks."""
    found = [one for folder, _ in folders for one in read_folder(folder, own=folder != SHIPPED)]
    return MappingProxyType({one.name: checked(one) for one in found})


def checked(found: Found) -> Found:
    """A lesson file with the faults of what it names; one with faults has no lesson."""
    if found.lesson is None:
        return found
    problems = tuple(problems_of(found.lesson))
    return replace(found, lesson=None, problems=problems) if problems else found


def problems_of(lesson: Lesson) -> Iterator[str]:
    """One sentence for each fault."""
    yield from _unknown(names_in(lesson.finding), "finding", networks=True)
    for number, step in enumerate(lesson.steps, 1):
        for problem in _problems_of(step):
            yield f"step {number}, {problem}"


def _problems_of(step: Step) -> Iterator[str]:
    if step.page not in PAGES:
        yield f"page: {printable(step.page)!r}; needed: one of {', '.join(PAGES)}"
    yield from _of_address(step.view, "view", step.page)
    yield from _unknown(names_in(step.text), "text", networks=True)
    yield from _unknown(names_in(step.note), "note", networks=True)
    if (question := step.question) is not None:
        yield from _unknown(names_in(question.ask), "question, ask", networks=True)
        yield from _unknown(names_in(question.reveal), "question, reveal")
        for number, choice in enumerate(question.choices, 1):
            yield from _of_claims(choice.when, f"question, choices {number}, when")
            yield from _unknown(names_in(choice.text), f"question, choices {number}, text", True)
        for claims in question.holds:
            yield from _of_claims(claims, "question, holds")
    if (task := step.task) is not None:
        yield from _of_address(step.view | task.solution, "task, solution", step.page)
        yield from _unknown(names_in(task.do), "task, do", networks=True)
        for part, text in (("now", task.now), ("reveal", task.reveal)):
            yield from _unknown(names_in(text), f"task, {part}")
        for claims in (task.done, *task.holds):
            yield from _of_claims(claims, "task, claims")


def _of_claims(text: str | None, where: str) -> Iterator[str]:
    try:
        claims = read_claims(text) if text else ()
    except InputError as problem:
        yield f"{where}: {problem}"
        return
    yield from _unknown([name for claim in claims for name in claim.names], where)


def _unknown(names: Sequence[str], where: str, networks: bool = False) -> Iterator[str]:
    """Names that are no values; with ``networks``, only values of networks are allowed."""
    for name in names:
        if is_of_network(name):
            continue
        if name not in VALUES:
            yield f"{where}: there is no value {printable(name)!r}; docs/lessons.md lists them"
        elif networks:
            yield (
                f"{where}: {name} is known only when the step is shown; "
                "needed: a value of a network, such as toybox-conv3d.accuracy"
            )


def _of_address(view: address.Values, where: str, page: str) -> Iterator[str]:
    known = [*(key for key in address.KEYS if key not in _OWN), *address.OF_ONE_PAGE]
    for key, value in view.items():
        text = str(value)
        if key not in known or (key in address.OF_ONE_PAGE and not key.startswith(f"{page}_")):
            yield f"{where}: page {page} has no parameter {printable(key)!r}"
        elif key in ("model", "other") and text not in results.models():
            yield f"{where}, {key}: there is no network {printable(text)!r}"
        elif key in ("clip", "motion", "edits", "way"):
            try:
                _READ[key](text)
            except InputError as problem:
                yield f"{where}, {key}: {problem}"


def _way(text: str) -> None:
    if text not in WAYS:
        raise InputError(f"{printable(text)!r}; needed: one of {', '.join(WAYS)}")


_READ = {
    "clip": clip_sources.known,
    "motion": clip_sources.known,
    "edits": read_edits,
    "way": _way,
}


def check_folder(folder: Path | None) -> list[Found]:
    """Check the lessons of a folder; None: those that ship and the lecturer's.

    Raises:
        InputError: there is no such folder, or it has no lesson.
    """
    if folder is None:
        return [*lessons().values()]
    if not folder.is_dir():
        raise InputError(f"{printable(str(folder))} is not a folder; needed: one with lessons")
    if not (found := read_folder(folder)):
        raise InputError(f"{printable(str(folder))} has no lesson; needed: a file NAME.toml")
    return [checked(one) for one in found]
