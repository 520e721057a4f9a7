"""Chooser: which network and which clip all pages speak of. Both stand in the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import address, demo, session, sources, telling
from app.cards import ClipCard, clip_cards
from app.webcam import webcam
from core.card import Card
from core.records import InputError, Progress, spoken
from core.video.clip import probe, read_clip

_WORLDS = {"toybox": "Toybox (generated balls)", "jhmdb": "J-HMDB (21 human actions)"}


def model_choice(label: str = "Network") -> Card:
    """The network."""
    known = session.models()
    if not known:
        raise InputError(
            "there is no trained network in the folder checkpoints; needed: at least one"
        )
    st.session_state["model_choice"] = name = address.word("model") or next(iter(known))
    if name not in known:
        address.put(model=None)
        raise InputError(f"there is no model {spoken(name)!r}; there are {', '.join(known)}")
    st.selectbox(
        label,
        list(known),
        format_func=session.model_title,
        key="model_choice",
        on_change=lambda: address.put(model=st.session_state["model_choice"]),
    )
    return known[name]


def chosen() -> tuple[Card, sources.Known, DeltaGenerator]:
    """The row above a page: clip cards, the ways to bring in another, and the network.

    Last comes the place in it for what a page has to share.
    """
    clips, models = st.columns([5, 1.6], vertical_alignment="bottom", gap="large")
    with models:
        card = model_choice()
    with clips:
        known, corner = clip_choice()
    world_notice(card, known)
    return card, known, corner


def clip_choice() -> tuple[sources.Known, DeltaGenerator]:
    """The clip, with the ways to bring in another, and a place beside them."""
    chosen = st.query_params.get("clip", sources.bundled()[0])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        clip_cards(cards(chosen), chosen, key="clip_cards", on_pick=open_clip)
        with st.container(horizontal=True, gap="small", width="content"):
            if not demo.is_demo():
                _own_clips()
            corner = st.container(width="content")  # what was there stays until the page is done
    if demo.is_demo():
        st.caption(demo.CLOSED)
    return sources.known(chosen), corner


def _own_clips() -> None:
    """The ways to bring in a clip that is not bundled."""
    with st.popover("Upload"):
        _upload()
    with st.popover("Webcam"):
        webcam(key="webcam", on_recording=_open_recording)
    with st.popover("Folder"):
        folder_choice("folder_clip", open_clip)


def world_notice(card: Card, known: sources.Known) -> None:
    """Say so where the network was never trained on clips of this kind."""
    if card.world and card.world != known.world:
        world = _WORLDS.get(card.world, card.world)
        st.info(
            f"This network was trained on {world}, and this clip is not of that world: look at "
            "what it sees, but do not take its answer for a recognition."
        )


def open_clip(clip_id: str) -> None:
    """Make a clip the one that all pages speak of."""
    address.put(clip=clip_id, expected=None, pin=None)


def cards(*more: str) -> list[ClipCard]:
    """The clips that can be chosen at once: bundled, a visitor's own, and those named."""
    ids = dict.fromkeys([*sources.bundled(), *reversed(session.uploads()), *more])
    return [ClipCard(name, session.title_of(name), session.thumbnail_of(name)) for name in ids]


def _upload() -> None:
    endings = [ending[1:] for ending in sources.ENDINGS]
    given = st.file_uploader("A video; up to 20 seconds of it are read", endings, key="upload")
    if given is None:
        return
    told = st.session_state.setdefault("upload_told", {})
    if given.file_id in told:
        if told[given.file_id]:
            st.error(telling.plain(told[given.file_id]))
        return
    try:
        kept = session.upload_folder().keep(given.file_id, given.getbuffer())
        start = _window(kept, given.name)
        if start is None:
            return
        bar = st.progress(0.0, "Reading the frames …")
        clip = read_clip(kept, start, given.name, progress=_shown_in(bar))
    except InputError as problem:
        told[given.file_id] = str(problem)
        telling.trouble(problem)
        session.clear_uploads()
        return
    session.clear_uploads()
    told[given.file_id] = ""
    open_clip(session.keep_upload(clip))
    st.rerun()


def _shown_in(bar: DeltaGenerator) -> Progress:
    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        bar.progress(min(done, 1.0), "Reading the frames …")

    return progress


def _window(path: Path, name: str) -> float | None:
    """Where to begin, in seconds: 0 for a short video; of a longer one the viewer says."""
    found = probe(path, name)
    if not found.needs_window:
        return 0.0
    last = max(0.5, found.seconds - 1)
    start = st.slider(
        f"The video lasts {found.seconds:.0f} s: begin at", 0.0, last, 0.0, 0.5, format="%.1f s"
    )
    return start if st.button("Read from there", key="upload_window") else None


def _open_recording(video: bytes) -> None:
    try:
        kept = session.upload_folder().keep("webcam", video)
        clip = read_clip(kept, 0.0, f"webcam, {session.clock():%H:%M:%S}")
    finally:
        session.clear_uploads()
    open_clip(session.keep_upload(clip))


def folder_choice(key: str, on_pick: Callable[[str], None]) -> None:
    """A list of the data folder's videos; ``on_pick`` hears the id of the one that is chosen."""
    if demo.is_demo():
        st.caption(demo.CLOSED)
        return
    folder = sources.data_folder()
    names = session.data_clips(folder)
    if not names:
        st.write(
            f"No videos in `{folder}`. Set `FUSIONSCOPE_DATA` to a folder of yours and start again."
        )
        return
    st.selectbox(
        f"{len(names)} videos in {folder}",
        names,
        index=None,
        format_func=lambda name: name.removeprefix("data:"),
        placeholder="Type to search",
        key=key,
        on_change=lambda: on_pick(st.session_state[key] or sources.bundled()[0]),
    )
