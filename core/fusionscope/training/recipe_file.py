"""Recipe file: read a recipe from TOML, and refuse what cannot be trained.

``[card]`` has fields of the card, ``[data]`` the data set and its folds, ``[train]`` the other
fields of ``Recipe``.
"""

from __future__ import annotations

import dataclasses
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

from fusionscope.base.records import InputError
from fusionscope.base.user_files import read_text
from fusionscope.card import Card, checked
from fusionscope.nets.store.catalogue import FOLDER
from fusionscope.training.recipe import DATA_FIELDS, Recipe

_LATER = ("learned",)  # placeholder; the labels are known once the data set is opened

_CHOICES = {
    "protocol": ("fast", "dense"),
    "optimiser": ("adamw", "sgd"),
    "schedule": ("cosine", "step"),
    "precision": ("no", "bf16", "fp16"),
}


def recipe_named(name: str) -> Recipe:
    """Load a recipe by its path (NAME.toml), or by the name of a shipped recipe.

    Raises:
        InputError: there is no such recipe.
    """
    path = Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.toml")))
        raise InputError(f"unknown recipe {name!r}; choose one of {known}, or a .toml file")
    return read_recipe(path)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file.

    Raises:
        InputError: it is not TOML, or has an unknown field or an invalid value.
    """
    try:
        text = read_text(path)
        parts = tomllib.loads(text)
    except (InputError, tomllib.TOMLDecodeError) as problem:
        raise InputError(f"{path.name} cannot be read as a recipe: {problem}") from problem
    odd = parts.keys() - {"card", "data", "train"}
    if odd:
        raise InputError(
            f"{path.name} has a section {min(odd)!r}; needed: only [card], [data] and [train]"
        )
    card = {"name": path.stem, "labels": _LATER, **_tuples(parts.get("card", {}))}
    fields = _tuples({**parts.get("data", {}), **parts.get("train", {})})
    try:
        plan = Recipe(checked(Card(**card)), **fields, text=text)
    except TypeError as problem:
        reason = re.sub(
            r"\w+\.__init__\(\) got an unexpected keyword argument", "unknown field", str(problem)
        )
        raise InputError(f"{path.name} is not a recipe: {reason}") from problem
    _check(plan, path.name)
    return plan


def documented_fields() -> Iterator[tuple[str, str, Any, str]]:
    """Yield section, name, default and description of every field that a recipe may have."""
    for section, record in (("card", Card), ("data", Recipe), ("train", Recipe)):
        hints = get_type_hints(record, include_extras=True)
        for field in dataclasses.fields(record):
            told = getattr(hints[field.name], "__metadata__", ("",))[0]
            other = record is Recipe and (field.name in DATA_FIELDS) is not (section == "data")
            if told and not other:
                default = None if field.default is dataclasses.MISSING else field.default
                yield section, field.name, default, told


def toml_value(value: Any) -> str:
    """A default as a recipe writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}


def _check(plan: Recipe, name: str) -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(Recipe)}
    for field, default in defaults.items():
        value = getattr(plan, field)
        kinds = (int, float) if type(default) is float else type(default)
        if field != "card" and (
            not isinstance(value, kinds) or isinstance(value, bool) is not (kinds is bool)
        ):
            raise InputError(f"{name}: {field} is {value!r}; needed: a value like {default!r}")
    for field in ("learn", "watch", "test"):
        value = getattr(plan, field)
        if not all(isinstance(fold, str) for fold in value):
            raise InputError(f"{name}: {field} is {value!r}; needed: fold names in quotes")
    for field, choices in _CHOICES.items():
        if getattr(plan, field) not in choices:
            raise InputError(
                f"{name}: {field} is {getattr(plan, field)!r}; choose one of {', '.join(choices)}"
            )
    if plan.ways and (plan.towers or not plan.card.places or plan.ways < 0):
        raise InputError(
            f"{name}: ways is {plan.ways}; needed: 0, unless features are fused and the towers "
            "are frozen (towers = 0)"
        )
    _check_numbers(plan, name)
    if plan.whole and plan.mixup:
        raise InputError(f"{name}: mixup is {plan.mixup}; needed: 0, as whole is true")
    if plan.moddrop and not plan.ways:
        raise InputError(f"{name}: moddrop is {plan.moddrop}; needed: 0, unless ways is set")
    if plan.probe and len(plan.card.streams) == 2:
        raise InputError(
            f"{name}: probe is {plan.probe}; needed: 0, as the network has two streams"
        )
    if plan.batch % plan.accumulate:
        raise InputError(
            f"{name}: accumulate is {plan.accumulate}; needed: a divisor of the batch of "
            f"{plan.batch}"
        )
    if (plan.schedule == "step") is not bool(plan.drops):
        raise InputError(
            f"{name}: schedule is {plan.schedule!r} and drops is {list(plan.drops)}; needed: "
            "drops for a step schedule, and for no other"
        )
    numbers = all(isinstance(value, (int, float)) and value > 0 for value in plan.temperature)
    if plan.temperature and (not numbers or len(plan.temperature) != len(plan.card.heads)):
        raise InputError(
            f"{name}: temperature is {plan.temperature}; needed: a number above 0 for each of the "
            f"heads {', '.join(plan.card.heads)}"
        )
    shared = set(plan.learn) & (set(plan.test) | set(plan.watch)) | set(plan.watch) & set(plan.test)
    if shared:
        raise InputError(
            f"{name}: fold {min(shared)} occurs twice in learn, watch and test; needed: once"
        )


def _check_numbers(plan: Recipe, name: str) -> None:
    if not plan.epochs and not plan.probe:
        raise InputError(f"{name}: epochs is 0; needed: 1 or more, or a probe")
    for field in ("chunks", "crop", "shown", "batch", "accumulate"):
        if getattr(plan, field) < 1:
            raise InputError(f"{name}: {field} is {getattr(plan, field)}; needed: 1 or more")
    for field in ("epochs", "rate", "towers", "bias_rate", "decay", "clip", "probe", "mixup"):
        if not 0 <= getattr(plan, field) < math.inf:
            raise InputError(f"{name}: {field} is {getattr(plan, field)}; needed: 0 or more")
    shares = ("warm", "smoothing", "average", "jitter", "border", "colour", "dropout", "moddrop")
    for field in (*shares, "momentum"):
        if not 0 <= getattr(plan, field) < 1:
            raise InputError(
                f"{name}: {field} is {getattr(plan, field)}; needed: at least 0 and less than 1"
            )
    if not 0 < plan.drop <= 1:
        raise InputError(f"{name}: drop is {plan.drop}; needed: above 0 and at most 1")
    ends = plan.spacing
    if len(ends) != 2 or any(type(n) is not int for n in ends) or not 1 <= ends[0] <= ends[1]:
        raise InputError(
            f"{name}: spacing is {list(ends)}; needed: two numbers of frames, 1 or more, in order"
        )
    drops = plan.drops
    if any(type(n) not in (int, float) or not 0 < n < plan.epochs for n in drops) or sorted(
        set(drops)
    ) != list(drops):
        raise InputError(
            f"{name}: drops is {list(drops)}; needed: increasing numbers between 0 and the "
            f"{plan.epochs} epochs"
        )
