"""Atomic file: a failed or killed writer leaves the old file unchanged."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fusionscope.base.atomic_file import atomic_write
from fusionscope.card import Card, read_card, write_card

ROOT = Path(__file__).parents[1]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_appears_when_the_block_ends_and_not_before(tmp_path: Path):
    path = tmp_path / "kept.json"
    with atomic_write(path) as unfinished:
        assert unfinished.parent == tmp_path  # on the same disk, so that it can take the place
        unfinished.write_text("first")
        assert not path.exists()
    assert (files(tmp_path), path.read_text()) == (["kept.json"], "first")
    with atomic_write(path) as unfinished:
        unfinished.write_text("second")
        assert path.read_text() == "first"
    assert (files(tmp_path), path.read_text()) == (["kept.json"], "second")


@pytest.mark.parametrize("problem", [KeyError("a bug"), KeyboardInterrupt()])
def test_a_writer_that_fails_leaves_the_old_file_whole_and_no_rubbish(
    tmp_path: Path, problem: BaseException
):
    path = tmp_path / "kept.json"
    path.write_text("old")

    def write() -> None:
        with atomic_write(path) as unfinished:
            unfinished.write_text("ha")
            raise problem

    with pytest.raises(type(problem)):
        write()
    assert (files(tmp_path), path.read_text()) == (["kept.json"], "old")


def test_a_writer_that_fails_before_its_first_byte_raises_its_own_error(tmp_path: Path):
    with pytest.raises(ValueError, match="no content"), atomic_write(tmp_path / "new"):
        raise ValueError("no content")
    assert files(tmp_path) == []


def test_a_writer_killed_with_9_leaves_the_old_file_whole(tmp_path: Path):
    path = tmp_path / "kept.json"
    path.write_text("old")
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from fusionscope.base.atomic_file import atomic_write\n"
        "with atomic_write(Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_text('ha')\n    print(flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert len(files(tmp_path)) == 2
        os.kill(writer.pid, signal.SIGKILL)
    assert path.read_text() == "old"
    with atomic_write(path) as unfinished:  # what it left is in nobody's way
        unfinished.write_text("new")
    assert path.read_text() == "new"


def test_a_draft_is_not_taken_for_a_network(tmp_path: Path, card: Card):
    """Cards and weights are found by how their names end, and read while others are written."""
    write_card(card, tmp_path / "tiny.json")
    with (
        atomic_write(tmp_path / "tiny.json") as one,
        atomic_write(tmp_path / "other.safetensors") as other,
    ):
        one.write_text("{")
        other.write_text("")
        assert [path.name for path in tmp_path.glob("*.json")] == ["tiny.json"]
        assert not [path for path in tmp_path.iterdir() if path.suffix == ".safetensors"]
        assert read_card(tmp_path / "tiny.json") == card
