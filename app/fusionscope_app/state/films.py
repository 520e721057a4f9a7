"""Films: videos longer than a clip, and the work along them, of one visitor."""

from __future__ import annotations

import weakref
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import streamlit as st

from fusionscope.base import paths
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.card import Card
from fusionscope.video.clip import Clip, probe
from fusionscope_app.server import demo_mode
from fusionscope_app.server.film_job import FilmJob
from fusionscope_app.state import clip_sources, results
from fusionscope_app.state.film_part import FilmPart, whole_of
from fusionscope_app.state.uploads import UploadFolder

_JOBS = 8  # films and networks whose windows are kept for one visitor


@dataclass(frozen=True)
class FilmFile:
    """A video that is longer than a clip."""

    id: str
    path: Path
    name: str
    seconds: float


def film_of(clip_id: str) -> FilmFile | None:
    """The film that a clip is, or is a part of; None for a video that is no longer than a clip."""
    whole = whole_of(clip_id)
    if whole in own_films():
        return own_films()[whole]
    if not whole.startswith("data:") or demo_mode.is_demo():
        return None
    folder = paths.data_folder()
    stamp = clip_sources.stamp(whole, folder)
    if not stamp:
        return None
    path = clip_sources.data_file(whole, folder)
    found = results.cached("probe", whole, str(folder), stamp, make=lambda: probe(path))
    return FilmFile(whole, path, path.name, found.seconds) if found.needs_window else None


def is_longer(clip_id: str) -> bool:
    """Whether a clip is a part of a longer video; an error shows where the clip is opened."""
    with suppress(InputError):
        return film_of(clip_id) is not None
    return False


def own_films() -> dict[str, FilmFile]:
    """This visitor's own films by the id of their clip; one at a time is kept."""
    return st.session_state.setdefault("films", {})


def keep_film(clip_id: str, path: Path, name: str, seconds: float) -> None:
    """Keep an uploaded film for this session, in place of the one before; the file is moved.

    Raises:
        InputError: it cannot be moved.
    """
    if "film_folder" not in st.session_state:
        st.session_state["film_folder"] = UploadFolder()
    folder: UploadFolder = st.session_state["film_folder"]
    folder.clear()
    own_films().clear()
    try:
        kept = path.rename(folder.path / path.name)
    except OSError as problem:
        raise InputError(
            f"the film cannot be kept ({problem.strerror}); needed: a temporary folder that can be "
            "written"
        ) from problem
    own_films()[clip_id] = FilmFile(clip_id, kept, name, seconds)


def own_part(part: FilmPart, progress: Progress = no_progress) -> Clip:
    """Some seconds of this visitor's own film."""
    film = own_films()[part.whole]
    kept: dict[str, Clip] = st.session_state.setdefault("film_parts", {})
    if part.id not in kept:
        kept.clear()
        kept[part.id] = clip_sources.read_part(part, film.path, film.name, progress)
    return kept[part.id]


class _Jobs(dict[Hashable, FilmJob]):
    """The work of one visitor; it ends with the session."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[Event] = []
        weakref.finalize(self, _stop, self.stops).atexit = False


def _stop(stops: Sequence[Event]) -> None:
    for stop in stops:
        stop.set()


def _jobs() -> _Jobs:
    """This visitor's work along films, by film, network and step."""
    if "film_jobs" not in st.session_state:
        st.session_state["film_jobs"] = _Jobs()
    return st.session_state["film_jobs"]


def job_of(film: FilmFile, card: Card, step: float) -> FilmJob | None:
    """The work along a film, if it was started."""
    return _jobs().get(_key(film, card, step))


def start_job(film: FilmFile, card: Card, step: float) -> None:
    """Start the work along a film, or continue it where it was cancelled; one at a time."""
    key, kept = _key(film, card, step), _jobs()
    if key not in kept:
        while len(kept) >= _JOBS:
            kept.pop(next(iter(kept))).cancel()
        network = results.network(card)
        job = FilmJob(network, film.path, film.name, film.seconds, step, results.shelf())
        kept[key] = job
        kept.stops.append(job.stopped)
    for other, job in kept.items():
        if other != key:
            job.cancel()
    kept[key].start()


def _key(film: FilmFile, card: Card, step: float) -> Hashable:
    written = film.path.stat().st_mtime_ns if film.path.exists() else 0
    return film.id, written, card, step
