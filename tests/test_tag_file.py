"""Tag file: changes of several people add up, and each is written whole or not at all."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.review.tag_file import FILE, NOTE, TAGS, Review, TagFile, data_key


@pytest.fixture
def file(tmp_path: Path) -> TagFile:
    return TagFile(tmp_path / "new" / FILE)


def test_reading_creates_no_file_and_the_first_change_does(file: TagFile):
    assert file.reviews("d") == {}
    assert not file.path.parent.exists()
    file.change_tags("d", ["a", "b"], add=[" odd \n label ", "blurred"])
    assert file.reviews("d")["b"] == Review(("blurred", "odd label"))
    file.change_tags("d", ["a"], remove=["blurred", "never given"])
    file.write_note("d", "a", "  the ball is missing\n", 0)
    assert file.reviews("d")["a"] == Review(("odd label",), "the ball is missing", 1)
    assert file.reviews("another") == {}
    assert TagFile(file.path).reviews("d") == file.reviews("d")


def test_a_data_set_is_known_by_its_classes_in_any_order():
    assert data_key(["a", "b"]) == data_key(["b", "a"]) != data_key(["a", "c"])


def test_a_note_that_another_person_has_changed_is_not_overwritten(file: TagFile):
    file.write_note("d", "a", "one", 0)
    with pytest.raises(InputError, match="another person has changed the note of a"):
        file.write_note("d", "a", "two", 0)
    assert file.reviews("d")["a"].note == "one"
    file.write_note("d", "a", "one", 0)  # the same words need no second reading
    file.write_note("d", "a", "", file.reviews("d")["a"].version)
    assert file.reviews("d")["a"].note == ""


def test_changes_from_many_threads_and_another_process_all_stay(file: TagFile):
    code = (
        "import sys; from pathlib import Path\n"
        "from fusionscope.evaluation.review.tag_file import TagFile\n"
        "for at in range(20): TagFile(Path(sys.argv[1])).change_tags('d', [f'o{at}'], add=['o'])"
    )
    with (
        subprocess.Popen([sys.executable, "-c", code, str(file.path)]) as other,
        ThreadPoolExecutor(8) as pool,
    ):
        for _ in pool.map(lambda at: file.change_tags("d", ["a"], add=[f"tag {at}"]), range(16)):
            pass
        assert other.wait(60) == 0
    found = file.reviews("d")
    assert len(found) == 21
    assert sorted(found["a"].tags) == sorted(f"tag {at}" for at in range(16))


def test_a_change_that_fails_half_way_leaves_nothing(file: TagFile):
    file.change_tags("d", ["full"], add=[f"t{at}" for at in range(TAGS)])
    with pytest.raises(InputError, match="full would have more than 20 tags"):
        file.change_tags("d", ["empty", "full"], add=["one more"])
    assert set(file.reviews("d")) == {"full"}


@pytest.mark.parametrize("tag", ["", "  ", "x" * 41, "a\x00b"])
def test_a_tag_is_short_and_printable(file: TagFile, tag: str):
    with pytest.raises(InputError, match="is not 1 to 40 printable characters long"):
        file.change_tags("d", ["a"], add=[tag])


def test_a_note_that_is_too_long_is_refused(file: TagFile):
    with pytest.raises(InputError, match="2,001 characters; needed: 2,000 at most"):
        file.write_note("d", "a", "x" * (NOTE + 1), 0)


def test_a_file_that_is_none_of_ours_is_left_as_it_is(file: TagFile):
    file.path.parent.mkdir()
    file.path.write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match="cannot be read"):
        file.reviews("d")
    with pytest.raises(InputError, match="cannot be written"):
        file.change_tags("d", ["a"], add=["t"])
    assert file.path.read_bytes() == b"no database" * 100
    file.path.unlink()
    with sqlite3.connect(file.path) as other:
        other.execute("CREATE TABLE tag (x)")
    other.close()
    with pytest.raises(InputError, match="is not a file of tags"):
        file.reviews("d")


def test_a_folder_that_cannot_be_created_is_said(file: TagFile):
    file.path.parent.write_text("a file")
    with pytest.raises(InputError, match="cannot be created"):
        file.change_tags("d", ["a"], add=["t"])
