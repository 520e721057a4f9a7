"""Plans: a recipe file says all, and what it cannot say is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.nets.zoo import FOLDER
from core.records import InputError
from core.study.planned import plan_named
from core.study.plans import read_plan


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_recipe_is_read(tmp_path: Path):
    plan = read_plan(
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
    assert plan_named(str(tmp_path / "mine.toml")) == plan


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[train", "cannot be read as a recipe"),
        ("[nets]\n", r"has a part 'nets'; needed: \[card\], \[data\] and \[train\]"),
        ("[card]\ntitle = 'x'\n[train]\nspeed = 3\n", "has no field 'speed'"),
        ("[card]\ntitle = 'x'\ncolour = 3\n", "has no field 'colour'"),
        ("[card]\ntitle = 'x'\nsize = 'big'\n", "its field size holds 'big'"),
        (
            "[card]\ntitle = 'x'\n[train]\nepochs = 0\n",
            "epochs is 0; needed: 1 or more, or a probe",
        ),
        ("[card]\ntitle = 'x'\n[train]\nepochs = 1.5\n", "epochs is 1.5; needed: one like 60"),
        ("[card]\ntitle = 'x'\n[train]\nnorms = 1\n", "norms is 1; needed: one like True"),
        (
            "[card]\ntitle = 'x'\n[train]\nsmoothing = 1.0\n",
            "smoothing is 1.0; needed: 0 or more, and less",
        ),
        ("[card]\ntitle = 'x'\n[train]\nways = 3\n", "ways is 3; needed: 0, unless"),
        ("[card]\ntitle = 'x'\n[train]\nmoddrop = 0.3\n", "moddrop is 0.3; needed: 0, unless"),
        ("[card]\ntitle = 'x'\n[train]\nmoddrop = 1.0\nways = 2\n", "ways is 2; needed: 0"),
        (
            "[card]\ntitle = 'x'\n[data]\ntest = ['0']\n",
            "fold 0 is both learned from and looked at",
        ),
        ("[card]\ntitle = 'x'\n[data]\nlearn = [0]\n", r"learn is \(0,\); needed: names in quotes"),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(InputError, match=said):
        read_plan(written(tmp_path, text))


def test_a_recipe_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"there is no recipe 'jhmdb-x'; there are .*jhmdb-late"):
        plan_named("jhmdb-x")
    with pytest.raises(InputError, match=r"there is no recipe"):
        plan_named(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_come_with_the_project_can_be_read(path: Path):
    plan = read_plan(path)
    assert plan.name == path.stem
    assert "3" not in plan.learn  # fold 3 is the test of all of them
    assert plan.test == ("3",)


@pytest.mark.parametrize("given", ["[0.5]", "[0.5, 0.0]", '[0.5, "hot"]', "[1.0, 1.0, 1.0]"])
def test_a_temperature_stands_for_each_head(tmp_path: Path, given: str):
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
        read_plan(path)
    path.write_text(path.read_text().replace(given, "[0.5, 2]"))
    assert read_plan(path).temperature == (0.5, 2)


def test_whole_clips_are_not_mixed(tmp_path: Path):
    text = "[card]\ntitle = 'x'\n[train]\nwhole = true\nmixup = 0.2\n"
    with pytest.raises(InputError, match="whole clips are shown as they are; needed: no mixup"):
        read_plan(written(tmp_path, text))
