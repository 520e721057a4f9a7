"""Prepare: store the frames and the flow of a data set compactly, before training on it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fusionscope.base.records import InputError
from fusionscope.data.kinds import KINDS
from fusionscope_app.cli.data_sets.clip_work import shown_progress
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.data.prepared.estimate import Estimate


@cli.command()
def prepare(
    root: Annotated[Path, typer.Option(help="Folder of the data set.")],
    out: Annotated[Path, typer.Option(help="Folder for the prepared clips.")],
    data: Annotated[str, typer.Option(help=", ".join(KINDS))] = "jhmdb",
    flow: Annotated[
        str,
        typer.Option(
            help="dis, tvl1 (the paper's, slow), farneback, raft; or a folder of published flow."
        ),
    ] = "dis",
    jobs: Annotated[
        int, typer.Option(min=0, help="Number of processes; 0: one for each core.")
    ] = 0,
    ray: Annotated[
        str, typer.Option(help="Use a Ray cluster instead: auto, or its address HOST:PORT.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Decode a data set, compute or read its flow, and store both compactly.

    `train` and `evaluate` read the folder with --prepared. An interrupted run is resumed, and
    several machines may fill one folder.
    """
    from fusionscope.data.prepared.prepare import prepare as fill

    if jobs and ray:
        raise InputError("--jobs and --ray are both given; needed: one of them")
    expected: list[Estimate] = []

    def estimated(found: Estimate) -> None:
        expected.append(found)
        print(_sentence(found), file=sys.stderr, flush=True)

    with shown_progress(as_json=as_json) as progress:
        found = fill(
            data,
            root,
            out,
            flow,
            jobs=jobs or None,
            ray=ray,
            estimated=estimated,
            progress=progress,
        )
    if as_json:
        result = dataclasses.asdict(found)
        result["problems"] = dict(found.problems)
        print_json(result | {"estimate": dataclasses.asdict(expected[0]) if expected else None})
        return
    size = found.bytes / max(1, found.frames) / 1000
    print(
        f"{found.clips} clips, {found.frames} frames, {_bytes(found.bytes)} "
        f"({size:.1f} kB a frame with its flow), {_time(found.seconds)}"
    )
    for clip, problem in found.problems.items():
        print(f"  {clip} is skipped: {problem}", file=sys.stderr)


def _sentence(found: Estimate) -> str:
    time = "" if found.seconds is None else f", {_time(found.seconds)}"
    return (
        f"estimate for {found.clips} clips: {found.frames:.0f} frames, {_bytes(found.bytes)} "
        f"(at most {_bytes(found.most_bytes)}){time}"
    )


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _time(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
