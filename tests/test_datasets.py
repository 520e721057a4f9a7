"""Data sets: who is in them, by their own lists, and what is missing, file by file."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.records import InputError
from core.study.datasets import DataSet, open_data

ODD = "#20_Rhythm; a&b (1)_catch_u_cm_np1_fr_goo_5.avi"


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def ids(data: DataSet, *folds: str) -> list[str]:
    return [item.id for item in data.of(folds).items]


def test_jhmdb_is_read_by_its_list(tmp_path: Path):
    put(tmp_path, "clips/walk_001.mp4", "clips/clap_001.mp4", "masks/walk_001.npz")
    write(
        tmp_path / "clips.csv",
        "id,label,fold,group,frames\nwalk_001,walk,3,g1,40\nclap_001,clap,0,g2,15\n"
        "clap_002,clap,0,g2,15\n",
    )
    data = open_data("jhmdb", tmp_path)
    assert data.labels == ("clap", "walk")
    assert ids(data, "3") == ["walk_001"]
    assert ids(data, "0") == ["clap_001"]
    assert data.problems == {"clap_002": "clips/clap_002.mp4 is not there"}
    assert data.of(("3",)).problems == {}
    walk = data.of(("3",)).items[0]
    assert walk.mask == tmp_path / "masks/walk_001.npz"
    assert data.of(("0",)).items[0].mask is None
    assert (walk.group, walk.label, walk.path) == ("g1", "walk", tmp_path / "clips/walk_001.mp4")


@pytest.mark.parametrize("folder", ["", "UCF-101/"])
def test_ucf101_is_read_by_its_lists(tmp_path: Path, folder: str):
    one, two = "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi", "YoYo/v_YoYo_g01_c02.avi"
    put(tmp_path, folder + one, folder + two)
    lists = tmp_path / "ucfTrainTestlist"
    write(lists / "classInd.txt", "1 ApplyEyeMakeup\n2 YoYo\n")
    write(lists / "trainlist02.txt", f"{one} 1\nYoYo/v_YoYo_g09_c01.avi 2\n")
    write(lists / "testlist02.txt", f"{two}\n")
    data = open_data("ucf101", tmp_path, split=2)
    assert ids(data, "train") == ["v_ApplyEyeMakeup_g08_c01"]
    assert ids(data, "test") == ["v_YoYo_g01_c02"]
    assert [item.group for item in data.items] == ["ApplyEyeMakeup_g08", "YoYo_g01"]
    assert data.labels == ("ApplyEyeMakeup", "YoYo")
    assert [*data.problems.values()] == ["YoYo/v_YoYo_g09_c01.avi is not there"]


def test_hmdb51_is_read_by_its_lists_odd_names_and_all(tmp_path: Path):
    put(tmp_path, f"catch/{ODD}", "catch/b.avi", "wave/c.avi")
    write(
        tmp_path / "splits/catch_test_split1.txt",
        f"{ODD} 1 \nb.avi 2 \nmissing one.avi 1 \n",
    )
    write(tmp_path / "splits/wave_test_split1.txt", "c.avi 0\n")
    data = open_data("hmdb51", tmp_path)
    assert ids(data, "train") == [f"catch/{Path(ODD).stem}"]
    assert ids(data, "test") == ["catch/b"]
    assert ids(data, "unused") == ["wave/c"]
    assert data.of(("train",)).items[0].path == tmp_path / "catch" / ODD
    assert data.items[0].group == "catch/#20_Rhythm; a&b (1)"
    assert data.problems == {"catch/missing one": "catch/missing one.avi is not there"}


def test_any_folder_of_labels_is_dealt_into_folds(tmp_path: Path):
    put(tmp_path, *(f"{label}/{n}.mp4" for label in ("on", "off ü") for n in range(7)))
    put(tmp_path, "on/notes.txt", "loose.mp4", "on/deeper/x.mp4")
    data = open_data("folder", tmp_path)
    assert set(data.labels) == {"on", "off ü"}
    assert len(data.items) == 14
    assert ids(data, "0") == ["off ü/0.mp4", "off ü/5.mp4", "on/0.mp4", "on/5.mp4"]
    assert {item.fold for item in data.items} == set("01234")


def test_what_cannot_be_opened_is_said(tmp_path: Path):
    with pytest.raises(InputError, match=r"no data set 'kinetics'; choose one of jhmdb, ucf101"):
        open_data("kinetics", tmp_path)
    with pytest.raises(InputError, match=r"nowhere is not there; needed: the root of jhmdb"):
        open_data("jhmdb", tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"clips\.csv cannot be read as CSV"):
        open_data("jhmdb", tmp_path)
    with pytest.raises(InputError, match=r"lacks classInd\.txt; needed: a folder of videos"):
        open_data("ucf101", tmp_path)
    with pytest.raises(InputError, match=r"lacks HMDB51's lists"):
        open_data("hmdb51", tmp_path)
    with pytest.raises(InputError, match=r"holds no clip of folder \(none\)"):
        open_data("folder", tmp_path)
    with pytest.raises(InputError, match=r"ucf101 has no split 4"):
        open_data("ucf101", tmp_path, split=4)


def test_a_list_that_lacks_a_column_or_whose_clips_are_all_missing_is_refused(tmp_path: Path):
    write(tmp_path / "clips.csv", "id,label,group\nx,walk,g\n")
    with pytest.raises(InputError, match=r"lacks the column 'fold'"):
        open_data("jhmdb", tmp_path)
    write(tmp_path / "clips.csv", "id,label,fold,group\nx,walk,0,g\n")
    with pytest.raises(InputError, match=r"not one of the 1 listed.*needed: clips\.csv"):
        open_data("jhmdb", tmp_path)
    write(tmp_path / "clips.csv", "id,label,fold,group\nx,walk\n")
    with pytest.raises(InputError, match=r"lacks the column 'fold', or a row"):
        open_data("jhmdb", tmp_path)


def test_a_list_that_names_a_clip_outside_its_root_is_refused(tmp_path: Path):
    put(tmp_path, "out.mp4", "root/Yo/v.avi", "clips/a.mp4")
    root = tmp_path / "root"
    for one in ("../../out", f"{tmp_path}/out"):
        write(root / "clips.csv", f"id,label,fold,group\n{one},walk,0,g\n")
        with pytest.raises(InputError, match=r"jhmdb lists .*out, which lies outside its root"):
            open_data("jhmdb", root)
    write(root / "classInd.txt", "1 Yo\n")
    write(root / "trainlist01.txt", "../../Yo/v.avi 1\n../Yo/w.avi 1\n")
    write(root / "testlist01.txt", "Yo/v.avi\n")
    with pytest.raises(InputError, match=r"ucf101 lists w, which lies outside"):
        open_data("ucf101", root)


def test_a_root_and_clips_that_are_links_are_read(tmp_path: Path):
    put(tmp_path, "elsewhere/a.mp4", "real/walk/x.txt")
    (tmp_path / "real/walk/a.mp4").symlink_to(tmp_path / "elsewhere/a.mp4")
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert ids(open_data("folder", tmp_path / "real/../root"), "0") == ["walk/a.mp4"]


def test_a_fold_that_there_is_not_is_refused(tmp_path: Path):
    put(tmp_path, "on/0.mp4")
    with pytest.raises(InputError, match=r"has no fold 9; there are 0"):
        open_data("folder", tmp_path).of(("9",))


def test_a_line_that_a_list_cannot_have_is_refused(tmp_path: Path):
    put(tmp_path, "catch/b.avi")
    write(tmp_path / "catch_test_split1.txt", "b.avi 7\n")
    with pytest.raises(InputError, match=r"the line 'b\.avi 7'; needed: NAME 0, 1 or 2"):
        open_data("hmdb51", tmp_path)
    put(tmp_path, "Yo/v.avi")
    write(tmp_path / "classInd.txt", "1 Yo\n")
    write(tmp_path / "trainlist01.txt", "Other/v.avi 1\n")
    write(tmp_path / "testlist01.txt", "Yo/v.avi\n")
    with pytest.raises(InputError, match=r"names the class 'Other'"):
        open_data("ucf101", tmp_path)
