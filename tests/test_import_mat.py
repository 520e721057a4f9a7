"""Import: the written files, their names, and the command's output."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fusionscope.base.paths import models_folder
from fusionscope.base.records import InputError
from fusionscope.card import read_card, write_card
from fusionscope.nets.matconvnet.importer import import_mat
from fusionscope.nets.store.loading import load_network
from tests import matconvnet_networks
from tests.matconvnet_files import dag_struct, meta, write5
from tests.matconvnet_networks import L

FLOW = meta(112, 4, np.full((1, 1, 4), 128.0))


def mini(*, temporal: bool = True, classes: int = 3) -> list[L]:
    return matconvnet_networks.vgg_m_mini(0, 4 if temporal else 3, classes, temporal=temporal)


def written(folder: Path, net: list[L], about: dict[str, Any] = FLOW, name: str = "net") -> Path:
    return write5(folder / f"{name}.mat", {"net": dag_struct(net, about)})


def spatial(folder: Path, classes: int = 3) -> Path:
    about = meta(112, 3, np.array([[[1.0, 2, 3]]]))
    return written(folder, mini(temporal=False, classes=classes), about, "spatial")


def test_two_files_must_be_one_stream_each_for_the_same_classes(tmp_path: Path):
    motion, looks = written(tmp_path, mini()), spatial(tmp_path)
    with pytest.raises(InputError, match=r"temporal and temporal; one spatial"):
        import_mat([motion, motion], tmp_path)
    with pytest.raises(InputError, match="3 and 4 for the number of classes"):
        import_mat([motion, spatial(tmp_path, 4)], tmp_path)
    with pytest.raises(InputError, match="found 3 files"):
        import_mat([motion, looks, looks], tmp_path)


def test_the_number_of_classes_names_the_world(tmp_path: Path):
    for classes, world in ((101, "UCF101"), (51, "HMDB51"), (7, "other data")):
        card, _ = import_mat([written(tmp_path, mini(classes=classes))], tmp_path)
        assert card.world == world


def test_labels_are_read_plain_or_as_classind_txt(tmp_path: Path):
    path, labels = spatial(tmp_path), tmp_path / "labels.txt"
    assert import_mat([path], tmp_path)[0].labels == ("class 1", "class 2", "class 3")
    for text in ("Apply Makeup\nArchery\nBall\n", "1 Apply Makeup\r\n2 Archery\r\n3 Ball\r\n\r\n"):
        labels.write_text(text, "utf-8")
        card, _ = import_mat([path], tmp_path, labels=labels)
        assert card.labels == ("Apply Makeup", "Archery", "Ball")
    for text, says in {"a\nb\n": "2 labels; .* 3 classes", "a\nb\na\n": "label a twice"}.items():
        labels.write_text(text, "utf-8")
        with pytest.raises(InputError, match=says):
            import_mat([path], tmp_path, labels=labels)


def test_a_name_must_not_be_a_path_or_that_of_another_model(tmp_path: Path):
    path = spatial(tmp_path)
    for name in ("../x", "a/b", ".x", "a b", "/x"):
        with pytest.raises(InputError, match="cannot name a model"):
            import_mat([path], tmp_path, name)
    card, _ = import_mat([path], tmp_path, "mine")
    import_mat([path], tmp_path, "mine")  # an import may be made again
    write_card(dataclasses.replace(card, recipe=""), tmp_path / "mine.json")
    with pytest.raises(InputError, match="already has a model mine"):
        import_mat([path], tmp_path, "mine")


def test_weights_are_single_precision_counted_and_named_by_their_digest(tmp_path: Path):
    card, _ = import_mat([spatial(tmp_path)], tmp_path / "out")
    folder = tmp_path / "out"
    assert sorted(p.name for p in folder.iterdir()) == ["spatial.json", "spatial.safetensors"]
    content = (folder / "spatial.safetensors").read_bytes()
    assert card.sha256 == hashlib.sha256(content).hexdigest()
    assert read_card(folder / "spatial.json") == card
    network = load_network(card, folder)
    assert card.parameters == sum(p.numel() for p in network.parameters())
    assert len(content) > 4 * card.parameters


def test_own_models_are_in_the_folder_of_the_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    assert models_folder() == tmp_path
    monkeypatch.delenv("FUSIONSCOPE_MODELS")
    assert models_folder() == Path.home() / ".cache/fusionscope/models"


def fusionscope(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fusionscope_app.cli", "import-mat", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_the_command_prints_one_json_object_and_names_both_files(tmp_path: Path):
    motion, looks = written(tmp_path, mini()), spatial(tmp_path)
    done = fusionscope(looks, motion, "--out", tmp_path / "own", "--name", "late", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["model"], found["fusion"], found["place"]) == ("late", "sum", "softmax")
    assert found["heads"] == ["spatial", "temporal"]
    assert Path(found["weights"]).exists()
    assert Path(found["card"]).exists()
    assert found["notes"] == ["the classes are numbered: name them with --labels"]


@pytest.mark.slow
def test_the_command_refuses_in_one_line_with_status_2(tmp_path: Path):
    text = tmp_path / "text.mat"
    text.write_text("these are not weights\n" * 50, "utf-8")
    done = fusionscope(text, "--out", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("fusionscope: text.mat is not a MATLAB file")
