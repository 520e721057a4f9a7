"""Faults in others' scores: each is found, and said in one sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.faults import other_classes, repeated_clips, repeated_words
from fusionscope.evaluation.head_trial import on_shared_clips
from fusionscope.evaluation.late.late_fusion import fuse, with_scores
from fusionscope.evaluation.predictions_file import gathered, write_predictions
from fusionscope.evaluation.scores.score_files import read_scores
from fusionscope.explain.measures import probabilities
from fusionscope_app import warmup
from tests.seeded_predictions import made_up
from tests.test_views import MAIN


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


def test_copies_of_a_clip_under_other_names_are_named(heads):
    assert repeated_clips(heads) == []
    assert repeated_words(heads) == ""
    order = np.arange(177)
    order[[10, 11, 50]] = 5, 5, 40  # as if two clips were copied
    copied = [replace(one.of(np.arange(177)), scores=one.scores[order]) for one in heads]
    clips = heads[0].clips
    assert repeated_clips(copied) == [(clips[5], clips[10], clips[11]), (clips[40], clips[50])]
    assert repeated_clips([copied[0], heads[1]]) == []
    said = repeated_words(copied)
    assert said.startswith("5 clips have the same scores as another in every head")
    assert f"copies of 2 clips and count several times: {clips[5]} and {clips[10]}" in said


def test_a_class_that_a_file_lacks_or_spells_otherwise_is_said_of_files_with_the_same_clips(heads):
    fewer = heads[1].of(np.flatnonzero(heads[1].labels != 20))
    fewer = replace(fewer, classes=fewer.classes[:20], scores=fewer.scores[:, :20])
    spelled = replace(heads[1], classes=tuple(c.replace("_", " ") for c in heads[1].classes))
    one, less, other = (gathered([head]) for head in (heads[0], fewer, spelled))
    assert other_classes([one, less]) == [
        "jhmdb-temporal: temporal and jhmdb-spatial: spatial cannot be compared: "
        "jhmdb-temporal: temporal has no class 'wave'."
    ]
    (said,) = other_classes([one, other])
    assert "7 classes differ only in spelling, such as 'brush hair' and 'brush_hair'" in said
    elsewhere = replace(fewer, clips=tuple(f"other {clip}" for clip in fewer.clips))
    assert other_classes([one, gathered([elsewhere])]) == []


def test_probabilities_become_scores_unless_a_ledger_adds_up_to_them(heads):
    p = probabilities(heads[0].scores)
    given = replace(heads[0], scores=p)
    assert with_scores(heads[0]) is heads[0]
    np.testing.assert_allclose(probabilities(with_scores(given).scores), p, atol=1e-9)
    assert with_scores(replace(given, terms=np.zeros((177, 4)))).scores is p


@pytest.fixture
def page(tmp_path: Path, monkeypatch) -> AppTest:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    page = AppTest.from_file(MAIN, default_timeout=120)
    return page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/errors.py"))


def test_the_page_says_each_fault(page, tmp_path, heads):
    spatial, temporal = heads
    order = np.arange(177)
    order[1] = 0
    given = [
        replace(spatial, scores=probabilities(spatial.scores)[order]),
        replace(temporal, scores=temporal.scores[order]),
    ]
    lacks = replace(spatial, model="old", classes=(*spatial.classes[:20], "salute"))
    write_predictions(gathered(given), tmp_path / "a.csv")
    write_predictions(gathered([lacks]), tmp_path / "b.csv")
    page.run()
    assert not page.exception
    said = " ".join(one.value for one in page.caption).replace("\\", "")
    assert "2 clips have the same scores as another in every head" in said
    assert "jhmdb-spatial: spatial: the file has probabilities instead of scores" in said
    assert "old: spatial has no class 'wave', and jhmdb-spatial: spatial has no class 'salute'" in (
        said
    )


def test_names_that_differ_in_punctuation_are_said_on_the_page(page, tmp_path, heads):
    clips = tuple(one.replace("_", "!") for one in heads[1].clips)
    both = gathered([heads[0], replace(heads[1], clips=clips)])
    write_predictions(both, tmp_path / "a.csv")
    page.run()
    assert not page.exception
    assert "differ only in punctuation" in page.error[0].value
