"""Page Errors: its sentence, figures and list for a made-up data set."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base import user_files
from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial, align_heads, heads_by_role
from fusionscope.evaluation.predictions_file import gathered, predictions_in, write_predictions
from fusionscope.evaluation.statistics import cells, confusion
from fusionscope.nets.store.catalogue import FOLDER
from fusionscope_app import warmup
from fusionscope_app.components.matrix import packed as packed_matrix
from fusionscope_app.components.matrix import read_pick
from fusionscope_app.components.outcome_table import drawn
from fusionscope_app.components.points import packed as packed_points
from fusionscope_app.components.points import read_rows
from fusionscope_app.errors import confusion_plots, many_classes, plots
from fusionscope_app.errors.clip_list import query, table
from fusionscope_app.errors.export import numbers
from fusionscope_app.errors.predictions_folder import read_folder
from fusionscope_app.errors.sections import SECTIONS
from fusionscope_app.errors.trial_choice import by_classes
from fusionscope_app.state import clips, results
from fusionscope_app.theme import palette
from fusionscope_app.widgets.error_messages import plain
from tests.seeded_predictions import made_up
from tests.test_views import MAIN, words

VIEWS = [*SECTIONS]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    clips.data_clips.clear()
    return tmp_path


@pytest.fixture
def page(folder: Path) -> AppTest:
    write_predictions(made_up(), folder / "made-up.predictions.parquet")
    return errors_page()


def errors_page() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=120)
    return page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/errors.py"))


@pytest.fixture(scope="module")
def trial() -> HeadTrial:
    predictions = made_up()
    cast = heads_by_role(predictions)
    heads = {role: predictions.heads[pair] for role, pair in cast.items() if pair}
    return align_heads(**heads)


def listed(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def test_the_first_view_states_the_gain_of_fusion(page, trial):
    page.run()
    assert not page.exception
    assert not page.error
    said = words(page)
    assert f"Fusion is correct on {trial.fused.right.mean():.0%}".replace("%", " %") in said
    assert "of 177 clips of J-HMDB (" in said
    assert f"correct on {(cells(trial) == 1).sum()} clips that both streams get wrong" in said
    assert "66 groups" in said
    assert len(listed(page)) == 177


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_drawn_and_kept_in_the_address(page, view):
    page.query_params["errors_view"] = view
    page.run()
    assert not page.exception
    assert not page.error
    assert page.segmented_control(key="errors_view").value == view


def test_a_link_that_names_no_view_shows_the_first(page):
    page.query_params["errors_view"] = ""
    page.run()
    assert not page.exception
    assert "of 177 clips of J-HMDB (95 % interval" in words(page)


def test_the_list_matches_all_filters(page, trial):
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
    assert "No clip matches" in words(page)


def test_each_cell_of_the_table_lists_its_clips(page, trial):
    page.run()
    for cell, name in (
        (7, "appearance correct, motion correct, fused correct"),
        (1, "appearance incorrect, motion incorrect, fused correct"),
    ):
        (option,) = [o for o in page.selectbox(key="errors_part").options if name == o]
        page.selectbox(key="errors_part").set_value(option).run()
        assert len(listed(page)) == (cells(trial) == cell).sum()


def test_a_link_restores_the_filters(page):
    page.query_params["errors_truth"] = "golf"
    page.run()
    assert set(listed(page)["truth"]) == {"golf"}


def test_a_missing_video_is_reported_and_one_that_exists_has_a_link(page, folder):
    page.run()
    assert f"no file {plain('clips/brush_hair_001.mp4')} in or below" in words(page)
    assert not any(listed(page)["open"].dropna())
    (folder / "data/deeper/clips").mkdir(parents=True)
    (folder / "data/deeper/clips/brush_hair_001.mp4").touch()
    clips.data_clips.clear()
    page.run()
    assert listed(page)["open"].dropna().tolist() == [
        "./?clip=data%3Adeeper%2Fclips%2Fbrush_hair_001.mp4&model=jhmdb-conv3d&expected=brush_hair"
    ]
    assert "not available here" not in words(page)


def test_a_clip_of_an_unavailable_network_opens_with_another(page, folder, monkeypatch):
    monkeypatch.setattr(results, "networks", list)
    (folder / "data/clips").mkdir(parents=True)
    (folder / "data/clips/brush_hair_001.mp4").touch()
    clips.data_clips.clear()
    page.run()
    (link,) = listed(page)["open"].dropna()
    assert link == "./?clip=data%3Aclips%2Fbrush_hair_001.mp4&expected=brush_hair"
    assert f"{plain('jhmdb-conv3d')} is not available here" in words(page)


def test_names_in_a_file_are_shown_literally(page, folder):
    file = folder / "made-up.predictions.parquet"
    rows, odd = pd.read_parquet(file), "[a](javascript:alert(1)) **b**"
    rows["path"] = rows["path"].replace("clips/brush_hair_001.mp4", f"{odd}.mp4")
    rows["clip"] = rows["clip"].replace("brush_hair_001", odd)
    rows["model"] = rows["model"].replace("jhmdb-conv3d", f"`{odd}`")
    rows.to_parquet(file)
    page.run()
    page.query_params["errors_text"] = "javascript"
    page.run()
    assert not page.exception
    assert f"no file {plain(f'{odd}.mp4')} in or below" in words(page)
    (folder / "data").mkdir()
    (folder / f"data/{odd}.mp4").touch()
    clips.data_clips.clear()
    page.run()
    assert not page.exception
    assert f"Open {plain(odd)} in Explore" in [link.proto.label for link in page.get("page_link")]
    assert f"{plain(f'`{odd}`')} is not available here" in words(page)


def test_a_clip_opens_with_its_predicted_class(trial):
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
    assert str(folder) in hint.value.replace("\\", "")
    assert not page.dataframe
    assert not page.selectbox


def test_every_table_of_the_folder_is_read_and_one_line_names_those_skipped(page, folder):
    (folder / "made-up.predictions.parquet").rename(folder / "conv3d.parquet")
    (folder / "bad.csv").write_text("clip,label\n", "utf-8")
    shutil.copy(folder / "conv3d.parquet", folder / "twice.PARQUET")
    (folder / "._conv3d.parquet").write_bytes(b"\0")
    (folder / "notes.txt").touch()
    page.run()
    assert not page.exception
    assert not page.error
    assert len(listed(page)) == 177
    (line,) = [caption.value for caption in page.caption if "Skipped" in caption.value]
    assert plain("bad.csv: has no column head, score:CLASS; twice.PARQUET: its heads") in line
    assert plain("are also in conv3d.parquet.") in line
    assert str(folder) in line.replace("\\", "")


def test_of_the_folder_that_ships_only_predictions_are_read(monkeypatch):
    monkeypatch.delenv("FUSIONSCOPE_PREDICTIONS", raising=False)
    found, skipped = read_folder()
    assert skipped == ""
    assert len(found) == len(list(FOLDER.glob("*.predictions.parquet")))


def test_a_file_that_vanishes_while_it_is_listed_is_named(page, folder, monkeypatch):
    gone = folder / "gone.parquet"
    listing = user_files.listed
    monkeypatch.setattr(user_files, "listed", lambda at: [gone, *listing(at)])
    page.run()
    assert not page.exception
    assert any("cannot be read: No such file" in caption.value for caption in page.caption)


def test_another_data_set_sets_the_boxes_and_clears_the_filters(page, folder):
    rows = "clip,label,model,head,score:a,score:b\n"
    rows += "".join(
        f"{clip},a,other,{head},2,1\n" for clip in "xyz" for head in ("spatial", "temporal")
    )
    (folder / "other.csv").write_text(rows, "utf-8")
    page.query_params["errors_truth"] = "golf"
    page.query_params["errors_fused"] = "jhmdb-conv3d: temporal"
    page.run()
    assert set(listed(page)["truth"]) == {"golf"}
    data = page.selectbox(key="errors_data")
    data.set_value(next(one for one in data.options if one.startswith("2 classes"))).run()
    assert not page.exception
    assert listed(page)["clip"].tolist() == ["x", "y", "z"]
    values = [
        page.selectbox(key=f"errors_{role}").value for role in ("spatial", "temporal", "fused")
    ]
    assert values == ["other: spatial", "other: temporal", "other: spatial"]
    assert page.selectbox(key="errors_truth").value is None
    assert {"errors_truth", "errors_fused"}.isdisjoint(page.query_params)
    assert "errors_data" in page.query_params


@pytest.mark.usefixtures("folder")
def test_uploaded_files_are_read_and_kept():
    page = errors_page().run()
    mine = "clip,label,head,score:a,score:b\none,a,spatial,2,1\ntwo,b,spatial,1,2\n"
    page.file_uploader(key="errors_upload").upload("mine.csv", mine.encode(), "text/csv").run()
    page.run()
    assert not page.exception
    assert listed(page)["clip"].tolist() == ["one", "two"]
    assert page.selectbox(key="errors_fused").options == ["mine: spatial"]
    assert "mine spatial is correct on 100 % (100 to 100) of 2 clips" in words(page)
    assert "Fusion is correct" not in words(page)


def test_an_invalid_file_is_refused_at_its_upload(page):
    page.run()
    page.file_uploader(key="errors_upload").upload("mine.csv", b"a,b\n1,2\n", "text/csv").run()
    (error,) = page.error
    assert error.value.startswith("mine.csv has no column clip")
    assert len(listed(page)) == 177


def test_other_heads_can_be_compared(page):
    page.run()
    page.selectbox(key="errors_fused").set_value("jhmdb-conv3d: temporal").run()
    assert not page.exception
    right = made_up().answers("jhmdb-conv3d", "temporal").right.mean()
    assert f"Fusion is correct on {right:.0%}".replace("%", " %") in words(page)


def test_files_with_other_classes_stay_apart():
    text = "clip,label,head,score:a\none,a,x,1\n"
    apart = by_classes([made_up(), predictions_in(text.encode(), "mine.csv")])
    assert [len(one.classes) for one in apart] == [21, 1]
    with pytest.raises(InputError, match="occur twice"):
        by_classes([made_up(), made_up()])


def test_the_export_contains_the_numbers_of_the_page(trial):
    found = json.loads(json.dumps(numbers(trial), allow_nan=False))
    assert sum(found["cells"].values()) == found["clips"] == 177
    assert (
        found["cells"]["appearance wrong, motion wrong, fused right"] == found["parts"]["rescued"]
    )
    assert found["heads"]["fused"]["confusion"] == confusion(trial.fused).tolist()
    rows = np.array([3, 170])
    assert table(trial, rows)["clip"].tolist() == [trial.fused.clips[row] for row in rows]
    assert table(trial, rows)["truth"].tolist() == ["brush_hair", "wave"]


def test_cells_of_the_confusion_with_clips_can_be_selected():
    shown = confusion_plots.confusion_map(np.array([[3, 0], [2, 5]]), ["a", "b"], palette.LIGHT_MAP)
    squares = shown.to_dict()["data"][1]
    assert squares["customdata"] == [[0, 0], [1, 0], [1, 1]]
    assert [*zip(squares["x"], squares["y"], strict=True)] == [(0, 0), (0, 1), (1, 1)]
    assert squares["text"][1] == "b predicted as a: 2"


def test_the_outcome_table_names_the_effect_of_fusion():
    shown = drawn(np.arange(8), 1)
    assert [one["count"] for one in shown["cells"]] == [*range(8)]
    assert shown["cells"][1] == {
        "count": 1,
        "name": "appearance incorrect, motion incorrect, fused correct",
        "word": "rescued",
    }
    assert shown["cells"][6]["word"] == "lost"
    assert shown["chosen"] == 1
    assert drawn(np.arange(8), None)["chosen"] == -1


def test_gain_and_loss_differ_in_colour_hatching_and_words():
    gain = np.array([0.2, -0.1, np.nan])
    shades = palette.LIGHT_MAP
    figure = plots.synergy_bars(None, gain, ["a", "b", "c"], shades).to_dict()
    marks = figure["data"][0]["marker"]
    assert marks["color"][:2] == [shades["positive"], shades["negative"]]
    assert marks["pattern"]["shape"][:2] == ["", "/"]
    words = figure["layout"]["xaxis"]["title"]["text"]
    assert "\N{MINUS SIGN} worse" in words
    assert "better +" in words
    table = np.array([[0, 2], [-3, 0]])
    change = confusion_plots.confusion_map(table, ["a", "b"], shades, signed=True)
    scale = [colour for _, colour in change.to_dict()["data"][0]["colorscale"]]
    assert scale == [shades[name] for name in ("negative", "ground", "positive")]


@pytest.fixture(scope="module")
def many() -> HeadTrial:
    """120 classes with 3 clips each; every clip of class 7 is predicted as class 8."""
    labels = np.repeat(np.arange(120), 3)
    scores = np.random.default_rng(0).normal(0, 1, (360, 120))
    scores[np.arange(360), labels] += 4
    scores[labels == 7, 8] = 50
    classes = tuple(f"<b>action</b> {k:03d}" for k in range(120))
    ids = tuple(f"c{k}" for k in range(360))
    heads = [
        Answers("net", head, classes, ids, labels, scores)
        for head in ("spatial", "temporal", "spatiotemporal")
    ]
    return align_heads(*heads)


def test_the_most_confused_pairs_come_first(many):
    fused = confusion(many.fused)
    pairs = many_classes.confused_pairs(fused, fused)
    assert pairs[0].tolist() == [7, 8, 3, 3]
    assert (np.diff(pairs[:, 2]) <= 0).all()
    assert pairs[:, 2].sum() == (many.fused.said != many.labels).sum()


def test_of_many_classes_the_figures_show_few_and_tables_show_all(many, folder):
    heads = [many.roles[role] for role in ("spatial", "temporal", "fused")]
    write_predictions(gathered(heads), folder / "many.parquet")
    for view in ("Per class", "Does fusion help"):
        page = errors_page()
        page.query_params["errors_view"] = view
        page.run()
        assert not page.exception
        figures = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
        assert {len(figure["data"][0]["y"]) for figure in figures} == {40}
        assert len(listed(page)) == 120
        assert "The 20 highest and the 20 lowest of 120 classes" in words(page)


def test_of_many_classes_pairs_groups_and_the_matrix_are_shown(many, folder):
    heads = [many.roles[role] for role in ("spatial", "temporal", "fused")]
    write_predictions(gathered(heads), folder / "many.parquet")
    page = errors_page()
    page.query_params["errors_view"] = "Confusion"
    page.query_params["errors_group"] = "1"
    page.run()
    assert not page.exception
    assert listed(page).iloc[0].tolist()[:3] == ["<b>action</b> 007", "<b>action</b> 008", 3]
    groups = page.dataframe[1].value
    assert "<b>action</b> 007" in groups.iloc[0]["group"]
    assert "<b>action</b> 008" in groups.iloc[0]["group"]
    assert not page.get("plotly_chart")
    assert len(page.get("bidi_component")) > 0


def test_the_matrix_sends_each_cell_and_reads_back_only_cells():
    table = np.array([[5, 0, 0], [2, 3, 0], [0, 0, 0]])
    data = packed_matrix(table, ["a_b", "c", "d"], (0, 2), (1, 0))
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    assert header["names"] == ["a b", "c", "d"]
    assert (header["shown"], header["chosen"]) == ([0, 2], [1, 0])
    cells = np.frombuffer(data[4 + size :], "<u4").reshape(-1, 3)
    assert cells.tolist() == [[0, 0, 5], [1, 0, 2], [1, 1, 3]]
    assert read_pick([1, 0], 3) == (1, 0)
    for odd in (None, [1], [1, 3], [-1, 0], ["1", 0], [True, 0], {"a": 1}):
        assert read_pick(odd, 3) is None


def test_the_points_send_place_classes_and_value_of_each_clip(trial):
    places = np.column_stack((np.arange(177.0), -np.arange(177.0)))
    values = np.linspace(0, 1, 177)
    clips = trial.fused.clips
    data = packed_points(trial.fused, places, "label", None, values, (clips[5], "unknown"))
    size = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + size])
    assert header["marked"] == [5]
    assert header["clips"] == [*clips]
    rest = data[4 + size :]
    assert np.frombuffer(rest[: 8 * 177], "<f4").tolist() == places.T.ravel().tolist()
    codes = np.frombuffer(rest[8 * 177 :], "<u2").reshape(3, 177)
    np.testing.assert_array_equal(codes[0], trial.fused.labels)
    np.testing.assert_array_equal(codes[1], trial.fused.said)
    assert (codes[2].min(), codes[2].max()) == (0, 254)
    assert read_rows([0, 176, 177, -1, "3", 2.0], 177) == [0, 176]
    assert read_rows("no list", 177) == []


def test_similar_mistakes_are_listed_for_a_clip(page, trial):
    page.run()
    (button,) = (one for one in page.button if one.label == "Show similar mistakes")
    button.click().run()
    assert not page.exception
    found = listed(page)
    assert len(found) == 13
    first = trial.fused.clips[0]
    assert first in [*found["clip"]]
    others = found[found["clip"] != first]
    assert not {*zip(others["truth"], others["truth"], strict=True)} & {
        *zip(others["truth"], others["fused says"], strict=True)
    }


def test_a_trial_is_aligned_once_for_several_runs(page):
    page.run()
    first = page.session_state["errors_trial"][1]
    page.query_params["errors_view"] = "Reliability"
    page.run()
    assert page.session_state["errors_trial"][1] is first
    page.selectbox(key="errors_fused").set_value("jhmdb-late: average").run()
    assert page.session_state["errors_trial"][1].fused.model == "jhmdb-late"


def test_class_names_are_no_html_in_figures(many):
    table = confusion(many.fused)[:3, :3]
    shown = confusion_plots.confusion_map(table, many.classes[:3], palette.LIGHT_MAP).to_dict()
    assert shown["layout"]["yaxis"]["ticktext"][0] == "&lt;b&gt;action&lt;/b&gt; 000"
