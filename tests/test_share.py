"""Share menu: the files of a page, and the Python code that prints its numbers."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.arrays import about_run, arrays_of_run, pack_bundle
from fusionscope.analysis.film import SLIDE_SECONDS, film, slide_film
from fusionscope.analysis.run_reel import run_reel
from fusionscope.api import read_clip
from fusionscope.base.colour_ramps import RAMPS, strength, tint
from fusionscope.base.palette import ON_PICTURES, rgb
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.edits.edit_list import read_edits
from fusionscope.explain.heatmaps import activation_maps
from fusionscope.explain.ledger.ledger import four_passes
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run
from fusionscope.video.flow.methods import dense_flow
from fusionscope_app import warmup
from fusionscope_app.components.guide import TERMS_SCRIPT
from fusionscope_app.export import python_code, share_menu, share_run
from fusionscope_app.export.html_report import Report, report_html
from fusionscope_app.state import clip_sources
from fusionscope_app.state.opened import Opened
from fusionscope_app.what_if.edits_in_address import Stack
from tests.disk import a_disk_with_room_for
from tests.numbered_reel import unpack_header
from tests.videos import numbered

MAIN = Path(__file__).parents[1] / "app" / "main.py"
NUMBERS = {
    "fusion": (r"before ReLU (-?[\d.]+)", ".3f"),
    "why": (r"score (-?[\d.]+)", "+.2f"),
    "flow": (r"', ([\d.]+)\)\]", ".2f"),
}
"""Page -> a number that its script prints, and its format there; else the score of the ledger."""
QUICK = {"clip": "toybox:8", "model": "toybox-temporal"}


@pytest.fixture(scope="module")
def analysis(trace: Trace, network: Network) -> Analysis:
    passes = four_passes(network, trace.snippets)
    maps = tuple(activation_maps(trace, network))
    return Analysis(trace, passes, maps, run_reel(trace, maps))


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


def test_a_film_for_a_slide_is_slow_and_long_and_has_words_and_a_timeline(analysis: Analysis):
    reel, frames = analysis.reel, analysis.trace.clip.frames
    made = {says: slide_film(reel, says, ["frame", "flow"]) for says in ("Predicts one", "Other")}
    with av.open(io.BytesIO(made["Other"]), "r") as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 0)
        assert rate == reel.fps / 2
        assert stream.frames / rate >= SLIDE_SECONDS
        assert stream.frames % len(frames) == 0  # whole turns, so that it can loop
    first, other = (pictures(one) for one in made.values())
    plain = pictures(film(reel, ["frame", "flow"]))
    assert np.abs(first[0, :70].astype(int) - other[0, :70]).max() > 100  # the words
    assert np.abs(first[0, 70:].astype(int) - other[0, 70:]).max() < 60
    shown = first[3, 70 : 70 + plain.shape[1] - 12].astype(int)
    assert np.abs(shown - plain[3, : len(shown)]).mean() < 3  # the panels of frame 3
    dark = first[:, -44:-20, :-200].max(axis=3).min(axis=1).argmin(axis=1)  # column of the line
    turn = len(frames)
    assert all(np.diff(dark[:turn]) >= 0)
    assert dark[turn - 1] - dark[0] > 0.9 * (first.shape[2] - 12 - 190 - 24)
    assert abs(int(dark[turn]) - int(dark[0])) <= 2


def test_a_qr_code_holds_the_link():
    link = "http://host:8501/fusion?clip=toybox:8&fusion_move_right=3"
    svg = share_menu.qr_svg(link)
    assert svg.startswith("<svg")
    size = int(re.findall(r'width="(\d+)"', svg)[0])
    assert share_menu.qr_svg(f"{link}1") != svg
    modules = painted(svg, size)
    found, *_ = cv2.QRCodeDetector().detectAndDecode(modules)
    assert found == link


def painted(svg: str, size: int) -> np.ndarray:
    """The picture of a QR code whose SVG has one path of strokes, 4 pixels a module."""
    picture = np.full((size, size), 255, np.uint8)
    x, y = 0.0, 0.0
    path = re.findall(r'class="qrline"[^>]* d="([^"]+)"', svg)[0]
    for act, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [*map(float, re.findall(r"-?[\d.]+", numbers))]
        if act == "h":
            row, start = int(y) * 4, round(x) * 4
            picture[row : row + 4, start : start + round(values[0]) * 4] = 0
            x += values[0]
        else:
            x, y = (values[0], values[1]) if act == "M" else (x + values[0], y + values[1])
    return picture


def test_a_film_on_a_full_disk_raises_an_error_and_leaves_no_file(
    analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with a_disk_with_room_for(3000), pytest.raises(InputError, match=r"film.*cannot be written"):
        film(analysis.reel)
    assert [*tmp_path.iterdir()] == []
    assert len(pictures(film(analysis.reel))) == len(analysis.trace.clip.frames)


def test_a_film_of_an_unknown_panel_is_refused(analysis: Analysis):
    with pytest.raises(InputError, match=r"'sound'.*frame, flow"):
        film(analysis.reel, ["sound"])


def test_a_tint_is_transparent_at_zero_and_has_the_streams_hue_at_one():
    nothing, all_ = tint("appearance", np.array([0.0, 1.0]))
    assert nothing[3] == 0
    assert [*all_[:3]] == [0xA6, 0xDB, 0xFA]
    nothing, support, against = tint("signed", np.array([0.0, 1.0, -1.0]))
    assert nothing[3] == 0
    assert all_[3] == support[3] == against[3] == 1
    assert tuple(support[:3]) == rgb(ON_PICTURES["positive"][-1])
    assert tuple(against[:3]) == rgb(ON_PICTURES["negative"][-1])
    np.testing.assert_allclose(strength(np.array([0.0, 2.0, -4.0]), -4.0, 4.0), [0, 0.5, -1])
    np.testing.assert_allclose(strength(np.array([1.0, 3.0]), 1.0, 3.0), [0, 1])
    assert {"appearance", "motion", "fused", "signed", "chance"} == set(RAMPS)


def test_the_arrays_are_those_shown(analysis: Analysis):
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


def test_a_report_contains_the_reel_no_address_and_escaped_names(analysis: Analysis, card: Card):
    said = ["<p>Says this.</p>"]
    made = report_html(
        Report("<b>me & you</b>", analysis.reel, said, ["a <i>"], "print('</code>')", [card])
    )
    assert "<h1>&lt;b&gt;me &amp; you&lt;/b&gt;</h1>" in made
    assert "<p>a &lt;i&gt;</p>" in made
    assert "print(&#x27;&lt;/code&gt;&#x27;)" in made
    assert "<p>Says this.</p>" in made
    assert "Tiny (tiny)" in made
    assert TERMS_SCRIPT in made  # words explain themselves
    made = made.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"""(src|href)=|url\((?!"?data:)|import\(|fetch\(|https?://""", made)


def told(page: AppTest) -> str:
    """The sentences of a page as text."""
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
def test_the_python_code_prints_the_numbers_of_the_page(
    monkeypatch: pytest.MonkeyPatch, view: str, query: dict[str, str]
):
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    page = AppTest.from_file(str(MAIN), default_timeout=240)
    page.switch_page(f"fusionscope_app/views/{view}.py")
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
    sentences = [
        s for s in printed.splitlines() if s.startswith(("Predicts", "Mirrored", "With the"))
    ]
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
def test_a_link_restores_the_clicked_place(monkeypatch: pytest.MonkeyPatch, pin: str, place: str):
    monkeypatch.setattr(warmup, "warm", lambda: None)
    page = AppTest.from_file(str(MAIN), default_timeout=240)
    page.query_params.update(QUICK | {"pin": pin})
    page.run()
    assert not page.exception
    assert not page.error
    bodies = " ".join(e.proto.body for e in page.get("html"))
    found = re.findall(r"at frame \d+, x [\d.]+, y [\d.]+", bodies)
    assert found == ([place] if place else [])


def test_a_script_imports_only_what_it_needs(card: Card):
    text = python_code.written(python_code.of_run("data:a 'b'.mp4", card))
    assert text.startswith("from fusionscope import analyse, ledger, load_network, read_clip\n")
    assert text.count("import") == 1
    compile(text, "script", "exec")
    stack = Stack(read_edits("mirror"), motion="upload:12ab")
    text = python_code.written(python_code.of_edits("upload:34cd", card, stack))
    assert "read_clip('your video.mp4', start=0.0)" in text
    assert "motion=lent" in text
    compile(text, "script", "exec")


def test_the_reel_of_a_report_shows_the_panels_of_the_page(analysis: Analysis):
    def held(show: list[str]) -> bytes:
        made = report_html(Report("Toybox", analysis.reel, [], [], "", [], show))
        (text,) = re.findall(r'id="reel">(.*?)</script>', made)
        return base64.b64decode(text)

    asked = unpack_header(held(["frame"]))
    assert asked["shown"] == ["frame"]
    assert "pin" not in asked
    assert held([]) == analysis.reel.to_bytes()


def test_no_output_contains_the_path_of_a_folder(
    tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
):
    """Report, video, arrays, Python code and predictions of a clip of the data folder."""
    secret = tmp_path / "secret place"
    (secret / "walk").mkdir(parents=True)
    numbered(secret / "walk/a clip.mp4", 16)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(secret))
    clip_id = "data:walk/a clip.mp4"
    clip = clip_sources.open_clip(clip_id, secret)
    trace = run(network, clip, dense_flow(clip))
    maps = tuple(activation_maps(trace, network))
    passes = four_passes(network, trace.snippets)
    opened = Opened(
        clip_sources.known(clip_id), Analysis(trace, passes, maps, run_reel(trace, maps))
    )
    share = share_run.of_run(opened)
    stack = Stack(read_edits("mirror"), motion=clip_id)
    codes = [share.lines, python_code.of_edits(clip_id, network.card, stack)]
    codes += [python_code.of_runs(clip_id, [network.card])]
    with np.load(io.BytesIO(share_menu.bundle_of(share)), allow_pickle=False) as arrays:
        stored = {name: arrays[name].tobytes() for name in arrays.files}
    made = {
        "report": share_menu.report_of(share, "http://host/?clip=data:walk/a+clip.mp4"),
        "video": film(share.reel),
        "code": "\n".join(map(python_code.written, codes)).encode(),
        "reel": share.reel.to_bytes(),
        "names": f"{share.title} {share.name} {clip.name} {share.about}".encode(),
        **stored,
    }
    for name, content in made.items():
        assert b"secret" not in content, name
        assert "secret".encode("utf-32-le") not in content, name
    assert b"read_clip('data:walk/a clip.mp4', start=0.0)" in made["code"]
    assert read_clip("data:walk/a clip.mp4", start=0.0).digest == clip.digest
