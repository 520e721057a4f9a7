"""Sources of clips: bundled ones are generated, others uploaded or read from the data folder.

A clip's id gives its source, so that a link can restore it: ``toybox:8``, ``toybox:8~21`` (the
balls and places of 8, the moves of 21: a twin of 8), ``data:clips/walk_002.mp4``, ``upload:3f2a…``
(this browser session only); with ``#t=12,14.5``, these seconds of a longer file (``film_part``).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path, PureWindowsPath

from fusionscope.base import user_files
from fusionscope.base.records import InputError, Progress, no_progress, printable
from fusionscope.data.toybox.clip_names import toy_plan_named
from fusionscope.data.toybox.true_flow import flow_truth
from fusionscope.data.toybox.world import BUNDLED, ToyWorld, render, toy_plan
from fusionscope.video.accepted_names import is_video_name
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.score import FlowTruth
from fusionscope.video.reading.frame_times import SECONDS
from fusionscope_app.server import demo_mode
from fusionscope_app.state.film_part import FilmPart, part_of, whole_of

_MOST = 5000  # files listed from a data folder


@dataclass(frozen=True)
class Known:
    """What is known of a clip besides its frames."""

    id: str
    title: str
    world: str = ""  # toybox, jhmdb; empty: unknown
    label: str = ""  # its class; empty: unknown


def bundled() -> list[str]:
    """Ids of the bundled clips."""
    return [f"toybox:{seed}" for seed in BUNDLED]


def is_made(clip_id: str) -> bool:
    """Whether the clip is generated, and so always available."""
    return clip_id.startswith("toybox:")


def data_clips(folder: Path) -> list[str]:
    """Ids of the videos below a folder, sorted by name; none if there is no such folder.

    Excluded are hidden names, folders that are links, links that leave the folder or form a loop,
    entries that are not files, names that an address cannot hold, files nested too deeply, and
    folders that may not be read.

    Raises:
        InputError: the folder itself may not be read.
    """
    if demo_mode.is_demo() or not user_files.is_there(folder, Path.is_dir):
        return []
    files = user_files.files_below(folder, follow=False, broken=False)
    videos = (path for path in files if is_video_name(path) and _is_listed(path, folder))
    return [f"data:{path.relative_to(folder).as_posix()}" for path in islice(videos, _MOST)]


def _is_listed(path: Path, folder: Path) -> bool:
    with suppress(InputError, OSError):  # OSError: a file of a folder that may not be opened
        return _inside(str(path.relative_to(folder)), folder).is_file()
    return False


def _inside(name: str, folder: Path) -> Path:
    """The path of a file in the data folder; it need not exist.

    Raises:
        InputError: it is outside the folder, or the name is invalid.
    """
    path = folder / name
    try:
        name.encode()
        path.exists()
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError) as problem:  # RuntimeError: a loop of links
        raise InputError(
            f"{printable(name)} is not a valid file name in the data folder {folder}; "
            "choose a file from its list"
        ) from problem
    if not inside:
        raise InputError(f"{printable(name)} is outside the data folder {folder}")
    return path


def known(clip_id: str) -> Known:
    """What the id alone reveals about a clip; ``clips.known_of`` also reads lists and frames."""
    if (part := part_of(clip_id)) is not None:
        whole = known(part.whole)
        return Known(clip_id, f"{whole.title}, {part.words}", whole.world)
    kind, _, name = clip_id.partition(":")
    if kind == "toybox":
        label = toy_plan_named(name).label
        title = label.replace(", then ", ", ")
        return Known(clip_id, f"twin ({title})" if "~" in name else title, "toybox", label)
    if kind == "data":
        label = _action(Path(name).stem)
        return Known(clip_id, Path(name).stem, "jhmdb" if label else "", label)
    return Known(clip_id, "uploaded")


def open_clip(clip_id: str, folder: Path, progress: Progress = no_progress) -> Clip:
    """Generate a bundled clip, or read one from the data folder.

    Raises:
        InputError: the clip does not exist or cannot be read.
    """
    if is_made(clip_id):
        return world(clip_id).clip
    if demo_mode.is_demo():
        raise InputError(demo_mode.CLOSED)
    if clip_id.startswith("data:"):
        part = part_of(clip_id) or FilmPart(clip_id, 0.0, SECONDS)
        return read_part(part, data_file(part.whole, folder), None, progress)
    raise InputError(
        f"clip {printable(clip_id)!r} not found; an uploaded or recorded clip is kept only for its "
        "browser session: upload it again"
    )


def data_file(clip_id: str, folder: Path) -> Path:
    """The path of a video of the data folder; it need not exist.

    Raises:
        InputError: it is outside the folder, or the name is invalid.
    """
    return _inside(clip_id.partition(":")[2], folder)


def read_part(
    part: FilmPart, path: Path, name: str | None, progress: Progress = no_progress
) -> Clip:
    """Read some seconds of a file."""
    return read_clip(path, part.start, name, progress, seconds=part.seconds)


def data_path(clip_id: str, folder: Path) -> Path:
    """The file of a clip of the data folder, which must be one of its videos.

    Raises:
        InputError: demo mode, or the clip is not a video in the data folder.
    """
    kind, _, name = clip_id.partition(":")
    if demo_mode.is_demo():
        raise InputError(demo_mode.CLOSED)
    if kind != "data" or not is_video_name(Path(name)):
        raise InputError(f"{printable(clip_id)!r} is not a video of the data folder")
    path = _inside(name, folder)
    if not user_files.is_there(path):
        raise InputError(f"{printable(name)} not found in the data folder {folder}")
    return path


def truth(clip_id: str) -> FlowTruth | None:
    """The true flow of a generated clip; None for all others."""
    return flow_truth(world(clip_id)) if is_made(clip_id) else None


def world(clip_id: str) -> ToyWorld:
    """A generated clip with its masks and positions."""
    return render(toy_plan_named(clip_id.partition(":")[2]))


def located(path: str, listed: Sequence[str]) -> str:
    r"""The listed id of a data set's clip, wherever the data set's root is; empty if not listed.

    The whole path is matched first, then its end, as much of it as one file alone has. Other
    systems' paths (``clips\walk_002.mp4``) are read after the path as it is.
    """
    names = [f"/{one.removeprefix('data:')}" for one in listed]
    for parts in dict.fromkeys((tuple(path.split("/")), PureWindowsPath(path).parts)):
        for first in range(len(parts)):
            end = f"/{'/'.join(parts[first:])}"
            found = [one for one, name in zip(listed, names, strict=True) if name.endswith(end)]
            if found and (first == 0 or len(found) == 1):
                return min(found, key=len)
    return ""


def stamp(clip_id: str, folder: Path) -> int:
    """Modification time of a clip in the data folder, in nanoseconds; 0 for all others."""
    kind, _, name = whole_of(clip_id).partition(":")
    if kind == "data":
        with suppress(InputError, OSError):
            return _inside(name, folder).stat().st_mtime_ns
    return 0


def twin(clip_id: str) -> str:
    """The twin of a Toybox clip: same balls and places, other moves; empty for other clips."""
    kind, _, name = clip_id.partition(":")
    if kind != "toybox":
        return ""
    own = toy_plan_named(name).moves
    others = (seed for seed in BUNDLED if toy_plan(seed).moves[0] != own[0])
    return f"toybox:{name.partition('~')[0]}~{next(others)}"


def listed_label(clip_id: str, folder: Path) -> str | None:
    """The label of a clip in the list of J-HMDB (``clips.csv``) nearest above it.

    Returns:
        Empty if that list does not contain the clip; None if there is no list.
    """
    kind, _, name = whole_of(clip_id).partition(":")
    if kind != "data" or demo_mode.is_demo():
        return None
    for at in Path(name).parents:
        with suppress(InputError, OSError, ValueError, csv.Error):
            path = _inside(f"{at}/clips.csv", folder)
            return _labels(path, path.stat().st_mtime_ns).get(Path(name).stem, "")
    return None


@lru_cache(maxsize=16)
def _labels(path: Path, written: int) -> dict[str, str]:  # noqa: ARG001  (names the content)
    """Id -> label, from a list of clips."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(islice(file, _MOST))
        return {row.get("id") or "": row.get("label") or "" for row in rows}


def _action(stem: str) -> str:
    """The action in the name of a J-HMDB file, such as walk_002; empty for other files."""
    action, _, number = stem.rpartition("_")
    return action if action in _ACTIONS and number.isdigit() else ""


_ACTIONS = frozenset(
    {"brush_hair", "catch", "clap", "climb_stairs", "golf", "jump", "kick_ball", "pick", "pour"}
    | {"pullup", "push", "run", "shoot_ball", "shoot_bow", "shoot_gun", "sit", "stand"}
    | {"swing_baseball", "throw", "walk", "wave"}
)
