"""Data sets: their clips by the official lists, and which files are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.data.datasets import DataSet, open_data

ODD = "#20_Rhythm; a&b (1)_catch_u_cm_np1_fr_goo_5.avi"


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def write(path: Path, text: str, coding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(coding))


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
    assert data.problems == {"clap_002": "clips/clap_002.mp4 not found"}
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
    assert [*data.problems.values()] == ["YoYo/v_YoYo_g09_c01.avi not found"]


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
    assert data.problems == {"catch/missing one": "catch/missing one.avi not found"}


def test_any_folder_of_labels_is_dealt_into_folds(tmp_path: Path):
    put(tmp_path, *(f"{label}/{n}.mp4" for label in ("on", "off ü") for n in range(7)))
    put(tmp_path, "on/notes.txt", "loose.mp4", "on/deeper/er/x.mp4")
    data = open_data("folder", tmp_path)
    assert set(data.labels) == {"on", "off ü"}
    assert len(data.items) == 14
    assert ids(data, "0") == ["off ü/0.mp4", "off ü/5.mp4", "on/0.mp4", "on/5.mp4"]
    assert {item.fold for item in data.items} == set("01234")


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match=r"data set 'sports'; choose one of jhmdb, ucf101"):
        open_data("sports", tmp_path)
    with pytest.raises(InputError, match=r"nowhere not found; .*jhmdb"):
        open_data("jhmdb", tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"clips\.csv cannot be read: No such file"):
        open_data("jhmdb", tmp_path)
    with pytest.raises(InputError, match=r"no classInd\.txt; needed: a folder of videos"):
        open_data("ucf101", tmp_path)
    with pytest.raises(InputError, match=r"no lists of HMDB51"):
        open_data("hmdb51", tmp_path)
    with pytest.raises(InputError, match=r"no clips of folder"):
        open_data("folder", tmp_path)
    with pytest.raises(InputError, match=r"ucf101 has no split 4"):
        open_data("ucf101", tmp_path, split=4)


def test_a_list_without_a_column_or_whose_clips_are_all_missing_is_refused(tmp_path: Path):
    write(tmp_path / "clips.csv", "id,label,group\nx,walk,g\n")
    with pytest.raises(InputError, match=r"no column 'fold'"):
        open_data("jhmdb", tmp_path)
    write(tmp_path / "clips.csv", "id,label,fold,group\nx,walk,0,g\n")
    with pytest.raises(InputError, match=r"none of the 1 listed.*needed: clips\.csv"):
        open_data("jhmdb", tmp_path)
    write(tmp_path / "clips.csv", "id,label,fold,group\nx,walk\n")
    with pytest.raises(InputError, match=r"no column 'fold', or a row"):
        open_data("jhmdb", tmp_path)


def test_a_list_that_names_a_clip_outside_its_root_is_refused(tmp_path: Path):
    put(tmp_path, "out.mp4", "root/Yo/v.avi", "clips/a.mp4")
    root = tmp_path / "root"
    for one in ("../../out", f"{tmp_path}/out"):
        write(root / "clips.csv", f"id,label,fold,group\n{one},walk,0,g\n")
        with pytest.raises(InputError, match=r"jhmdb lists .*out, which is outside its root"):
            open_data("jhmdb", root)
    write(root / "classInd.txt", "1 Yo\n")
    write(root / "trainlist01.txt", "../../Yo/v.avi 1\n../Yo/w.avi 1\n")
    write(root / "testlist01.txt", "Yo/v.avi\n")
    with pytest.raises(InputError, match=r"ucf101 lists w, which is outside"):
        open_data("ucf101", root)


def test_a_root_and_clips_that_are_links_are_read(tmp_path: Path):
    put(tmp_path, "elsewhere/a.mp4", "real/walk/x.txt")
    (tmp_path / "real/walk/a.mp4").symlink_to(tmp_path / "elsewhere/a.mp4")
    (tmp_path / "root").symlink_to(tmp_path / "real")
    assert ids(open_data("folder", tmp_path / "real/../root"), "0") == ["walk/a.mp4"]


def test_a_fold_that_there_is_not_is_refused(tmp_path: Path):
    put(tmp_path, "on/0.mp4")
    with pytest.raises(InputError, match=r"has no fold 9; .* 0"):
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
    with pytest.raises(InputError, match=r"lists the class 'Other'"):
        open_data("ucf101", tmp_path)


MARKED = pytest.mark.parametrize(("coding", "end"), [("utf-8-sig", "\r\n"), ("utf-16", "\n")])


@MARKED
def test_lists_with_a_byte_order_mark_are_read(tmp_path: Path, coding: str, end: str):
    def marked(name: str, *lines: str) -> None:
        write(tmp_path / name, "".join(f"{line}{end}" for line in lines), coding)

    put(tmp_path, "Yo/v_Yo_g01_c01.avi", "Yo/v_Yo_g02_c01.avi", "catch/a.avi", "clips/w.mp4")
    marked("classInd.txt", "1 Yo")
    marked("trainlist01.txt", "Yo/v_Yo_g01_c01.avi 1")
    marked("testlist01.txt", "Yo/v_Yo_g02_c01.avi")
    marked("catch_test_split1.txt", "a.avi 1")
    marked("clips.csv", "id;label;fold;group", "w;walk;0;g")
    assert ids(open_data("ucf101", tmp_path), "train") == ["v_Yo_g01_c01"]
    assert ids(open_data("ucf101", tmp_path), "test") == ["v_Yo_g02_c01"]
    assert ids(open_data("hmdb51", tmp_path), "train") == ["catch/a"]
    assert ids(open_data("jhmdb", tmp_path), "0") == ["w"]


def test_class_folders_that_are_links_are_read(tmp_path: Path):
    put(tmp_path, *(f"store/{label}/{n}.mp4" for label in ("walk", "wave") for n in range(3)))
    put(tmp_path, "root/jump/0.mp4")
    for label in ("walk", "wave"):
        (tmp_path / "root" / label).symlink_to(f"../store/{label}")
    (tmp_path / "root/self").symlink_to(".")
    data = open_data("folder", tmp_path / "root")
    assert data.labels == ("jump", "walk", "wave")
    assert len(data.items) == 7


def test_listed_clips_are_found_in_linked_folders(tmp_path: Path):
    put(tmp_path, "store/catch/a.avi", "store/Yo/v_Yo_g01_c01.avi")
    (tmp_path / "root").mkdir()
    for name in ("catch", "Yo"):
        (tmp_path / "root" / name).symlink_to(tmp_path / "store" / name)
    write(tmp_path / "root/lists/catch_test_split1.txt", "a.avi 1\n")
    write(tmp_path / "root/lists/classInd.txt", "1 Yo\n")
    write(tmp_path / "root/lists/trainlist01.txt", "Yo/v_Yo_g01_c01.avi 1\n")
    write(tmp_path / "root/lists/testlist01.txt", "\n")
    assert open_data("hmdb51", tmp_path / "root").problems == {}
    assert open_data("ucf101", tmp_path / "root").problems == {}


@pytest.mark.parametrize("target", ["unplugged", "wave"])
def test_a_class_whose_link_leads_nowhere_is_named(tmp_path: Path, target: str):
    put(tmp_path, "walk/a.mp4")
    (tmp_path / "wave").symlink_to(tmp_path / target)
    with pytest.raises(InputError, match=r"wave is a link to a folder that is missing"):
        open_data("folder", tmp_path)


def test_hidden_names_are_neither_classes_nor_clips_nor_lists(tmp_path: Path):
    put(tmp_path, "walk/a.mp4", "walk/._a.mp4", ".ipynb_checkpoints/a.mp4", "__MACOSX/walk.mp4")
    data = open_data("folder", tmp_path)
    assert data.labels == ("walk",)
    assert [item.id for item in data.items] == ["walk/a.mp4"]
    write(tmp_path / "._walk_test_split1.txt", "\0\5")
    write(tmp_path / "walk_test_split1.txt", "a.mp4 1\n")
    assert ids(open_data("hmdb51", tmp_path), "train") == ["walk/a"]


def test_an_empty_folder_and_a_file_as_root_are_errors(tmp_path: Path):
    with pytest.raises(InputError, match=r"has no clips of folder \(none listed\); needed"):
        open_data("folder", tmp_path)
    put(tmp_path, "a.mp4")
    with pytest.raises(InputError, match=r"a\.mp4 not found; needed: the root folder"):
        open_data("folder", tmp_path / "a.mp4")


def test_names_with_spaces_and_line_breaks_are_kept(tmp_path: Path):
    put(tmp_path, "two words\nthree/a b\n.mp4")
    (item,) = open_data("folder", tmp_path).items
    assert (item.label, item.path.is_file()) == ("two words\nthree", True)
