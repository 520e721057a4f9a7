"""``fusionscope import-scores`` and ``fuse``: other programs' scores, fused after the fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.predictions_file import read_predictions, write_predictions
from fusionscope_app.cli.shell import cli
from tests.seeded_predictions import made_up

PUBLISHED = Path(__file__).parents[2] / "shared" / "published"
Told = Callable[..., dict[str, Any]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Run a command and parse its one JSON object."""

    def run(*words: object) -> dict[str, Any]:
        cli([*map(str, words), "--json"], standalone_mode=False)
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "made.predictions.parquet"
    write_predictions(made_up(), path)
    return path


STREAMS = "jhmdb-spatial:spatial,jhmdb-temporal:temporal"


def test_the_contract(told: Told, file: Path):
    found = told("fuse", file, "--heads", STREAMS, "--rule", "mean", "--weights", "1,1")
    assert {"n", "rule", "weights", "accuracy", "alone"} <= found.keys()
    assert (found["n"], found["rule"], found["weights"]) == (177, "mean", [1, 1])
    heads = made_up().heads
    assert found["alone"] == {
        f"{model}:{head}": pytest.approx(heads[model, head].right.mean())
        for model, head in (("jhmdb-spatial", "spatial"), ("jhmdb-temporal", "temporal"))
    }
    assert found["fitted"] is None


def test_fitted_weights_are_told_with_those_of_each_fold(told: Told, file: Path):
    found = told("fuse", file, "--heads", STREAMS, "--folds", 3)
    assert sum(found["weights"]) == pytest.approx(1)
    assert len(found["fitted"]["by_fold"]) == 3
    assert found["fitted"]["in_sample"] >= found["accuracy"] - 0.02


def test_the_fused_head_is_written_beside_its_sources(told: Told, file: Path, tmp_path: Path):
    out = tmp_path / "fused.csv"
    found = told("fuse", file, "--heads", STREAMS, "--weights", "1,1", "--out", out)
    heads = read_predictions(out).heads
    (late,) = (one for (_, head), one in heads.items() if head == "late")
    assert late.right.mean() == pytest.approx(found["accuracy"])
    assert len(heads) == 3


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--heads", "temporal,spatial"), "2 heads are named 'temporal'"),
        (("--heads", "nothing"), "0 heads are named 'nothing'"),
        (("--heads", STREAMS, "--weights", "1,x"), "--weights is '1,x'"),
        (("--heads", STREAMS, "--temperatures", "1,2"), "goes with --weights"),
        (("--heads", STREAMS, "--temperatures", "fit", "--weights", "1,1"), "no --weights"),
        (("--heads", STREAMS, "--rule", "max"), "unknown rule 'max'"),
    ],
)
def test_a_wrong_option_is_one_sentence(file: Path, words: tuple[str, ...], problem: str):
    with pytest.raises(InputError, match=problem):
        cli(["fuse", str(file), *words], standalone_mode=False)


PAPERS = {  # sum of scores, mean of probabilities, in per cent
    "ucf101": (86.70, 82.74, 92.73, 90.8),
    "hmdb51": (53.92, 49.61, 64.51, 63.5),
}


@pytest.mark.parametrize("name", PAPERS)
def test_published_scores_give_the_published_accuracies(name: str, told: Told, tmp_path: Path):
    source, out = PUBLISHED / f"{name}_split1.npz", tmp_path / f"{name}.parquet"
    if not source.is_file():
        pytest.skip("the published scores are not on this machine")
    spatial, temporal, added, meant = PAPERS[name]
    groups = "(.*)_c?[0-9]+$"
    found = told("import-scores", source, "--out", out, "--groups", groups)
    assert 100 * found["accuracy"]["spatial"] == pytest.approx(spatial, abs=0.006)
    assert 100 * found["accuracy"]["temporal"] == pytest.approx(temporal, abs=0.006)
    each = {
        rule: 100 * told("fuse", out, "--rule", rule, "--weights", "1,1")["accuracy"]
        for rule in ("sum", "mean", "product")
    }
    assert each["sum"] == each["product"] == pytest.approx(added, abs=0.006)
    assert each["mean"] == pytest.approx(meant, abs=0.06)
    fitted = told("fuse", out)
    assert fitted["accuracy"] <= fitted["fitted"]["in_sample"]
    assert 100 * fitted["accuracy"] == pytest.approx(added, abs=0.5)


def test_clips_in_another_order_are_matched_by_name(told: Told, tmp_path: Path):
    classes, clips = np.array(["cat", "dog"]), np.array(["a", "b", "c"])
    labels, scores = np.array([0, 1, 1]), np.array([[2.0, 0], [0, 1], [1, 0]])
    order = np.array([2, 0, 1])
    for name, turn in (("one", np.arange(3)), ("other", order)):
        arrays: Any = {"clip": clips[turn], "label": labels[turn], name: scores[turn]}
        np.savez(tmp_path / f"{name}.npz", classes=classes, **arrays)
        told("import-scores", tmp_path / f"{name}.npz", "--out", tmp_path / f"{name}.csv")
    files = (tmp_path / "one.csv", tmp_path / "other.csv")
    found = told("fuse", *files, "--heads", "one,other", "--weights", "1,1")
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["alone"] == {"one": pytest.approx(2 / 3), "other": pytest.approx(2 / 3)}


def test_classes_are_named_by_a_numbered_list(told: Told, tmp_path: Path):
    arrays: Any = {"clip": ["a", "b"], "label": [0, 1], "spatial": [[1.0, 0], [0, 1]]}
    np.savez(tmp_path / "s.npz", **arrays)
    (tmp_path / "classInd.txt").write_bytes(b"\xef\xbb\xbf1 Apply Lipstick\r\n2 Archery\r\n")
    out = tmp_path / "s.parquet"
    told("import-scores", tmp_path / "s.npz", "--out", out, "--classes", tmp_path / "classInd.txt")
    assert read_predictions(out).classes == ("Apply Lipstick", "Archery")


@pytest.mark.parametrize("option", ["--groups-from", "--groups"])
def test_groups_come_from_the_names_of_the_clips(option: str, told: Told, tmp_path: Path):
    clips = np.array(["v_Archery_g01_c01", "v_Archery_g01_c02", "v_Biking_g02_c01"])
    arrays: Any = {"clip": clips, "label": [0, 0, 1], "spatial": np.eye(3, 2)}
    np.savez(tmp_path / "s.npz", classes=["Archery", "Biking"], **arrays)
    out = tmp_path / "s.parquet"
    found = told("import-scores", tmp_path / "s.npz", "--out", out, option, r"v_(.*)_c\d+")
    assert found["groups"] == 2
    groups = read_predictions(out).heads["s", "spatial"].groups
    assert groups == ("Archery_g01", "Archery_g01", "Biking_g02")
