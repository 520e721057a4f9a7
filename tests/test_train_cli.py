"""Train command: downloads are agreed to, files are given by stream, processes are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from fusionscope.base.records import InputError
from fusionscope_app.cli import cli
from tests.imagenet_files import in_torchs_cache, torchvision_values
from tests.tiny_recipes import FUSED, clips_in

ROOT = Path(__file__).parents[1]
VGG = """
[card]
title = "Mine"
spatial = "vgg-16"
temporal = "vgg-16"
[data]
data = "folder"
"""


def recipe_file(folder: Path, text: str = VGG) -> str:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return str(path)


def refusal(*arguments: str, **given: Any) -> str:
    """The sentence with which a command is refused."""
    done = CliRunner().invoke(cli, ["train", *arguments], **given)
    assert isinstance(done.exception, InputError), done.output
    return str(done.exception)


def test_a_download_is_not_begun_without_a_yes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    text = refusal(recipe_file(tmp_path), "--root", str(tmp_path))
    assert "mine needs a download: ImageNet weights of vgg-16 (528 MB, https://download" in text
    assert text.endswith("agree with --yes, or give --weights FILE")
    assert not (tmp_path / "hub").exists()


def test_with_a_yes_it_is_begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nothing listens
    text = refusal(recipe_file(tmp_path), "--root", str(tmp_path), "--yes")
    assert "vgg-16 cannot be loaded from https://download.pytorch.org" in text


def test_cached_weights_need_no_yes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    in_torchs_cache(monkeypatch, tmp_path, "vgg-16", torchvision_values("vgg16"))
    missing = tmp_path / "nowhere"
    out = ["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]
    text = refusal(recipe_file(tmp_path), "--root", str(missing), *out)
    assert f"data folder {missing} not found" in text


def test_a_file_is_given_for_a_stream_that_starts_from_imagenet(tmp_path: Path):
    path = recipe_file(tmp_path, VGG + '[train]\nspatial = ""\n')
    torch.save({"x": torch.ones(2)}, tmp_path / "w.pth")
    root = ["--root", str(tmp_path)]
    assert "starts from ImageNet; in mine: temporal" in refusal(
        path, *root, "--weights", f"spatial={tmp_path / 'w.pth'}"
    )
    assert "none.pth not found" in refusal(path, *root, "--weights", str(tmp_path / "none.pth"))
    assert "w.pth has no layers of vgg-16" in refusal(
        path, *root, "--weights", f"temporal={tmp_path / 'w.pth'}"
    )


def test_help_and_the_list_of_fields_say_what_a_recipe_has():
    told = CliRunner().invoke(cli, ["train", "--help"]).output
    assert "docs/recipes.md" in " ".join(told.split())
    listed = CliRunner().invoke(cli, ["train", "--fields"]).output.splitlines()
    assert 'optimiser = "adamw"  # adamw or sgd' in listed
    assert {"[card]", "[data]", "[train]"} <= {*listed}
    assert "needs the name of a recipe" in refusal()


def torchrun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Two processes of the train command on CPUs."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    own = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    places = ["--out", str(folder / "out"), "--cache", str(folder / "cache")]
    command = [*launch, "-m", "fusionscope_app.cli", "train", *arguments, *places]
    return subprocess.run(command, cwd=ROOT, env=own, check=False, capture_output=True, text=True)


@pytest.mark.slow
def test_two_processes_on_cpus_form_one_training(tmp_path: Path):
    (tmp_path / "data").mkdir()
    root = str(clips_in(tmp_path / "data"))
    text = FUSED.replace("epochs = 4", "epochs = 2\ndropout = 0.0")
    done = torchrun(tmp_path, recipe_file(tmp_path, text), "--root", root, "--every", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("4 of 4 clips are ready") == 1  # decoded by one process
    curve = (tmp_path / "out/mine.csv").read_text()
    one = tmp_path / "one"
    places = ["--out", str(one / "out"), "--cache", str(one / "cache")]
    options = ["--root", root, "--every", "2", *places]
    alone = CliRunner().invoke(cli, ["train", recipe_file(tmp_path, text), *options])
    assert alone.exit_code == 0, alone.output
    losses = [
        [float(line.split(",")[1]) for line in text.splitlines()[1:] if line.split(",")[1]]
        for text in (curve, (one / "out/mine.csv").read_text())
    ]
    assert len(losses[0]) == 4
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.slow
def test_processes_refuse_what_they_cannot_share(tmp_path: Path):
    odd = FUSED.replace("batch = 2", "batch = 3")
    done = torchrun(tmp_path, recipe_file(tmp_path, odd), "--root", str(tmp_path))
    assert done.returncode != 0
    assert "2 processes cannot share a batch of 3 clips; needed: a multiple of 2" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ('weights = "a+b"\n', "mine has no training steps that 2 processes could share"),
        ("", "2 processes cannot share a batch of 9 clips in 3 parts; needed: a multiple of 6"),
    ],
)
def test_what_has_no_shares_is_refused(
    fields: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    text = VGG.replace("[data]", f"{fields}[data]")
    text += '[train]\nspatial = ""\ntemporal = ""\nbatch = 9\naccumulate = 3\n'
    assert said in refusal(recipe_file(tmp_path, text), "--root", str(tmp_path))


def test_toybox_is_trained_in_one_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert "toybox-conv is trained in one process" in refusal("toybox-conv")
