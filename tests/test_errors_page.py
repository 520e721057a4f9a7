"""The page Errors: what it says of a made-up set, and what it lists when a mark is picked."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import error_plots, palette, session
from app.eight import drawn
from app.error_export import numbers
from app.error_files import by_classes
from app.error_list import query, table
from app.telling import plain
from core.records import InputError
from core.study.errors import cells, confusion
from core.study.predictions import predictions_in, write_predictions
from core.study.trial import Trial, casting, meet
from tests.predicted import made_up
from tests.test_views import MAIN, words

VIEWS = ["Does fusion help", "Confusion", "Per class", "Reliability", "Map of clips"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    session.data_clips.clear()
    return tmp_path


@pytest.fixture
def page(folder: Path) -> AppTest:
    write_predictions(made_up(), folder / "made-up.predictions.parquet")
    return errors_page()


def errors_page() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=120)
    return page.switch_page(str(Path(MAIN).parent / "views/errors.py"))


@pytest.fixture(scope="module")
def trial() -> Trial:
    predictions = made_up()
    cast = casting(predictions)
    heads = {role: predictions.heads[pair] for role, pair in cast.items() if pair}
    return meet(**heads)


def listed(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def test_at_first_glance_it_says_what_fusion_is_worth(page, trial):
    page.run()
    assert not page.exception
    assert not page.error
    said = words(page)
    assert f"Fusion is right on {trial.fused.right.mean():.0%}".replace("%", " %") in said
    assert "of 177 clips (" in said
    assert f"rescues {(cells(trial) == 1).sum()} clips that both streams miss" in said
    assert "whole groups of clips of one source (66 groups)" in said
    assert len(listed(page)) == 177


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_and_stands_in_the_address(page, view):
    page.query_params["errors_view"] = view
    page.run()
    assert not page.exception
    assert not page.error
    assert page.segmented_control(key="errors_view").value == view


def test_a_link_that_names_no_view_shows_the_first(page):
    page.query_params["errors_view"] = ""
    page.run()
    assert not page.exception
    assert "rescues" in words(page)


def test_filters_together_decide_what_is_listed(page, trial):
    page.run()
    page.selectbox(key="errors_part").set_value("fused wrong").run()
    assert len(listed(page)) == (~trial.fused.right).sum()
    page.selectbox(key="errors_truth").set_value("catch").run()
    catch = trial.classes.index("catch")
    wanted = (~trial.fused.right) & (trial.labels == catch)
    assert listed(page)["clip"].tolist() == [
        clip for clip, one in zip(trial.fused.clips, wanted, strict=True) if one
    ]
    page.button(key="errors_clear").click().run()
    assert len(listed(page)) == 177
    page.text_input(key="errors_text").set_value("CATCH_00").run()
    assert set(listed(page)["truth"]) == {"catch"}
    page.text_input(key="errors_text").set_value("nothing").run()
    assert not page.dataframe
    assert "No clip passes" in words(page)


def test_each_cell_of_the_table_lists_its_clips(page, trial):
    page.run()
    for cell, name in (
        (7, "right, motion right, fused right"),
        (1, "wrong, motion wrong, fused ri"),
    ):
        (option,) = [o for o in page.selectbox(key="errors_part").options if name in o]
        page.selectbox(key="errors_part").set_value(option).run()
        assert len(listed(page)) == (cells(trial) == cell).sum()


def test_a_link_restores_the_filters(page):
    page.query_params["errors_truth"] = "golf"
    page.run()
    assert set(listed(page)["truth"]) == {"golf"}


def test_a_clip_that_is_not_here_is_told_and_one_that_is_has_a_link(page, folder):
    page.run()
    assert f"no file {plain('clips/brush_hair_001.mp4')} in or below" in words(page)
    assert not any(listed(page)["open"].dropna())
    (folder / "data/deeper/clips").mkdir(parents=True)
    (folder / "data/deeper/clips/brush_hair_001.mp4").touch()
    session.data_clips.clear()
    page.run()
    assert listed(page)["open"].dropna().tolist() == [
        "./?clip=data%3Adeeper%2Fclips%2Fbrush_hair_001.mp4&model=jhmdb-conv3d&expected=brush_hair"
    ]
    assert "no network here" not in words(page)


def test_a_clip_answered_by_a_network_that_is_not_here_opens_with_another(
    page, folder, monkeypatch
):
    monkeypatch.setattr(session, "networks", list)
    (folder / "data/clips").mkdir(parents=True)
    (folder / "data/clips/brush_hair_001.mp4").touch()
    session.data_clips.clear()
    page.run()
    (link,) = listed(page)["open"].dropna()
    assert link == "./?clip=data%3Aclips%2Fbrush_hair_001.mp4&expected=brush_hair"
    assert f"{plain('jhmdb-conv3d')} is no network here" in words(page)


def test_names_in_a_file_are_letters_and_nothing_more(page, folder):
    file = folder / "made-up.predictions.parquet"
    rows, odd = pd.read_parquet(file), "[a](javascript:alert(1)) **b**"
    rows["path"] = rows["path"].replace("clips/brush_hair_001.mp4", f"{odd}.mp4")
    rows["clip"] = rows["clip"].replace("brush_hair_001", odd)
    rows["model"] = rows["model"].replace("jhmdb-conv3d", f"`{odd}`")
    rows.to_parquet(file)
    page.run()
    page.session_state["errors_text"] = "javascript"
    page.run()
    assert not page.exception
    assert f"no file {plain(f'{odd}.mp4')} in or below" in words(page)
    (folder / "data").mkdir()
    (folder / f"data/{odd}.mp4").touch()
    session.data_clips.clear()
    page.run()
    assert not page.exception
    assert f"Open {plain(odd)} in Explore" in [link.proto.label for link in page.get("page_link")]
    assert f"{plain(f'`{odd}`')} is no network here" in words(page)


def test_a_clip_is_opened_with_the_class_that_it_was_taken_for(trial):
    row = int(np.flatnonzero(~trial.fused.right)[0])
    said, truth = (trial.classes[k] for k in (trial.fused.said[row], trial.labels[row]))
    here = f"data:clips/{trial.fused.clips[row]}.mp4"
    assert query(trial, row, here) == {"clip": here, "model": "jhmdb-conv3d", "expected": said}
    assert query(trial, row, "data:x/film.mp4")["expected"] == truth  # no name tells it


def test_without_any_predictions_there_is_one_hint_and_nothing_else(folder):
    page = errors_page().run()
    assert not page.exception
    (hint,) = page.info
    assert "fusionscope evaluate" in hint.value
    assert str(folder) in hint.value
    assert not page.dataframe
    assert not page.selectbox


def test_a_broken_file_is_told_and_takes_nothing_down(page, folder):
    (folder / "bad.predictions.csv").write_text("clip,label\n", "utf-8")
    page.run()
    (error,) = page.error
    assert error.value.startswith("bad.predictions.csv lacks head")
    assert len(listed(page)) == 177


@pytest.mark.usefixtures("folder")
def test_files_of_ones_own_are_read_and_kept():
    page = errors_page().run()
    mine = "clip,label,head,score:a,score:b\none,a,spatial,2,1\ntwo,b,spatial,1,2\n"
    page.file_uploader(key="errors_upload").upload("mine.csv", mine.encode(), "text/csv").run()
    page.run()
    assert not page.exception
    assert listed(page)["clip"].tolist() == ["one", "two"]
    assert page.selectbox(key="errors_fused").options == ["mine: spatial"]
    assert "mine spatial is right on 100 % (100 to 100) of 2 clips." in words(page)
    assert "Fusion is right" not in words(page)


def test_a_file_that_is_none_is_refused_where_it_was_given(page):
    page.run()
    page.file_uploader(key="errors_upload").upload("mine.csv", b"a,b\n1,2\n", "text/csv").run()
    (error,) = page.error
    assert error.value.startswith("mine.csv lacks clip")
    assert len(listed(page)) == 177


def test_heads_can_be_set_against_others(page):
    page.run()
    page.selectbox(key="errors_fused").set_value("jhmdb-conv3d: temporal").run()
    assert not page.exception
    right = made_up().answers("jhmdb-conv3d", "temporal").right.mean()
    assert f"Fusion is right on {right:.0%}".replace("%", " %") in words(page)


def test_files_with_other_classes_stay_apart():
    text = "clip,label,head,score:a\none,a,x,1\n"
    apart = by_classes([made_up(), predictions_in(text.encode(), "mine.csv")])
    assert [len(one.classes) for one in apart] == [21, 1]
    with pytest.raises(InputError, match="stand twice"):
        by_classes([made_up(), made_up()])


def test_what_is_taken_away_are_the_numbers_on_the_page(trial):
    found = json.loads(json.dumps(numbers(trial), allow_nan=False))
    assert sum(found["cells"].values()) == found["clips"] == 177
    assert (
        found["cells"]["appearance wrong, motion wrong, fused right"] == found["parts"]["rescued"]
    )
    assert found["heads"]["fused"]["confusion"] == confusion(trial.fused).tolist()
    rows = np.array([3, 170])
    assert table(trial, rows)["clip"].tolist() == [trial.fused.clips[row] for row in rows]
    assert table(trial, rows)["truth"].tolist() == ["brush_hair", "wave"]


def test_a_cell_of_the_confusion_can_be_picked_where_there_are_clips():
    shown = error_plots.confusion_map(np.array([[3, 0], [2, 5]]), ["a", "b"], palette.LIGHT_MAP)
    squares = shown.to_dict()["data"][1]
    assert squares["customdata"] == [[0, 0], [1, 0], [1, 1]]
    assert [*zip(squares["x"], squares["y"], strict=True)] == [(0, 0), (0, 1), (1, 1)]
    assert squares["text"][1] == "b said to be a: 2"


def test_the_table_names_what_fusion_did_in_each_cell():
    shown = drawn(np.arange(8), 1)
    assert [one["count"] for one in shown["cells"]] == [*range(8)]
    assert shown["cells"][1] == {
        "count": 1,
        "name": "appearance wrong, motion wrong, fused right",
        "word": "rescued",
    }
    assert shown["cells"][6]["word"] == "lost"
    assert shown["chosen"] == 1
    assert drawn(np.arange(8), None)["chosen"] == -1
