"""Records: sealed arrays, one kind of error for people, one way to report progress."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np


class InputError(ValueError):
    """What the person at the screen can put right: says what, found, needed, in one sentence."""


def spoken(name: str) -> str:
    """A name that others gave, fit for a sentence: printable, at most 80 letters of it."""
    name = name if name.isprintable() else ascii(name)
    return name if len(name) <= 80 else f"{name[:60]}...{name[-17:]}"


Progress = Callable[[str, float], None]
"""Called as ``progress(stage, done)`` with ``done`` in 0..1; what it raises cancels the work."""


def silent(stage: str, done: float) -> None:
    """Report nothing: the progress of work that nobody watches."""


def digest_of(*parts: np.ndarray | str | float) -> str:
    """Name content by its sha256: arrays by dtype, shape and bytes, the rest by its repr."""
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
    """Close a frozen dataclass: arrays and mappings in it, nested ones too, are read-only."""
    for field in dataclasses.fields(record):
        object.__setattr__(record, field.name, _sealed(getattr(record, field.name)))


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
        return tuple(_sealed(item) for item in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        seal(value)
    return value


def size_in_bytes(value: Any) -> int:
    """Bytes held in the arrays of a record, nested ones included: what a cache must count."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(size_in_bytes(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(size_in_bytes(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return sum(size_in_bytes(getattr(value, f.name)) for f in dataclasses.fields(value))
    return 0
