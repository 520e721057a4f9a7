"""What if, the page: edits are added, set, moved and taken back, and what they change is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import drawing, session, sources, what_ifs
from app.edit_stack import Stack
from core.edit_reel import pack_edit
from core.explain.edits.motion import Scale, Zero
from core.explain.edits.order import Freeze, Reverse
from core.explain.edits.picture import Erase, Mirror
from core.explain.edits.stack import AGAIN, ALONG, EDITS, KEEP, WAYS, write_edits
from core.pipeline import Analysis
from core.records import size_in_bytes
from tests.slow import rest_slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
SHORT = "toybox:8"
CHEAP = {"model": "toybox-temporal", "way": ALONG}
"""Where only the widgets are tried: one stream, and no flow to measure again."""
KINDS = ("toybox-late", "toybox-bilinear", "toybox-spatial", "toybox-temporal")
LABEL = sources.known(SHORT).label  # right, then left


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, without the background work that would outlive the test."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    app = AppTest.from_file(str(MAIN), default_timeout=120)
    app.switch_page("views/what_if.py")
    app.query_params["clip"] = SHORT
    return app


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def sentence(page: AppTest) -> str:
    return html(page).split('<p class="fs-sentence">')[1].split("</p>")[0]


def edits(page: AppTest) -> str:
    """What the address says is changed."""
    found = page.query_params.get("edits", "")
    return found[0] if isinstance(found, list) else found


def add(page: AppTest, name: str) -> None:
    page.button(key=f"whatif_add_{name}").click().run()


def test_without_edits_the_clip_is_shown_as_it_is(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    assert "Nothing is changed yet" in html(page)
    assert 'class="fs-ledgers"' not in html(page)
    assert page.button(key="whatif_undo").disabled
    assert page.button(key="whatif_reset").disabled


def test_a_link_restores_the_edits_and_tells_what_they_changed(page: AppTest):
    page.query_params["edits"] = "mirror"
    page.run()
    assert not page.exception
    assert sentence(page).startswith("Mirrored: says <em>left, then right</em> (")
    assert ", rightly, instead of <em>right, then left</em> (" in sentence(page)
    said = html(page)
    assert said.count("fs-answer") == 2 + 1  # and once in the style
    for label in ("right, then left", "left, then right"):
        assert f"score of “{label}”" in said
    for term in ("baseline", "appearance", "motion", "synergy", "score", "P"):
        assert f'<th scope="row">{term}</th>' in said
    assert "DIS, measured again" in page.caption[-1].value


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
    assert "Mirrored: says" in html(page)
    page.button(key="whatif_reset").click().run()
    assert edits(page) == ""
    for before in ("mirror", "zero~mirror", "mirror~zero", "mirror", ""):
        page.button(key="whatif_undo").click().run()
        assert edits(page) == before
    assert page.button(key="whatif_undo").disabled
    assert not page.exception


def test_what_changes_nothing_is_not_undone():
    def script() -> None:
        from app import edit_stack

        edit_stack.change(edits="mirror")
        edit_stack.change(edits="mirror")
        edit_stack.undo()

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
    every = [kind() for name, kind in EDITS.items() if name not in ("method", "speed")]
    page.query_params.update({"edits": write_edits(every)} | CHEAP)
    page.run()
    assert not page.exception
    assert not page.error
    keys = {w.key for w in (*page.slider, *page.number_input, *page.selectbox, *page.toggle)}
    for at, name in enumerate(n for n in EDITS if n not in ("method", "speed")):
        for field in EDITS[name].settings:
            assert f"whatif_{at}_{name}_{field}" in keys
    assert page.slider(key="whatif_6_erase_last").value == 50  # to the clip's end


def test_frames_are_counted_as_they_are_where_the_edit_stands(page: AppTest):
    page.query_params.update({"edits": "speed_2~freeze_4_rest"} | CHEAP)
    page.run()
    assert page.slider(key="whatif_1_freeze_first").max == 25


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("edits", "mirror~nonsense", "there is no edit 'nonsense'; there are freeze"),
        ("edits", "speed_99", "times as fast is 99.0; needed: 0.25 to 4"),
        ("way", "round", "no way 'round' to the flow"),
    ],
)
def test_a_mangled_link_is_told_once_and_let_go(page: AppTest, key: str, value: str, told: str):
    page.query_params[key] = value
    page.run()
    assert not page.exception
    (error,) = page.error
    assert told in error.value
    page.run()
    assert not page.error


def test_an_edit_that_does_not_fit_is_told_beside_the_stack(page: AppTest):
    page.query_params.update({"edits": "speed_4~speed_4~speed_4"} | CHEAP)
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "the clip's frames number 1; needed: 2 to 600" in error.value
    page.button(key="whatif_remove_0").click().run()
    assert edits(page) == "speed_4~speed_4"


@pytest.mark.parametrize(("speed", "frames"), [("speed_4", 2), ("speed_0.25", 600)])
def test_behind_edits_that_do_not_fit_another_has_its_widgets_still(
    page: AppTest, speed: str, frames: int
):
    page.query_params.update({"edits": "~".join([speed] * 11 + ["freeze_0_rest"])} | CHEAP)
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "needed: 2 to 600" in error.value
    assert page.slider(key="whatif_11_freeze_first").max == frames


@pytest.mark.slow
def test_the_way_to_the_flow_changes_the_answers_ground(page: AppTest):
    page.query_params["edits"] = "reverse"
    page.run()
    told = {page.caption[-1].value}
    for way in (ALONG, KEEP):
        page.get("button_group")[0].set_value(way).run()  # pyright: ignore[reportAttributeAccessIssue]
        assert page.query_params["way"] in (way, [way])
        told.add(page.caption[-1].value)
    assert len(told) == 3
    assert not page.exception


def test_edits_of_the_flow_alone_have_no_way_to_choose(page: AppTest):
    page.query_params["edits"] = "zero"
    page.run()
    assert not page.get("button_group")
    assert sentence(page).startswith("With zero flow: says ")


def test_a_chimera_begins_with_the_clips_twin_and_is_told_with_its_truth(page: AppTest):
    page.run()
    page.toggle(key="whatif_lent").set_value(True).run()
    assert not page.exception
    twin = sources.twin(SHORT)
    assert page.query_params["motion"] in (twin, [twin])
    lent = sources.known(twin)
    assert sentence(page).startswith(f"With the motion of “{lent.title}”: says <em>{lent.label}")
    assert "rightly" in sentence(page)
    assert "the other clip&#x27;s" in html(page) or "other clip's" in page.caption[-1].value
    page.toggle(key="whatif_lent").set_value(False).run()
    assert "motion" not in page.query_params
    page.button(key="whatif_undo").click().run()
    assert page.query_params["motion"] in (twin, [twin])


def test_a_clip_that_cannot_lend_its_motion_is_told_and_can_be_let_go(page: AppTest):
    page.query_params["motion"] = "upload:123456789abc"
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "upload it again" in error.value
    page.toggle(key="whatif_lent").set_value(False).run()
    assert not page.error


@pytest.mark.parametrize("name", rest_slow(KINDS, "toybox-bilinear"))
def test_every_network_is_asked_again(page: AppTest, name: str):
    page.query_params.update({"model": name, "edits": "mirror", "way": ALONG})
    page.run()
    assert not page.exception
    assert not page.error
    assert sentence(page).startswith("Mirrored: ")


def before_of(name: str = "toybox-temporal") -> Analysis:
    return session.analysis_of(session.clip_of(SHORT), session.models()[name])


@pytest.mark.slow
def test_a_run_on_an_edited_clip_is_made_once_and_goes_with_the_clip_it_was_made_of():
    before = before_of()
    stack = Stack((Mirror(), Scale(2.0)), AGAIN)
    after = what_ifs.edited_of(before, stack)
    assert what_ifs.edited_of(before, stack) is after
    reel = what_ifs.reel_of(before, after, stack)
    assert what_ifs.reel_of(before, after, stack) is reel
    assert reel == pack_edit(before, after, stack.edits, "DIS, measured again")
    again = what_ifs.edited_of(before, Stack((Mirror(), Scale(3.0)), AGAIN))
    assert again.trace.clip.digest == after.trace.clip.digest != before.trace.clip.digest
    assert (again.trace.flow != after.trace.flow).any()
    assert size_in_bytes(after) > len(after.reel)
    digest = before.trace.clip.digest
    held = [key for key in session.shelf()._held if isinstance(key, tuple) and digest in key]
    assert {"edited", "edit reel", "edited flow"} <= {key[0] for key in held}
    session.shelf().forget(digest)
    kept = [*session.shelf()._held]
    assert not [key for key in kept if isinstance(key, tuple) and "edited" in str(key[0])]


@pytest.mark.slow
def test_every_way_and_clip_has_a_run_of_its_own():
    before = before_of()
    stacks = [Stack((Reverse(),), way) for way in WAYS]
    stacks.append(Stack((Reverse(),), KEEP, sources.twin(SHORT)))
    runs = [what_ifs.edited_of(before, stack) for stack in stacks]
    assert len({run.trace.flow.tobytes() for run in runs}) == 4
    assert len({run.trace.clip.digest for run in runs}) == 1


@pytest.mark.parametrize(
    ("stack", "truth"),
    [
        (Stack((Mirror(),)), "left, then right"),
        (Stack((Freeze(),)), ""),
        (Stack((), KEEP, SHORT), LABEL),
        (Stack((), KEEP, sources.twin(SHORT)), sources.known(sources.twin(SHORT)).label),
        (Stack((), KEEP, "toybox:3"), ""),
        (Stack((Mirror(),), KEEP, SHORT), ""),
        (Stack((Zero(),)), ""),
    ],
)
def test_what_the_edited_clip_shows(stack: Stack, truth: str):
    assert what_ifs.truth_of(sources.known(SHORT), stack) == truth
    assert (
        what_ifs.truth_of(sources.Known("data:walk_002.mp4", "walk", "jhmdb", "walk"), stack) == ""
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [((0.2, 0.3), (0.5, 0.9)), ((0.5, 0.9), (0.2, 0.3)), ((0.2, 0.9), (0.5, 0.3))],
)
def test_two_opposite_corners_make_a_box(one: tuple[float, float], other: tuple[float, float]):
    found = drawing.boxed_between(Erase(first=3, last=7), one, other)
    assert found == Erase(0.2, 0.3, 0.3, 0.6, 3, 7)
