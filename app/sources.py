"""Sources: where clips come from. Bundled ones are generated, others uploaded or found in a folder.

A clip's id says where it is from, so that an address leads back to it: ``toybox:8``,
``toybox:8~21`` (the balls and places of 8, the moves of 21), ``data:clips/walk_002.mp4``,
``upload:3f2a…`` (this browser session only).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app import demo
from core.nets.zoo import FOLDER
from core.records import InputError, Progress, silent, spoken
from core.study.flowtruth import flow_truth
from core.study.toybox import BUNDLED, ToyWorld, render, toy_plan
from core.study.toynames import plan_named
from core.video.clip import Clip, read_clip
from core.video.flowscore import FlowTruth

ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".mpg", ".mpeg", ".gif", ".ogv", ".3gp")
_MOST = 5000  # files listed of a data folder
_DEEPEST = 20  # folders within folders that are looked into


@dataclass(frozen=True)
class Known:
    """What is known of a clip besides its pixels."""

    id: str
    title: str
    world: str = ""  # toybox, jhmdb; empty: unknown
    label: str = ""  # what it shows, where that is known


def bundled() -> list[str]:
    """Ids of the clips that come with the project."""
    return [f"toybox:{seed}" for seed in BUNDLED]


def is_made(clip_id: str) -> bool:
    """Is it made, not read, so that it is always to be had?"""
    return clip_id.startswith("toybox:")


def data_folder() -> Path:
    """Where the user's videos are: FUSIONSCOPE_DATA, or a folder in the cache."""
    named = os.environ.get("FUSIONSCOPE_DATA")
    return Path(named).expanduser() if named else Path("~/.cache/fusionscope/data").expanduser()


def predictions_folder() -> Path:
    """Where predictions files lie: FUSIONSCOPE_PREDICTIONS, or those that come with the project."""
    named = os.environ.get("FUSIONSCOPE_PREDICTIONS")
    return Path(named).expanduser() if named else FOLDER


def data_clips(folder: Path) -> list[str]:
    """Ids of the videos below a folder, by name.

    Left out are links that lead out of it or in a ring, what is no file, a name that no address can
    hold, and what lies very deep.
    """
    if demo.is_demo() or not folder.is_dir():
        return []
    found = []
    for at, folders, names in os.walk(folder):
        folders.sort()
        if len(Path(at).parts) - len(folder.parts) >= _DEEPEST:
            folders.clear()
        for name in sorted(names):
            path = Path(at, name)
            if path.suffix.lower() in ENDINGS and _is_listed(path, folder):
                found.append(f"data:{path.relative_to(folder).as_posix()}")
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def _is_listed(path: Path, folder: Path) -> bool:
    with suppress(InputError):
        return _inside(str(path.relative_to(folder)), folder).is_file()
    return False


def _inside(name: str, folder: Path) -> Path:
    """The path of a file of the data folder, which need not be there.

    Raises:
        InputError: it lies outside, or there can be no such file.
    """
    path = folder / name
    try:
        name.encode()
        path.exists()
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError) as problem:  # RuntimeError: links in a ring
        raise InputError(
            f"{spoken(name)} can be no file of the data folder {folder}; needed: one of its list"
        ) from problem
    if not inside:
        raise InputError(f"{spoken(name)} lies outside the data folder {folder}")
    return path


def known(clip_id: str) -> Known:
    """What the id alone tells of a clip."""
    kind, _, name = clip_id.partition(":")
    if kind == "toybox":
        label = plan_named(name).label
        title = label.replace(", then ", ", ")
        return Known(clip_id, f"same places: {title}" if "~" in name else title, "toybox", label)
    if kind == "data":
        label = _action(Path(name).stem)
        return Known(clip_id, Path(name).stem, "jhmdb" if label else "", label)
    return Known(clip_id, "uploaded")


def open_clip(clip_id: str, folder: Path, progress: Progress = silent) -> Clip:
    """Make or read a clip that is bundled or lies in the data folder.

    Raises:
        InputError: there is no such clip, or it cannot be read.
    """
    kind, _, name = clip_id.partition(":")
    if is_made(clip_id):
        return world(clip_id).clip
    if demo.is_demo():
        raise InputError(demo.CLOSED)
    if kind == "data":
        return read_clip(_inside(name, folder), start=0.0, progress=progress)
    raise InputError(
        f"the address names the clip {spoken(clip_id)!r}, which is not here; "
        "an uploaded or recorded clip lasts as long as its browser session: upload it again"
    )


def truth(clip_id: str) -> FlowTruth | None:
    """The true flow of a clip, of those whose every pixel is known."""
    return flow_truth(world(clip_id)) if is_made(clip_id) else None


def world(clip_id: str) -> ToyWorld:
    """All that is true of a clip that was made."""
    return render(plan_named(clip_id.partition(":")[2]))


def located(path: str, listed: Sequence[str]) -> str:
    """The id of a data set's clip among those listed, wherever its root lies; empty: not there.

    The whole path decides; where the data folder begins deeper, the name, if it is the only one.
    """
    ends = f"/{path}", f"/{Path(path).name}"
    for end in ends:
        found = [one for one in listed if f"/{one.removeprefix('data:')}".endswith(end)]
        if found and (end == ends[0] or len(found) == 1):
            return min(found, key=len)
    return ""


def stamp(clip_id: str, folder: Path) -> int:
    """When a clip of the data folder was last written, in nanoseconds; 0 for all others."""
    kind, _, name = clip_id.partition(":")
    if kind == "data":
        with suppress(InputError, OSError):
            return _inside(name, folder).stat().st_mtime_ns
    return 0


def twin(clip_id: str) -> str:
    """Of a Toybox clip: the same balls at the same places, making other moves; empty of others."""
    kind, _, name = clip_id.partition(":")
    if kind != "toybox":
        return ""
    own = plan_named(name).moves
    others = (seed for seed in BUNDLED if toy_plan(seed).moves[0] != own[0])
    return f"toybox:{name.partition('~')[0]}~{next(others)}"


def _action(stem: str) -> str:
    """J-HMDB's files are called after their action: walk_002. Of other files it is not known."""
    action = stem.rpartition("_")[0]
    return action if action in _ACTIONS else ""


_ACTIONS = frozenset(
    {"brush_hair", "catch", "clap", "climb_stairs", "golf", "jump", "kick_ball", "pick", "pour"}
    | {"pullup", "push", "run", "shoot_ball", "shoot_bow", "shoot_gun", "sit", "stand"}
    | {"swing_baseball", "throw", "walk", "wave"}
)
