"""Recipe: all fields are read, and invalid ones are refused in one sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from docs.make_fields import PAGE, with_tables
from fusionscope.base.records import InputError
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER
from fusionscope.training.recipe import Recipe
from fusionscope.training.recipe_file import (
    documented_fields,
    read_recipe,
    recipe_named,
    toml_value,
)


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_recipe_is_read(tmp_path: Path):
    plan = read_recipe(
        written(
            tmp_path,
            '[card]\ntitle = "Mine"\nspatial = "vgg-m-mini"\nsize = 96\n'
            'rgb_mean = [1.0, 2.0, 3.0]\n[data]\nlearn = ["0", "2"]\nwatch = ["1"]\n'
            "[train]\nrate = 1e-2\nepochs = 7\nnorms = false\n",
        )
    )
    assert (plan.name, plan.card.title, plan.card.size) == ("mine", "Mine", 96)
    assert plan.card.rgb_mean == (1.0, 2.0, 3.0)
    assert (plan.learn, plan.watch, plan.test) == (("0", "2"), ("1",), ("3",))
    assert (plan.rate, plan.epochs, plan.norms) == (0.01, 7, False)
    assert recipe_named(str(tmp_path / "mine.toml")) == plan


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[train", "cannot be read as a recipe"),
        ("[nets]\n", r"section 'nets'; needed: only \[card\], \[data\] and \[train\]"),
        ("[card]\ntitle = 'x'\n[train]\nspeed = 3\n", "unknown field 'speed'"),
        ("[card]\ntitle = 'x'\ncolour = 3\n", "unknown field 'colour'"),
        ("[card]\ntitle = 'x'\nsize = 'big'\n", "field size is 'big'"),
        (
            "[card]\ntitle = 'x'\n[train]\nepochs = 0\n",
            "epochs is 0; needed: 1 or more, or a probe",
        ),
        ("[card]\ntitle = 'x'\n[train]\nepochs = 1.5\n", "epochs is 1.5; needed: a value like 60"),
        ("[card]\ntitle = 'x'\n[train]\nnorms = 1\n", "norms is 1; needed: a value like True"),
        (
            "[card]\ntitle = 'x'\n[train]\nsmoothing = 1.0\n",
            "smoothing is 1.0; needed: .* less than 1",
        ),
        ("[card]\ntitle = 'x'\n[train]\nways = 3\n", "ways is 3; needed: 0, unless"),
        ("[card]\ntitle = 'x'\n[train]\nmoddrop = 0.3\n", "moddrop is 0.3; needed: 0, unless"),
        ("[card]\ntitle = 'x'\n[train]\nmoddrop = 1.0\nways = 2\n", "ways is 2; needed: 0"),
        (
            "[card]\ntitle = 'x'\n[data]\ntest = ['0']\n",
            "fold 0 occurs twice in learn, watch and test",
        ),
        ("[card]\ntitle = 'x'\n[data]\nlearn = [0]\n", r"learn is \(0,\); needed: fold names"),
        ("[card]\ntitle = 'x'\n[data]\nprotocol = 'slow'\n", "'slow'; choose one of fast, dense"),
        ("[card]\ntitle = 'x'\n[train]\noptimiser = 'lbfgs'\n", "choose one of adamw, sgd"),
        ("[card]\ntitle = 'x'\n[train]\nprecision = 'int8'\n", "choose one of no, bf16, fp16"),
        ("[card]\ntitle = 'x'\n[train]\naccumulate = 5\n", "accumulate is 5; needed: a divisor"),
        ("[card]\ntitle = 'x'\n[train]\nschedule = 'step'\n", "drops for a step schedule"),
        ("[card]\ntitle = 'x'\n[train]\ndrops = [3]\n", "drops for a step schedule"),
        (
            "[card]\ntitle = 'x'\n[train]\nschedule = 'step'\ndrops = [5, 3]\n",
            r"drops is \[5, 3\]; needed: increasing numbers between 0 and the 60 epochs",
        ),
        ("[card]\ntitle = 'x'\n[train]\nspacing = [5]\n", "spacing is .* two numbers of frames"),
        ("[card]\ntitle = 'x'\n[train]\nspacing = [0, 3]\n", "spacing is .* two numbers"),
        ("[card]\ntitle = 'x'\n[train]\ndrop = 0.0\n", "drop is 0.0; needed: above 0"),
        (
            "[card]\ntitle = 'x'\nspatial = 'vgg-16'\ntemporal = 'vgg-16'\n[train]\nprobe = 1.0\n",
            "probe is 1.0; needed: 0, as the network has two streams",
        ),
    ],
)
def test_an_invalid_recipe_is_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(InputError, match=said):
        read_recipe(written(tmp_path, text))


def test_a_recipe_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"recipe 'jhmdb-x'; .*jhmdb-late"):
        recipe_named("jhmdb-x")
    with pytest.raises(InputError, match=r"unknown recipe .*none\.toml"):
        recipe_named(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_come_with_the_project_can_be_read(path: Path):
    plan = read_recipe(path)
    assert plan.name == path.stem
    if plan.data == "jhmdb":
        assert "3" not in plan.learn  # fold 3 is the test of all of them
        assert plan.test == ("3",)
    else:
        assert (plan.learn, plan.test, plan.protocol) == (("train",), ("test",), "dense")


@pytest.mark.parametrize("data", ["ucf101", "hmdb51"])
def test_the_papers_recipes_are_the_papers(data: str):
    plans = {
        name: recipe_named(f"{data}-vgg16-{name}")
        for name in ("spatial", "temporal", "late", "conv", "conv3d")
    }
    for name in ("spatial", "temporal", "conv", "conv3d"):
        plan = plans[name]
        assert (plan.optimiser, plan.momentum, plan.decay, plan.bias_rate) == ("sgd", 0.9, 5e-4, 2)
        assert (plan.schedule, plan.drop, plan.dropout) == ("step", 0.1, 0.85)
        assert (plan.jitter, plan.border, plan.colour, plan.smoothing) == (0.25, 0.25, 0, 0)
        assert (plan.crop, plan.card.size, plan.card.stack) == (224, 256, 10)
    final = plans["conv3d"]
    assert (final.chunks, final.spacing, final.batch, final.rate) == (5, (1, 10), 96, 1e-3)
    assert (final.towers, final.card.pool, final.card.heads) == (
        0.0, "3d", ("spatiotemporal", "temporal"),
    )  # fmt: skip
    assert plans["conv"].card.heads == ("spatiotemporal",)
    assert (final.spatial, final.temporal) == (f"{data}-vgg16-spatial", f"{data}-vgg16-temporal")
    start = "imagenet" if data == "ucf101" else "ucf101-vgg16-temporal"
    assert (plans["spatial"].spatial, plans["temporal"].temporal) == ("imagenet", start)
    with torch.device("meta"):
        for plan in plans.values():
            Network(dataclasses.replace(plan.card, labels=tuple(map(str, range(101)))))


def test_every_field_of_a_recipe_is_documented_and_the_page_is_current():
    listed = [name for section, name, *_ in documented_fields() if section != "card"]
    fields = {field.name for field in dataclasses.fields(Recipe)} - {"card", "text"}
    assert set(listed) == fields
    assert len(listed) == len(fields)
    page = PAGE.read_text("utf-8")
    assert with_tables(page) == page, "run python -m docs.make_fields"
    for name in fields:
        assert f"| `{name}` |" in page


def test_a_documented_default_is_what_a_recipe_without_the_field_has(tmp_path: Path):
    lines: dict[str, list[str]] = {"card": ["title = 'x'", "spatial = 'vgg-16'"]}
    for section, name, default, _ in documented_fields():
        if default is not None and (section, name) != ("card", "spatial"):
            lines.setdefault(section, []).append(f"{name} = {toml_value(default)}")
    text = "\n".join(line for at, of in lines.items() for line in (f"[{at}]", *of))
    bare = read_recipe(written(tmp_path, "[card]\ntitle = 'x'\nspatial = 'vgg-16'\n"))
    assert read_recipe(written(tmp_path, text)) == bare


@pytest.mark.parametrize("given", ["[0.5]", "[0.5, 0.0]", '[0.5, "hot"]', "[1.0, 1.0, 1.0]"])
def test_each_head_needs_a_temperature(tmp_path: Path, given: str):
    path = tmp_path / "mine.toml"
    path.write_text(
        '[card]\ntitle = "Mine"\nspatial = "vgg-m-mini"\ntemporal = "vgg-m-mini"\n'
        'fusion = "conv"\nplace = "relu5"\n[train]\ntemperature = '
    )
    with path.open("a") as file:
        file.write(f"{given}\n")
    with pytest.raises(
        InputError, match="a number above 0 for each of the heads spatiotemporal, temp"
    ):
        read_recipe(path)
    path.write_text(path.read_text().replace(given, "[0.5, 2]"))
    assert read_recipe(path).temperature == (0.5, 2)


def test_whole_clips_are_not_mixed(tmp_path: Path):
    text = "[card]\ntitle = 'x'\n[train]\nwhole = true\nmixup = 0.2\n"
    with pytest.raises(InputError, match=r"mixup is .*; needed: 0, as whole is true"):
        read_recipe(written(tmp_path, text))
