"""Every page renders, and says in one sentence what is wrong."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import session, sources
from tests.own import install, on_path, readme_block
from tests.videos import numbered

MAIN = str(Path(__file__).parents[1] / "app" / "main.py")


@pytest.fixture
def page(monkeypatch):
    """The app, without the background work that would outlive the test."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(MAIN, default_timeout=60)


def words(page: AppTest) -> str:
    """All that the page says in HTML, captions and notices."""
    return " ".join([*(e.proto.body for e in page.get("html")), *(e.value for e in page.caption)])


def test_explore_shows_an_answer_a_ledger_and_where_they_come_from(page):
    page.run()
    assert not page.exception
    assert not page.error
    said = words(page)
    assert "average of the heads" in said
    assert "synergy" in said
    assert "Flow: DIS; 5 chunks of 6 fields" in said


def test_explore_marks_the_expected_class_of_a_toybox_clip(page):
    page.query_params["clip"] = "toybox:21"
    page.run()
    label = sources.known("toybox:21").label
    said = words(page)
    assert "as expected" in said or f"expected: {label}" in said


def test_explore_shows_the_ledger_of_the_class_that_the_address_asks_about(page):
    page.query_params["clip"] = "toybox:8"
    page.query_params["expected"] = "down, then up"
    page.run()
    said = words(page)
    assert "score of “down, then up”" in said
    assert said.count("score of “") == 2
    assert "less than" in said
    assert 'fs-asked"><span>down, then up<' in said
    page.query_params["expected"] = "no such class"
    page.run()
    assert not page.exception
    assert words(page).count("score of “") == 1


@pytest.mark.parametrize("model", ["toybox-spatial", "toybox-temporal"])
def test_explore_shows_a_single_stream(page, model):
    page.query_params["model"] = model
    page.run()
    assert not page.exception
    assert "This network sees" in words(page)


@pytest.mark.parametrize(
    ("clip", "says"),
    [
        ("upload:123456789abc", "upload it again"),
        ("toybox:nine", "needed toybox: and a number"),
        ("data:../../etc/passwd.mp4", "outside the data folder"),
        ("data:gone.mp4", "gone.mp4"),
        ("", "is not here"),
    ],
)
def test_explore_says_in_one_sentence_that_a_clip_is_not_to_be_had(page, clip, says):
    page.query_params["clip"] = clip
    page.run()
    assert not page.exception
    (error,) = page.error
    assert says in error.value


def test_explore_says_so_when_the_clip_is_not_of_the_networks_world(page, tmp_path, monkeypatch):
    numbered(tmp_path / "mine.mp4")
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    page.query_params["clip"] = "data:mine.mp4"
    page.run()
    assert not page.exception
    (notice,) = page.info
    assert "not of that world" in notice.value


@pytest.fixture
def models(page):
    """The Models page, with every list looked up anew."""
    session.networks.clear()
    page.switch_page(str(Path(MAIN).parent / "views/models.py"))
    yield page
    session.networks.clear()


def test_models_lists_every_network_and_shows_the_card_of_one(models):
    models.run()
    assert not models.exception
    listed = models.dataframe[0].value
    assert len(listed) == len(session.models())
    first = next(iter(session.models().values()))
    said = words(models)
    assert f"<h3>{first.title}</h3>" in said
    assert first.sha256[:16] in said
    assert "comes with fusionscope" in said
    for head, share in first.accuracy:
        assert head in said
        assert f'<i style="--p:{share:.4f}"></i>' in said
        assert f'<u style="--p:{dict(first.ceiling)[head]:.4f}"></u>' in said


def test_models_opens_the_card_of_the_network_in_the_address(models):
    models.query_params["model"] = "toybox-temporal"
    models.run()
    assert f"<h3>{session.models()['toybox-temporal'].title}</h3>" in words(models)


def test_models_prints_the_papers_tables_and_toyboxs_figures(models):
    models.run()
    said = words(models)
    for shown in ("Table 1", "Table 2", "Table 4", "97.76M", "97.58M", "86.04 %", "58.63 %"):
        assert shown in said
    share, _ = session.models()["toybox-conv3d"].final
    assert share is not None
    assert f"<td>{share * 100:.1f} %</td>" in said.split("3D conv, 3d pooling")[1]


def test_models_checks_a_network_when_asked(models):
    models.query_params["model"] = "toybox-temporal"
    models.run()
    assert "left untouched" not in words(models)
    models.button(key="models_check").click().run()
    assert not models.exception
    assert "left untouched" in words(models)
    assert "not offered" in words(models)


def test_own_networks_are_marked_and_a_broken_one_takes_nothing_down(models, tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    install(tmp_path, "myscope", readme_block("python", "Adapter(CARD, Mine)"))
    on_path(tmp_path, monkeypatch, "myscope")
    (tmp_path / "bad.json").write_text('{"name": "<b>"}', "utf-8")
    models.run()
    assert not models.exception
    assert models.dataframe[0].value["network"].iloc[-1] == "My gated net (yours)"
    assert "bad.json is not a card" in words(models)
    models.switch_page(str(Path(MAIN).parent / "views/explore.py"))
    models.query_params["model"] = "mine"
    models.run()
    assert not models.exception
    assert "My gated net (yours)" in models.selectbox(key="model_choice").options
    assert "trained on clips unknown" in words(models)


def test_an_upload_is_opened_and_its_file_is_gone(page, tmp_path):
    mine = numbered(tmp_path / "mine.mp4", count=16)
    page.run()
    page.file_uploader(key="upload").upload("mine.mp4", mine.read_bytes(), "video/mp4").run()
    assert not page.exception
    assert page.query_params["clip"].startswith("upload:")
    assert "Clip: 16 frames" in words(page)
    assert list(page.session_state["upload_folder"].path.iterdir()) == []


@pytest.mark.slow
def test_of_a_long_upload_the_visitor_picks_the_window(page, tmp_path):
    long = numbered(tmp_path / "long.mp4", count=60, fps=2)
    page.run()
    page.file_uploader(key="upload").upload("long.mp4", long.read_bytes(), "video/mp4").run()
    assert not page.exception
    assert "clip" not in page.query_params
    assert "lasts 30 s" in page.slider[0].label
    page.slider[0].set_value(10.0)
    page.button(key="upload_window").click().run()
    assert not page.exception
    assert "Clip: 40 frames" in words(page)


def test_a_broken_upload_is_told_and_the_open_clip_stays(page):
    page.run()
    before = words(page)
    page.file_uploader(key="upload").upload("no.mp4", b"no video" * 99, "video/mp4").run()
    (error,) = page.error
    assert error.value.startswith("no.mp4 ")
    assert words(page) == before
    assert list(page.session_state["upload_folder"].path.iterdir()) == []
