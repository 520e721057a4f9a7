"""Predictions file: valid files are read, and invalid ones refused in one sentence."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import (
    gathered,
    joined,
    predictions_in,
    read_predictions,
    write_predictions,
)
from tests.seeded_predictions import made_up
from tests.serve import ROOT

LEAST = """clip,label,head,score:cat,score:dog
one,cat,spatial,2.0,1.0
two,dog,spatial,0.5,0.25
one,cat,temporal,-1,3
"""


def read(text: str, name: str = "mine.csv"):
    return predictions_in(text.encode(), name)


def changed(old: str, new: str) -> str:
    assert old in LEAST
    return LEAST.replace(old, new, 1)


def test_the_least_file_is_read():
    found = read(LEAST)
    assert found.classes == ("cat", "dog")
    assert [*found.heads] == [("mine", "spatial"), ("mine", "temporal")]
    spatial = found.answers("mine", "spatial")
    assert spatial.clips == ("one", "two")
    np.testing.assert_array_equal(spatial.labels, [0, 1])
    np.testing.assert_array_equal(spatial.scores, [[2, 1], [0.5, 0.25]])
    np.testing.assert_array_equal(spatial.right, [True, False])
    assert found.answers("mine", "temporal").said[0] == 1
    assert (spatial.groups, spatial.paths, spatial.terms, spatial.places) == ((), (), None, None)
    assert spatial.sure[0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_optional_columns_are_read():
    text = (
        "clip,label,model,head,score:a,score:b,group,path,baseline,appearance,motion,synergy,x,y\n"
        "one,a,net,average,1.5,0,g1,clips/one.mp4,0.5,2,-1.5,0.5,3,4\n"
        "two,b,net,average,1,2,g1,,0,0,2,0,5,6\n"
        "one,a,net,spatial,1,0,,,,,,,,\n"
        "two,b,net,spatial,1,0,,,,,,,,\n"
    )
    fused = read(text).answers("net", "average")
    assert fused.groups == ("g1", "g1")
    assert fused.paths == ("clips/one.mp4", "")
    np.testing.assert_array_equal(fused.terms, [[0.5, 2, -1.5, 0.5], [0, 0, 2, 0]])
    np.testing.assert_array_equal(fused.places, [[3, 4], [5, 6]])
    spatial = read(text).answers("net", "spatial")
    assert (spatial.groups, spatial.paths, spatial.terms, spatial.places) == ((), (), None, None)


@pytest.mark.parametrize("name", ["all.csv", "all.parquet", "ALL.CSV"])
def test_a_written_file_is_read_back(tmp_path: Path, name):
    before = made_up()
    write_predictions(before, tmp_path / name)
    after = read_predictions(tmp_path / name)
    assert after.classes == before.classes
    assert [*after.heads] == [*before.heads]
    for pair, one in before.heads.items():
        other = after.heads[pair]
        assert (one.clips, one.groups, one.paths) == (other.clips, other.groups, other.paths)
        for field in ("labels", "scores", "terms", "places"):
            mine, again = getattr(one, field), getattr(other, field)
            assert (mine is None) == (again is None)
            if mine is not None:
                np.testing.assert_allclose(again, mine, rtol=1e-12)


def test_odd_names_are_kept():
    text = changed("score:cat", '"score:NA, ""then"" nothing"').replace(
        ",cat,", ',"NA, ""then"" nothing",'
    )
    assert read(text.replace("one,", "007,")).answers("mine", "temporal").clips == ("007",)
    assert read(text).classes[0] == 'NA, "then" nothing'
    nothing = read("clip,label,head,score:NA,score:null\nnan,NA,None,1,0\n")
    assert nothing.answers("mine", "None").clips == ("nan",)


def test_a_byte_order_mark_is_not_part_of_the_first_name():
    assert predictions_in(b"\xef\xbb\xbf" + LEAST.encode(), "excel.csv").classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mine.csv is not a CSV"),
        ("clip,label,head,score:cat\n", "has no rows"),
        (changed("label", "truth"), "mine.csv has no column label; needed"),
        ("clip,label,head\na,b,c\n", "has no column score:CLASS"),
        (changed("two,dog", "one,dog"), "the clip one occurs twice for mine spatial"),
        (changed("two,dog", "two,horse"), "the label 'horse' of two is not a class"),
        (changed("0.25", "inf"), "score:dog of two for mine spatial in mine.csv is 'inf'"),
        (changed("0.25", "nan"), "is 'nan'; needed: a finite number"),
        (changed("0.25", "much"), "is 'much'"),
        (changed("0.25", ""), "score:dog of two"),
        (changed("score:dog", "score:cat"), "has the column 'score:cat' twice"),
        (changed("two,", ","), "row 2 of mine.csv has no clip"),
        (changed("two,dog,spatial", "two,dog,"), "row 2 of mine.csv has no head"),
        (changed("1.0\n", "1.0,7,8\n"), "is not a CSV"),
        (
            "clip,label,head,score:a,group\none,a,x,1,g\ntwo,a,x,1,\n",
            "x in mine.csv has a group for only some clips",
        ),
    ],
)
def test_an_invalid_file_is_refused_in_one_sentence(text, says):
    with pytest.raises(InputError) as caught:
        read(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_terms_add_up_to_the_score_of_the_label():
    head = "clip,label,head,score:a,score:b,baseline,appearance,motion,synergy\n"
    assert read(head + "one,b,average,0,2.5,0.5,1,2,-1").heads
    with pytest.raises(
        InputError, match=r"the terms of one .* differ from the score of its label by 0\.5"
    ):
        read(head + "one,b,average,0,2,0.5,1,2,-1")
    with pytest.raises(InputError, match="has baseline, appearance but not motion, synergy"):
        read("clip,label,head,score:a,baseline,appearance\none,a,average,0,0,0")


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"PK\x03\x04\xff\xfe", "mine.csv", "is not text in UTF-8"),
        (b"PAR1 and no more", "mine.parquet", "is not a Parquet table"),
        (b"", "mine.parquet", "is not a Parquet table"),
        (LEAST.encode(), "mine.xlsx", "neither .csv nor .parquet"),
    ],
)
def test_other_files_are_refused(content, name, says):
    with pytest.raises(InputError, match=says):
        predictions_in(content, name)


def test_a_parquet_table_whose_cells_are_no_numbers_is_refused():
    stored = BytesIO()
    rows = {"clip": ["one"], "label": ["a"], "head": ["x"], "score:a": [[1.0, 2.0]]}
    pd.DataFrame(rows).to_parquet(stored)
    with pytest.raises(InputError, match="score:a"):
        predictions_in(stored.getvalue(), "mine.parquet")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"gone\.csv cannot be read"):
        read_predictions(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="cannot be written"):
        write_predictions(read(LEAST), tmp_path / "no" / "folder.csv")


def test_files_are_joined_by_the_names_of_their_classes():
    swapped = "clip,label,head,score:dog,score:cat\none,cat,average,1,2\n"
    both = joined(read(LEAST), read(swapped, "other.csv"))
    assert both.classes == ("cat", "dog")
    other = both.answers("other", "average")
    np.testing.assert_array_equal(other.scores, [[2, 1]])
    np.testing.assert_array_equal(other.labels, [0])
    with pytest.raises(InputError, match="mine spatial occur twice"):
        joined(read(LEAST), read(LEAST))
    with pytest.raises(InputError, match="has 3 classes and the first head 2"):
        joined(read(LEAST), read(changed(":dog", ":dog,score:ox").replace("0\n", "0,0\n")
               .replace("25\n", "25,0\n").replace(",3\n", ",3,0\n"), "third.csv"))  # fmt: skip
    with pytest.raises(InputError, match="mine average; choose one of mine spatial"):
        read(LEAST).answers("mine", "average")
    with pytest.raises(InputError, match="there are no predictions"):
        gathered(())


def test_nothing_in_it_can_be_changed():
    alone = Answers("m", "h", ("a",), ("one",), np.zeros(1, int), np.zeros((1, 1)))
    assert not alone.scores.flags.writeable
    found = made_up()
    fused = found.answers("jhmdb-conv3d", "spatiotemporal")
    for array in (fused.labels, fused.scores, fused.terms, fused.places):
        assert array is not None
        assert not array.flags.writeable
    with pytest.raises(TypeError):
        found.heads["a", "b"] = fused  # pyright: ignore[reportIndexIssue]


def test_answers_that_do_not_fit_each_other_are_a_bug():
    truth, scores = np.zeros(1, int), np.zeros((1, 2))
    with pytest.raises(ValueError, match=r"scores of shape \(1, 2\), got \(1, 3\)"):
        Answers("m", "h", ("a", "b"), ("one",), truth, np.zeros((1, 3)))
    with pytest.raises(ValueError, match="1 groups or none, got 2"):
        Answers("m", "h", ("a", "b"), ("one",), truth, scores, groups=("g", "h"))
    with pytest.raises(ValueError, match="got one twice"):
        Answers("m", "h", ("a", "a"), ("one",), truth, scores)


def test_answers_on_some_clips_keep_all_that_belongs_to_them():
    fused = made_up().answers("jhmdb-conv3d", "spatiotemporal")
    some = fused.of(np.array([5, 2]))
    assert some.clips == (fused.clips[5], fused.clips[2])
    assert some.paths == (fused.paths[5], fused.paths[2])
    assert some.terms is not None
    assert fused.terms is not None
    np.testing.assert_array_equal(some.terms, fused.terms[[5, 2]])
    np.testing.assert_array_equal(some.scores, fused.scores[[5, 2]])


def test_the_documentation_lists_every_column():
    told = (ROOT / "docs/data.md").read_text("utf-8").partition("## Predictions files")[2]
    columns = "clip label head model score: group path baseline appearance motion synergy x y"
    assert all(f"`{column}" in told.partition("\n## ")[0] for column in columns.split())


SPREADSHEET = (
    "clip;label;head;path;score:left, then up;score:up\r\n"
    "c,1;up;spatial;walk\\a.mp4;0,6248;-1,5e1\r\n"
    "c2;up;spatial;;2;3\r\n"
    ";;;;;\r\n"
)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("told", [False, True])
def test_a_table_of_a_european_spreadsheet_is_read(coding: str, separator: str, told: bool):
    text = SPREADSHEET.replace(";", separator)
    text = f"sep={separator}\r\n{text}" if told else text
    found = predictions_in(text.encode(coding), "mine.csv").answers("mine", "spatial")
    assert found.classes == ("left, then up", "up")
    assert found.clips == ("c,1", "c2")
    np.testing.assert_array_equal(found.scores, [[0.6248, -15], [2, 3]])
    assert found.paths == ("walk\\a.mp4", "")


def test_semicolons_with_decimal_points_and_commas_with_quotes_are_read():
    found = read(LEAST.replace(",", ";")).answers("mine", "spatial")
    np.testing.assert_array_equal(found.scores, [[2, 1], [0.5, 0.25]])
    found = read('clip,label,head,"score:a;b",,\none,a;b,x,1.5,,\n').answers("mine", "x")
    assert (found.classes, found.scores.tolist()) == (("a;b",), [[1.5]])


def test_an_error_names_separator_and_decimal_mark():
    with pytest.raises(InputError, match=r"'1\.234,5' \(separator semicolon, decimal mark comma\)"):
        read(SPREADSHEET.replace("0,6248", "1.234,5"))
    with pytest.raises(InputError, match=r"'1,5' \(separator comma, decimal mark point\)"):
        read(changed("2.0", '"1,5"'))
    with pytest.raises(InputError, match=r"CSV file \(separator semicolon, decimal mark comma"):
        read(SPREADSHEET + "c3;up;spatial;;1;2;3;4\r\n")
