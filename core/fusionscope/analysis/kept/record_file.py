"""Record file: records as JSON, with their arrays and pictures, in one .npz without pickles.

A record is written field by field under the name of its class, and made again by calling that
class. Only the classes of ``CLASSES`` are made: a file cannot name another.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from fusionscope.analysis.panel import Bar, Box, Chunk, Look, MapOnPanel, Panel, Video
from fusionscope.analysis.reel import Reel
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.ledger.ledger import Passes

CLASSES: Mapping[str, type] = MappingProxyType(
    {
        one.__name__: one
        for one in (Bar, Box, Chunk, HeatMap, Look, MapOnPanel, Panel, Passes, Reel, Video)
    }
)
"""Name -> class of the records that a file may contain."""

_KIND = "record"  # the key under which the JSON of a record names its class


class Damaged(ValueError):
    """The file is no record file, or is not complete."""


def pack(value: Any) -> bytes:
    """Write records, mappings, sequences, arrays, bytes and plain values as one file."""
    arrays: dict[str, np.ndarray] = {}
    pictures: list[bytes] = []
    words = json.dumps(_plain(value, arrays, pictures))
    file = io.BytesIO()
    joined = np.frombuffer(b"".join(pictures), np.uint8)
    np.savez(file, allow_pickle=False, words=np.array(words), pictures=joined, **arrays)
    return file.getvalue()


def unpack(stored: bytes) -> Any:
    """Read what ``pack`` wrote; sequences become tuples.

    Raises:
        Damaged: the content is not complete, or no such file.
    """
    try:
        with np.load(io.BytesIO(stored), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        words = json.loads(arrays.pop("words").item())
        return _made(words, arrays, memoryview(arrays.pop("pictures").tobytes()))
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Damaged(f"expected a file of records: {problem}") from problem
    except (zipfile.BadZipFile, NotImplementedError, RecursionError) as problem:
        raise Damaged(f"expected a file of records: {problem}") from problem


def _plain(value: Any, arrays: dict[str, np.ndarray], pictures: list[bytes]) -> Any:
    """The value as JSON; arrays and bytes are put aside and replaced by their place."""
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, bytes):
        pictures.append(value)
        return {"bytes": len(value)}
    if is_dataclass(value) and not isinstance(value, type):
        content = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        return {_KIND: type(value).__name__, "fields": _plain(content, arrays, pictures)}
    if isinstance(value, Mapping):
        items = [[str(key), _plain(item, arrays, pictures)] for key, item in value.items()]
        return {"mapping": items}
    if isinstance(value, list | tuple):
        return [_plain(item, arrays, pictures) for item in value]
    return value


def _made(words: Any, arrays: Mapping[str, np.ndarray], pictures: memoryview) -> Any:
    """The value of some JSON; pictures are read in the order in which they were written."""
    at = 0

    def made(value: Any) -> Any:
        nonlocal at
        if isinstance(value, list):
            return tuple(map(made, value))
        if not isinstance(value, dict):
            return value
        if "array" in value:
            return arrays[value["array"]]
        if "bytes" in value:
            at += value["bytes"]
            if not 0 <= value["bytes"] <= at <= len(pictures):
                raise ValueError(f"{len(pictures)} bytes of pictures are too few")
            return bytes(pictures[at - value["bytes"] : at])
        if "mapping" in value:
            return {key: made(item) for key, item in value["mapping"]}
        return CLASSES[value[_KIND]](**made(value["fields"]))

    return made(words)
