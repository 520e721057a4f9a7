"""Adapter: somebody else's two-stream network, made to answer as ours do.

An adapter is a card and a maker. What the maker gives is any module whose
``forward(rgb, flow)`` takes (B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255, and returns
``Seen``. It may offer two things more: ``field(stage)``, which pixels a cell looks at, and
``fusions``, a ModuleDict of our operators by stage. What it does not offer, the app does without.

A package names its adapter as an entry point of the group ``fusionscope.models``.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from fusionscope.base.records import InputError
from fusionscope.card import Card, checked

if TYPE_CHECKING:  # a list of the adapters is made before torch is imported
    from torch import Tensor, nn

GROUP = "fusionscope.models"


@dataclass(frozen=True)
class Adapter:
    """A card, and the function or class that makes the module that it describes."""

    card: Card
    build: Callable[[Card], nn.Module]

    @staticmethod
    def read_weights(path: Path | str) -> dict[str, Tensor]:
        """A file of weights -> name -> float32 tensor, for ``load_state_dict``.

        Safetensors or a PyTorch state dict (.pt, .pth), read without running code.

        Raises:
            InputError: the file is missing, holds no tensors, or some that are not finite.
        """
        from fusionscope.nets.store.weight_files import read_weights

        return read_weights(path)


def adapters() -> dict[str, Adapter | str]:
    """Entry point, as ``name (package)`` -> its adapter, or in a sentence why it is none."""
    found: dict[str, Adapter | str] = {}
    for point in entry_points(group=GROUP):
        where = f"{point.name} ({point.dist.name if point.dist else 'unknown package'})"
        try:
            with as_input_error(f"entry point {point.name}"):
                found[where] = _adapter(_loaded(point))
        except InputError as problem:
            found[where] = str(problem)
    return found


@contextmanager
def as_input_error(whose: str) -> Iterator[None]:
    """Tell in one sentence what somebody else's code raised, whatever it is."""
    try:
        yield
    except InputError:
        raise
    except (Exception, SystemExit) as problem:
        raise InputError(
            f"{whose}: its own code failed with {type(problem).__name__}: {_told(problem)}"
        ) from problem


def _told(problem: BaseException) -> str:
    """The first line of an error; of ``load_state_dict`` also what does not fit."""
    first, *more = str(problem).splitlines() or [""]
    if not first.startswith("Error(s) in loading state_dict"):
        return first
    text = " ".join(" ".join([first, *more]).split())
    return text if len(text) <= 300 else f"{text[:297]} …"


def _loaded(point: EntryPoint) -> object:
    """What an entry point names.

    Raises:
        InputError: its module imports a package that this project no longer has.
    """
    try:
        return point.load()
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in ("app", "core"):
            raise
        line = traceback.extract_tb(problem.__traceback__)[-1].line or ""
        named = re.search(rf"\b{problem.name}[\w.]*", line)
        raise InputError(
            f"{point.module} imports {named[0] if named else problem.name}, which is now part of "
            "the package fusionscope: write `from fusionscope import Adapter, Card, Seen`"
        ) from problem


def _adapter(given: object) -> Adapter:
    if not isinstance(given, Adapter) or not isinstance(given.card, Card):
        raise InputError(f"it gives a {type(given).__name__}; needed: an Adapter with a Card")
    checked(given.card)
    return given
