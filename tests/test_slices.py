"""Slices: by hand, against the bootstrap, in words, on the page and on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student
from streamlit.testing.v1 import AppTest

from fusionscope.evaluation.answers import Answers, Column
from fusionscope.evaluation.head_trial import HeadTrial, align_heads
from fusionscope.evaluation.predictions_file import (
    Predictions,
    gathered,
    read_predictions,
    write_predictions,
)
from fusionscope.evaluation.slices.column_parts import SHARE, columns_of, named_parts, parts
from fusionscope.evaluation.slices.compare_slices import Slice, compare_slices
from fusionscope.evaluation.slices.slice_words import differing, findings, record_of
from fusionscope.evaluation.statistics import interval
from fusionscope_app import warmup
from fusionscope_app.cli import cli
from fusionscope_app.errors.slices.slice_plot import slice_plot
from fusionscope_app.state import clips
from fusionscope_app.theme import palette
from tests.seeded_predictions import made_up
from tests.test_views import MAIN, words

MINUS = "\N{MINUS SIGN}"


def described(**columns: Column) -> Predictions:
    """The made-up predictions with columns that describe their 177 clips."""
    return gathered(replace(one, columns=columns) for one in made_up().heads.values())


def trial_of(right: np.ndarray, groups: tuple[str, ...] = (), **columns: Column) -> HeadTrial:
    """Two classes; the fused head is correct on some clips, the streams on none."""
    n = len(right)
    ids, labels = tuple(f"c{at}" for at in range(n)), np.zeros(n, int)
    fused = np.column_stack((right, ~right)).astype(float)
    heads = [
        Answers("net", head, ("a", "b"), ids, labels, scores, groups, columns=columns)
        for head, scores in (("s", -fused), ("t", -fused), ("f", fused))
    ]
    return align_heads(replace(heads[0], scores=np.tile([0.0, 1], (n, 1))), heads[1], heads[2])


@pytest.fixture(scope="module")
def columns() -> dict[str, Column]:
    random = np.random.default_rng(3)
    predictions = made_up()
    fused = predictions.heads["jhmdb-conv3d", "average"].right
    quality = np.where(fused | (random.random(177) < 0.2), "good", "bad")
    return {
        "quality": tuple(map(str, quality)),
        "camera": tuple(map(str, random.choice(["static", "moving"], 177))),
        "frames": random.integers(15, 41, 177).astype(float),
    }


@pytest.fixture(scope="module")
def trial(columns) -> HeadTrial:
    heads = described(**columns).heads
    return align_heads(
        heads["jhmdb-spatial", "spatial"],
        heads["jhmdb-temporal", "temporal"],
        heads["jhmdb-conv3d", "average"],
    )


def test_text_has_a_part_for_each_value_and_one_for_the_rare_ones_and_empty_cells():
    column = ("x",) * 5 + ("y",) * 3 + ("z", "w", "") + ("x",)
    found = {name: rows.tolist() for name, rows in parts(column).items()}
    assert found == {
        "x": [0, 1, 2, 3, 4, 11],
        "y": [5, 6, 7],
        "other values": [8, 9],
        "(empty)": [10],
    }
    assert parts((*(f"title {at}" for at in range(9)), "title 0")) == {}
    clash = parts(("other values",) * 8 + ("a", "b"))
    assert [*clash] == ["other values", "(other values)"]


def test_many_values_keep_the_twelve_most_frequent():
    column = tuple(f"v{at:02d}" for at in range(20) for _ in range(40 - at))
    found = parts(column)
    assert [*found] == [f"v{at:02d}" for at in range(12)] + ["other values"]
    assert sum(map(len, found.values())) == len(column)


def test_numbers_are_cut_at_quartiles_or_taken_one_by_one():
    found = parts(np.arange(100.0))
    assert [*found] == ["0 to 24", "25 to 49", "50 to 74", "75 to 99"]
    assert [len(rows) for rows in found.values()] == [25] * 4
    found = parts(np.array([2.5, -1, np.nan, 2.5, -1]))
    assert {name: rows.tolist() for name, rows in found.items()} == {
        f"{MINUS}1": [1, 4],
        "2.5": [0, 3],
        "(empty)": [2],
    }
    most = np.where(np.arange(100) < 10, np.arange(100), 40.0)
    assert [*parts(most)] == ["0 to 9", "40"]
    assert len(parts(1e6 + np.arange(40) / 1e4)) == 4  # names that tell the parts apart


def test_an_unchanging_column_is_no_slice_and_the_ledger_gives_one(trial):
    assert [*columns_of(trial)] == ["quality", "camera", "frames", SHARE]
    same = replace(trial.fused, columns={"camera": ("static",) * 177}, terms=None)
    assert columns_of(replace(trial, fused=same, spatial=same, temporal=same)) == {}


def test_measures_of_a_slice_by_hand():
    right = np.array([True] * 9 + [False] + [True] * 4 + [False] * 6)
    trial = trial_of(right, camera=("static",) * 10 + ("moving",) * 10)
    static, moving = compare_slices(trial)
    assert (static.name, static.rows.tolist(), static.groups) == (
        "camera: static",
        [*range(10)],
        10,
    )
    assert static.measures["accuracy"].inside.mean == pytest.approx(0.9)
    assert static.measures["accuracy"].difference.mean == pytest.approx(0.5)
    assert moving.measures["accuracy"].difference.mean == pytest.approx(-0.5)
    assert "synergy" not in static.measures
    # Student's t by hand: residuals from the common mean 0.65, times 20 / 19 for the sample
    error = np.sqrt(20 / 19 * (13 * 0.35**2 + 7 * 0.65**2) / 10**2)
    assert static.measures["accuracy"].p == pytest.approx(2 * student.sf(0.5 / error, 9))
    # Benjamini-Yekutieli for two equal p-values: p (1 + 1/2)
    assert static.measures["accuracy"].corrected == pytest.approx(
        1.5 * static.measures["accuracy"].p
    )


def test_intervals_agree_with_those_of_the_page_and_widen_with_groups(trial):
    for one in compare_slices(trial):
        if one.column != "camera":
            continue
        groups = tuple(trial.groups[row] for row in one.rows)
        page = interval(trial.fused.right[one.rows].astype(float), groups)
        own = one.measures["accuracy"].inside
        assert own.mean == pytest.approx(page.mean)
        assert own.low == pytest.approx(page.low, abs=0.03)
        assert own.high == pytest.approx(page.high, abs=0.03)
    right = np.repeat(np.random.default_rng(0).random(40) < 0.6, 10)
    camera = tuple(["static", "moving"] * 20) * 10
    groups = tuple(f"g{at // 10}" for at in range(400))
    (alone, _), (together, _) = (
        compare_slices(trial_of(right, given, camera=camera)) for given in ((), groups)
    )
    wide, narrow = (one.measures["accuracy"].inside for one in (together, alone))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


@pytest.mark.slow
@pytest.mark.parametrize("per", [1, 4])
def test_by_chance_few_small_slices_have_a_small_p(per, monkeypatch):
    monkeypatch.setattr("fusionscope.evaluation.slices.compare_slices._DRAWN", 1)
    random, hits = np.random.default_rng(0), 0
    for _ in range(100):  # 15 of 100 groups, whose clips are all correct or all incorrect
        right = np.repeat(random.random(100) < 0.9, per)
        part = np.repeat(random.permutation(100) < 15, per)
        groups = tuple(f"g{at // per}" for at in range(100 * per))
        found = compare_slices(trial_of(right, groups, part=tuple(map(str, part))))
        hits += found[0].measures["accuracy"].p < 0.05
    assert hits <= 8


def test_of_many_clips_the_linearised_interval_is_that_of_the_bootstrap(monkeypatch):
    random = np.random.default_rng(1)
    right, camera = random.random(1500) < 0.7, tuple(random.choice(["x", "y"], 1500))
    spans = []
    for limit in (2000, 100):
        monkeypatch.setattr("fusionscope.evaluation.slices.compare_slices._DRAWN", limit)
        spans.append(compare_slices(trial_of(right, camera=camera))[0].measures["accuracy"].inside)
    assert spans[0] != spans[1]
    assert spans[0].low == pytest.approx(spans[1].low, abs=0.004)
    assert spans[0].high == pytest.approx(spans[1].high, abs=0.004)


def test_a_slice_of_few_groups_has_no_interval_and_no_test():
    right = np.arange(40) % 3 > 0
    groups = tuple(f"g{at // 10}" for at in range(36)) + ("h",) * 4  # 5 groups; g0 to g3 in view a
    view = ("a",) * 36 + ("b",) * 4
    for one in compare_slices(trial_of(right, groups, view=view)):
        assert np.isnan(one.measures["accuracy"].inside.low)
        assert np.isnan(one.measures["accuracy"].corrected)
        assert record_of(one)["measures"]["accuracy"]["low"] is None
    json.dumps([record_of(one) for one in compare_slices(trial_of(right, groups, view=view))])


def test_among_many_columns_of_noise_none_remains_and_a_true_one_does():
    random = np.random.default_rng(5)
    right = random.random(600) < 0.6
    noise: dict[str, Column] = {
        f"noise {at}": tuple(map(str, random.integers(0, 5, 600))) for at in range(20)
    }
    found = compare_slices(trial_of(right, (), **noise))
    assert len(found) == 100
    assert any(one.measures["accuracy"].p < 0.05 for one in found)  # chance alone finds some
    assert differing(found, "accuracy") == []
    said = findings(found, "accuracy")
    assert said.startswith("Each of 100 slices of 20 columns is compared with all other clips")
    assert "no difference remains" in said
    assert "about 5.0 would differ by chance" in said
    true = tuple(
        "easy" if one or luck < 0.3 else "hard"
        for one, luck in zip(right, random.random(600), strict=True)
    )
    found = compare_slices(trial_of(right, (), **noise, light=true))
    assert {one.name for one in differing(found, "accuracy")} == {"light: easy", "light: hard"}
    assert "2 differ: *light: " in findings(found, "accuracy")


def test_columns_survive_a_file_another_order_of_classes_and_fewer_clips(tmp_path, columns):
    for ending in ("csv", "parquet"):
        write_predictions(described(**columns), tmp_path / f"a.{ending}")
        found = read_predictions(tmp_path / f"a.{ending}")
        one = found.heads["jhmdb-late", "average"]
        assert [*one.columns] == ["quality", "camera", "frames"]
        assert one.columns["camera"] == columns["camera"]
        np.testing.assert_array_equal(one.columns["frames"], columns["frames"])
        turned = replace(one, classes=one.classes[::-1], model="other")
        both = gathered((found.heads["jhmdb-spatial", "spatial"], turned))
        assert both.heads["other", "average"].columns["camera"] == columns["camera"]
        few = one.of(np.array([5, 2]))
        assert few.columns["camera"] == (columns["camera"][5], columns["camera"][2])
        assert [*few.columns["frames"]] == [columns["frames"][k] for k in (5, 2)]


@pytest.fixture
def page(tmp_path: Path, monkeypatch, columns) -> AppTest:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    clips.data_clips.clear()
    write_predictions(described(**columns), tmp_path / "a.parquet")
    page = AppTest.from_file(MAIN, default_timeout=120)
    page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/errors.py"))
    page.query_params["errors_view"] = "Slices"
    return page


def test_the_view_shows_intervals_and_numbers_and_a_slice_filters_the_list(page, columns):
    page.run()
    assert not page.exception
    assert not page.error
    assert "slices of 4 columns" in words(page)
    table, listed = (one.value for one in page.dataframe)
    assert table["column"].tolist()[:2] == ["quality", "quality"]
    assert len(listed) == 177
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    assert "quality: bad" in figure["data"][0]["customdata"]
    page.selectbox(key="errors_slice").set_value("quality: bad").run()
    assert page.query_params["errors_slice"] == "quality: bad"
    wanted = sum(value == "bad" for value in columns["quality"])
    assert len(page.dataframe[1].value) == wanted
    page.segmented_control(key="errors_measure").set_value("synergy").run()
    page.pills[0].set_value([1]).run() if hasattr(page, "pills") else None
    assert not page.exception
    page.button(key="errors_clear").click().run()
    assert len(page.dataframe[-1].value) == 177


def test_a_link_chooses_columns_and_an_unknown_slice_is_no_filter(page):
    page.query_params["errors_columns"] = "1.77"
    page.query_params["errors_slice"] = "no such: slice"
    page.query_params["errors_measure"] = "gain"
    page.run()
    assert not page.exception
    table, listed = (one.value for one in page.dataframe)
    assert set(table["column"]) == {"camera"}
    assert len(listed) == 177


def test_a_file_without_columns_says_what_is_needed(tmp_path, page):
    plain = gathered(replace(one, terms=None, columns={}) for one in made_up().heads.values())
    write_predictions(plain, tmp_path / "a.parquet")
    page.run()
    assert not page.exception
    assert "no column that describes" in page.info[0].value
    assert not [one for one in page.selectbox if one.key == "errors_slice"]


def test_names_of_a_file_are_shown_literally():
    column = ("<b>x</b>",) * 90 + ("y" * 60,) * 87
    heads = described(**{"<i>": column}).heads
    some = heads["jhmdb-conv3d", "average"]
    trial = align_heads(some, some, some)  # fusion gains nothing: no error, and nothing to test
    found = [one for one in compare_slices(trial) if one.column == "<i>"]
    figure = slice_plot(found, "accuracy", 0.5, palette.LIGHT_MAP).to_dict()
    ticks = figure["layout"]["yaxis"]["ticktext"]
    assert ticks[0] == "<b>&lt;i&gt;</b>"
    assert ticks[1] == "&lt;b&gt;x&lt;/b&gt;"
    assert len(ticks[2]) == 28
    assert figure["data"][0]["customdata"] == [one.name for one in found]
    assert "<b>" not in figure["data"][0]["hovertext"][0]


def test_marks_that_differ_are_filled(trial):
    found = compare_slices(trial)
    names = {one.name for one in differing(found, "accuracy")}
    assert names == {"quality: bad", "quality: good"}
    figure = slice_plot(found, "accuracy", 0.5, palette.LIGHT_MAP).to_dict()["data"][0]
    symbols = dict(zip(figure["customdata"], figure["marker"]["symbol"], strict=True))
    assert {name for name, symbol in symbols.items() if symbol == "diamond"} == names


def test_the_parts_of_filter_and_comparison_have_the_same_names(trial):
    found: list[Slice] = compare_slices(trial)
    there = named_parts(trial)
    assert [*there] == [one.name for one in found]
    for one in found:
        np.testing.assert_array_equal(there[one.name], one.rows)


def test_the_command(tmp_path, capsys, columns):
    file = tmp_path / "a.parquet"
    write_predictions(described(**columns), file)
    cli(["slices", str(file), "--columns", "quality, frames", "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["columns"] == ["quality", "camera", "frames", SHARE]
    assert {one["column"] for one in told["slices"]} == {"quality", "frames"}
    assert told["compared"] == 2 + 2 + 4 + 4
    first = told["slices"][0]
    assert {*first["measures"]} == {"accuracy", "gain", "synergy"}
    assert {*first["measures"]["gain"]} == {
        *("mean", "low", "high", "difference", "p", "p_corrected")
    }
    cli(["slices", str(file)], standalone_mode=False)
    said = capsys.readouterr().out
    assert "quality: bad" in said
    assert "after correction for their number, 2 differ" in said
    with pytest.raises(ValueError, match="no column 'light' to slice by; choose of quality"):
        cli(["slices", str(file), "--columns", "light"], standalone_mode=False)
