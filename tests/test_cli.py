"""The command line in a shell: standard output, standard error and exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow import all_slow
from tests.videos import numbered


def fusionscope(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fusionscope_app.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return numbered(tmp_path_factory.mktemp("cli") / "numbered.mp4")


def test_run_prints_one_json_object_that_keeps_the_contract(video):
    done = fusionscope("run", video, "--model", "toybox-conv3d", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["model", "clip", "heads", "final", "ledger", "seconds"]
    assert said["model"] == "toybox-conv3d"
    assert said["clip"]["frames"] == 12
    assert said["clip"]["fps"] == 10
    assert min(said["clip"]["size"]) == 256
    assert len(said["clip"]["digest"]) == 64
    assert said["clip"]["notes"] == []
    assert list(said["heads"]) == ["spatiotemporal", "temporal"]
    for rows in (*said["heads"].values(), said["final"]):
        assert len(rows) == 5
        shares = [row["p"] for row in rows]
        assert shares == sorted(shares, reverse=True)
        assert 0 <= shares[-1] <= shares[0] <= 1
    ledger = said["ledger"]
    assert ledger["label"] == said["final"][0]["label"]
    parts = sum(ledger[part] for part in ("baseline", "appearance", "motion", "synergy"))
    assert parts == pytest.approx(ledger["logit"], abs=1e-5)
    assert set(said["seconds"]) == {"decode", "flow", "forward"}


@pytest.mark.slow
def test_run_prints_text_without_json(video):
    done = fusionscope("run", video, "--model", "toybox-temporal")
    assert done.returncode == 0, done.stderr
    assert "12 frames" in done.stdout
    assert "Predicts " in done.stdout


@pytest.mark.slow
def test_of_a_long_video_twenty_seconds_are_run_and_it_is_said(tmp_path):
    path = numbered(tmp_path / "long.mp4", 66, fps=3)
    whole = json.loads(fusionscope("run", path, "--model", "toybox-temporal", "--json").stdout)
    assert whole["clip"]["frames"] == 60
    assert whole["clip"]["notes"] == ["the first 20 s of the 22.0 s in the file"]
    part = fusionscope("run", path, "--model", "toybox-temporal", "--start", "5")
    assert "long.mp4: 51 frames" in part.stdout
    assert "5 s to 22.0 s of the 22.0 s in the file" in part.stdout


@pytest.mark.slow
def test_models_lists_every_card():
    printed = json.loads(fusionscope("models", "--json").stdout)
    assert (printed["yours"], printed["broken"]) == ({}, [])
    said = printed["models"]
    assert {"toybox-conv3d", "toybox-spatial", "toybox-temporal"} <= {row["name"] for row in said}
    keys = ["name", "backbone", "fusion", "place", "temporal", "heads", "labels"]
    keys += ["parameters", "data", "accuracy", "sha256"]
    assert all(list(row) == keys for row in said)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run",), "clip"),
        (("sing",), "sing"),
        *all_slow(
            (("run", "/nowhere/clip.mp4", "--model", "toybox-conv3d"), "clip.mp4"),
            (("run", __file__, "--model", "toybox-conv3d"), "test_cli.py"),
            (("run", "clip.mp4", "--model", "none"), "there is no model 'none'; there are"),
            (("models", "--check", "none"), "there is no model 'none'; there are"),
            (("train", "none"), "unknown recipe 'none'"),
        ),
    ],
)
def test_an_error_of_the_user_is_one_line_and_status_2(words, says):
    done = fusionscope(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("fusionscope: ")
    assert says in line


@pytest.mark.slow
def test_a_short_clip_is_refused_with_its_number_of_frames(tmp_path):
    short = numbered(tmp_path / "short.mp4", count=4)
    done = fusionscope("run", short, "--model", "toybox-conv3d", "--json")
    assert done.returncode == 2
    assert "the clip has 4 frames; this network needs at least 7" in done.stderr


def test_help_is_printed_without_importing_torch():
    script = "import sys, fusionscope_app.cli\nassert 'torch' not in sys.modules, 'torch'"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.slow
def test_describe_counts_without_building():
    words = "--spatial vgg-m-2048 --temporal vgg-m-2048 --fusion conv --at relu5 --pool 2d"
    said = fusionscope("describe", *words.split(), "--classes", 101, "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["parameters"] == sum(found["parts"].values()) == 97_761_221
    assert found["shapes"]["fused.relu5"] == [5, 512, 13, 13]
    late = fusionscope("describe", "--fusion", "sum", "--at", "softmax", "--json")
    assert json.loads(late.stdout)["parameters"] == 181_335_594


@pytest.mark.slow
def test_describe_prints_the_papers_tables_with_our_counts():
    said = fusionscope("describe", "--table").stdout
    assert "published 97.58M" in said
    assert "counted  97,761,221" in said


@pytest.mark.slow
def test_describe_reports_parts_that_do_not_fit():
    done = fusionscope("describe", "--fusion", "conv", "--at", "relu9", "--json")
    assert done.returncode == 2
    assert "cannot be fused at 'relu9'" in done.stderr


def test_help_is_printed_without_slow_imports():
    heavy = "torch", "torchvision", "streamlit", "cv2", "av", "captum", "timm", "plotly", "pandas"
    code = (
        "import sys, fusionscope_app.cli\n"
        "sys.argv = ['fusionscope', '--help']\n"
        "try:\n    fusionscope_app.cli.main()\n"
        f"finally:\n    print(*sorted(set({heavy}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "doctor" in done.stdout
    assert done.stderr.strip() == ""
