"""MATLAB values: a file of any version as dictionaries, lists, strings and arrays.

Axes keep MATLAB's order. MATLAB has no scalars, and readers differ in what they unwrap, so a value
may be bare or in a list of one: ``one``, ``many``, ``words`` and ``numbers`` accept both.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.records import InputError

WANTED = ("net", "layers", "params", "vars", "meta", "normalization")
"""The variables that describe a network; no others are read."""

_HDF5 = b"\x89HDF\r\n\x1a\n"


def read_mat(path: Path) -> dict[str, Any]:
    """Read the variables of a MATLAB file that describe a network.

    Raises:
        InputError: the file is missing, damaged, or not a MATLAB file.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(520)
    except OSError as problem:
        raise InputError(f"{path.name} cannot be read: {problem.strerror}") from problem
    if _HDF5 in (head[:8], head[512:]):
        from fusionscope.nets.matconvnet.mat73 import read_hdf5

        return read_hdf5(path, WANTED)
    if head[126:128] not in (b"IM", b"MI"):
        raise InputError(f"{path.name} is not a MATLAB file; a .mat file is needed")
    return _read_mat5(path)


def _read_mat5(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    damaged = (MatReadError, ValueError, TypeError, LookupError, OSError, EOFError)
    try:
        with path.open("rb") as stream:  # an open file, so that scipy tries no other names
            found = loadmat(stream, variable_names=WANTED)
    except (*damaged, ArithmeticError, MemoryError, zlib.error, struct.error) as problem:
        raise InputError(f"{path.name} is damaged or cut short: {problem}") from problem
    return {name: plain(value) for name, value in found.items() if name in WANTED}


def plain(value: Any) -> Any:
    """Convert scipy's result, in any of its forms, to plain values."""
    from scipy.io.matlab import MatlabFunction, MatlabOpaque, mat_struct

    if isinstance(value, MatlabOpaque | MatlabFunction):
        return None  # a MATLAB object, which is not data
    if isinstance(value, mat_struct):
        return {name: plain(getattr(value, name)) for name in vars(value).get("_fieldnames", ())}
    if isinstance(value, np.void) and value.dtype.names:
        return {name: plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray) and (value.dtype.names or value.dtype == object):
        return [plain(item) for item in value.ravel(order="F")]
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        texts = [str(item) for item in value.ravel()]
        return texts[0] if len(texts) == 1 else texts
    return str(value) if isinstance(value, str) else np.asarray(value)


def one(value: Any) -> Any:
    """Unwrap a value from lists of one."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def fields(value: Any) -> dict[str, Any]:
    """Return a struct, or an empty one for any other value."""
    value = one(value)
    return value if isinstance(value, dict) else {}


def many(value: Any) -> list[Any]:
    """Return a struct array or cell as a list, even if its only element came unwrapped."""
    if isinstance(value, list):
        return value
    return [] if value is None or (isinstance(value, np.ndarray) and not value.size) else [value]


def words(value: Any) -> list[str]:
    """Return a string, or a cell of strings, as a list."""
    return [text for text in map(one, many(value)) if isinstance(text, str) and text]


def numbers(value: Any, default: tuple[float, ...] = ()) -> tuple[float, ...]:
    """Return an array of numbers flattened, or the default for any other value."""
    value = one(value)
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind in "biuf":
        return tuple(float(item) for item in value.ravel(order="F"))
    return default
