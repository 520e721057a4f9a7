"""Page Fusion: every network has its page, and the numbers on it add up as they stand."""

import re
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from fusionscope.nets import network as nets
from fusionscope.nets.fusion import FUSIONS
from fusionscope.nets.store.catalogue import cards
from fusionscope_app import warmup
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NETWORKS = [name for name, card in cards().items() if card.world == "toybox"]
FUSED = [name for name in NETWORKS if cards()[name].places]
LEARNED = [name for name in FUSED if FUSIONS[cards()[name].fusion or ""].learned]


@pytest.fixture
def page(monkeypatch) -> AppTest:
    """Page Fusion, without the background work that would outlive the test."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    app.switch_page("fusionscope_app/views/fusion.py")
    return app


def bodies(page: AppTest) -> str:
    return " ".join(e.proto.body for e in page.get("html"))


def prose(page: AppTest) -> str:
    return " ".join([bodies(page), *(e.value for e in (*page.markdown, *page.caption, *page.info))])


def numbers(text: str) -> list[float]:
    plain = re.sub(r"<[^>]+>", " ", text).replace("\N{MINUS SIGN}", "-")
    return [float(found) for found in re.findall(r"-?\d+\.\d+", plain)]


@pytest.mark.parametrize(
    "name", rest_slow(NETWORKS, "toybox-conv3d", "toybox-bilinear", "toybox-temporal")
)
def test_every_network_has_its_page(page: AppTest, name: str):
    page.query_params["model"] = name
    page.run()
    assert not page.exception
    assert not page.error
    if name not in FUSED:
        one = len(cards()[name].streams) == 1
        told = "one stream, motion: there is nothing to fuse" if one else "fuses no feature maps"
        assert (told in prose(page)) or "one stream, appearance" in prose(page)
        assert not page.slider
    elif cards()[name].fusion == "bilinear":
        assert "keeps *which* features occur together, not *where*" in prose(page)
    else:
        assert "fs-lens" in bodies(page)


@pytest.mark.parametrize("name", rest_slow(LEARNED, "toybox-conv3d", "toybox-conv-relu5-fc8"))
def test_the_numbers_on_the_page_add_up_as_they_stand(page: AppTest, name: str):
    page.query_params.update({"model": name, "fusion_lens": "Table"})
    page.run()
    (line,) = re.findall(r'<p class="fs-sum">(.*?)</p>', bodies(page))
    bias, appearance, motion, value, goes_on = numbers(line)
    assert bias + appearance + motion == pytest.approx(value, abs=1e-9)
    assert goes_on == pytest.approx(max(value, 0), abs=1.1e-3)
    tables = re.findall(r"<tbody>(.*?)</tbody>", bodies(page))
    for table, total in zip(tables, (appearance, motion), strict=True):
        *rows, last = [numbers(row)[-1] for row in re.findall(r"<tr>(.*?)</tr>", table)]
        assert sum(rows) == pytest.approx(last, abs=1e-9)
        assert last == total


def test_the_address_names_the_unit_and_the_cell(page: AppTest):
    page.query_params.update({"unit": "3", "cell": "1.2.4"})
    page.run()
    assert "Unit 3 at relu5, chunk 2, row 3, column 5." in prose(page)
    assert page.number_input(key="fusion_unit").value == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("unit", "900"), ("unit", "x"), ("cell", "9.9.9"), ("cell", "1.2"), ("cell", "-1.0.0")),
        *(("place", "fc9"), ("stage", "fused.nowhere"), ("stage", "<b>")),
    ],
)
def test_a_mangled_address_opens_the_page_as_it_comes(page: AppTest, key: str, value: str):
    page.query_params[key] = value
    page.run()
    assert not page.exception
    assert not page.error
    assert "fs-lens" in bodies(page)


def test_a_picture_of_the_sum_comes_first_and_the_table_second(page: AppTest):
    page.run()
    view = page.segmented_control(key="fusion_lens")
    assert view.value == "Picture"
    assert "<tbody>" not in bodies(page)
    view.set_value("Table").run()
    assert bodies(page).count("<tbody>") == 2
    assert page.query_params["fusion_lens"] == "Table"


def test_another_unit_can_be_chosen_by_number(page: AppTest):
    page.run()
    page.number_input(key="fusion_unit").set_value(77).run()
    assert "Unit 77 at relu5" in prose(page)
    assert page.query_params["unit"] == "77"


def test_other_operators_stand_in_and_are_marked_as_not_retrained(page: AppTest):
    page.query_params["unit"] = "3"
    page.run()
    page.segmented_control(key="fusion_swap").set_value("sum").run()
    text = bodies(page).rpartition('<div class="fs-lens">')[2]
    assert "not retrained" in text
    first, second, total = numbers(re.findall(r'<p class="fs-sum">(.*?)</p>', text)[0])
    assert first + second == pytest.approx(total, abs=1e-9)
    assert "not trained" in text
    page.segmented_control(key="fusion_swap").set_value("cat").run()
    assert re.search(r"\b192 channels.*\b96\b", bodies(page))


def test_moving_motion_away_costs_the_answer_and_moving_it_back_gives_it_again(page: AppTest):
    page.run()
    before = prose(page)
    assert "In place:" in before
    page.slider(key="fusion_move_right").set_value(-3).run()
    assert not page.exception
    moved = prose(page)
    assert "falls from" in moved
    share, less = (float(v) for v in re.findall(r"\*\*(\d\.\d\d)\*\*", moved)[:2])
    assert less < 0.5 * share
    page.slider(key="fusion_move_right").set_value(0).run()
    assert "In place:" in prose(page)


def test_trouble_with_moving_motion_is_told_there_and_the_rest_of_the_page_stays(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
):
    page.query_params["model"] = "toybox-conv"
    page.run()
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory.")

        full.setattr(nets.Network, "fuse", no_room)
        page.slider(key="fusion_move_right").set_value(2).run()
    assert not page.exception
    (error,) = page.error
    assert "too little memory" in error.value
    assert "Channel correspondence" in [one.value for one in page.header]
    page.run()
    assert not page.error
    assert "In place:" not in prose(page)


def test_what_half_the_grid_costs_over_all_clips_is_told(page: AppTest):
    name = next((n for n in FUSED if cards()[n].by_shift), "")
    page.query_params["model"] = name
    page.run()
    assert f"{100 * cards()[name].by_shift[0]:.1f} %" in prose(page)
    assert "shifted by half the grid" in prose(page)


def test_a_stage_can_be_looked_at(page: AppTest):
    page.query_params["stage"] = "temporal.relu3"
    page.run()
    assert not page.exception
    assert "fs-lens" in bodies(page)


def test_a_link_restores_what_was_moved_and_what_was_put_in_the_operators_place(page: AppTest):
    page.query_params.update(
        {
            "model": "toybox-conv",
            "fusion_move_right": "2",
            "fusion_move_mirror": "true",
            "fusion_swap": "sum, not retrained",
        }
    )
    page.run()
    assert not page.exception
    assert page.slider(key="fusion_move_right").value == 2
    assert page.slider(key="fusion_move_down").value == 0
    assert page.toggle(key="fusion_move_mirror").value
    assert "not trained" in prose(page)
    page.query_params["fusion_move_right"] = "99"  # nobody's slider goes so far
    page.run()
    assert not page.exception


@pytest.mark.slow
@pytest.mark.parametrize(("model", "told"), [("jhmdb-conv", True), ("toybox-conv", False)])
def test_a_stage_without_a_relu_says_so_beside_its_negative_activations(page, model, told):
    page.query_params["model"] = model
    page.run()
    assert not page.exception
    words = "relu5 of efficientnet-lite0 ends without a ReLU"
    assert any(words in one.value for one in page.caption) == told
