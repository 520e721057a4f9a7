"""Session: the only caches, and what one visitor has open.

Results are shared by all visitors and named by content (digest, method, card), never by pixels;
each is made once, however many ask at the same time. Uploaded clips belong to one session.
"""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from app import heap, sources
from app.shelf import Shelf
from app.turns import turns_of_machine
from app.uploads import UploadFolder, Uploads
from core.card import Card
from core.check import Line, check_model
from core.comparison import Comparison, compare
from core.doctor import Finding, examine
from core.nets.loading import load_network
from core.nets.network import Network
from core.nets.published import paper_tables
from core.nets.zoo import Found, found
from core.pipeline import Analysis, analyse
from core.records import InputError, Progress, silent
from core.reel import thumbnail
from core.video.child import keep_one_ready
from core.video.clip import Clip
from core.video.flow import dense_flow

Made = TypeVar("Made")
_ROOM = 2048  # MB of results kept for all visitors together, where FUSIONSCOPE_CACHE_MB is not set
_UPLOADS = 4  # clips kept for one visitor
_LONG = frozenset({"tvl1", "raft"})  # methods of flow that take minutes for a clip


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The one shelf of the server.

    Raises:
        InputError: FUSIONSCOPE_CACHE_MB is no number of megabytes.
    """
    told = os.environ.get("FUSIONSCOPE_CACHE_MB", str(_ROOM))
    if not (told.isascii() and told.isdigit()):
        raise InputError(f"FUSIONSCOPE_CACHE_MB is {told!r}; needed: a number of megabytes")
    return Shelf(int(told) * 2**20, turns_of_machine())


@st.cache_resource(show_spinner=False, max_entries=8)
def network(card: Card) -> Network:
    """A network in use by all: frozen, and never changed by a run."""
    return load_network(card)


@st.cache_resource(show_spinner=False, ttl=60)
def networks() -> list[Found]:
    """Every network that is found, the broken ones among them, looked up again after a minute."""
    return found()


def models() -> dict[str, Card]:
    """Every model that can be used."""
    return {one.name: one.card for one in networks() if one.card}


def model_title(name: str) -> str:
    """How a model is spoken of where one is chosen: a visitor sees which are not the project's."""
    own = {one.name for one in networks() if one.card and one.origin}
    return f"{models()[name].title} (yours)" if name in own else models()[name].title


def check_of(one: Found) -> list[Line]:
    """What works with a network: asked once for its weights."""
    if one.card is None:
        raise ValueError(f"expected a network that can be used, got {one.name}")
    card = one.card
    return shelf().get(("check", card), lambda: check_model(card))


def was_checked(one: Found) -> bool:
    """Has that been asked?"""
    return ("check", one.card) in shelf()


def examined() -> list[Finding]:
    """What this machine has, looked up anew each time."""
    return examine(sources.data_folder())


def tables() -> list[dict[str, Any]]:
    """The paper's tables, with our counts and Toybox's figures."""
    known = tuple(models().values())
    return shelf().get(("tables", known), lambda: paper_tables(known)[0])


@st.cache_resource(show_spinner=False, ttl=30)
def data_clips(folder: Path) -> list[str]:
    """The videos of the data folder, looked up again after half a minute."""
    return sources.data_clips(folder)


def uploads() -> Uploads:
    """This visitor's own clips, the newest last."""
    if "uploads" not in st.session_state:
        st.session_state["uploads"] = Uploads(shelf())
    return st.session_state["uploads"]


def keep_upload(clip: Clip) -> str:
    """Keep a visitor's clip for this session; return its id."""
    clip_id = f"upload:{clip.digest[:12]}"
    kept = uploads()
    kept.pop(clip_id, None)
    kept[clip_id] = clip
    kept.digests.add(clip.digest)
    while len(kept) > _UPLOADS:
        shelf().forget(kept.pop(next(iter(kept))).digest)
    return clip_id


def upload_folder() -> UploadFolder:
    """Where this visitor's files lie until they are read."""
    if "upload_folder" not in st.session_state:
        st.session_state["upload_folder"] = UploadFolder()
    return st.session_state["upload_folder"]


def clear_uploads() -> None:
    """Delete what this visitor's folder holds."""
    if "upload_folder" in st.session_state:
        st.session_state["upload_folder"].clear()


def clock() -> datetime:
    """The time where the visitor is, as far as the browser tells."""
    west = st.context.timezone_offset  # minutes behind UTC
    return datetime.now(None if west is None else timezone(timedelta(minutes=-west)))


def title_of(clip_id: str) -> str:
    """How a clip's card names it."""
    own = uploads().get(clip_id)
    return own.name if own else sources.known(clip_id).title


def thumbnail_of(clip_id: str) -> bytes:
    """A clip's small picture; empty while a clip of the data folder has not been read yet."""
    if clip_id in uploads():
        return _thumbnail(uploads()[clip_id])
    if sources.is_made(clip_id) or _clip_key(clip_id) in shelf():
        return shelf().get(("thumbnail", clip_id), lambda: _thumbnail(_shared_clip(clip_id)))
    return b""


def _thumbnail(clip: Clip) -> bytes:
    return thumbnail(clip.frames[len(clip.frames) // 6])


def clip_of(clip_id: str, progress: Progress = silent) -> Clip:
    """The clip of an id. Raises InputError where there is none."""
    return uploads().get(clip_id) or _shared_clip(clip_id, progress)


def _shared_clip(clip_id: str, progress: Progress = silent) -> Clip:
    """A clip that every visitor may open."""
    return shelf().get(
        _clip_key(clip_id),
        lambda: sources.open_clip(clip_id, sources.data_folder(), progress),
        progress,
    )


def _clip_key(clip_id: str) -> tuple[str, str, str, int]:
    folder = sources.data_folder()
    return ("clip", clip_id, str(folder), sources.stamp(clip_id, folder))


def flow_of(clip: Clip, method: str, progress: Progress = silent) -> np.ndarray:
    """A clip's flow by a method, (N-1, 2, H, W) pixels."""
    key = _flow_key(clip, method)
    return shelf().get(key, lambda: dense_flow(clip, method, progress), progress, method in _LONG)


def has_flow(clip: Clip, method: str) -> bool:
    """Has that been measured?"""
    return _flow_key(clip, method) in shelf()


def _flow_key(clip: Clip, method: str) -> tuple[str, str, str]:
    return ("flow", clip.digest, method)


def analysis_of(clip: Clip, card: Card, progress: Progress = silent) -> Analysis:
    """A network's run on a clip, with flow and maps."""
    flow = flow_of(clip, card.flow, progress)
    key = ("analysis", clip.digest, card)
    return shelf().get(key, lambda: analyse(network(card), clip, flow, progress), progress)


def comparison_of(first: Analysis, second: Analysis) -> Comparison:
    """Two runs on one clip, in one reel."""
    pair = first.trace.card, second.trace.card
    key = ("comparison", first.trace.clip.digest, *pair)
    networks = network(pair[0]), network(pair[1])
    return shelf().get(key, lambda: compare(networks, (first, second)))


@st.cache_resource(show_spinner=False)
def warm() -> threading.Thread:
    """Analyse the bundled clips in the background, once, so that nobody waits for them.

    The first decoder is started too. From then on the thread keeps the heap settled.
    """

    def work() -> None:
        keep_one_ready()
        heap.settle()
        card = next(iter(models().values()))
        for clip_id in sources.bundled():
            analysis_of(_shared_clip(clip_id), card)
        heap.keep_settled()

    thread = threading.Thread(target=work, daemon=True, name="fusionscope-warm")
    thread.start()
    return thread
