"""User files: hidden names, links, folders that may not be read, text with byte order marks."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from fusionscope.base import user_files
from fusionscope.base.records import InputError

LEFT_BEHIND = (".DS_Store", "._a.mp4", ".ipynb_checkpoints", "Thumbs.db", "__MACOSX", "desktop.ini")


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def names(root: Path, **options: bool) -> list[str]:
    found = user_files.files_below(root, **options)
    return [path.relative_to(root).as_posix() for path in found]


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that may not be read, whoever runs the test."""
    folder = tmp_path / "closed"
    folder.mkdir()
    scan = os.scandir

    def refusing(path: str | Path) -> object:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    monkeypatch.setattr(Path, "iterdir", lambda path: map(Path, (e.path for e in os.scandir(path))))
    return folder


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_hidden_files_and_folders_are_not_listed(tmp_path: Path, name: str):
    put(tmp_path / "a.mp4", tmp_path / "walk/b.mp4", tmp_path / "walk" / name)
    put(tmp_path / name / "c.mp4")
    assert names(tmp_path) == ["a.mp4", "walk/b.mp4"]
    assert [path.name for path in user_files.listed(tmp_path)] == ["a.mp4", "walk"]


def test_linked_folders_are_followed_but_no_circle_is_walked_twice(tmp_path: Path):
    put(tmp_path / "store/walk/a.mp4", tmp_path / "root/wave/b.mp4")
    (tmp_path / "root/walk").symlink_to(tmp_path / "store/walk")
    (tmp_path / "root/self").symlink_to(tmp_path / "root")
    (tmp_path / "store/walk/back").symlink_to(tmp_path / "root")
    (tmp_path / "root/ring").symlink_to(tmp_path / "root/ring")
    assert names(tmp_path / "root") == ["ring", "walk/a.mp4", "wave/b.mp4"]
    assert "walk/a.mp4" not in names(tmp_path / "root", follow=False)


def test_links_that_multiply_folders_end_in_an_error(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(user_files, "_FOLDERS", 500)
    for depth in range(12):
        (tmp_path / f"d{depth}").mkdir()
        for name in "ab":
            (tmp_path / f"d{depth}" / name).symlink_to(tmp_path / f"d{depth + 1}")
    (tmp_path / "d12").mkdir()
    with pytest.raises(InputError, match=r"more than 500 folders"):
        names(tmp_path / "d0")


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, closed: Path):
    put(tmp_path / "open/a.mp4")
    says = r"the folder .*closed cannot be listed \(Permission denied\); needed"
    for find in (user_files.listed, names):
        with pytest.raises(InputError, match=says):
            find(closed)
    with pytest.raises(InputError, match=says):
        names(tmp_path)
    assert names(tmp_path, broken=False) == ["open/a.mp4"]
    assert user_files.listed(tmp_path / "nowhere") == []


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_is_read_with_any_mark_and_line_end(tmp_path: Path, coding: str, end: str):
    path = tmp_path / "list.txt"
    path.write_bytes(f"1 Apply é{end}2 Yo\u2028Yo".encode(coding))
    assert user_files.read_text(path) == "1 Apply é\n2 Yo\u2028Yo"


def test_what_is_no_text_is_an_error_in_one_sentence(tmp_path: Path):
    path = tmp_path / "list.txt"
    with pytest.raises(InputError, match=r"^list\.txt cannot be read: No such file"):
        user_files.read_text(path)
    for content in ("für".encode("latin-1"), codecs.BOM_UTF16_LE + b"a"):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"^list\.txt is not text in UTF-8 .*save it as UTF-8"):
            user_files.read_text(path)
    with pytest.raises(InputError, match=r"cannot be read: invalid file name"):
        user_files.read_text(Path("a\0.txt"))
