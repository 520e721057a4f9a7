"""Lesson file: a lesson as a TOML file; ``docs/lessons.md`` describes the schema."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from fusionscope.base import user_files
from fusionscope.base.records import InputError, printable

SHIPPED = Path(__file__).with_name("lessons")
SENTENCES = 3  # at most, of a step's text
_END = re.compile(r"[.?!][)”\"]?(?:\s|$)")

Text = Annotated[str, Field(min_length=1, max_length=500)]
Short = Annotated[str, Field(min_length=1, max_length=160)]
Claims = Annotated[str, Field(min_length=1, max_length=300)]
Address = dict[str, str | int | bool]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Choice(_Part):
    """One answer to a question; it is correct where its claims hold."""

    text: Short
    when: Claims | None = None  # without: correct where no other choice is


class Question(_Part):
    """A question with two to five choices, and what the numbers answer."""

    ask: Text
    choices: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=5)]
    reveal: Text
    holds: tuple[Claims, ...] = ()  # what the words of ``reveal`` state

    @model_validator(mode="after")
    def _one_remains(self) -> Question:
        if sum(choice.when is None for choice in self.choices) > 1:
            raise ValueError("two choices have no `when`; needed: at most one")
        return self


class Task(_Part):
    """Something to do with the app until claims hold, and what the numbers then show."""

    do: Text
    done: Claims
    now: Text  # until it is done: what the numbers are
    solution: Address  # parameters with which it is done
    reveal: Text
    holds: tuple[Claims, ...] = ()


class Step(_Part):
    """A text, the view of the app that it speaks of, and a question or a task."""

    text: Text
    page: str
    view: Address = {}
    heading: Annotated[str, Field(max_length=80)] = ""  # of the page, to which it scrolls
    question: Question | None = None
    task: Task | None = None
    note: Annotated[str, Field(max_length=600)] = ""  # for the presenter

    @model_validator(mode="after")
    def _is_short_and_asks(self) -> Step:
        if (count := len(_END.findall(self.text))) > SENTENCES:
            raise ValueError(f"`text` has {count} sentences; needed: at most {SENTENCES}")
        if (self.question is None) == (self.task is None):
            raise ValueError("needed: either `question` or `task`")
        return self


class Lesson(_Part):
    """Steps that lead to one finding."""

    title: Short
    finding: Text
    section: Short  # of the paper
    steps: Annotated[tuple[Step, ...], Field(alias="step", min_length=1, max_length=12)]


@dataclass(frozen=True)
class Found:
    """A lesson file: its lesson, or what is wrong with it in one sentence each."""

    name: str  # the file's name without its ending, which addresses use
    lesson: Lesson | None
    problems: tuple[str, ...] = ()
    own: bool = False  # from the lecturer's folder


def files_of(folder: Path) -> list[Path]:
    """The lesson files of a folder, ``*.toml``, by name; none if there is no such folder.

    Raises:
        InputError: the folder cannot be read.
    """
    return [path for path in user_files.listed(folder) if path.suffix == ".toml" and path.is_file()]


def read_folder(folder: Path, own: bool = False) -> list[Found]:
    """Every lesson file of a folder, read; raises as ``files_of``."""
    return [_found(path, own) for path in files_of(folder)]


def _found(path: Path, own: bool) -> Found:
    try:
        return Found(path.stem, read_lesson(user_files.read_text(path)), (), own)
    except InputError as problem:
        return Found(path.stem, None, tuple(str(problem).split("\n")), own)


def read_lesson(text: str) -> Lesson:
    """TOML -> a lesson whose parts are there and of the right kind.

    Raises:
        InputError: one line for each fault.
    """
    try:
        return Lesson.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise InputError(f"not TOML: {problem}") from problem
    except ValidationError as problem:
        faults = problem.errors(include_url=False, include_context=False)
        lines = [f"{_where(fault['loc'])}{_what(fault)}" for fault in faults]
        raise InputError("\n".join(dict.fromkeys(lines))) from problem


def _where(place: Sequence[int | str]) -> str:
    """``step 2, question, choices 1, text: ``"""
    words: list[str] = []
    for part in place:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        elif part not in ("str", "int", "bool"):  # which kind of a value was tried
            words.append(str(part))
    return f"{', '.join(words)}: " if words else ""


def _what(fault: ErrorDetails) -> str:
    """What is wrong, and what was found instead."""
    if fault["type"] == "missing":
        return "missing"
    if fault["type"] == "extra_forbidden":
        return "unknown field"
    message, found = fault["msg"].removeprefix("Value error, "), fault["input"]
    text = f"{message[:1].lower()}{message[1:]}"
    return f"{text}; found {printable(str(found))!r}" if isinstance(found, _SIMPLE) else text


_SIMPLE = (str, int, float, bool)
