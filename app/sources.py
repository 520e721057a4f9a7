"""Sources: where clips come from. Bundled ones are generated, others uploaded or found in a folder.

A clip's id says where it is from, so that an address leads back to it: ``toybox:8``,
``toybox:8~21`` (the balls and places of 8, the moves of 21), ``data:clips/walk_002.mp4``,
``upload:3f2a…`` (this browser session only).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app import demo
from core.nets.zoo import FOLDER
from core.records import InputError, Progress, silent
from core.study.flowtruth import flow_truth
from core.study.toybox import BUNDLED, Plan, ToyWorld, render, toy_plan, with_moves
from core.video.clip import Clip, read_clip
from core.video.flowscore import FlowTruth

ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".mpg", ".mpeg", ".gif", ".ogv", ".3gp")
_MOST = 5000  # files listed of a data folder


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
    """Ids of the videos below a folder, by name; links that lead out of it are left out."""
    if demo.is_demo() or not folder.is_dir():
        return []
    root, found = folder.resolve(), []
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(at, name)
            if path.suffix.lower() in ENDINGS and path.resolve().is_relative_to(root):
                found.append(f"data:{path.relative_to(folder).as_posix()}")
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def known(clip_id: str) -> Known:
    """What the id alone tells of a clip."""
    kind, _, name = clip_id.partition(":")
    if kind == "toybox":
        label = _toy_plan(name).label
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
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{name} lies outside the data folder {folder}")
        return read_clip(path, start=0.0, progress=progress)
    raise InputError(
        f"the address names the clip {clip_id!r}, which is not here; "
        "an uploaded or recorded clip lasts as long as its browser session: upload it again"
    )


def truth(clip_id: str) -> FlowTruth | None:
    """The true flow of a clip, of those whose every pixel is known."""
    return flow_truth(world(clip_id)) if is_made(clip_id) else None


def world(clip_id: str) -> ToyWorld:
    """All that is true of a clip that was made."""
    return render(_toy_plan(clip_id.partition(":")[2]))


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
    path = folder / name
    return path.stat().st_mtime_ns if kind == "data" and path.is_file() else 0


def twin(clip_id: str) -> str:
    """Of a Toybox clip: the same balls at the same places, making other moves; empty of others."""
    kind, _, name = clip_id.partition(":")
    if kind != "toybox":
        return ""
    own = _toy_plan(name).moves
    others = (seed for seed in BUNDLED if toy_plan(seed).moves[0] != own[0])
    return f"toybox:{name.partition('~')[0]}~{next(others)}"


def _toy_plan(name: str) -> Plan:
    """``8``, or ``8~21``: the clip of seed 8, had it the moves of 21."""
    seed, _, moves = name.partition("~")
    plan = toy_plan(_seed(seed))
    return with_moves(plan, toy_plan(_seed(moves)).moves) if "~" in name else plan


def _seed(name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        raise InputError(f"toybox:{name} is no Toybox clip; needed toybox: and a number below 10^9")
    return int(name)


def _action(stem: str) -> str:
    """J-HMDB's files are called after their action: walk_002. Of other files it is not known."""
    action = stem.rpartition("_")[0]
    return action if action in _ACTIONS else ""


_ACTIONS = frozenset(
    {"brush_hair", "catch", "clap", "climb_stairs", "golf", "jump", "kick_ball", "pick", "pour"}
    | {"pullup", "push", "run", "shoot_ball", "shoot_bow", "shoot_gun", "sit", "stand"}
    | {"swing_baseball", "throw", "walk", "wave"}
)
