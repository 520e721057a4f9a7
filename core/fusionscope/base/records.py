"""Records: read-only records, the error type for users, and progress callbacks."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np


class InputError(ValueError):
    """An error the user can fix; the message is one sentence: what was found, what is needed."""


def printable(name: str) -> str:
    """Make an untrusted name printable, at most 80 characters."""
    name = name if name.isprintable() else ascii(name)
    return name if len(name) <= 80 else f"{name[:60]}...{name[-17:]}"


def percent(share: float, digits: int = 0) -> str:
    """A share in 0..1 as the project writes it: ``60 %``."""
    return f"{100 * share:.{digits}f} %"


Progress = Callable[[str, float], None]
"""Called as ``progress(stage, done)`` with ``done`` in 0..1; an exception cancels the work."""


def no_progress(stage: str, done: float) -> None:
    """Ignore progress."""


def digest_of(*parts: np.ndarray | str | float) -> str:
    """Compute the sha256 of content: arrays by dtype, shape and bytes, other values by repr."""
    sha = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            sha.update(f"{part.dtype.str}{part.shape}".encode())
            sha.update(np.ascontiguousarray(part).data)
        else:
            sha.update(repr(part).encode())
        sha.update(b"\0")
    return sha.hexdigest()


def seal(record: Any) -> None:
    """Make all arrays and mappings in a frozen dataclass read-only, including nested ones."""
    for name, value in _stored(record):
        object.__setattr__(record, name, _sealed(value))


def _stored(record: Any) -> list[tuple[str, Any]]:
    """The fields that a record stores itself; one that it computes at each access is left out."""
    held = vars(record)
    return [(f.name, held[f.name]) for f in dataclasses.fields(record) if f.name in held]


def _sealed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
        base = value.base
        while isinstance(base, np.ndarray):
            base.setflags(write=False)
            base = base.base
    elif isinstance(value, Mapping):
        return MappingProxyType({key: _sealed(item) for key, item in value.items()})
    elif isinstance(value, list | tuple):
        if set(map(type, value)) <= {str, int, float}:  # may be tens of thousands of names
            return tuple(value)
        return tuple(_sealed(item) for item in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        seal(value)
    return value


def size_in_bytes(value: Any) -> int:
    """Size in bytes of all arrays in a record, including nested ones."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(size_in_bytes(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(size_in_bytes(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return sum(size_in_bytes(item) for _, item in _stored(value))
    return 0
