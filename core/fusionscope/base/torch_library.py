"""Torch library: load torch's C++ code without stopping the other threads of Python.

``import torch`` loads it while holding Python's lock, for half a second in which no other thread
runs. Loaded beforehand in this way, the library is found and not loaded again.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = (("libtorch_global_deps.so", "RTLD_GLOBAL"), ("libtorch_python.so", "RTLD_LOCAL"))
"""In torch's own order, and with its own flags."""


def load_torch_library() -> bool:
    """Load the library if torch is not imported yet; return whether it was found.

    On systems other than Linux nothing is done.
    """
    found = find_spec("torch")
    if found is None or not found.origin:
        return False
    folder = Path(found.origin).parent / "lib"
    with suppress(OSError, AttributeError, TypeError):
        # A function of a ``CDLL`` is called without Python's lock; ``CDLL(path)`` would hold it.
        load = ctypes.CDLL(None).dlopen
        load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
        paths = [(folder / name, getattr(os, flag)) for name, flag in _LIBRARIES]
        if not all(path.is_file() for path, _ in paths):
            return False
        return all(load(os.fsencode(path), os.RTLD_LAZY | flag) for path, flag in paths)
    return False
