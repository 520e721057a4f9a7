"""Film parts: ids of some seconds of a longer video, opened as any clip."""

from __future__ import annotations

import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope_app.export import python_code
from fusionscope_app.state import clip_sources
from fusionscope_app.state.film_part import FilmPart, part_of, whole_of
from tests.videos import numbered, numbers


def test_an_id_names_the_seconds_of_a_video():
    part = FilmPart("data:a b/film.mp4", 12.0, 14.5)
    assert part.id == "data:a b/film.mp4#t=12,14.5"
    assert part_of(part.id) == part
    assert whole_of(part.id) == part.whole
    assert FilmPart("x", 2.002, 4.5045).id == "x#t=2.002,4.505"


@pytest.mark.parametrize(
    "clip_id",
    [
        *("toybox:8", "data:film.mp4", "data:film.mp4#t=3", "data:film.mp4#t=3,3"),
        *("data:film.mp4#t=5,4", "data:film.mp4#t=0,20.5", "#t=1,2", "data:film.mp4#t=1,2;"),
        "data:film.mp4#t=\uff11,\uff12",
    ],
)
def test_other_ids_name_no_part(clip_id):
    assert part_of(clip_id) is None
    assert whole_of(clip_id) == clip_id


def test_a_part_is_read_and_has_a_title_of_its_own(tmp_path):
    numbered(tmp_path / "film.mp4", 300)
    part = FilmPart("data:film.mp4", 5.0, 7.0)
    clip = clip_sources.open_clip(part.id, tmp_path)
    assert numbers(clip.frames) == list(range(50, 70))
    assert clip.notes == ("5 s to 7.0 s of the 30.0 s in the file",)
    assert clip_sources.known(part.id).title == "film, 5.0 s to 7.0 s"
    assert clip_sources.stamp(part.id, tmp_path) == clip_sources.stamp(part.whole, tmp_path) > 0
    with pytest.raises(InputError, match="outside the data folder"):
        clip_sources.open_clip("data:../film.mp4#t=5,7", tmp_path)


def test_python_code_reads_the_same_seconds(card: Card):
    lines = python_code.of_run("data:film.mp4#t=5,7.5", card)
    assert lines[0] == "clip = read_clip('data:film.mp4', start=5, seconds=2.5)"
