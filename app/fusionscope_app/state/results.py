"""Results: what the server computes once and shows to all visitors.

Every result is stored under its kind, the digest of its clip, the card of its network and whatever
else it depends on, never under pixels. ``cached`` makes all of these keys; concurrent callers wait
for one computation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.kept.kept_analysis import kept_analysis
from fusionscope.base import paths
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.card import Card
from fusionscope.nets.store.catalogue import CatalogueEntry
from fusionscope.nets.store.catalogue import networks as networks_on_disk
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope_app.server.result_cache import Shelf
from fusionscope_app.server.work_queue import turns_of_machine
from fusionscope_app.state.taught_networks import ORIGIN, TaughtNetworks

if TYPE_CHECKING:  # the first page is sent before torch is imported
    from fusionscope.analysis.comparison_reel import Comparison
    from fusionscope.diagnostics.machine_check import Finding
    from fusionscope.diagnostics.network_check import Line
    from fusionscope.nets.network import Network

Made = TypeVar("Made")
_ROOM = 2048  # MB of results kept for all visitors together, where FUSIONSCOPE_CACHE_MB is not set
_LONG = frozenset({"tvl1", "raft"})  # flow methods that take minutes for a clip


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The result cache of the server.

    Raises:
        InputError: FUSIONSCOPE_CACHE_MB is not a whole number.
    """
    told = os.environ.get("FUSIONSCOPE_CACHE_MB", str(_ROOM))
    if not (told.isascii() and told.isdigit()):
        raise InputError(f"FUSIONSCOPE_CACHE_MB is {told!r}; needed: a whole number of megabytes")
    return Shelf(int(told) * 2**20, turns_of_machine())


def cached(
    kind: str,
    *of: Hashable,
    make: Callable[[], Made],
    progress: Progress = no_progress,
    long: bool = False,
) -> Made:
    """Return a result, computed once for all visitors.

    Args:
        of: all that the result depends on besides its kind. The digest of a visitor's clip among
            them deletes the result together with the clip.
        make: computes the result.
        progress: receives the position in the queue.
        long: it may take minutes, and shares a queue with others like it.
    """
    return shelf().get((kind, *of), make, progress, long)


def is_cached(kind: str, *of: Hashable) -> bool:
    """Whether the cache holds that result."""
    return (kind, *of) in shelf()


@st.cache_resource(show_spinner=False, ttl=60)
def networks() -> list[CatalogueEntry]:
    """List the networks that all visitors share, and broken ones; scan again after a minute."""
    return networks_on_disk()


def taught() -> TaughtNetworks:
    """The networks that this visitor has taught.

    Raises:
        InputError: their folder cannot be created.
    """
    if "taught" not in st.session_state:
        st.session_state["taught"] = TaughtNetworks(_forget_network)
    return st.session_state["taught"]


def listed() -> list[CatalogueEntry]:
    """List every network that this visitor can open, and the broken ones."""
    visited = get_script_run_ctx(suppress_warning=True) is not None
    own = st.session_state["taught"] if visited and "taught" in st.session_state else {}
    return [*networks(), *own.values()]


def is_shared(card: Card) -> bool:
    """Whether all visitors have this network."""
    return any(one.card == card for one in networks())


def _forget_network(card: Card) -> None:
    network.clear(card)
    shelf().forget(card)


@st.cache_resource(show_spinner=False, max_entries=8)
def network(card: Card) -> Network:
    """Return the network of a card, shared by all visitors: frozen, never changed by a run.

    It is loaded from where the catalogue found it, without another scan.
    """
    from fusionscope.nets.store.loading import load_network

    return load_network(card, entry=next((one for one in listed() if one.card == card), None))


def models() -> dict[str, Card]:
    """Every model that can be used."""
    return {one.name: one.card for one in listed() if one.card}


def model_title(name: str) -> str:
    """The title of a model in a list; the visitor's own models are marked."""
    one = next((one for one in listed() if one.card and one.name == name), None)
    return yours(one) if one else models()[name].title


def yours(one: CatalogueEntry) -> str:
    """The title of a network that can be used; the visitor's own networks are marked."""
    if one.card is None:
        raise ValueError(f"expected a network that can be used, got {one.name}")
    if not one.origin:
        return one.card.title
    return f"{one.card.title} ({'yours, taught here' if one.origin == ORIGIN else 'yours'})"


def check_of(one: CatalogueEntry) -> list[Line]:
    """Check once what works with a network and its weights."""
    from fusionscope.diagnostics.network_check import check_model

    if one.card is None:
        raise ValueError(f"expected a network that can be used, got {one.name}")
    card = one.card
    return cached("check", card, make=lambda: check_model(card, entry=one))


def was_checked(one: CatalogueEntry) -> bool:
    """Whether that check has been made."""
    return is_cached("check", one.card)


def examined() -> list[Finding]:
    """Check this machine again at each call."""
    from fusionscope.diagnostics.machine_check import examine

    return examine(paths.data_folder())


def tables() -> list[dict[str, Any]]:
    """The paper's tables, with our parameter counts and the Toybox figures."""
    from fusionscope.nets.inspect.paper_tables import paper_tables

    known = tuple(one.card for one in networks() if one.card)
    return cached("tables", known, make=lambda: paper_tables(known)[0])


def flow_of(clip: Clip, method: str, progress: Progress = no_progress) -> np.ndarray:
    """A clip's flow by a method, (N-1, 2, H, W) pixels."""
    return cached(
        "flow",
        clip.digest,
        method,
        make=lambda: dense_flow(clip, method, progress),
        progress=progress,
        long=method in _LONG,
    )


def has_flow(clip: Clip, method: str) -> bool:
    """Whether that flow has been measured."""
    return is_cached("flow", clip.digest, method)


def analysis_of(clip: Clip, card: Card, progress: Progress = no_progress) -> Analysis:
    """A network's run on a clip, with flow and maps."""
    flow = flow_of(clip, card.flow, progress)
    return cached(
        "analysis",
        clip.digest,
        card,
        make=lambda: analyse(network(card), clip, flow, progress),
        progress=progress,
    )


def kept_analysis_of(clip_id: str, clip: Clip, card: Card) -> Analysis | None:
    """The kept analysis of a bundled clip; flow and maps are computed when they are read."""
    return cached(
        "kept",
        clip.digest,
        card,
        make=lambda: kept_analysis(clip_id, clip, card, lambda: analysis_of(clip, card).trace),
    )


def comparison_of(first: Analysis, second: Analysis) -> Comparison:
    """Two runs on one clip, compared in one reel."""
    from fusionscope.analysis.comparison_reel import compare

    one, other = first.trace.card, second.trace.card
    return cached(
        "comparison",
        first.trace.clip.digest,
        one,
        other,
        make=lambda: compare((network(one), network(other)), (first, second)),
    )
