"""Fusionscope: see what a two-stream video network sees, where it fuses, what it predicts and why.

A two-stream network processes the appearance (frames) and the motion (optical flow) of a short
video and fuses both. The names below are the public interface; everything else may change.

    >>> import fusionscope
    >>> clip = fusionscope.read_clip("toybox:8")  # a generated clip; or a path: "my video.mp4"
    >>> network = fusionscope.load_network("toybox-conv3d")
    >>> result = fusionscope.analyse(network, clip)
    >>> label, probability = result.top()["average"][0]
    >>> label
    'right, then left'
    >>> split = fusionscope.ledger(network, result)  # what each stream contributes to the score
    >>> terms = split.baseline + split.appearance + split.motion + split.synergy
    >>> abs(split.logit - terms) < 1e-6
    True
    >>> player = fusionscope.show(result)  # as the last line of a notebook cell, it plays

Open
    read_clip      a video file, or a generated Toybox clip, as a ``Clip``
    dense_flow     the optical flow of a clip, (N-1, 2, H, W) pixels
    networks       name -> ``Card`` of every network that can be loaded
    load_network   a ``Network`` with its weights, by name or card

Analyse
    run            one forward pass: a ``Trace`` with the output of every stage and the scores
    analyse        a run with heat maps, ledger and the player's data: an ``Analysis``
    ledger         the score of a class as baseline + appearance + motion + synergy, exactly
    attribute      the pixels and chunks that determine a score, by one of several methods
    edit           an edited clip (mirrored, frozen, erased, ...) and its flow
    evaluate       the scores of a network on every clip of a data set
    film_windows   predictions along a film of up to an hour: one ``Window`` every second
    teach          your own classes from a few clips of each, measured, as a ``Network``
    show           the player in a notebook

Records and errors
    Card           the configuration of a network: towers, fusion, labels, input
    Clip           frames (N, H, W, 3) uint8 and frame rate
    Trace          the results of one run, as read-only arrays
    Analysis       a trace with its maps and ledger, ready to be shown
    Window         the predictions for a few seconds of a film
    InputError     an error that you can correct, in one sentence

Bring your own network
    Network        the module that ``load_network`` returns
    Adapter        a card and a function that builds a two-stream module
    Seen           the maps and scores that the module's ``forward`` returns

Shapes are written with these letters, in this order:

    N frames    T chunks    L flow fields in a stack    B batch    C channels    K classes
    H W pixels  h w cells of a feature map

T comes before C, except inside a 3-D convolution. Flow field n leads from frame n to frame n + 1,
x before y, in pixels of the frame it was computed on.
"""

import os
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fusionscope.analysis.analysis import Analysis, analyse
    from fusionscope.analysis.windows.film_windows import film_windows
    from fusionscope.analysis.windows.window import Window
    from fusionscope.api import attribute, edit, evaluate, ledger, networks, read_clip, show
    from fusionscope.base.records import InputError
    from fusionscope.card import Card
    from fusionscope.nets.network import Network, Seen
    from fusionscope.nets.store.adapter import Adapter
    from fusionscope.nets.store.loading import load_network
    from fusionscope.teaching.from_clips import teach
    from fusionscope.trace import Trace, run
    from fusionscope.video.clip import Clip
    from fusionscope.video.flow.methods import dense_flow

__all__ = [
    "Adapter",
    "Analysis",
    "Card",
    "Clip",
    "InputError",
    "Network",
    "Seen",
    "Trace",
    "Window",
    "analyse",
    "attribute",
    "dense_flow",
    "edit",
    "evaluate",
    "film_windows",
    "ledger",
    "load_network",
    "networks",
    "read_clip",
    "run",
    "show",
    "teach",
]

_HOMES = MappingProxyType(
    {
        "Adapter": "nets.store.adapter",
        "Analysis": "analysis.analysis",
        "Card": "card",
        "Clip": "video.clip",
        "InputError": "base.records",
        "Network": "nets.network",
        "Seen": "nets.network",
        "Trace": "trace",
        "Window": "analysis.windows.window",
        "analyse": "analysis.analysis",
        "dense_flow": "video.flow.methods",
        "film_windows": "analysis.windows.film_windows",
        "load_network": "nets.store.loading",
        "run": "trace",
        "teach": "teaching.from_clips",
    }
)
"""Where a public name is defined, below this package; the others are in ``api``."""

# Waiting threads must not spin, because the visitors of a server share its cores. On two busy
# cores, a pass of vgg-m-mini took 0.54 s with spinning and 0.04 s without.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def __getattr__(name: str) -> Any:
    """Import a public name on first use, since importing torch takes a second."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'api')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
