"""FiftyOne: predictions written for its importer, and read back from its exports."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.predictions_file import Predictions, gathered, write_predictions
from fusionscope.evaluation.scores.fiftyone_export import write_fiftyone
from fusionscope.evaluation.scores.score_files import read_scores
from fusionscope.explain.measures import probabilities
from fusionscope_app.cli import cli
from tests.seeded_predictions import made_up


def described() -> Predictions:
    camera = tuple("moving" if at % 3 else "" for at in range(177))
    frames = np.where(np.arange(177) % 5, np.arange(177.0), np.nan)
    columns = {"camera": camera, "frames": frames, "tags": camera}
    return gathered(replace(one, columns=columns) for one in made_up().heads.values())


def samples(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "samples.json").read_text("utf-8"))["samples"]


def written(folder: Path, *clips: dict[str, Any]) -> Path:
    (folder / "samples.json").write_text(json.dumps({"samples": clips}))
    return folder / "samples.json"


def label(name: str, **more: Any) -> dict[str, Any]:
    return {"_cls": "Classification", "label": name, **more}


def test_what_is_written_is_read_back(tmp_path):
    there = described()
    assert write_fiftyone(there, tmp_path, Path("/data")) == 177
    found = read_scores(tmp_path / "samples.json", model="net")
    assert found.classes == there.classes
    for (model, head), one in there.heads.items():
        name = head if head == "spatial" or head == "spatiotemporal" else f"{model}_{head}"
        back = found.heads["net", name.replace("-", "_")]
        assert back.clips == one.clips
        assert back.groups == one.groups
        assert back.paths == tuple(f"/data/{path}" for path in one.paths)
        np.testing.assert_array_equal(back.labels, one.labels)
        np.testing.assert_allclose(back.scores, one.scores, atol=1e-5)
        assert back.columns["camera"] == one.columns["camera"]
        np.testing.assert_array_equal(back.columns["frames"], one.columns["frames"])


def test_the_form_is_that_of_the_importer(tmp_path):
    write_fiftyone(described(), tmp_path, Path("/data"))
    assert "version" not in json.loads((tmp_path / "metadata.json").read_text())
    first = samples(tmp_path)[1]
    assert first["filepath"] == "/data/clips/brush_hair_002.mp4"
    assert first["tags"] == []
    assert first["ground_truth"] == {"_cls": "Classification", "label": "brush_hair"}
    said = first["spatial"]
    one = made_up().heads["jhmdb-spatial", "spatial"]
    assert said["_cls"] == "Classification"
    assert said["label"] == one.classes[one.said[1]]
    assert said["confidence"] == pytest.approx(one.sure[1])
    assert len(said["logits"]) == 21
    # FiftyOne's own fields of a sample keep their meaning
    assert not {"frames", "metadata", "id", "group", "media_type"} & {*first}
    assert all(name.isidentifier() for name in first)


def test_an_export_of_fiftyone_is_read(tmp_path):
    stored = BytesIO()
    np.save(stored, np.array([0.5, 2.0]))
    packed = base64.b64encode(zlib.compress(stored.getvalue())).decode()
    binary = {"$binary": {"base64": packed, "subType": "00"}}
    file = written(
        tmp_path,
        {
            **{"_id": {"$oid": "1"}, "filepath": "/v/a/one.mp4", "tags": ["x"], "camera": "static"},
            **{"ground_truth": label("dog"), "flow": label("dog", confidence=0.8, logits=binary)},
        },
        {
            **{"_id": {"$oid": "2"}, "filepath": "/v/b/two.mp4", "tags": [], "camera": None},
            **{"ground_truth": label("cat"), "flow": label("cat", logits=packed)},
        },
    )
    one = read_scores(file, "net", ("cat", "dog")).heads["net", "flow"]
    assert one.clips == ("one", "two")
    np.testing.assert_array_equal(one.scores, [[0.5, 2]] * 2)
    np.testing.assert_array_equal(one.labels, [1, 0])
    assert one.columns["camera"] == ("static", "")
    (tmp_path / "metadata.json").write_text('{"default_classes": ["cat", "dog"]}')
    assert read_scores(file).classes == ("cat", "dog")
    with pytest.raises(InputError, match="2 logits for 3 classes"):
        read_scores(file, classes=("a", "b", "c"))
    (tmp_path / "metadata.json").unlink()
    with pytest.raises(InputError, match="needed: the classes in their order"):
        read_scores(file)


def test_without_logits_prediction_and_confidence_are_kept(tmp_path):
    several = {
        "_cls": "Classifications",
        "classifications": [label("b", confidence=0.6), label("a", confidence=0.3)],
    }
    file = written(
        tmp_path,
        {"filepath": "x/c.mp4", "ground_truth": label("b"), "one": label("a", confidence=0.7)},
        {"filepath": "y/c.mp4", "ground_truth": label("c"), "one": label("c"), "top": several},
        {"filepath": "no truth.mp4", "one": label("a")},
    )
    found = read_scores(file, "m")
    assert found.classes == ("a", "b", "c")
    one, top = found.heads["m", "one"], found.heads["m", "top"]
    assert one.clips == ("x/c.mp4", "y/c.mp4")  # their files have one name
    np.testing.assert_allclose(probabilities(one.scores)[0], [0.7, 0.15, 0.15], atol=1e-9)
    np.testing.assert_allclose(one.sure, [0.7, 1], atol=1e-9)
    np.testing.assert_allclose(probabilities(top.scores), [[0.3, 0.6, 0.1]], atol=1e-9)


@pytest.mark.parametrize(
    ("clips", "problem"),
    [
        ([{"filepath": "a.mp4"}], "no field with predictions"),
        ([{"one": label("a")}], "no field ground_truth"),
        ([{"ground_truth": label("a"), "one": label("a", logits="no")}], "logits cannot be read"),
        (
            [{"ground_truth": label("a"), "one": label("a", logits=["x"])}],
            "logits cannot be read",
        ),
    ],
)
def test_what_is_missing_is_said(tmp_path, clips, problem):
    with pytest.raises(InputError, match=problem):
        read_scores(written(tmp_path, *clips))


def test_a_bomb_in_the_logits_is_cut(tmp_path):
    bomb = base64.b64encode(zlib.compress(b"\x93NUMPY" + bytes(50_000_000))).decode()
    clip = {"filepath": "a.mp4", "ground_truth": label("a"), "one": label("a", logits=bomb)}
    with pytest.raises(InputError, match="logits cannot be read"):
        read_scores(written(tmp_path, clip), classes=("a", "b"))


def test_the_command(tmp_path, capsys):
    write_predictions(described(), tmp_path / "a.parquet")
    out = tmp_path / "out"
    words = ["export-fiftyone", tmp_path / "a.parquet", "--out", out, "--videos", "/v", "--json"]
    cli([*map(str, words)], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert (told["n"], len(told["heads"])) == (177, 6)
    assert samples(out)[0]["filepath"].startswith("/v/clips/")
    words = ["import-scores", out / "samples.json", "--out", tmp_path / "b.csv", "--json"]
    cli([*map(str, words)], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert told["accuracy"]["spatial"] == pytest.approx(
        made_up().heads["jhmdb-spatial", "spatial"].right.mean()
    )
