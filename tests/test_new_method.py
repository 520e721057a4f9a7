"""A new edit and a new attribution method, defined here alone: core and pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.explain.attribution import attribute as attribution
from fusionscope.explain.attribution import methods
from fusionscope.explain.attribution.attribute import attribute, cost_of_method, register_method
from fusionscope.explain.attribution.methods import Method
from fusionscope.explain.attribution.records import Answer, Question, StreamMap
from fusionscope.explain.edits import edit_list
from fusionscope.explain.edits.edit import Edit, Setting
from fusionscope.explain.edits.edit_list import edited_clip, read_edits, register_edit, write_edits
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip
from fusionscope_app import warmup

MAIN = Path(__file__).parents[1] / "app" / "main.py"


@dataclass(frozen=True)
class Darken(Edit):
    """Every pixel times a factor; motion stays."""

    title: ClassVar[str] = "Darken"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType({"light": Setting("Light")})
    in_place: ClassVar[bool] = True
    light: float = 0.5

    @property
    def words(self) -> str:
        return f"at {self.light:.0%} of its light"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        return (frames * self.light).astype(np.uint8)


def brightness(ask: Question) -> Answer:
    """The mean of each chunk's frame or flow, whatever the network."""
    snippets = ask.trace.snippets
    inputs = {"spatial": snippets.rgb, "temporal": snippets.flow}
    maps = {s: StreamMap(np.asarray(inputs[s]).mean(axis=1)) for s in ask.trace.card.streams}
    return Answer(maps, 1.0, 1.0, notes=("Every network has the same map.",))


BRIGHTNESS = Method("Brightness", "x", "The mean of the input.", "It ignores the network.", "None")


@pytest.fixture
def edit() -> Iterator[None]:
    """The edit, registered for one test."""
    register_edit("darken", Darken)
    yield
    edit_list._known.pop("darken")


@pytest.fixture
def method() -> Iterator[None]:
    """The method, registered for one test."""
    register_method("brightness", BRIGHTNESS, brightness)
    yield
    methods._known.pop("brightness")
    attribution._work.pop("brightness")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The app without background work."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    return AppTest.from_file(str(MAIN), default_timeout=240)


def shown(page: AppTest) -> str:
    html = [e.proto.body for e in page.get("html")]
    return " ".join([*html, *(e.value for e in (*page.markdown, *page.caption, *page.code))])


@pytest.mark.usefixtures("edit")
def test_a_new_edit_is_read_written_and_carried_out(square: Clip):
    edits = read_edits("mirror~darken_0.25")
    assert edits[1] == Darken(0.25)
    assert write_edits(edits) == "mirror~darken_0.25"
    done = edited_clip(square, edits, (0, 0, 0))
    assert np.array_equal(done.frames, (square.frames[:, :, ::-1] * 0.25).astype(np.uint8))
    assert done.name.endswith("mirrored, then at 25% of its light")


@pytest.mark.usefixtures("edit")
def test_page_what_if_offers_a_new_edit_and_its_setting(app: AppTest):
    app.switch_page("fusionscope_app/views/what_if.py")
    app.query_params.update({"model": "toybox-conv", "edits": "darken_0.25"})
    app.run()
    assert not app.exception
    assert not app.error
    assert app.button(key="whatif_add_darken").label == "Darken"
    assert app.slider(key="whatif_0_darken_light").value == 0.25
    assert "at 25% of its light" in shown(app).lower()
    assert "darken_0.25" in shown(app)


def test_an_edit_without_default_or_with_a_taken_name_is_refused():
    @dataclass(frozen=True)
    class Bare(Edit):
        title: ClassVar[str] = "Bare"
        size: float

    with pytest.raises(ValueError, match="Bare to give a default and a setting: size"):
        register_edit("bare", Bare)
    with pytest.raises(ValueError, match="'mirror', which is registered"):
        register_edit("mirror", Darken)
    with pytest.raises(ValueError, match="letters and digits, got 'dark_en'"):
        register_edit("dark_en", Darken)
    assert not {"bare", "dark_en"} & {*edit_list.EDITS}


@pytest.mark.usefixtures("method")
def test_a_new_method_is_run_and_its_cost_is_that_of_one_gradient(network: Network, trace: Trace):
    target = Target("spatiotemporal", "one")
    found = attribute(network, trace, "brightness", target)
    assert found.maps["spatial"].cells == pytest.approx(np.mean(trace.snippets.rgb, axis=1))
    assert cost_of_method(network, trace, "brightness", target).passes == 1
    with pytest.raises(ValueError, match="'brightness', which is registered"):
        register_method("brightness", BRIGHTNESS, brightness)


@pytest.mark.usefixtures("method")
def test_page_why_offers_a_new_method_and_shows_its_map(app: AppTest):
    app.switch_page("fusionscope_app/views/why.py")
    app.query_params.update({"model": "toybox-conv", "method": "brightness"})
    app.run()
    assert not app.exception
    assert not app.error
    assert "Brightness" in app.selectbox(key="why_method").options
    assert "Every network has the same map." in shown(app)
    assert "It ignores the network." in shown(app)
