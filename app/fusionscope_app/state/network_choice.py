"""Choice of a network that suits the clip, until the visitor chooses one.

A Toybox network was not trained on people. When a clip of another kind is opened, the best network
of people takes its place, and the Toybox network returns with a Toybox clip. For each kind of clip,
the network last used with it is remembered, so that a choice made by hand stays.
"""

from __future__ import annotations

from enum import Enum

import streamlit as st

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.worlds import task_of
from fusionscope_app.state import address, clip_sources, clips, results
from fusionscope_app.state.clip_sources import Known

_TOYBOX, _PEOPLE, _TAUGHT = "toybox", "jhmdb", "taught"


class Fit(Enum):
    """Whether a clip belongs to the data set that a network was trained on."""

    OWN = "own"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"


def fit(card: Card, known: Known) -> Fit:
    """Compare a network's training data with what is known of a clip.

    A clip of unknown origin is outside the Toybox, because Toybox clips are recognised.
    An untrained network has no training data that a clip could differ from. A network that was
    taught may be shown any clip; one of its own classes is known to fit.
    """
    if card.world == _TAUGHT:
        return Fit.OWN if known.label in card.labels else Fit.UNKNOWN
    if not card.world or card.world == known.world:
        return Fit.OWN
    return Fit.OUTSIDE if known.world or card.world == _TOYBOX else Fit.UNKNOWN


def task_line(card: Card, known: Known) -> str:
    """The task of a network in one line; for a clip outside its data, said to be another task."""
    own = task_of(card)
    return own if fit(card, known) is not Fit.OUTSIDE else f"Trained for another task: {own}"


def network_for(known: Known, usual: str) -> str:
    """The name of the network to use with a clip: ``usual``, unless the clip is outside its data.

    Then: of the networks trained on the clip's data set, else on people, one that fuses features
    and has the highest accuracy.
    """
    cards = results.models()
    if usual not in cards or fit(cards[usual], known) is not Fit.OUTSIDE:
        return usual
    for world in (known.world, _PEOPLE):
        suited = [card for card in cards.values() if card.world and card.world == world]
        if suited:
            return max(suited, key=lambda card: (bool(card.places), card.final[0] or 0.0)).name
    return usual


def chosen_network() -> str:
    """The network that the address names, else the first; empty if there is none."""
    return address.word("model") or next(iter(results.models()), "")


def open_clip(clip_id: str) -> None:
    """Open a clip on all pages; change the network if the clip is of another kind than the last."""
    address.put(clip=clip_id, expected=None, pin=None, **_change(clips.known_of(clip_id)))


def _change(known: Known) -> dict[str, str]:
    """The change of the address that lets the network suit a newly opened clip."""
    kind, now = _kind(_last()), chosen_network()
    used: dict[str, str] = st.session_state.setdefault("networks_used", {})
    used[kind] = now
    name = used.get(_kind(known)) or network_for(known, now)
    if name == now or name not in results.models():
        return {}
    if _kind(known) != _TOYBOX and not st.session_state.get("network_told"):
        st.session_state["network_told"] = known.id, name, now
    return {"model": name}


def told() -> tuple[str, str, str] | None:
    """The first change made for a visitor, while it stands: clip, network, the network before."""
    change = st.session_state.get("network_told")
    shown = change and (_chosen_clip(), address.word("model")) == change[:2]
    return change if shown else None


def take_back() -> None:
    """Return to the network before that change, and keep it for clips of this kind."""
    if (change := told()) is not None:
        address.put(model=change[2])
        dismiss()


def dismiss() -> None:
    """Show the change no more."""
    st.session_state["network_told"] = "", "", ""


def _last() -> Known:
    """The clip that the address names; one that does not exist is of no known kind."""
    try:
        return clips.known_of(_chosen_clip())
    except InputError:
        return Known(_chosen_clip(), "")


def _chosen_clip() -> str:
    return address.word("clip") or clip_sources.bundled()[0]


def _kind(known: Known) -> str:
    return _TOYBOX if known.world == _TOYBOX else "other"
