"""Choice of the clip and the network shown on all pages, stored in the address."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fusionscope.base.records import InputError, Progress, printable
from fusionscope.card import Card
from fusionscope.data.worlds import world_title
from fusionscope.video.accepted_names import ENDINGS
from fusionscope.video.clip import Probe, probe, read_clip
from fusionscope_app.components.clip_cards import ClipCard, clip_cards
from fusionscope_app.components.webcam import webcam
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address, clip_sources, clips, films, network_choice, results
from fusionscope_app.state.network_choice import Fit, open_clip
from fusionscope_app.widgets import error_messages
from fusionscope_app.widgets.closing_popover import close, closing_popover
from fusionscope_app.widgets.folder_choice import folder_choice

_WHOLE = -1.0  # in place of a start time: keep the file, and see all of it


def model_choice(label: str = "Network") -> Card:
    """Choose the network."""
    known = results.models()
    if not known:
        raise InputError(
            "there is no trained network in the folder checkpoints; needed: at least one"
        )
    name = network_choice.chosen_network()
    if name not in known:
        address.put(model=None)
        raise InputError(f"there is no model {printable(name)!r}; there are {', '.join(known)}")
    st.selectbox(
        label,
        list(known),
        format_func=results.model_title,
        **address.bound("model", name, widget="model_choice"),
    )
    return known[name]


def chosen() -> tuple[Card, clip_sources.Known, DeltaGenerator]:
    """Show the row above a page: clip cards, other clip sources, and the network.

    Returns:
        The card of the network, what is known of the clip, and the container of the Share menu.
    """
    cards, network = st.columns([5, 1.6], vertical_alignment="bottom", gap="large")
    with network:
        card = model_choice()
    with cards:
        known, corner = clip_choice()
    with st.container():  # one place, notices or none: else the view below is recreated
        _change_notice()
        world_notice(card, known)
    return card, known, corner


def clip_choice() -> tuple[clip_sources.Known, DeltaGenerator]:
    """Choose the clip; return what is known of it, and a container beside the buttons."""
    chosen = address.word("clip") or clip_sources.bundled()[0]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        clip_cards(clip_cards_of(chosen), chosen, key="clip_cards", on_pick=open_clip)
        with st.container(horizontal=True, gap="small", width="content"):
            if not demo_mode.is_demo():
                _own_clips()
            corner = st.container(width="content")  # keeps its old content until the page is done
    if demo_mode.is_demo():
        st.caption(demo_mode.CLOSED)
    return clips.known_of(chosen), corner


def _own_clips() -> None:
    """Show the buttons for clips that are not bundled."""
    with closing_popover("Upload", "upload_menu"):
        _upload()
    with closing_popover("Webcam", "webcam_menu"):
        webcam(key="webcam", on_recording=_open_recording)
    with closing_popover("Folder", "folder_menu"):
        first = clip_sources.bundled()[0]
        folder_choice("folder_clip", address.word("clip"), _open_from_folder, first)


def _change_notice() -> None:
    """Say once that a network was chosen for the visitor's clip, and offer the way back."""
    if (change := network_choice.told()) is None:
        return
    _, name, before = change
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "This clip is not from Toybox, so a network trained on people was chosen: "
            f"**{error_messages.plain(results.model_title(name))}**.",
            width="content",
        )
        st.button(
            f"Back to {error_messages.plain(results.model_title(before))}",
            key="network_back",
            on_click=network_choice.take_back,
        )
        st.button("OK", key="network_keep", type="tertiary", on_click=network_choice.dismiss)


def world_notice(card: Card, known: clip_sources.Known) -> None:
    """Say if a clip is outside the network's training data, or may be."""
    found, world = network_choice.fit(card, known), error_messages.plain(world_title(card.world))
    if found is Fit.OUTSIDE:
        origin = f"is from {world_title(known.world)}" if known.world else "is not"
        st.info(
            f"Outside its training data: this network was trained on {world}, and this clip "
            f"{origin}. Explore the network's features, but do not trust its prediction."
        )
    elif found is Fit.UNKNOWN:
        st.caption(
            f"This network was trained on {world}. Whether this clip shows one of its "
            f"{len(card.labels)} classes is unknown; the network predicts one in any case."
        )


def clip_cards_of(*more: str) -> list[ClipCard]:
    """Cards of the bundled clips, the visitor's uploads, and the clips in ``more``."""
    ids = dict.fromkeys([*clip_sources.bundled(), *reversed(clips.uploads()), *more])
    return [ClipCard(name, clips.title_of(name), clips.thumbnail_of(name)) for name in ids]


def _upload() -> None:
    endings = [ending[1:] for ending in ENDINGS]
    given = st.file_uploader(
        "Upload a video (20 s at a time, or a whole film)", endings, key="upload"
    )
    if given is None:
        return
    told = st.session_state.setdefault("upload_told", {})
    if given.file_id in told:
        if told[given.file_id]:
            st.error(error_messages.plain(told[given.file_id]))
        return
    try:
        kept = clips.upload_folder().keep(given.file_id, given.getbuffer())
        length = probe(kept, given.name)
        start = _window(length) if length.needs_window else 0.0
        if start is None:
            return
        bar = st.progress(0.0, "Reading the frames …")
        clip = read_clip(kept, max(0.0, start), given.name, progress=_shown_in(bar))
        clip_id = clips.keep_upload(clip)
        if start == _WHOLE:
            films.keep_film(clip_id, kept, given.name, length.seconds)
            address.put(explore_film=True)
    except InputError as problem:
        told[given.file_id] = str(problem)
        error_messages.show_error(problem)
        clips.clear_uploads()
        return
    clips.clear_uploads()
    told[given.file_id] = ""
    close("upload_menu")
    open_clip(clip_id)
    st.rerun()


def _shown_in(bar: DeltaGenerator) -> Progress:
    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        bar.progress(min(done, 1.0), "Reading the frames …")

    return progress


def _window(found: Probe) -> float | None:
    """Start time in seconds that the visitor chose, or ``_WHOLE``; None until then."""
    last = max(0.5, found.seconds - 1)
    start = st.slider(
        f"Start time (the video lasts {found.seconds:.0f} s)", 0.0, last, 0.0, 0.5, format="%.1f s"
    )
    if st.button("Read from here", key="upload_window"):
        return start
    return _WHOLE if st.button("See the whole film", key="upload_film") else None


def _open_recording(video: bytes) -> None:
    try:
        kept = clips.upload_folder().keep("webcam", video)
        clip = read_clip(kept, 0.0, f"webcam, {clips.clock():%H:%M:%S}")
    finally:
        clips.clear_uploads()
    close("webcam_menu")
    open_clip(clips.keep_upload(clip))


def _open_from_folder(clip_id: str) -> None:
    close("folder_menu")
    open_clip(clip_id)
