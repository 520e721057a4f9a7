"""Score files: NPZ, JSON and CSV of other programs, and what is refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.scores.score_files import read_scores

CLASSES = ["cat", "dog"]
SPATIAL = [[2.0, 0.5], [0.25, 1.0], [1.0, 0.0]]
TEMPORAL = [[0.0, 0.5], [0.25, 2.0], [0.0, 3.0]]
ARRAYS: dict[str, Any] = {
    "clip": ["v_cat_g01_c01", "v_dog_g01_c01", "v_dog_g02_c01"],
    "label": [0, 1, 1],
    "classes": CLASSES,
    "spatial": SPATIAL,
    "temporal": TEMPORAL,
}


def npz(path: Path, **changes: Any) -> Path:
    entries: Any = {key: np.asarray(v) for key, v in (ARRAYS | changes).items() if v is not None}
    np.savez(path, **entries)
    return path


def as_npz(folder: Path) -> Path:
    return npz(folder / "net.npz")


def as_json(folder: Path) -> Path:
    heads = {"spatial": SPATIAL, "temporal": TEMPORAL}
    told = {key: ARRAYS[key] for key in ("clip", "label", "classes")} | {"scores": heads}
    (folder / "net.json").write_text(json.dumps(told), encoding="utf-8")
    return folder / "net.json"


def as_csv(folder: Path) -> Path:
    rows = ["clip,label,head,class,score"]
    for name, scores in (("spatial", SPATIAL), ("temporal", TEMPORAL)):
        for clip, label, row in zip(ARRAYS["clip"], ARRAYS["label"], scores, strict=True):
            rows += [
                f"{clip},{CLASSES[label]},{name},{kind},{score}"
                for kind, score in zip(CLASSES, row, strict=True)
            ]
    (folder / "net.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder / "net.csv"


@pytest.mark.parametrize("form", [as_npz, as_json, as_csv])
def test_each_form_gives_the_same_predictions(form: Callable[[Path], Path], tmp_path: Path):
    found = read_scores(form(tmp_path), groups="v_(.*)_c[0-9]+")
    assert [*found.heads] == [("net", "spatial"), ("net", "temporal")]
    one = found.heads["net", "temporal"]
    assert found.classes == tuple(CLASSES)
    assert one.clips == tuple(ARRAYS["clip"])
    assert one.groups == ("cat_g01", "dog_g01", "dog_g02")
    np.testing.assert_array_equal(one.labels, ARRAYS["label"])
    np.testing.assert_array_equal(one.scores, TEMPORAL)


def test_a_converted_dump_of_mmaction2_is_read(tmp_path: Path):
    rows = [
        {"pred_score": row, "gt_label": [label]}
        for row, label in zip(SPATIAL, ARRAYS["label"], strict=True)
    ]
    (tmp_path / "dump.json").write_text(json.dumps(rows))
    one = read_scores(tmp_path / "dump.json", "tsn", CLASSES).heads["tsn", "average"]
    assert one.clips == ("0", "1", "2")
    assert one.classes == ("cat", "dog")
    np.testing.assert_array_equal(one.right, [True, True, False])


def test_half_precision_and_labels_by_name_are_read(tmp_path: Path):
    scores = np.asarray(SPATIAL, np.float16)
    path = npz(tmp_path / "a.npz", label=["cat", "dog", "dog"], spatial=scores)
    one = read_scores(path).heads["a", "spatial"]
    assert one.scores.dtype == float
    np.testing.assert_array_equal(one.labels, [0, 1, 1])


def test_without_names_the_classes_are_numbered(tmp_path: Path):
    assert read_scores(npz(tmp_path / "a.npz", classes=None)).classes == ("0", "1")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"clip": None}, "has no clip"),
        ({"label": None}, "has no label"),
        ({"spatial": None, "temporal": None}, "has no scores"),
        ({"spatial": SPATIAL[:2]}, "shape \\(2, 2\\); needed: numbers of shape \\(3, 2\\)"),
        ({"spatial": [[1.0] * 3] * 3}, "shape \\(3, 3\\)"),
        ({"spatial": [[1.0, np.nan], *SPATIAL[1:]]}, "v_cat_g01_c01 in a.npz is not finite"),
        ({"label": [0, 1, 2]}, "the label '2' in a.npz is not a class"),
        ({"label": [0, -1, 1]}, "the label '-1' in a.npz is not a class"),
        ({"label": [0, 1]}, "2 labels for 3 clips"),
        ({"clip": ["a", "b", "a"]}, "the clip a occurs 2 times"),
        ({"classes": ["cat", "cat"]}, "the class cat occurs 2 times"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], problem: str, tmp_path: Path):
    with pytest.raises(InputError, match=problem):
        read_scores(npz(tmp_path / "a.npz", **changes))


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("kind", ["npz", "bare"])
def test_a_pickle_is_refused_and_not_run(kind: str, tmp_path: Path):
    sprung, path = tmp_path / "sprung", tmp_path / "a.npz"
    if kind == "npz":
        np.savez(path, clip=np.array([Trap(sprung)], dtype=object))
    else:
        path.write_bytes(pickle.dumps(Trap(sprung)))
    sprung.unlink(missing_ok=True)
    with pytest.raises(InputError, match="not an NPZ file"):
        read_scores(path)
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.json", "{}", "has no scores in a form that is read"),
        ("a.json", "3", "has no scores in a form that is read"),
        ("a.json", '[{"pred_score": [1, 2]}]', "has no scores in a form that is read"),
        ("a.csv", "clip,label,head,class,score\na,x,h,x,1\na,x,h,x,2\n", "twice"),
        ("a.csv", "clip,label,head,class,score\na,x,h,x,1\na,y,h,y,2\n", "two labels of a"),
        ("a.csv", "clip,label,head,class,score\na,x,h,x,1\nb,y,h,y,2\n", "no score of a, h, y"),
        ("a.csv", "clip,label,head,class,score\na,x,h,x,high\n", "finite number"),
        ("a.pkl", "x", "ends in none of"),
        ("a.npz", "x", "not an NPZ file"),
    ],
)
def test_a_damaged_file_is_one_sentence(name: str, content: str, problem: str, tmp_path: Path):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=problem):
        read_scores(tmp_path / name)


@pytest.mark.parametrize(
    ("groups", "problem"), [("(", "is not a regular expression"), ("w_(.*)", "match 3 clips")]
)
def test_a_wrong_expression_for_groups_is_refused(groups: str, problem: str, tmp_path: Path):
    with pytest.raises(InputError, match=problem):
        read_scores(as_npz(tmp_path), groups=groups)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fusionscope.evaluation.scores.array_scores._MOST", 10)
    with pytest.raises(InputError, match="unpacks to more than"):
        read_scores(as_npz(tmp_path))


def npy(folder: Path, scores: Any, text: str) -> dict[str, Any]:
    np.save(folder / "flow.npy", np.asarray(scores))
    (folder / "clips.txt").write_text(text, encoding="utf-8")
    return {"path": folder / "flow.npy", "clips": folder / "clips.txt"}


@pytest.mark.parametrize(
    "text", ["v a 0\nv b 1\nv c,1\n", "\ufeffv a\tcat\r\nv b\tdog\r\nv c, dog"]
)
def test_an_npy_file_takes_its_names_from_a_list(text: str, tmp_path: Path):
    given = npy(tmp_path, np.asarray(TEMPORAL, np.float16), text)
    one = read_scores(**given, classes=CLASSES, head="temporal").heads["flow", "temporal"]
    assert one.clips == ("v a", "v b", "v c")
    np.testing.assert_array_equal(one.labels, [0, 1, 1])
    np.testing.assert_array_equal(one.scores, TEMPORAL)


@pytest.mark.parametrize(
    ("scores", "text", "problem"),
    [
        (TEMPORAL, "a 0\nb 1\n", "needed: numbers of shape \\(2, 2\\)"),
        (TEMPORAL, "a 0\nb\nc 1\n", "the line 'b' of clips.txt has no label"),
        (TEMPORAL, "a 0\nb 1\nc 2\n", "the label '2' in flow.npy is not a class"),
        (TEMPORAL, "a 0\nb 1\na 1\n", "the clip a occurs 2 times"),
        (np.array([{}], object), "a 0\n", "pickled objects"),
    ],
)
def test_an_npy_file_that_does_not_fit_its_list_is_refused(scores, text, problem, tmp_path: Path):
    with pytest.raises(InputError, match=problem):
        read_scores(**npy(tmp_path, scores, text), classes=CLASSES)


def test_an_npy_file_without_a_list_says_what_is_needed(tmp_path: Path):
    np.save(tmp_path / "flow.npy", np.asarray(TEMPORAL))
    with pytest.raises(InputError, match=r"flow.npy has scores without names; needed: .*--clips"):
        read_scores(tmp_path / "flow.npy")


def test_arrays_of_one_value_a_clip_describe_the_clips(tmp_path: Path):
    path = npz(tmp_path / "a.npz", camera=["static", "", "moving"], frames=[40.0, np.nan, 15])
    found = read_scores(path)
    assert [*found.heads] == [("a", "spatial"), ("a", "temporal")]
    columns = found.heads["a", "temporal"].columns
    assert columns["camera"] == ("static", "", "moving")
    np.testing.assert_array_equal(columns["frames"], [40, np.nan, 15])
