"""Faults in others' scores: each is found, and said in one sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import on_shared_clips
from fusionscope.evaluation.late.late_fusion import fuse
from fusionscope.evaluation.predictions_file import gathered
from fusionscope.evaluation.scores.score_files import read_scores
from tests.seeded_predictions import made_up


@pytest.fixture
def heads() -> list[Answers]:
    found = made_up().heads
    return [found["jhmdb-spatial", "spatial"], found["jhmdb-temporal", "temporal"]]


def test_rows_in_another_order_give_the_same_figures(heads):
    order = np.random.default_rng(0).permutation(177)
    met, left_out = on_shared_clips([heads[0], heads[1].of(order)])
    assert left_out == 0
    mixed, plain = (fuse(one, "sum", (1, 1), (1, 1)) for one in (met, heads))
    np.testing.assert_array_equal(mixed.scores, plain.scores)


def test_a_class_that_one_head_lacks_is_named(heads):
    keep = heads[1].labels != 20
    fewer = heads[1].of(np.flatnonzero(keep))
    fewer = replace(fewer, classes=fewer.classes[:20], scores=fewer.scores[:, :20])
    with pytest.raises(InputError, match=r"20 classes and the first head 21.*'wave' is in only"):
        gathered([heads[0], fewer])


@pytest.mark.parametrize("some", [3, 177])
def test_names_that_differ_in_punctuation_are_said(heads, some):
    clips = heads[1].clips
    other = tuple(one.replace("_", "!") if at < some else one for at, one in enumerate(clips))
    with pytest.raises(
        InputError, match=f"names of {some} clips .* punctuation, such as 'brush_hair_001' and "
    ):
        on_shared_clips([heads[0], replace(heads[1], clips=other)])


def test_clips_that_are_simply_missing_are_no_fault_of_spelling(heads):
    met, left_out = on_shared_clips([heads[0], heads[1].of(np.arange(10, 177))])
    assert (len(met[0].clips), left_out) == (167, 10)


def test_a_clip_that_occurs_twice_is_named(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("clip,label,run,walk\nc1,run,1,0\nc1,run,1,0\n")
    with pytest.raises(InputError, match="the clip c1 occurs twice"):
        read_scores(file)


def test_a_wide_table_has_a_column_for_each_class(tmp_path: Path):
    file = tmp_path / "mine.csv"
    file.write_text("clip,label,head,run,walk\nc1,run,spatial,2,0.5\nc2,run,spatial,0,1\n")
    one = read_scores(file, groups="c(.)").heads["mine", "spatial"]
    assert (one.classes, one.clips, one.groups) == (("run", "walk"), ("c1", "c2"), ("1", "2"))
    np.testing.assert_array_equal(one.scores, [[2, 0.5], [0, 1]])
    file.write_text("clip,label,run,walk,score_sum\nc1,run,2,0.5,2.5\n")
    one = read_scores(file, classes=("walk", "run"), model="net").heads["net", "average"]
    assert set(one.classes) == {"run", "walk"}
    with pytest.raises(InputError, match="has no column for the class jump"):
        read_scores(file, classes=("run", "jump"))
