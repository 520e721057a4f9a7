"""Published flow: read flow that others computed, stored as one JPEG a field and component.

Two layouts, with or without a folder for each class:

    u/CLIP/frame000001.jpg and v/CLIP/frame000001.jpg    as the paper's authors publish it
    CLIP/flow_x_00001.jpg and CLIP/flow_y_00001.jpg      as dense_flow and TSN write it

Values are scaled as by ``net_view``: -20 to 20 pixels become 0 to 255.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fusionscope.base import user_files
from fusionscope.base.records import InputError
from fusionscope.data.datasets import Item

_NUMBER = re.compile(r"(\d+)$")
_PICTURES = (".jpg", ".jpeg", ".png")
MISSING = 2  # fields that may be missing at a clip's end; its last frames are then left out


def published_fields(folder: Path, item: Item, count: int, size: tuple[int, int]) -> np.ndarray:
    """Read the flow of a clip of ``count`` frames -> (n, 2, H, W) uint8, n at most count - 1.

    Args:
        size: height and width of the result; flow of another size is resampled.

    Raises:
        InputError: there is no flow of this clip, its components differ in number, a picture is
            damaged, or there are too few for the clip.
    """
    across, down = _components(folder, item)
    name = item.path.stem
    if len(across) != len(down):
        raise InputError(
            f"the flow of {name} in {folder} has {len(across)} pictures of x and {len(down)} of y; "
            "needed: as many"
        )
    if len(across) < max(1, count - 1 - MISSING):
        raise InputError(
            f"the flow of {name} in {folder} has {len(across)} fields; needed: {count - 1}, for "
            f"the clip's {count} frames"
        )
    pairs = zip(across[: count - 1], down[: count - 1], strict=True)
    return np.stack([[_read(path, size) for path in pair] for pair in pairs])


def check_flow_folder(folder: Path) -> None:
    """Raise InputError unless a folder exists."""
    if not user_files.is_there(folder, Path.is_dir):
        raise InputError(
            f"{folder} is neither a flow method nor a folder; needed: a method, or a folder of "
            "flow as JPEG"
        )


def _components(folder: Path, item: Item) -> tuple[list[Path], list[Path]]:
    """The pictures of x and of y, in order."""
    for inside in _inside(item):
        u, v = folder / "u" / inside, folder / "v" / inside
        if user_files.is_there(u, Path.is_dir) and user_files.is_there(v, Path.is_dir):
            return _ordered(u, ""), _ordered(v, "")
        if user_files.is_there(folder / inside, Path.is_dir):
            found = _ordered(folder / inside, "flow_x"), _ordered(folder / inside, "flow_y")
            if any(found):
                return found
    name = item.path.stem
    raise InputError(
        f"{folder} has no flow of {name}; needed: u/{name} and v/{name}, or {name}/flow_x_*.jpg "
        "and flow_y_*.jpg"
    )


def _inside(item: Item) -> Iterator[Path]:
    """Where the flow of a clip may be below the folder."""
    stem = item.path.stem
    yield Path(stem)
    yield Path(item.label, stem)
    yield Path(item.path.parent.name, stem)


def _ordered(folder: Path, start: str) -> list[Path]:
    """Pictures whose name has this start, by the number at its end."""
    found = []
    for path in user_files.listed(folder):
        number = _NUMBER.search(path.stem)
        if number and path.name.startswith(start) and path.suffix.lower() in _PICTURES:
            found.append((int(number[1]), path))
    return [path for _, path in sorted(found)]


def _read(path: Path, size: tuple[int, int]) -> np.ndarray:
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as problem:
        raise InputError(f"{path} cannot be read ({problem.strerror})") from problem
    picture = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if len(content) else None
    if picture is None:
        raise InputError(f"{path} is not a picture; needed: flow as JPEG")
    if picture.shape == size:
        return picture
    how = cv2.INTER_AREA if size[0] < picture.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(picture, size[::-1], interpolation=how)
