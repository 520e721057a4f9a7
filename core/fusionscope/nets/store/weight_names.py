"""Weight names: remove what training tools add to the names of tensors, and tell what is amiss.

``torch.compile`` adds ``_orig_mod.``, data-parallel training ``module.``, Lightning the name of its
field, often ``model.``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from fusionscope.base.records import InputError, printable

if TYPE_CHECKING:  # the catalogue needs no torch
    from torch import Tensor

_WRAPPERS = ("_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
_PARALLEL = "module."
_SHOWN = 3  # names in a sentence


def unwrapped(weights: Mapping[str, Tensor], file: str) -> dict[str, Tensor]:
    """Remove the names of wrappers from all names, and ``module.`` if all names start with it.

    Raises:
        InputError: two tensors then have the same name.
    """
    bare = {
        name: ".".join(part for part in name.split(".") if part not in _WRAPPERS)
        for name in weights
    }
    while bare and all(name.startswith(_PARALLEL) for name in bare.values()):
        bare = {name: short.removeprefix(_PARALLEL) for name, short in bare.items()}
    if len({*bare.values()}) < len(bare):
        raise InputError(f"{file} has the same tensors with and without a wrapper; needed: once")
    return {bare[name]: value for name, value in weights.items()}


def fitted(
    weights: Mapping[str, Tensor], needed: Mapping[str, Tensor], whose: str
) -> dict[str, Tensor]:
    """The tensors that a network needs, by its own names; a prefix of all of them is removed.

    What does not have the prefix, such as the weights of a loss, is left out.

    Raises:
        InputError: tensors are missing or not needed, or have another shape.
    """
    prefix = _prefix(weights, needed, whose)
    found = {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }
    missing = [name for name in needed if name not in found]
    extra = [f"{prefix}{name}" for name in found if name not in needed]
    if missing or extra:
        parts = [f"missing: {_names(missing)}"] if missing else []
        parts += [f"not in the network: {_names(extra)}"] if extra else []
        start = f" (names in the file start with {printable(prefix)!r})" if prefix else ""
        raise InputError(f"the weights of {whose} do not fit its card: {'; '.join(parts)}{start}")
    for name, value in needed.items():
        if found[name].shape != value.shape:
            raise InputError(
                f"the weights of {whose} do not fit its card: {prefix}{name} is "
                f"{_size(found[name])}; needed: {_size(value)}"
            )
    return found


def _prefix(weights: Mapping[str, Tensor], needed: Mapping[str, Tensor], whose: str) -> str:
    """The one prefix under which the needed tensors are found; empty if there is none."""
    if not needed or all(name in weights for name in needed):
        return ""
    first = next(iter(needed))
    ends = [name.removesuffix(first) for name in weights if name.endswith(f".{first}")]
    found = [end for end in ends if all(f"{end}{name}" in weights for name in needed)]
    if len(found) > 1:
        names = " and ".join(repr(printable(end)) for end in found[:_SHOWN])
        raise InputError(
            f"the weights of {whose} are in its file {len(found)} times, under {names}; "
            "needed: one of them"
        )
    shared = _common(weights)
    fits = sum(f"{shared}{name}" in weights for name in needed)
    best = fits > sum(name in weights for name in needed)  # most of them, but not all
    return found[0] if found else shared if best else ""


def _common(names: Collection[str]) -> str:
    """The parts with which all names start, up to a dot."""
    parts = [name.split(".")[:-1] for name in names]
    shared = []
    for level in zip(*parts, strict=False):
        if len({*level}) > 1:
            break
        shared.append(level[0])
    return "".join(f"{part}." for part in shared)


def _names(names: Collection[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(map(printable, [*names][:_SHOWN])) + more


def _size(value: Tensor) -> str:
    return "x".join(map(str, value.shape)) or "one number"
