"""Share: the files that a page gives, and the lines of Python that print its numbers."""

from __future__ import annotations

import html
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import script, session
from app.edit_stack import Stack
from app.report import Report, report_html
from core.bundle import about_run, arrays_of_run, pack_bundle
from core.card import Card
from core.explain.edits.stack import read_edits
from core.explain.heatmaps import activation_maps
from core.explain.ledger import four_passes
from core.film import film
from core.nets.network import Network
from core.pipeline import Analysis
from core.ramps import RAMPS, strength, tint
from core.records import InputError
from core.reel import pack_reel, unpack_header
from core.trace import Trace
from tests.disk import a_disk_with_room_for

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NUMBERS = {
    "fusion": (r"before the ReLU (-?[\d.]+)", ".3f"),
    "why": (r"score (-?[\d.]+)", "+.2f"),
    "flow": (r"', ([\d.]+)\)\]", ".2f"),
}
"""What a script prints of a page, and how the page writes it; of the others the ledger's score."""
QUICK = {"clip": "toybox:8", "model": "toybox-temporal"}


@pytest.fixture(scope="module")
def analysis(trace: Trace, network: Network) -> Analysis:
    passes = four_passes(network, trace.snippets)
    maps = tuple(activation_maps(trace, network))
    return Analysis(trace, passes, maps, pack_reel(trace, maps))


