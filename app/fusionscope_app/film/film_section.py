"""Film section: a network's predictions along a film, above the seconds that are open."""

from __future__ import annotations

import streamlit as st

from fusionscope.analysis.windows.exports import csv_of, vtt_of
from fusionscope.analysis.windows.window_times import SECONDS
from fusionscope.base.records import percent
from fusionscope.card import Card
from fusionscope_app.components.film_strip import film_strip
from fusionscope_app.server.film_job import FilmJob
from fusionscope_app.state import address, films, network_choice
from fusionscope_app.state.clip_sources import Known
from fusionscope_app.state.film_part import FilmPart, part_of
from fusionscope_app.state.films import FilmFile
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.progress import duration

_STEPS = ("0.5", "1", "2", "5", "10")  # seconds between windows
_STEP = "1"
_LONGEST = 3600.0  # seconds that are analysed
_SPEED = 0.3  # seconds of work for a second of film, on two cores


def film_section(known: Known, card: Card) -> None:
    """Offer the view of the whole film, or show it, if the clip is a part of one."""
    film = films.film_of(known.id)
    if film is None:
        return
    with st.container(key="explore_film_view"):
        if address.switch("explore_film"):
            _shown(film, known, card)
        else:
            _offered(film, known)


def _offered(film: FilmFile, known: Known) -> None:
    """Say that the clip is a part of a longer video, and offer to see all of it."""
    part = part_of(known.id)
    shown = part.words if part else "the first 20 s"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"This view shows {shown} of a video of {duration(film.seconds)}.", width="content"
        )
        st.button("See the whole film", key="explore_film_open", on_click=_open_film)


def _open_film() -> None:
    address.put(explore_film=True)


def _shown(film: FilmFile, known: Known, card: Card) -> None:
    step = address.option("explore_step", _STEPS, _STEP)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.header("Whole film", anchor=False, width="content")
        st.selectbox(
            "Window every (s)",
            _STEPS,
            width=150,
            **address.bound("explore_step", step, usual=_STEP),
        )
        st.button("Close the film", key="explore_film_close", on_click=_close_film, type="tertiary")
    if not card.taught:
        st.info("This network has an untrained classifier; choose a network trained on classes.")
        return
    job = films.job_of(film, card, float(step))
    if job is None:
        _offer_work(film, card, float(step))
        return
    running = job.running
    refreshed = st.fragment(_along, run_every=1.0 if running else None)
    refreshed(job, film, known, running)


def _close_film() -> None:
    address.put(explore_film=None)


def _offer_work(film: FilmFile, card: Card, step: float) -> None:
    length = min(film.seconds, _LONGEST)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Start",
            key="explore_film_start",
            type="primary",
            on_click=films.start_job,
            args=(film, card, step),
        )
        st.write(
            f"Predict every {step:g} s of {duration(length)} of video, from windows of about "
            f"{SECONDS:g} s (about {duration(length * _SPEED)} on two cores)"
        )


def _along(job: FilmJob, film: FilmFile, known: Known, was_running: bool) -> None:
    """Show what is done, again every second while the work runs."""
    if st.session_state.pop("explore_film_picked", False) or was_running != job.running:
        st.rerun()
    _state(job)
    windows = tuple(job.windows)
    if not windows:
        return
    part = part_of(known.id)
    chosen = None
    if part is not None:
        chosen = next((n for n, w in enumerate(windows) if abs(w.start - part.start) < 0.01), None)

    def open_window(number: int) -> None:
        one = windows[number]
        st.session_state["explore_film_picked"] = True
        network_choice.open_clip(FilmPart(film.id, one.start, one.end).id)

    film_strip(
        windows,
        job.seconds,
        chosen,
        complete=job.complete,
        key="film_strip",
        on_pick=open_window,
    )
    with st.container(horizontal=True, gap="small"):
        name = plain(film.name).rpartition(".")[0] or "film"
        st.download_button(
            "Download the table (CSV)",
            lambda: csv_of(windows),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            key="explore_film_csv",
        )
        st.download_button(
            "Download subtitles (VTT)",
            lambda: vtt_of(windows),
            f"{name}.vtt",
            "text/vtt",
            on_click="ignore",
            key="explore_film_vtt",
        )


def _state(job: FilmJob) -> None:
    """Progress with the time left and Cancel; afterwards, what is done."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="medium", key="explore_film_state"
    ):
        if job.running:
            left = job.seconds_left
            words = job.waiting or f"{len(job.windows)} windows are done"
            more = "" if left is None else f", about {duration(left)} left"
            st.progress(min(1.0, job.done), f"{words}{more}")
            st.button("Cancel", key="explore_film_cancel", on_click=job.cancel)
            return
        if job.error:
            st.error(plain(job.error))
        notes = "".join(f" {plain(note)}." for note in job.notes)
        if job.complete:
            st.caption(f"{len(job.windows)} windows.{notes}")
        else:
            st.markdown(
                f"Stopped at {percent(job.done)}: {len(job.windows)} windows are done.",
                width="content",
            )
            st.button("Continue", key="explore_film_continue", on_click=job.start)
