"""Hostile predictions files: each is read, or refused in one sentence."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.predictions_file import Predictions, predictions_in
from tests.hostile.case import REFUSED, WHOLE, Case
from tests.hostile.figures import counted, is_a_sentence, resident
from tests.hostile.tables import tables

SECONDS = 30.0  # for one file on a busy machine; the bombs would take minutes
MEGABYTES = 2000.0  # more than before; the bombs would take twenty thousand


@pytest.mark.slow
def test_each_table_is_read_or_refused_in_one_sentence(figures: Callable[[str], None]):
    told, wrong, before = [], {}, resident()
    for case in tables():
        began = time.monotonic()
        sentence, found = _read(case)
        taken = time.monotonic() - began
        told.append(
            {"name": case.name, "seconds": taken} | ({"sentence": sentence} if sentence else {})
        )
        why = _wrong(case, sentence, found)
        if why or taken > SECONDS:
            wrong[case.name] = why or f"took {taken} s"
    grown = resident() - before
    figures(counted("hostile tables", told, grown))
    assert not wrong
    assert grown < MEGABYTES


def _read(case: Case) -> tuple[str, Predictions | None]:
    assert isinstance(case.content, bytes)
    try:
        return "", predictions_in(case.content, case.name)
    except InputError as problem:
        return str(problem), None


def _wrong(case: Case, sentence: str, found: Predictions | None) -> str:
    if found is None:
        if case.may == WHOLE:
            return f"was refused: {sentence}"
        return "" if is_a_sentence(sentence, says=case.says) else f"was told: {sentence}"
    whole = {("net", "average")} == {*found.heads} and found.classes == ("a", "b")
    if case.may == REFUSED or (case.may == WHOLE and not whole):
        return f"gave {[*found.heads]} of {found.classes[:5]}"
    return ""
