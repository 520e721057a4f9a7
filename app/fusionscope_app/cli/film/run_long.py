"""Run along a film: the predictions of one network for every few seconds of a long video."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import print_json

if TYPE_CHECKING:
    from fusionscope.analysis.windows.film_windows import FilmWindows
    from fusionscope.analysis.windows.window import Window

STEP = 1.0  # seconds


def run_long(
    film: Path, model: str, start: float, step: float, out: Path | None, *, as_json: bool
) -> None:
    """Run a network along a film and print its windows; Ctrl-C prints those that are done."""
    from fusionscope.analysis.windows.film_windows import film_windows
    from fusionscope.base.atomic_file import check_writable
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network

    write = None
    if out is not None:
        write = _writer(out)
        check_writable(out)
    network = load_network(card_named(model))
    shown = sys.stderr.isatty() and not as_json
    found = film_windows(network, film, step, start, progress=_progress(shown))
    windows: list[Window] = []
    stopped = False
    try:
        windows.extend(found)  # what is done stays, whatever ends it
    except KeyboardInterrupt:
        stopped = True
    if shown:
        print(file=sys.stderr)
    if out is not None and write is not None:
        _save(out, write(windows))
    if as_json:
        print_json(_result(found, windows))
    else:
        _print(film.name, found, windows, out)
    if stopped:
        raise typer.Exit(130)


def _writer(out: Path) -> Callable[[Sequence[Window]], str]:
    """The export that a file's ending names."""
    from fusionscope.analysis.windows.exports import csv_of, vtt_of

    writers = {".csv": csv_of, ".vtt": vtt_of}
    if out.suffix.lower() not in writers:
        raise InputError(f"{out.name} has no ending that can be written; needed: .csv or .vtt")
    return writers[out.suffix.lower()]


def _save(out: Path, text: str) -> None:
    from fusionscope.base.atomic_file import atomic_write

    with atomic_write(out) as unfinished:
        unfinished.write_text(text, "utf-8", newline="\n")


def _progress(shown: bool) -> Callable[[str, float], None]:
    """Print the share that is done, and the time left, where somebody reads it."""
    begun = time.monotonic()

    def progress(stage: str, done: float) -> None:
        if shown and stage == "film" and done > 0:
            left = (time.monotonic() - begun) * (1 - done) / done
            print(f"\r{percent(done):>5}, about {left:.0f} s left   ", end="", file=sys.stderr)

    return progress


def _result(found: FilmWindows, windows: Sequence[Window]) -> dict[str, Any]:
    """What --json prints. As in a run of a clip, ``final`` is the mean of the heads."""
    return {
        "model": found.card.name,
        "notes": list(found.film.notes),
        "windows": [
            {
                "start": round(one.start, 4),
                "end": round(one.end, 4),
                "heads": {h: rows for h, rows in _rows(one).items() if h in found.card.heads},
                "final": _rows(one)[one.deciding],
            }
            for one in windows
        ],
        "seconds": {part: round(spent, 2) for part, spent in found.seconds.items()},
    }


def _rows(window: Window) -> Mapping[str, list[dict[str, Any]]]:
    return {
        head: [{"label": label, "p": p} for label, p in top] for head, top in window.top().items()
    }


def _print(name: str, found: FilmWindows, windows: Sequence[Window], out: Path | None) -> None:
    """Print each run of one prediction, and where the streams disagree."""
    from fusionscope.analysis.windows.bands import bands, disagreements, runs_of
    from fusionscope.base.numbers import class_name

    apart = disagreements(windows)
    print(
        f"{name}: {len(windows)} windows, {found.film.seconds:.0f} s of "
        f"{found.film.width}x{found.film.height}, {found.film.fps:g} frames/s"
    )
    for note in found.film.notes:
        print(f"  {note}")
    for run in runs_of(windows, bands(windows)[0]) if windows else []:
        odd = int(apart[run.first : run.last + 1].sum())
        more = f"  streams disagree in {odd} of {run.last - run.first + 1} windows" if odd else ""
        print(f"  {run.start:8.1f} s  {class_name(run.label):<20} {run.p:.2f}{more}")
    if out is not None:
        print(f"written to {out}")
