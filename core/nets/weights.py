"""Weights: a file of tensors, safetensors or a PyTorch state dict, read without running code."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from core.records import InputError

ENDINGS = (".safetensors", ".pt", ".pth")

_NESTED = ("state_dict", "model_state_dict", "model")
"""Where training scripts put the state dict among what else they save."""


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """Name -> float32 tensor.

    Raises:
        InputError: the file is missing, is of another kind, wants to run code, or holds values that
            are not finite.
    """
    path = Path(path).expanduser()
    try:
        stored = path.read_bytes()
    except OSError as problem:
        raise InputError(f"the weights {path.name} cannot be opened: {problem}") from problem
    return weights_in(stored, path.name)


def weights_in(stored: bytes, name: str) -> dict[str, Tensor]:
    """What ``read_weights`` gives, of a file's content; its name tells how to read it."""
    if name.endswith(ENDINGS[1:]):
        found = _state_dict(stored, name)
    else:
        try:
            found = load(stored)
        except SafetensorError as problem:
            raise InputError(f"{name} cannot be read as safetensors: {problem}") from problem
    weights = {key: value.float() for key, value in found.items()}
    bad = [key for key, value in weights.items() if not torch.isfinite(value).all()]
    if bad:
        raise InputError(f"{name} holds values that are not finite, in {bad[0]}")
    return weights


def _state_dict(stored: bytes, name: str) -> dict[str, Tensor]:
    try:
        found = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        raise InputError(
            f"{name} wants to run code when it is opened, or is damaged, and was not opened; "
            "needed: a state dict of tensors alone, or safetensors"
        ) from problem
    except Exception as problem:  # its reader stumbles over bytes that are no pickle in any way
        first = next(iter(str(problem).splitlines()), type(problem).__name__)
        raise InputError(f"{name} cannot be read as a PyTorch state dict: {first}") from problem
    for key in _NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
            break
    if not isinstance(found, Mapping) or not found:
        raise InputError(f"{name} holds no state dict; needed: names with a tensor each")
    odd = [key for key, value in found.items() if not isinstance(value, Tensor)]
    if odd:
        raise InputError(
            f"{name} holds {str(odd[0])[:40]!r}, which is no tensor; "
            "needed: a state dict of tensors alone"
        )
    return {str(key).removeprefix("module."): value for key, value in found.items()}
