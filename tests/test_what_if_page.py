"""What if page: edits can be added, set, moved and undone, and the page shows what changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.analysis.edit_reel import edit_reel
from fusionscope.base.records import size_in_bytes
from fusionscope.explain.edits.edit_list import AGAIN, ALONG, EDITS, KEEP, WAYS, write_edits
from fusionscope.explain.edits.flow_edits import Scale, Zero
from fusionscope.explain.edits.picture_edits import Erase, Mirror
from fusionscope.explain.edits.time_edits import Freeze, Reverse
from fusionscope_app import warmup
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.opened import Opened
from fusionscope_app.what_if import erase_box
from fusionscope_app.what_if import results as what_if_results
from fusionscope_app.what_if.edits_in_address import Stack
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
SHORT = "toybox:8"
CHEAP = {"model": "toybox-temporal", "way": ALONG}
"""For tests of the widgets alone: one stream, no flow to recompute."""
KINDS = ("toybox-late", "toybox-bilinear", "toybox-spatial", "toybox-temporal")
LABEL = clip_sources.known(SHORT).label  # right, then left


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The What if page without the warmup thread."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    app.switch_page("fusionscope_app/views/what_if.py")
    app.query_params["clip"] = SHORT
    return app


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def sentence(page: AppTest) -> str:
    return html(page).split('<p class="fs-sentence">')[1].split("</p>")[0]


def edits(page: AppTest) -> str:
    """The edits in the address."""
    found = page.query_params.get("edits", "")
    return found[0] if isinstance(found, list) else found


def add(page: AppTest, name: str) -> None:
    page.button(key=f"whatif_add_{name}").click().run()


def test_without_edits_the_original_clip_is_shown(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    assert "No edits yet" in html(page)
    assert 'class="fs-ledgers"' not in html(page)
    assert page.button(key="whatif_undo").disabled
    assert page.button(key="whatif_reset").disabled


def test_a_link_restores_the_edits_and_shows_what_they_changed(page: AppTest):
    page.query_params["edits"] = "mirror"
    page.run()
    assert not page.exception
    assert sentence(page).startswith("Mirrored: predicts <em>left, then right</em> (")
    assert ", correct, instead of <em>right, then left</em> (" in sentence(page)
    said = html(page)
    assert said.count("fs-answer") == 2 + 1  # and once in the style
    for label in ("right, then left", "left, then right"):
        assert f"score of “{label}”" in said
    for term in ("baseline", "appearance", "motion", "interaction", "score", "P"):
        assert f'<th scope="row">{term}</th>' in said
    assert "DIS, recomputed" in page.caption[-1].value


@pytest.mark.slow
def test_edits_are_added_moved_removed_undone_and_reset(page: AppTest):
    page.query_params.update(CHEAP)
    page.run()
    add(page, "mirror")
    assert edits(page) == "mirror"
    add(page, "zero")
    assert edits(page) == "mirror~zero"
    page.button(key="whatif_up_1").click().run()
    assert edits(page) == "zero~mirror"
    page.button(key="whatif_remove_0").click().run()
    assert edits(page) == "mirror"
    assert "Mirrored: " in html(page)
    page.button(key="whatif_reset").click().run()
    assert edits(page) == ""
    for before in ("mirror", "zero~mirror", "mirror~zero", "mirror", ""):
        page.button(key="whatif_undo").click().run()
        assert edits(page) == before
    assert page.button(key="whatif_undo").disabled
    assert not page.exception


def test_a_change_without_effect_is_not_recorded_for_undo():
    def script() -> None:
        from fusionscope_app.what_if import edits_in_address

        edits_in_address.change(edits="mirror")
        edits_in_address.change(edits="mirror")
        edits_in_address.undo()

    app = AppTest.from_function(script).run()
    assert "edits" not in app.query_params
    assert not app.exception


def test_the_first_edit_cannot_go_up_nor_the_last_down(page: AppTest):
    page.query_params.update({"edits": "zero~mirror"} | CHEAP)
    page.run()
    assert page.button(key="whatif_up_0").disabled
    assert not page.button(key="whatif_down_0").disabled
    assert page.button(key="whatif_down_1").disabled


@pytest.mark.slow
def test_settings_go_into_the_address_with_frames_counted_from_one(page: AppTest):
    page.query_params.update({"edits": "freeze_4_rest~scale_2"} | CHEAP)
    page.run()
    frame = page.slider(key="whatif_0_freeze_first")
    assert (frame.value, frame.max) == (5, 50)
    frame.set_value(10).run()
    assert edits(page) == "freeze_9_rest~scale_2"
    page.selectbox(key="whatif_0_freeze_span").select("whole").run()
    page.slider(key="whatif_1_scale_factor").set_value(-1.5).run()
    assert edits(page) == "freeze_9_whole~scale_-1.5"
    assert not page.exception


def test_every_edit_has_its_widgets(page: AppTest):
    names = [name for name in EDITS if name not in ("method", "speed")]
    page.query_params.update({"edits": write_edits([EDITS[name]() for name in names])} | CHEAP)
    page.run()
    assert not page.exception
    assert not page.error
    keys = {w.key for w in (*page.slider, *page.number_input, *page.selectbox, *page.toggle)}
    for at, name in enumerate(names):
        for field in EDITS[name].settings:
            assert f"whatif_{at}_{name}_{field}" in keys
    last = page.slider(key=f"whatif_{names.index('erase')}_erase_last")
    assert last.value == 50  # to the clip's end


def test_frames_are_counted_after_the_edits_before(page: AppTest):
    page.query_params.update({"edits": "speed_2~freeze_4_rest"} | CHEAP)
    page.run()
    assert page.slider(key="whatif_1_freeze_first").max == 25


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("edits", "mirror~nonsense", "there is no edit 'nonsense'; choose one of freeze"),
        ("edits", "speed_99", "99.0; needed: 0.25 to 4"),
        ("way", "round", "unknown source of flow 'round'"),
    ],
)
def test_an_invalid_link_shows_one_error_and_is_removed(
    page: AppTest, key: str, value: str, told: str
):
    page.query_params[key] = value
    page.run()
    assert not page.exception
    (error,) = page.error
    assert told in error.value
    page.run()
    assert not page.error


def test_an_edit_that_does_not_fit_shows_an_error_beside_the_controls(page: AppTest):
    page.query_params.update({"edits": "speed_4~speed_4~speed_4"} | CHEAP)
    page.run()
    assert not page.exception
    (error,) = page.error
    assert re.search(r"\b1\b.*2 to 600", error.value)
    page.button(key="whatif_remove_0").click().run()
    assert edits(page) == "speed_4~speed_4"


@pytest.mark.parametrize(("speed", "frames"), [("speed_4", 2), ("speed_0.25", 600)])
def test_an_edit_after_one_that_does_not_fit_still_has_its_widgets(
    page: AppTest, speed: str, frames: int
):
    page.query_params.update({"edits": "~".join([speed] * 11 + ["freeze_0_rest"])} | CHEAP)
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "needed: 2 to 600" in error.value
    assert page.slider(key="whatif_11_freeze_first").max == frames


@pytest.mark.slow
def test_each_source_of_flow_is_named_in_the_caption(page: AppTest):
    page.query_params["edits"] = "reverse"
    page.run()
    told = {page.caption[-1].value}
    for way in (ALONG, KEEP):
        page.get("button_group")[0].set_value(way).run()  # pyright: ignore[reportAttributeAccessIssue]
        assert page.query_params["way"] in (way, [way])
        told.add(page.caption[-1].value)
    assert len(told) == 3
    assert not page.exception


def test_edits_of_the_flow_alone_offer_no_choice_of_its_source(page: AppTest):
    page.query_params["edits"] = "zero"
    page.run()
    assert not page.get("button_group")
    assert sentence(page).startswith("With zero flow: ")


def test_a_chimera_starts_with_the_twin_clip_and_knows_its_true_class(page: AppTest):
    page.run()
    page.toggle(key="whatif_lent").set_value(True).run()
    assert not page.exception
    twin = clip_sources.twin(SHORT)
    assert page.query_params["motion"] in (twin, [twin])
    lent = clip_sources.known(twin)
    assert sentence(page).startswith(f"With motion from “{lent.title}”: predicts <em>{lent.label}")
    assert ", correct" in sentence(page)
    assert "from the other clip" in page.caption[-1].value
    page.toggle(key="whatif_lent").set_value(False).run()
    assert "motion" not in page.query_params
    page.button(key="whatif_undo").click().run()
    assert page.query_params["motion"] in (twin, [twin])


def test_a_missing_motion_clip_shows_an_error_and_can_be_removed(page: AppTest):
    page.query_params["motion"] = "upload:123456789abc"
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "upload it again" in error.value
    page.toggle(key="whatif_lent").set_value(False).run()
    assert not page.error


@pytest.mark.parametrize("name", rest_slow(KINDS, "toybox-bilinear"))
def test_every_network_runs_on_the_edited_clip(page: AppTest, name: str):
    page.query_params.update({"model": name, "edits": "mirror", "way": ALONG})
    page.run()
    assert not page.exception
    assert not page.error
    assert sentence(page).startswith("Mirrored: ")


def before_of(name: str = "toybox-temporal") -> Opened:
    run = results.analysis_of(clips.clip_of(SHORT), results.models()[name])
    return Opened(clip_sources.known(SHORT), run)


@pytest.mark.slow
def test_a_run_on_an_edited_clip_is_cached_and_deleted_with_the_original_clip():
    before = before_of()
    stack = Stack((Mirror(), Scale(2.0)), AGAIN)
    after = what_if_results.edited_of(before, stack)
    assert what_if_results.edited_of(before, stack) is after
    reel = what_if_results.edit_reel_of(before, after, stack)
    assert what_if_results.edit_reel_of(before, after, stack) is reel
    twice = edit_reel(before.analysis, after, stack.edits, "DIS, recomputed")
    assert reel.to_bytes() == twice.to_bytes()
    again = what_if_results.edited_of(before, Stack((Mirror(), Scale(3.0)), AGAIN))
    assert again.trace.clip.digest == after.trace.clip.digest != before.trace.clip.digest
    assert (again.trace.flow != after.trace.flow).any()
    assert size_in_bytes(after) > size_in_bytes(after.reel) > 0
    digest = before.trace.clip.digest
    held = [key for key in results.shelf()._held if isinstance(key, tuple) and digest in key]
    assert {"edited", "edit reel", "edited flow"} <= {key[0] for key in held}
    results.shelf().forget(digest)
    left = [key for key in results.shelf()._held if isinstance(key, tuple) and digest in key]
    assert not left


@pytest.mark.slow
def test_every_source_of_flow_has_its_own_run():
    before = before_of()
    stacks = [Stack((Reverse(),), way) for way in WAYS]
    stacks.append(Stack((Reverse(),), KEEP, clip_sources.twin(SHORT)))
    runs = [what_if_results.edited_of(before, stack) for stack in stacks]
    assert len({run.trace.flow.tobytes() for run in runs}) == 4
    assert len({run.trace.clip.digest for run in runs}) == 1


@pytest.mark.parametrize(
    ("stack", "truth"),
    [
        (Stack((Mirror(),)), "left, then right"),
        (Stack((Freeze(),)), ""),
        (Stack((), KEEP, SHORT), LABEL),
        (
            Stack((), KEEP, clip_sources.twin(SHORT)),
            clip_sources.known(clip_sources.twin(SHORT)).label,
        ),
        (Stack((), KEEP, "toybox:3"), ""),
        (Stack((Mirror(),), KEEP, SHORT), ""),
        (Stack((Zero(),)), ""),
    ],
)
def test_the_true_class_of_the_edited_clip(stack: Stack, truth: str):
    assert what_if_results.truth_of(clip_sources.known(SHORT), stack) == truth
    assert (
        what_if_results.truth_of(
            clip_sources.Known("data:walk_002.mp4", "walk", "jhmdb", "walk"), stack
        )
        == ""
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [((0.2, 0.3), (0.5, 0.9)), ((0.5, 0.9), (0.2, 0.3)), ((0.2, 0.9), (0.5, 0.3))],
)
def test_two_opposite_corners_make_a_box(one: tuple[float, float], other: tuple[float, float]):
    found = erase_box.boxed_between(Erase(first=3, last=7), one, other)
    assert found == Erase(0.2, 0.3, 0.3, 0.6, 3, 7)
