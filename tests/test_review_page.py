"""Tags, notes, labels that may be wrong and cards on page Errors, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base import paths
from fusionscope.evaluation.head_trial import HeadTrial, align_heads, heads_by_role
from fusionscope.evaluation.predictions_file import write_predictions
from fusionscope.evaluation.review.odd_labels import odd_labels
from fusionscope.evaluation.review.tag_file import FILE, Review, TagFile, data_key
from fusionscope_app import warmup
from fusionscope_app.errors.review.sheet_section import cards_of
from fusionscope_app.errors.review.tag_store import tag_file
from fusionscope_app.server import demo_mode
from fusionscope_app.state import clips
from tests.seeded_predictions import CLASSES, made_up
from tests.test_views import MAIN, words

DATA = data_key(CLASSES)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("FUSIONSCOPE_PREDICTIONS", str(tmp_path))
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "cache"))
    clips.data_clips.clear()
    write_predictions(made_up(), tmp_path / "made-up.predictions.parquet")
    return tmp_path


@pytest.fixture
def page(folder: Path) -> AppTest:
    assert folder.is_dir()
    page = AppTest.from_file(MAIN, default_timeout=120)
    return page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/errors.py"))


@pytest.fixture(scope="module")
def trial() -> HeadTrial:
    predictions = made_up()
    cast = heads_by_role(predictions)
    return align_heads(**{role: predictions.heads[pair] for role, pair in cast.items() if pair})


def test_tags_are_kept_beside_the_predictions_or_in_the_cache_folder(folder, monkeypatch):
    assert tag_file().path == folder / FILE
    monkeypatch.delenv("FUSIONSCOPE_PREDICTIONS")  # those that ship
    assert tag_file().path == paths.cache_folder() / "tags" / FILE
    assert not tag_file().path.exists()


def test_a_tag_is_written_listed_filtered_and_cleared(page, folder, trial):
    page.run()
    file = TagFile(folder / FILE)
    first = trial.fused.clips[0]
    assert not file.path.exists()
    page.multiselect[0].set_value(["odd label"]).run()
    assert not page.exception
    assert file.reviews(DATA) == {first: Review(("odd label",))}
    assert page.dataframe[0].value["tags"].tolist()[:2] == ["odd label", ""]
    file.change_tags(DATA, trial.fused.clips[3:5], add=["blurred"])  # another visitor
    page.run()
    box = page.selectbox(key="errors_tag")
    assert box.options == ["any tag (3)", "any note (0)", "blurred (2)", "odd label (1)"]
    box.set_value("blurred").run()
    assert page.dataframe[0].value["clip"].tolist() == [*trial.fused.clips[3:5]]
    assert page.query_params["errors_tag"] == "blurred"
    page.multiselect[0].set_value([]).run()
    assert page.dataframe[0].value["clip"].tolist() == [trial.fused.clips[4]]
    page.button(key="errors_clear").click().run()
    assert len(page.dataframe[0].value) == len(trial.labels)


def test_a_visitor_does_not_overwrite_a_note_that_another_has_changed(page, folder, trial):
    page.query_params["errors_text"] = trial.fused.clips[0]
    page.run()
    file, clip = TagFile(folder / FILE), trial.fused.clips[0]
    file.write_note(DATA, clip, "theirs", 0)  # another visitor, while this one types
    (save,) = (one for one in page.button if one.label == "Save the note")
    page.text_area[0].set_value("mine")
    save.click().run()
    assert not page.exception
    assert "another person has changed the note" in page.error[0].value
    assert "The new note: theirs" in page.error[0].value
    assert file.reviews(DATA)[clip].note == "theirs"
    assert page.text_area[0].value == "mine"
    (save,) = (one for one in page.button if one.label == "Save the note")
    save.click().run()  # now that the visitor has read it
    assert not page.error
    assert file.reviews(DATA)[clip].note == "mine"


def test_labels_that_may_be_wrong_are_listed_most_confident_first(page, trial):
    page.run()
    toggle = page.toggle(key="errors_odd")
    odd = odd_labels(trial.fused)
    assert toggle.label == f"Only labels that may be wrong ({len(odd)})"
    toggle.set_value(True).run()
    assert page.dataframe[0].value["clip"].tolist() == [trial.fused.clips[row] for row in odd]
    truth = trial.classes[trial.labels[odd[0]]]
    page.selectbox(key="errors_truth").set_value(truth).run()
    wanted = [trial.fused.clips[row] for row in odd if trial.classes[trial.labels[row]] == truth]
    assert page.dataframe[0].value["clip"].tolist() == wanted


def test_a_damaged_file_of_tags_is_said_and_the_page_goes_on(page, folder):
    (folder / FILE).write_bytes(b"no database" * 99)
    page.run()
    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert len(page.dataframe[0].value) == 177


def test_a_demonstration_writes_nothing(page, folder, monkeypatch):
    monkeypatch.setenv(demo_mode.VARIABLE, "1")
    TagFile(folder / FILE).change_tags(DATA, ["brush_hair_001"], add=["secret"])
    page.run()
    assert not page.exception
    assert not page.multiselect
    assert "secret" not in words(page) + str(page.dataframe[0].value)


def test_the_sheet_replaces_the_list(page):
    page.query_params["errors_clips"] = "Thumbnails"
    page.run()
    assert not page.exception
    assert not page.dataframe
    assert "Shift-click" in " ".join(one.value for one in page.caption)


def test_a_card_has_the_truth_and_each_prediction(trial):
    rows = np.array([5, 2])
    ids = {5: "data:a.mp4", 2: ""}
    found = cards_of(trial, rows, ids, {trial.fused.clips[2]: Review(("odd", "blurred"))})
    assert found.ids == ["data:a.mp4", ""]
    assert found.titles == [trial.fused.clips[5], trial.fused.clips[2]]
    assert found.truth == trial.labels[rows].tolist()
    assert found.tags == ["", "odd, blurred"]
    assert [(head.name, head.stream) for head in found.heads] == [
        ("appearance head", "appearance"),
        ("motion head", "motion"),
        ("fused head", "fused"),
        ("late fusion", "fused"),
    ]
    assert found.heads[2].said == trial.fused.said[rows].tolist()
    assert json.dumps(found.heads[2].sure)
    assert cards_of(trial, rows, ids, {}).tags == ()
