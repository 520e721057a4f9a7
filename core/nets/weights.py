"""Weights: a file of tensors, safetensors or a PyTorch state dict, read without running code."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from core.records import InputError, spoken

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
            said = spoken(str(problem).removeprefix("Error while deserializing: "))
            raise InputError(f"{name} cannot be read as safetensors: {said}") from problem
    odd = [key for key, value in found.items() if value.layout is not torch.strided]
    odd += [key for key, value in found.items() if value.is_complex() or value.is_quantized]
    if odd:
        raise InputError(
            f"{name} holds {spoken(odd[0])!r}, which is sparse, complex or quantised; "
            "needed: plain numbers"
        )
    weights = {key: value.float() for key, value in found.items()}
    bad = [key for key, value in weights.items() if not torch.isfinite(value).all()]
    if bad:
        raise InputError(f"{name} holds values that are not finite, in {spoken(bad[0])}")
    return weights


def _is_packed(stored: bytes) -> bool:
    """Is it an archive that takes more room unpacked? torch packs none; such a one may swell."""
    try:
        with zipfile.ZipFile(io.BytesIO(stored)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        return False
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    return packed or sum(entry.file_size for entry in entries) > len(stored)


def _state_dict(stored: bytes, name: str) -> dict[str, Tensor]:
    if _is_packed(stored):
        raise InputError(
            f"{name} is a packed archive and was not opened; needed: as torch.save writes it"
        )
    try:
        found = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        raise InputError(
            f"{name} wants to run code when it is opened, or is damaged, and was not opened; "
            "needed: a state dict of tensors alone, or safetensors"
        ) from problem
    except Exception as problem:  # its reader stumbles over bytes that are no pickle in any way
        first = next(iter(str(problem).splitlines()), "it breaks off")
        raise InputError(
            f"{name} cannot be read as a PyTorch state dict: {spoken(first)}"
        ) from problem
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
