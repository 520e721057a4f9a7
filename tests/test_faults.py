"""Faults while the app serves: each shows one error, and the next run is correct."""

from __future__ import annotations

import dataclasses
import os
import re
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

from fusionscope.card import Card
from fusionscope.nets import network as nets
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER
from fusionscope.nets.store.loading import save_network
from fusionscope_app import warmup
from fusionscope_app.state import results
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
    """Explore on a fresh server with empty caches."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(data))
    results.shelf.clear()
    results.network.clear()
    results.networks.clear()
    app = AppTest.from_file(str(MAIN), default_timeout=240)
    app.query_params.update({"clip": "toybox:8", "model": "toybox-temporal"})
    return app


def serves(page: AppTest) -> bool:
    """Whether the page shows a result and no error."""
    page.run()
    said = " ".join(element.proto.body for element in page.get("html"))
    return not page.exception and not page.error and 'class="fs-sentence"' in said


def trouble(page: AppTest) -> str:
    page.run()
    assert not page.exception
    (error,) = page.error
    return error.value


def kill_decoders(stop: threading.Event) -> None:
    """Kill every decoder process."""
    while not stop.wait(0.002):
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if "fusionscope.video.reading.decoder_main" in " ".join(child.cmdline()):
                    os.kill(child.pid, signal.SIGKILL)


def test_a_killed_decoder_shows_an_error_and_the_next_one_works(page: AppTest):
    stop = threading.Event()
    killer = threading.Thread(target=kill_decoders, args=(stop,))
    killer.start()
    page.query_params["clip"] = "data:long.mp4"
    assert "long.mp4" in trouble(page)
    stop.set()
    killer.join()
    assert serves(page)


def test_changed_weights_on_disk_are_refused_until_they_are_restored(
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


def test_a_gpu_out_of_memory_shows_an_error_and_the_next_run_works(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory.")

        full.setattr(nets.Network, "onward", no_room)
        assert "too little memory" in trouble(page)
    assert serves(page)


def test_a_stuck_computation_does_not_block_other_visitors(page: AppTest):
    begun, go_on = threading.Event(), threading.Event()

    def stuck() -> int:
        begun.set()
        assert go_on.wait(120)
        return 1

    worker = threading.Thread(
        target=lambda: results.shelf().get("stuck", stuck, long=True), daemon=True
    )
    worker.start()
    assert begun.wait(30)
    assert serves(page)
    go_on.set()
    worker.join(30)


def test_a_bundled_network_without_weights_shows_an_error_and_the_others_work(
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


def test_an_upload_to_a_full_disk_shows_an_error_and_the_next_one_works(page: AppTest, data: Path):
    content = (data / "long.mp4").read_bytes()
    assert serves(page)
    with a_disk_with_room_for(len(content) // 2):
        page.file_uploader(key="upload").upload("long.mp4", content, "video/mp4")
        said = trouble(page)
    assert re.search(r"cannot be written.*File too large.*free space", said)
    assert folder_of(page) == []
    assert page.query_params["clip"] == "toybox:8"
    page.file_uploader(key="upload").upload("again.mp4", content, "video/mp4")
    assert serves(page)
    assert page.query_params["clip"].startswith("upload:")
    assert folder_of(page) == []


def test_an_upload_without_a_temporary_folder_shows_an_error(
    page: AppTest, data: Path, monkeypatch: pytest.MonkeyPatch
):
    content = (data / "long.mp4").read_bytes()
    with monkeypatch.context() as gone:
        gone.setattr("tempfile.tempdir", "/nowhere")
        page.run().file_uploader(key="upload").upload("long.mp4", content, "video/mp4")
        assert re.search("cannot be written.*No such file", trouble(page))
    page.file_uploader(key="upload").upload("again.mp4", content, "video/mp4")
    assert serves(page)


def test_a_recording_to_a_full_disk_shows_an_error_and_the_next_one_works(data: Path):
    video = (data / "long.mp4").read_bytes()
    page = AppTest.from_function(record, args=(video,))
    with a_disk_with_room_for(len(video) // 2):
        page.run()
    assert re.search("cannot be written.*File too large", page.error[0].value)
    assert page.text[0].value == "[]"
    page.run()
    assert not page.exception
    assert not page.error
    assert page.text[0].value == "[]"
