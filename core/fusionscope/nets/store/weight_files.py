"""Weight files: read safetensors or a PyTorch state dict without running code."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from fusionscope.base.paths import expanded
from fusionscope.base.records import InputError, printable
from fusionscope.nets.store.weight_names import unwrapped

if TYPE_CHECKING:  # the catalogue reads ENDINGS before torch is imported
    from torch import Tensor

ENDINGS = (".safetensors", ".pt", ".pth")

_NESTED = (
    *("state_dict", "model_state_dict", "model", "module", "network", "net", "weights", "params"),
)
"""Keys under which training scripts nest the state dict in a checkpoint."""


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """Read a file of weights: name -> float32 tensor.

    What ``torch.compile`` and data-parallel training add to the names is removed.

    Raises:
        InputError: the file is missing, of another kind, would run code, or contains values that
            are not finite.
    """
    path = expanded(path)
    try:
        stored = path.read_bytes()
    except OSError as problem:
        raise InputError(f"the weights {path.name} cannot be opened: {problem}") from problem
    return weights_in(stored, path.name)


def weights_in(stored: bytes, name: str) -> dict[str, Tensor]:
    """Read weights from a file's content; the ending of ``name`` selects the format."""
    import torch
    from safetensors.torch import load

    if name.endswith(ENDINGS[1:]):
        found = _state_dict(stored, name)
    else:
        try:
            found = load(stored)
        except SafetensorError as problem:
            reason = printable(str(problem).removeprefix("Error while deserializing: "))
            raise InputError(f"{name} cannot be read as safetensors: {reason}") from problem
    odd = [key for key, value in found.items() if value.layout is not torch.strided]
    odd += [key for key, value in found.items() if value.is_complex() or value.is_quantized]
    if odd:
        raise InputError(
            f"{name} contains {printable(odd[0])!r}, which is sparse, complex or quantised; "
            "dense real numbers are needed"
        )
    weights = unwrapped({key: value.float() for key, value in found.items()}, name)
    bad = [key for key, value in weights.items() if not torch.isfinite(value).all()]
    if bad:
        raise InputError(f"{name} contains values that are not finite, in {printable(bad[0])}")
    return weights


def _is_packed(stored: bytes) -> bool:
    """Whether this is a compressed archive; torch writes none, and it could be a zip bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(stored)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        return False
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    return packed or sum(entry.file_size for entry in entries) > len(stored)


def _state_dict(stored: bytes, name: str) -> dict[str, Tensor]:
    import torch
    from torch import Tensor

    if _is_packed(stored):
        raise InputError(
            f"{name} is a compressed archive and was not opened; a file of torch.save is needed"
        )
    try:
        found = torch.load(io.BytesIO(stored), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        raise InputError(
            f"{name} would run code when opened, or is damaged, and was not opened; "
            "a state dict of tensors only, or safetensors, is needed"
        ) from problem
    except Exception as problem:  # a file that is not a pickle can raise any exception
        first = next(iter(str(problem).splitlines()), "unexpected end of file")
        raise InputError(
            f"{name} cannot be read as a PyTorch state dict: {printable(first)}"
        ) from problem
    for key in _NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
            break
    if not isinstance(found, Mapping) or not found:
        raise InputError(f"{name} contains no state dict, that is, a tensor for each name")
    odd = [key for key, value in found.items() if not isinstance(value, Tensor)]
    if odd:
        raise InputError(
            f"{name} contains {str(odd[0])[:40]!r}, which is not a tensor; "
            "a state dict of tensors only is needed"
        )
    return {str(key): value for key, value in found.items()}
