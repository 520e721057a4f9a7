"""Actor overlap: maps compared with actor masks on disk, over many clips."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.actor_masks import mask_beside, read_mask
from fusionscope.data.datasets import open_data
from fusionscope.data.toybox.world import STRIPED, toy_world
from fusionscope.evaluation.actor_overlap import Pointing, masked_clips, pointing, spaced, toy_clips
from fusionscope.evaluation.actor_overlap_table import read_pointings
from fusionscope.explain.checks.actor_overlap import OnActor
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import save_network
from fusionscope_app.cli.shell import cli
from tests.conftest import TINY
from tests.videos import numbered

CARD: Card = dataclasses.replace(TINY, name="pointed", labels=("walk", "run"))


def keep_mask(path: Path, masks: np.ndarray) -> None:
    bits = np.packbits(masks.reshape(len(masks), -1), axis=1)
    np.savez(path, bits=bits, shape=np.array(masks.shape))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three clips of fold 3: one with a mask, one with a mask that is too short, one without."""
    for folder in ("clips", "masks"):
        (tmp_path / folder).mkdir()
    for name in ("walk_1", "walk_2", "run_1"):
        numbered(tmp_path / f"clips/{name}.mp4", 12)
    masks = np.zeros((12, 48, 64), bool)
    masks[:, :24] = True
    keep_mask(tmp_path / "masks/walk_1.npz", masks)
    keep_mask(tmp_path / "masks/walk_2.npz", masks[:5])
    (tmp_path / "clips.csv").write_text(
        "id,label,fold,group\nwalk_1,walk,3,g1\nwalk_2,walk,3,g2\nrun_1,run,3,g3\n"
    )
    return tmp_path


def test_a_mask_is_read_back_to_the_pixel(tmp_path: Path):
    masks = np.random.default_rng(0).random((3, 5, 7)) > 0.5
    keep_mask(tmp_path / "m.npz", masks)
    np.testing.assert_array_equal(read_mask(tmp_path / "m.npz"), masks)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken"])
def test_an_invalid_mask_is_refused_in_one_sentence(tmp_path: Path, content: bytes):
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"m\.npz contains no mask"):
        read_mask(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(InputError, match=r"m\.npz contains no mask .*bits and shape"):
        read_mask(path)


def test_a_clips_mask_is_found_in_the_folder_next_to_it(root: Path):
    assert mask_beside(root / "clips/walk_1.mp4") == root / "masks/walk_1.npz"
    assert mask_beside(root / "clips/run_1.mp4") is None


def test_clips_with_masks_are_explained_and_errors_are_listed(
    root: Path, build: Callable[..., Network]
):
    clips = masked_clips(open_data("jhmdb", root))
    assert [clip.id for clip in clips] == ["walk_1", "walk_2"]
    found = pointing(build(CARD), clips, "grad-cam-signed")
    assert found.problems == {
        "walk_2": "the clip has 12 frames and 5 masks; each frame needs a mask"
    }
    assert found.stage == "spatial.relu5"
    assert found.found["walk_1"].keys() == {"spatial", "temporal"}
    assert found.found["walk_1"]["spatial"].area == pytest.approx(0.5, abs=0.01)


def test_the_figures_are_means_over_clips_with_support():
    nothing = OnActor(float("nan"), 0.1, 0, 0, float("nan"))
    found = Pointing(
        "grad-cam",
        "",
        {
            "a": {"spatial": OnActor(0.5, 0.2, 2, 4, 0.3)},
            "b": {"spatial": OnActor(0.1, 0.4, 1, 1, 0.5)},
            "c": {"spatial": nothing},
        },
        {},
        {"a": 0.01, "b": 0.3, "c": 0.02},
    )
    assert found.gap == 0.3
    figures = found.figures()["spatial"]
    assert figures["clips"] == 2
    assert (figures["share"], figures["area"]) == pytest.approx((0.3, 0.3))
    assert (figures["pointing"], figures["chunks"]) == (pytest.approx(3 / 5), 5)
    assert figures["chance"] == pytest.approx(0.4)


def test_toybox_has_its_striped_ball():
    (clip,) = toy_clips([8])
    shown, masks = clip.read()
    world = toy_world(8)
    assert clip.label == world.plan.label
    np.testing.assert_array_equal(masks, world.masks[STRIPED])
    assert shown.digest == world.clip.digest


def test_clips_are_taken_evenly():
    clips = toy_clips(range(10))
    assert [clip.id for clip in spaced(clips, 4)] == [f"toybox:{k}" for k in (0, 3, 6, 9)]
    assert spaced(clips, 0) == spaced(clips, 99) == clips


@pytest.mark.slow
def test_the_command_prints_the_figures_and_skipped_clips(
    root: Path,
    build: Callable[..., Network],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(root / "models"))
    (root / "models").mkdir()
    save_network(build(CARD), CARD, root / "models")
    words = ["evaluate", "--model", "pointed", "--root", str(root), "--fold", "3"]
    cli([*words, "--attributions", "grad-cam-signed", "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["method"], told["n"]) == ("pointed", "grad-cam-signed", 1)
    assert told["errors"] == {
        "walk_2": "the clip has 12 frames and 5 masks; each frame needs a mask"
    }
    assert told["streams"]["temporal"]["area"] == pytest.approx(0.5, abs=0.01)
    assert told["gap"] is None
    cli([*words, "--attributions", "grad-cam-signed"], standalone_mode=False)
    assert "on the actor (50.0 % of the picture)" in capsys.readouterr().out
    kept = root / "attributions.csv"
    cli(
        [*words, "--attributions", "integrated-gradients", "--out", str(kept)],
        standalone_mode=False,
    )
    assert "completeness gap: at most 0." in capsys.readouterr().out
    assert [one.stream for one in read_pointings(kept)] == ["spatial", "temporal"]
    kept.write_text("something else")
    with pytest.raises(InputError, match="is not a table of actor overlap"):
        cli(
            [*words, "--attributions", "grad-cam", "--out", str(kept)],
            standalone_mode=False,
        )
    with pytest.raises(InputError, match="unknown method 'magic'"):
        cli([*words, "--attributions", "magic"], standalone_mode=False)
    with pytest.raises(InputError, match="--root is missing"):
        cli(["evaluate", "--model", "pointed"], standalone_mode=False)
