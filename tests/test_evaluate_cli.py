"""``fusionscope evaluate``: results as JSON, a predictions file, and an error for broken clips."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.datasets import open_data
from fusionscope.evaluation.evaluate import evaluate
from fusionscope.evaluation.predictions_file import read_predictions
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, card_named
from fusionscope.nets.store.loading import load_network, save_network
from fusionscope_app.cli.shell import cli
from tests.conftest import TINY
from tests.videos import numbered

CARD: Card = dataclasses.replace(TINY, name="measured", labels=("walk", "run"))
JHMDB = Path(os.environ.get("FUSIONSCOPE_DATA", Path(__file__).parents[2] / "shared")) / "jhmdb"


@pytest.fixture
def root(tmp_path: Path, build: Callable[..., Network], monkeypatch: pytest.MonkeyPatch) -> Path:
    """J-HMDB's layout with three clips in fold 3: one cut short, one missing; and one in fold 0."""
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    save_network(build(CARD), CARD, tmp_path / "models")
    (tmp_path / "clips").mkdir()
    for name in ("walk_1", "run_1", "run_2"):
        numbered(tmp_path / f"clips/{name}.mp4", 12)
    cut = tmp_path / "clips/run_2.mp4"
    cut.write_bytes(cut.read_bytes()[:200])
    (tmp_path / "clips.csv").write_text(
        "id,label,fold,group\nwalk_1,walk,3,g1\nrun_1,run,0,g2\nrun_2,run,3,g3\nrun_3,run,3,g3\n"
    )
    return tmp_path


def run(*words: str) -> None:
    cli(["evaluate", *words], standalone_mode=False)


def test_it_prints_one_object_with_all_that_the_contract_names(
    root: Path, capsys: pytest.CaptureFixture[str]
):
    run("--model", "measured", "--data", "jhmdb", "--root", str(root), "--fold", "3", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["n"]) == ("measured", 1)
    assert told["accuracy"].keys() == {"spatiotemporal", "temporal", "average"}
    assert told["per_class"].keys() == {"walk"}
    assert told["errors"].keys() == {"run_2", "run_3"}
    assert told["errors"]["run_3"] == "clips/run_3.mp4 not found"
    assert "run_2.mp4" in told["errors"]["run_2"]
    assert np.sum(told["confusion"]) == 1
    low, high = told["interval"]["average"]
    assert low <= told["accuracy"]["average"] <= high


@pytest.mark.slow
def test_all_folds_and_a_file_of_predictions(root: Path, capsys: pytest.CaptureFixture[str]):
    out = root / "found.csv"
    run("--model", "measured", "--root", str(root), "--out", str(out))
    told = capsys.readouterr()
    assert "measured on 2 clips of jhmdb, fold all, fast protocol" in told.out
    assert "run_2 is skipped: " in told.err
    back = read_predictions(out)
    answers = back.answers("measured", "average")
    assert set(answers.clips) == {"walk_1", "run_1"}
    assert answers.terms is not None
    assert set(answers.paths) == {"clips/walk_1.mp4", "clips/run_1.mp4"}


@pytest.mark.slow
def test_it_says_which_clips_are_too_long_to_be_read_whole(
    root: Path, capsys: pytest.CaptureFixture[str]
):
    numbered(root / "clips/walk_1.mp4", 66, fps=3)
    run("--model", "measured", "--root", str(root), "--fold", "3", "--json")
    note = "the first 20 s of the 22.0 s in the file"
    assert json.loads(capsys.readouterr().out)["notes"] == {"walk_1": note}
    run("--model", "measured", "--root", str(root), "--fold", "3")
    assert f"walk_1: {note}" in capsys.readouterr().err


def test_an_impossible_evaluation_is_refused_in_one_sentence(root: Path):
    where = ("--model", "measured", "--root", str(root))
    with pytest.raises(InputError, match=r"has no fold 7; .* 0, 3"):
        run(*where, "--fold", "7")
    with pytest.raises(InputError, match=r"neither \.csv nor \.parquet"):
        run(*where, "--out", str(root / "found.txt"))
    with pytest.raises(InputError, match="data set 'imagenet'"):
        run(*where, "--data", "imagenet")


@pytest.mark.skipif(not (JHMDB / "clips.csv").exists(), reason="needs J-HMDB's clips")
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [path.name.partition(".")[0] for path in FOLDER.glob("*.predictions.parquet")]
)
def test_the_shipped_predictions_are_those_of_the_networks(name: str):
    shipped = read_predictions(FOLDER / f"{name}.predictions.parquet")
    card = card_named(name)
    (_, final) = [*shipped.heads.items()][-1]
    assert final.right.mean() == pytest.approx(dict(card.accuracy)[final.head], abs=1.5 / 177)
    data = open_data("jhmdb", JHMDB).of(("3",))
    few = dataclasses.replace(data, items=data.items[::60])
    found = evaluate(load_network(card), few).heads[final.head]
    rows = [final.clips.index(clip) for clip in found.clips]
    np.testing.assert_allclose(found.scores, final.scores[rows], atol=0.02)
