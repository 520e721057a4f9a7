"""MATLAB 7.3 files (HDF5) as plain values, in the same form as ``mat_values`` returns version 5.

In such files the axes of every array are reversed, strings are stored as numbers, and cells and
struct arrays as references. Only data inside the file is read: no links, no external or virtual
storage.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fusionscope.base.records import InputError

if TYPE_CHECKING:
    import h5py

_DAMAGE = (OSError, ValueError, TypeError, LookupError, RuntimeError, ArithmeticError)
_DEEPEST = 12  # levels of nested structs; a network has five


def read_hdf5(path: Path, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Read these variables of a version 7.3 file.

    Raises:
        InputError: h5py is not installed, the file is damaged, or it refers to data outside itself.
    """
    try:
        import h5py
    except ImportError as problem:
        raise InputError(
            f"{path.name} is a MATLAB file of version 7.3; reading it needs the package h5py: "
            "pip install 'fusionscope[mat73]'"
        ) from problem
    try:
        with h5py.File(path, "r") as file:
            return {
                name: _Reader(file, path.name).member(file, name, 0)
                for name in wanted
                if name in file
            }
    except (*_DAMAGE, MemoryError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError(f"{path.name} is damaged or cut short: {problem}") from problem


class _Reader:
    """One open file, and its name for errors."""

    def __init__(self, file: h5py.File, name: str) -> None:
        self.file = file
        self.name = name

    def member(self, group: h5py.Group, name: str, depth: int) -> Any:
        """Read one member of a group."""
        import h5py

        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise InputError(f"{self.name} contains {name} as a link; the value itself is needed")
        return self.value(group[name], name, depth)

    def value(self, item: Any, name: str, depth: int) -> Any:
        """Read a struct, a struct array, a cell, a string or an array."""
        import h5py

        if depth > _DEEPEST:
            raise InputError(f"{self.name} nests {name} too deeply; a network has five levels")
        if isinstance(item, h5py.Group):
            return self._struct(item, depth)
        if not isinstance(item, h5py.Dataset):
            return None
        if item.is_virtual or item.external:
            raise InputError(f"{self.name} stores {name} in another file; the value is needed here")
        kind = item.attrs.get("MATLAB_class", b"")
        empty = bool(item.attrs.get("MATLAB_empty", 0))
        if kind == b"char":
            codes = [] if empty else np.asarray(item).T.ravel(order="F")
            return "".join(chr(int(code)) for code in codes)
        if h5py.check_ref_dtype(item.dtype) is not None:
            return [] if empty else [self._followed(ref, name, depth) for ref in np.ravel(item)]
        return [] if kind == b"cell" else np.zeros(0) if empty else np.asarray(item).T

    def _struct(self, group: h5py.Group, depth: int) -> Any:
        """Read a struct, or a list of structs if each field has references and is not a cell."""
        found = {str(name): self.member(group, str(name), depth + 1) for name in group}
        counts = {len(found[name]) if self._scattered(group[name]) else -1 for name in found}
        if len(counts) != 1 or counts == {-1}:
            return found
        return [{name: found[name][k] for name in found} for k in range(counts.pop())]

    def _scattered(self, item: Any) -> bool:
        """Whether this is a field of a struct array: references, but not a cell."""
        import h5py

        return (
            isinstance(item, h5py.Dataset)
            and h5py.check_ref_dtype(item.dtype) is not None
            and item.attrs.get("MATLAB_class") is None
        )

    def _followed(self, ref: Any, name: str, depth: int) -> Any:
        return self.value(self.file[ref], name, depth + 1)
