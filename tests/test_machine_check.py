"""Machine check: problems are found, and reported with a remedy."""

from __future__ import annotations

import dataclasses
import json
import shutil
from http.client import HTTPConnection
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.bench.stored_result import keep
from fusionscope.card import read_card, write_card
from fusionscope.diagnostics import machine_check
from fusionscope.nets.store import catalogue
from fusionscope_app import warmup
from tests.serve import serve
from tests.test_cli import fusionscope
from tests.test_views import MAIN, words


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a models folder of the test's own, with one network that is right."""
    own = tmp_path / "models"
    own.mkdir()
    for ending in ("json", "safetensors"):
        shutil.copy(catalogue.FOLDER / f"toybox-sum.{ending}", own / f"mine.{ending}")
    write_card(dataclasses.replace(read_card(own / "mine.json"), name="mine"), own / "mine.json")
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(own))
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path / "cache"))
    return own


def wrong(data: Path = Path("/nowhere")) -> dict[str, str]:
    """What the user can put right."""
    return {one.name: one.detail for one in machine_check.problems(machine_check.examine(data))}


def test_a_working_machine_has_no_problem_and_every_network(folder: Path):
    findings = {one.name: one for one in machine_check.examine(folder)}
    assert {one.verdict for one in findings.values()} <= {machine_check.FINE, machine_check.LACKS}
    assert findings["networks"].detail.startswith(f"{len(catalogue.networks())} with weights")
    assert findings["data"].detail == str(folder)
    assert findings["video decoders"].detail.startswith("H.264, HEVC, VP8, VP9, AV1")
    for name in ("torch", "cv2", "av", "captum", "timm", "streamlit", "torchvision"):
        assert findings[name].detail[0].isdigit()


def test_weights_that_are_damaged_gone_or_without_a_card_are_named(folder: Path):
    weights = folder / "mine.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    (folder / "stray.safetensors").write_bytes(b"")
    found = wrong()
    assert set(found) == {"mine", "stray"}
    assert "has sha256" in found["mine"]
    assert "needed: the file that belongs to the card" in found["mine"]
    assert "no card" in found["stray"]
    weights.unlink()
    assert "missing: mine.safetensors" in wrong()["mine"]


def test_joined_weights_are_checked_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    late = catalogue.card_named("jhmdb-late")
    parts = late.weights.split("+")
    for name in [f"{part}.{end}" for part in parts for end in ("json", "safetensors")]:
        shutil.copy(catalogue.FOLDER / name, tmp_path)
    monkeypatch.delenv("FUSIONSCOPE_MODELS")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    monkeypatch.setattr(machine_check, "FOLDER", tmp_path)
    write_card(late, tmp_path / "jhmdb-late.json")
    assert wrong() == {}
    part = tmp_path / f"{parts[1]}.safetensors"
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    assert part.name in wrong()["jhmdb-late"]
    write_card(dataclasses.replace(late, sha256="0" * 64), tmp_path / "jhmdb-late.json")
    assert "have changed" in wrong()["jhmdb-late"]


@pytest.mark.usefixtures("folder")
def test_a_missing_folder_is_a_problem_only_if_the_variable_names_it(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delenv("FUSIONSCOPE_DATA", raising=False)
    assert "data" not in wrong()
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    assert "FUSIONSCOPE_DATA is set to /nowhere" in wrong()["data"]


def test_a_cache_that_cannot_be_written_is_a_problem(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "file").write_bytes(b"")
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(folder / "file"))
    assert "set FUSIONSCOPE_CACHE" in wrong()["cache"]


def test_missing_codecs_and_libraries_are_reported(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine_check, "_DECODERS", {"H.264": "h264", "Nonsense": "nonsense"})
    monkeypatch.setattr(machine_check, "_PACKAGES", {"no-such-package": "no_such_module"})
    found = wrong()
    assert found["video decoders"].startswith("no Nonsense in this PyAV")
    assert found["no_such_module"].endswith("pip install no-such-package")


@pytest.mark.slow
def test_the_command_prints_a_line_for_each_problem_and_returns_status_2(folder: Path):
    (folder / "mine.safetensors").unlink()
    (folder / "stray.pt").write_bytes(b"")
    done = fusionscope("doctor", "--json")
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert not said["ok"]
    assert {"name", "verdict", "detail"} == set(said["findings"][0])
    lines = done.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["mine", "stray"]


@pytest.mark.slow
def test_a_served_app_is_healthy_and_accepts_only_its_own_origin():
    with serve(Path(MAIN)) as url:
        place = url.removeprefix("http://")
        done = fusionscope("doctor", "--url", url)
        assert (done.returncode, done.stdout) == (0, f"{url} is healthy\n")
        assert session_status(place, place, url) == 101
        assert session_status(place, "evil.example", "http://evil.example") == 403
        assert session_status(place, place, "http://evil.example") == 403
    done = fusionscope("doctor", "--url", url)
    assert done.returncode == 2
    assert "does not respond" in done.stderr


def session_status(place: str, host: str, origin: str) -> int:
    """What a browser is answered that asks for a session."""
    asked = HTTPConnection(place, timeout=20)
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    asked.request(
        "GET", "/_stcore/stream", headers={**upgrade, **key, "Host": host, "Origin": origin}
    )
    status = asked.getresponse().status
    asked.close()
    return status


@pytest.mark.usefixtures("folder")
def test_the_models_page_checks_on_click_and_draws_the_last_bench(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.run()
    page.switch_page(str(Path(MAIN).parent / "fusionscope_app/views/models.py"))
    page.run()
    assert not page.get("plotly_chart")
    assert "video decoders" not in words(page)
    keep({"growth": [{"of": "frames", "at": [25, 50], "seconds": {"flow": [0.5, 1.0]}}]})
    next(one for one in page.button if one.key == "models_doctor").click()
    page.run()
    assert not page.exception
    assert "video decoders" in words(page)
    assert "/nowhere" in words(page)
    (chart,) = page.get("plotly_chart")
    assert "frames of the clip" in chart.proto.spec
