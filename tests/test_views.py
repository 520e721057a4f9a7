"""Pages Explore and Models: content and error messages."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope_app import warmup
from fusionscope_app.state import clip_sources, results
from tests.own_network import example_block, install, on_path
from tests.videos import numbered

MAIN = str(Path(__file__).parents[1] / "app" / "main.py")


@pytest.fixture
def page(monkeypatch):
    """The app, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(MAIN, default_timeout=60)


def words(page: AppTest) -> str:
    """The text of a page: HTML, captions and notices."""
    return " ".join([*(e.proto.body for e in page.get("html")), *(e.value for e in page.caption)])


def test_explore_shows_predictions_a_ledger_and_their_provenance(page):
    page.run()
    assert not page.exception
    assert not page.error
    said = words(page)
    assert "average of the heads" in said
    assert "interaction" in said
    assert "Flow: DIS; 5 chunks of 6 fields" in said


def test_explore_marks_the_expected_class_of_a_toybox_clip(page):
    page.query_params["clip"] = "toybox:21"
    page.run()
    label = clip_sources.known("toybox:21").label
    said = words(page)
    assert "as expected" in said or f"expected: {label}" in said


def test_explore_shows_the_ledger_of_the_class_that_the_address_asks_about(page):
    page.query_params["clip"] = "toybox:8"
    page.query_params["expected"] = "down, then up"
    page.run()
    said = words(page)
    assert "score of “down, then up”" in said
    assert said.count("score of “") == 2
    assert "lower than" in said
    assert 'fs-asked"><span>down, then up<' in said
    page.query_params["expected"] = "no such class"
    page.run()
    assert not page.exception
    assert words(page).count("score of “") == 1


def column(page: AppTest) -> str:
    """The HTML beside the player."""
    return " ".join(e.proto.body for e in page.columns[-1].get("html"))


def test_explore_shows_a_clicked_cell_beside_the_player_in_place_of_the_predictions(page):
    page.query_params["clip"] = "toybox:8"
    page.run()
    assert column(page).count('class="fs-row') == 15
    assert "Click a picture" in column(page)
    page.query_params["pin"] = "10.500.500.fused"
    page.run()
    assert not page.exception
    said = column(page)
    assert 'class="fs-row' not in said
    for head in ("average", "spatiotemporal", "temporal"):
        assert f"<b>{head}</b>" in said
    assert "at frame 11" in said
    for table in re.findall(r"<tbody>(.*?)</tbody>", said):
        *terms, total = [
            float(cell.replace("\N{MINUS SIGN}", "-"))
            for cell in re.findall(r"<td>([^<]*\d\.\d{3})</td>", table)
        ]
        assert len(terms) == 4  # the three largest and the others
        assert sum(terms) == pytest.approx(total, abs=1e-9)  # as shown
    page.button(key="explore_close_cell").click().run()
    assert "pin" not in page.query_params
    assert column(page).count('class="fs-row') == 15


@pytest.mark.parametrize("model", ["toybox-spatial", "toybox-temporal"])
def test_explore_shows_a_single_stream(page, model):
    page.query_params["model"] = model
    page.run()
    assert not page.exception
    assert "The network uses" in words(page)


@pytest.mark.parametrize(
    ("clip", "says"),
    [
        ("upload:123456789abc", "upload it again"),
        ("toybox:nine", "a number below 10^9"),
        ("data:../../etc/passwd.mp4", "outside the data folder"),
        ("data:gone.mp4", "gone.mp4"),
        ("nothing", "'nothing'"),
    ],
)
def test_explore_shows_an_error_if_a_clip_cannot_be_opened(page, clip, says):
    page.query_params["clip"] = clip
    page.run()
    assert not page.exception
    (error,) = page.error
    assert says in error.value


def test_explore_warns_of_a_clip_unlike_the_training_data(page, tmp_path, monkeypatch):
    numbered(tmp_path / "mine.mp4")
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    page.query_params["clip"] = "data:mine.mp4"
    page.run()
    assert not page.exception
    (notice,) = page.info
    assert "do not trust its prediction" in notice.value


@pytest.fixture
def models(page):
    """Page Models with nothing cached."""
    results.networks.clear()
    page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/models.py"))
    yield page
    results.networks.clear()


def test_models_lists_every_network_and_shows_the_card_of_one(models):
    models.run()
    assert not models.exception
    listed = models.dataframe[0].value
    assert len(listed) == len(results.models())
    first = next(iter(results.models().values()))
    said = words(models)
    assert f"<h3>{first.title}</h3>" in said
    assert first.sha256[:16] in said
    assert "included in fusionscope" in said
    for head, share in first.accuracy:
        assert head in said
        assert f'<i style="--p:{share:.4f}"></i>' in said
        assert f'<u style="--p:{dict(first.ceiling)[head]:.4f}"></u>' in said


def test_models_opens_the_card_of_the_network_in_the_address(models):
    models.query_params["model"] = "toybox-temporal"
    models.run()
    assert f"<h3>{results.models()['toybox-temporal'].title}</h3>" in words(models)


def test_models_prints_the_papers_tables_and_toyboxs_figures(models):
    models.run()
    said = words(models)
    for shown in ("Table 1", "Table 2", "Table 4", "97.76M", "97.58M", "86.04 %", "58.63 %"):
        assert shown in said
    share, _ = results.models()["toybox-conv3d"].final
    assert share is not None
    assert f"<td>{share * 100:.1f} %</td>" in said.split("3D conv, 3D pooling")[1]


def test_models_checks_a_network_when_asked(models):
    models.query_params["model"] = "toybox-temporal"
    models.run()
    assert "network unchanged" not in words(models)
    models.button(key="models_check").click().run()
    assert not models.exception
    assert "network unchanged" in words(models)
    assert "not offered" in words(models)


def test_own_networks_are_marked_and_a_broken_one_is_listed(models, tmp_path, monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    install(tmp_path, "myscope", example_block("python", "Adapter(CARD, Mine)"))
    on_path(tmp_path, monkeypatch, "myscope")
    (tmp_path / "bad.json").write_text('{"name": "<b>"}', "utf-8")
    models.run()
    assert not models.exception
    assert models.dataframe[0].value["network"].iloc[-1] == "My gated net (yours)"
    assert "bad.json is not a fusionscope card" in words(models)
    models.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/explore.py"))
    models.query_params["model"] = "mine"
    models.run()
    assert not models.exception
    assert "My gated net (yours)" in models.selectbox(key="model_choice").options
    assert "trained on unknown data" in words(models)


def test_an_upload_is_opened_and_its_file_deleted(page, tmp_path):
    mine = numbered(tmp_path / "mine.mp4", count=16)
    page.run()
    page.file_uploader(key="upload").upload("mine.mp4", mine.read_bytes(), "video/mp4").run()
    assert not page.exception
    assert page.query_params["clip"].startswith("upload:")
    assert "Clip: 16 frames" in words(page)
    assert list(page.session_state["upload_folder"].path.iterdir()) == []


@pytest.mark.slow
def test_a_window_of_a_long_upload_can_be_chosen(page, tmp_path):
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


def test_a_broken_upload_shows_an_error_and_the_open_clip_stays(page):
    page.run()
    before = words(page)
    page.file_uploader(key="upload").upload("no.mp4", b"no video" * 99, "video/mp4").run()
    (error,) = page.error
    assert error.value.startswith("no.mp4 ")
    assert words(page) == before
    assert list(page.session_state["upload_folder"].path.iterdir()) == []