def pictures(made: bytes) -> np.ndarray:
    with av.open(io.BytesIO(made), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return np.stack(frames)


def test_a_film_holds_every_panel_in_step(analysis: Analysis):
    frames = analysis.trace.clip.frames
    count, height, width = frames.shape[:3]
    made = pictures(film(analysis.reel, ["frame", "flow", "fused"]))
    assert len(made) == count
    assert made.shape[1] % 2 == made.shape[2] % 2 == 0
    for n in (0, count // 2, count - 1):
        shown = made[n, 56 : 56 + height, 12 : 12 + width].astype(int)
        assert np.abs(shown - frames[n]).mean() < 10, f"frame {n}"
    other = made[:, 56 : 56 + height, 12 + 2 * (width + 12) :][:, :, :width]
    assert np.abs(other.astype(int) - frames).mean() > 20  # there a map lies over it
    assert made[0, :56].min() < 100  # words stand above


def test_a_film_that_finds_the_disk_full_is_told_and_leaves_nothing(
    analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with a_disk_with_room_for(3000), pytest.raises(InputError, match="the film cannot be written"):
        film(analysis.reel)
    assert [*tmp_path.iterdir()] == []
    assert len(pictures(film(analysis.reel))) == len(analysis.trace.clip.frames)


def test_a_film_of_a_panel_that_is_not_there_is_refused(analysis: Analysis):
    with pytest.raises(InputError, match="there is no panel 'sound'; there are frame, flow"):
        film(analysis.reel, ["sound"])


def test_a_tint_is_clear_for_nothing_and_has_its_streams_hue_for_all():
    nothing, all_, against = tint("appearance", np.array([0.0, 1.0, -1.0]))
    assert nothing[3] == 0
    assert [*all_[:3]] == [0xA6, 0xDB, 0xFA]
    assert all_[3] == against[3] == 1
    assert [*against[:3]] == [0x9B, 0xE5, 0x64]
    np.testing.assert_allclose(strength(np.array([0.0, 2.0, -4.0]), -4.0, 4.0), [0, 0.5, -1])
    np.testing.assert_allclose(strength(np.array([1.0, 3.0]), 1.0, 3.0), [0, 1])
    assert {"appearance", "motion", "fused", "signed"} == set(RAMPS)


def test_a_bundle_gives_back_what_was_shown(analysis: Analysis):
    made = pack_bundle(arrays_of_run(analysis), about_run(analysis))
    with np.load(io.BytesIO(made), allow_pickle=False) as held:
        about = json.loads(str(held["about"]))
        np.testing.assert_array_equal(held["frames"], analysis.trace.clip.frames)
        np.testing.assert_allclose(held["flow"], analysis.trace.flow)
        for heat in analysis.maps:
            np.testing.assert_allclose(held[f"map_{heat.key}"], heat.cells, rtol=1e-6)
        for head, scores in analysis.trace.logits.items():
            np.testing.assert_array_equal(held[f"scores_{head}"], scores)
        decided = analysis.passes.logits[analysis.passes.deciding][0]
        assert held["terms"].sum() == pytest.approx(decided.max(), abs=1e-5)
    assert about["digest"] == analysis.trace.clip.digest
    assert about["model"] == "tiny"
    assert about["maps"]["fused"]["unit"] == "activation"


def test_a_report_holds_the_reel_and_no_address_and_tells_names_as_text(
    analysis: Analysis, card: Card
):
    said = ["<p>Says this.</p>"]
    made = report_html(
        Report("<b>me & you</b>", analysis.reel, said, ["a <i>"], "print('</code>')", [card])
    )
    assert "<h1>&lt;b&gt;me &amp; you&lt;/b&gt;</h1>" in made
    assert "<p>a &lt;i&gt;</p>" in made
    assert "print(&#x27;&lt;/code&gt;&#x27;)" in made
    assert "<p>Says this.</p>" in made
    assert "Tiny (tiny)" in made
    made = made.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"""(src|href)=|url\((?!"?data:)|import\(|fetch\(|https?://""", made)


def told(page: AppTest) -> str:
    """The sentences on a page, as text."""
    bodies = " ".join(e.proto.body for e in page.get("html"))
    found = re.findall(r'<p class="fs-(?:sentence|aside)">(.*?)</p>', bodies)
    return html.unescape(re.sub(r"</?em>", "*", " ".join(found)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("explore", QUICK),
        ("explore", {"clip": "toybox:8~21", "model": "toybox-temporal"}),
        ("fusion", {"clip": "toybox:8", "model": "toybox-conv", "unit": "3", "cell": "1.2.3"}),
        ("why", QUICK | {"method": "grad-cam-signed"}),
        ("what_if", QUICK | {"edits": "mirror~zero"}),
        ("what_if", QUICK | {"motion": "toybox:8~21"}),
        ("flow", QUICK | {"methods": "dis.farneback"}),
        ("compare", QUICK | {"other": "toybox-spatial"}),
    ],
)
def test_the_same_in_python_prints_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch, view: str, query: dict[str, str]
):
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    page = AppTest.from_file(str(MAIN), default_timeout=240)
    page.switch_page(f"views/{view}.py")
    page.query_params.update(query)
    page.run()
    assert not page.exception
    assert not page.error
    code = page.code[-1].value
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=MAIN.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = done.stdout
    bodies = " ".join(e.proto.body for e in page.get("html"))
    pattern, form = NUMBERS.get(view, (r"logit=(-?[\d.]+)", "+.1f"))
    numbers = [float(n) for n in re.findall(pattern, printed)]
    assert numbers
    for number in numbers:
        assert f"{number:{form}}".replace("-", "\N{MINUS SIGN}") in bodies
    sentences = [s for s in printed.splitlines() if s.startswith(("Says", "Mirrored", "With the"))]
    assert view == "why" or all(line in told(page) for line in sentences)


@pytest.mark.parametrize(
    ("pin", "place"),
    [
        ("12.250.500.temporal", "at frame 13, x 0.25, y 0.50"),
        ("12.250.500.none", "at frame 13, x 0.25, y 0.50"),  # another page's panel
        ("12.250.500", "at frame 13, x 0.25, y 0.50"),
        ("50.250.500.temporal", ""),  # the clip has frames 0 to 49
        ("12.1001.500.temporal", ""),
        ("12.250", ""),
        ("-1.250.500.temporal", ""),
        ("", ""),
    ],
)
def test_a_link_brings_back_the_place_that_was_clicked(
    monkeypatch: pytest.MonkeyPatch, pin: str, place: str
):
    monkeypatch.setattr(session, "warm", lambda: None)
    page = AppTest.from_file(str(MAIN), default_timeout=240)
    page.query_params.update(QUICK | {"pin": pin})
    page.run()
    assert not page.exception
    assert not page.error
    bodies = " ".join(e.proto.body for e in page.get("html"))
    found = re.findall(r"at frame \d+, x [\d.]+, y [\d.]+", bodies)
    assert found == ([place] if place else [])


def test_a_script_names_what_it_needs_and_nothing_else(card: Card):
    text = script.written(script.of_run("data:a 'b'.mp4", card))
    assert "from core.video.clip import read_clip" in text
    assert "plan_named" not in text
    compile(text, "script", "exec")
    stack = Stack(read_edits("mirror"), motion="upload:12ab")
    text = script.written(script.of_edits("upload:34cd", card, stack))
    assert "read_clip(Path('your video.mp4'), start=0.0)" in text
    assert "motion=lent" in text
    compile(text, "script", "exec")


def test_the_reel_of_a_report_names_the_panels_that_the_page_showed(analysis: Analysis):
    from app.player.player import asked_of

    asked = asked_of(analysis.reel, shown=["frame"], pin=None)
    assert unpack_header(asked)["shown"] == ["frame"]
    assert "pin" not in unpack_header(asked)
    assert asked_of(analysis.reel, shown=None) is analysis.reel
