"""Faults: what breaks while the app serves is told in a sentence, and what comes next is right."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import torch
from streamlit.testing.v1 import AppTest

from app import session
from core.card import Card
from core.nets import network as nets
from core.nets.loading import save_network
from core.nets.network import Network
from core.nets.zoo import FOLDER
from tests.conftest import TINY
from tests.disk import a_disk_with_room_for
from tests.test_webcam import record
from tests.videos import numbered

pytestmark = pytest.mark.slow

MAIN = Path(__file__).parents[1] / "app" / "main.py"
MINE: Card = dataclasses.replace(TINY, name="mine", title="Mine", data="made up")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    numbered(tmp_path / "data/long.mp4", 200)
    return tmp_path / "data"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, data: Path) -> AppTest:
    """Explore on a server of its own: nothing is known yet."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(data))
    session.shelf.clear()
    session.network.clear()
    session.networks.clear()
    app = AppTest.from_file(str(MAIN), default_timeout=240)
    app.query_params.update({"clip": "toybox:8", "model": "toybox-temporal"})
    return app


def serves(page: AppTest) -> bool:
    """Does it answer, without trouble?"""
    page.run()
    said = " ".join(element.proto.body for element in page.get("html"))
    return not page.exception and not page.error and 'class="fs-sentence"' in said


def trouble(page: AppTest) -> str:
    page.run()
    assert not page.exception
    (error,) = page.error
    return error.value


def kill_decoders(stop: threading.Event) -> None:
    """End every child that decodes, or waits to, without a word."""
    while not stop.wait(0.002):
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if "core.video.decode" in " ".join(child.cmdline()):
                    os.kill(child.pid, signal.SIGKILL)


def test_a_decoder_that_is_killed_is_told_and_the_next_reading_is_right(page: AppTest):
    stop = threading.Event()
    killer = threading.Thread(target=kill_decoders, args=(stop,))
    killer.start()
    page.query_params["clip"] = "data:long.mp4"
    assert "long.mp4" in trouble(page)
    stop.set()
    killer.join()
    assert serves(page)


def test_weights_that_change_on_disk_are_refused_and_serve_once_they_are_back(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, build: Callable[..., Network]
):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    save_network(build(MINE), MINE, tmp_path / "models")
    weights = tmp_path / "models/mine.safetensors"
    good = weights.read_bytes()
    weights.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    page.query_params["model"] = "mine"
    assert "mine.safetensors" in trouble(page)
    weights.unlink()
    assert "mine.safetensors" in trouble(page)
    weights.write_bytes(good)
    assert serves(page)


def test_a_graphics_card_without_room_is_told_and_the_next_run_answers(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory.")

        full.setattr(nets.Network, "onward", no_room)
        assert "the graphics card has too little memory" in trouble(page)
    assert serves(page)


def test_a_worker_that_is_stuck_keeps_none_who_asks_for_something_else(page: AppTest):
    begun, go_on = threading.Event(), threading.Event()

    def stuck() -> int:
        begun.set()
        assert go_on.wait(120)
        return 1

    worker = threading.Thread(
        target=lambda: session.shelf().get("stuck", stuck, long=True), daemon=True
    )
    worker.start()
    assert begun.wait(30)
    assert serves(page)
    go_on.set()
    worker.join(30)


def test_a_shipped_network_without_its_weights_is_told_and_the_others_serve(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    card = (FOLDER / "toybox-temporal.json").read_text().replace("toybox-temporal", "lost")
    (tmp_path / "lost.json").write_text(card)
    page.query_params["model"] = "lost"
    assert "lost" in trouble(page)
    page.query_params["model"] = "toybox-temporal"
    assert serves(page)
    shutil.rmtree(tmp_path / "data")
    assert serves(page)


def folder_of(page: AppTest) -> list[Path]:
    return [*page.session_state["upload_folder"].path.iterdir()]


def test_an_upload_that_finds_the_disk_full_is_told_and_the_next_one_is_read(
    page: AppTest, data: Path
):
    content = (data / "long.mp4").read_bytes()
    assert serves(page)
    with a_disk_with_room_for(len(content) // 2):
        page.file_uploader(key="upload").upload("long.mp4", content, "video/mp4")
        said = trouble(page)
    assert said.startswith("the video cannot be written (File too large); needed: room on the disk")
    assert folder_of(page) == []
    assert page.query_params["clip"] == "toybox:8"
    page.file_uploader(key="upload").upload("again.mp4", content, "video/mp4")
    assert serves(page)
    assert page.query_params["clip"].startswith("upload:")
    assert folder_of(page) == []


def test_an_upload_that_finds_no_place_for_its_folder_is_told(
    page: AppTest, data: Path, monkeypatch: pytest.MonkeyPatch
):
    content = (data / "long.mp4").read_bytes()
    with monkeypatch.context() as gone:
        gone.setattr("tempfile.tempdir", "/nowhere")
        page.run().file_uploader(key="upload").upload("long.mp4", content, "video/mp4")
        assert trouble(page).startswith("the video cannot be written (No such file or directory)")
    page.file_uploader(key="upload").upload("again.mp4", content, "video/mp4")
    assert serves(page)


def test_a_recording_that_finds_the_disk_full_is_told_and_the_next_one_is_read(data: Path):
    video = (data / "long.mp4").read_bytes()
    page = AppTest.from_function(record, args=(video,))
    with a_disk_with_room_for(len(video) // 2):
        page.run()
    assert "the video cannot be written (File too large)" in page.error[0].value
    assert page.text[0].value == "[]"
    page.run()
    assert not page.exception
    assert not page.error
    assert page.text[0].value == "[]"
