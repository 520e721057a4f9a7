"""Scenes: what the lens draws, as numbers and words; maps are bytes after the header.

Like a reel, a scene is the length of a JSON header (4 bytes, little-endian), the header, and a
payload: the maps, one byte per cell. It has two sides, appearance and motion, each with inputs,
and one of four kinds:

    sum     wires lead from the inputs to one node, then through bias and ReLU to an output map
    copy    each wire leads to an output map of its own (concatenation)
    pairs   input i of one side meets input i of the other; no grid remains (bilinear)
    scores  bars of class scores instead of maps: only predictions are combined (late fusion)
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fusionscope.analysis.run_reel import map_panel
from fusionscope.base.numbers import MINUS, class_name
from fusionscope.base.streams import COLOURS, STREAMS
from fusionscope.explain.fusion.bilinear_pairs import ChannelPair
from fusionscope.explain.fusion.unit_picture import Inputs, UnitPicture
from fusionscope.explain.heatmaps import HeatMap

Extent = tuple[float, float, float, float]
_TIMES = "\N{MULTIPLICATION SIGN}"
_NAMES = tuple(COLOURS[stream] for stream in STREAMS)


@dataclass
class Packer:
    """Collects the maps of a scene behind its header."""

    extent: Extent = (0.0, 0.0, 1.0, 1.0)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def map(self, cells: np.ndarray, stream: str, unit: str = "activation") -> dict[str, Any]:
        """(T, h, w) -> the entry of a map on its own scale, as in the player's header."""
        drawn = map_panel(HeatMap("", "", "", stream, cells, self.extent, unit)).map
        if drawn is None:
            raise ValueError(f"expected a map of {stream}, got none")
        entry = {
            "offset": self.size,
            "shape": drawn.cells.shape,
            "low": drawn.low,
            "high": drawn.high,
            "extent": drawn.extent,
            "beyond": dict(drawn.beyond),
        }
        self.parts.append(drawn.cells.tobytes())
        self.size += drawn.cells.size
        return entry

    def packed(self, scene: dict[str, Any]) -> bytes:
        """The header and all maps."""
        words = json.dumps(scene).encode()
        return struct.pack("<I", len(words)) + words + b"".join(self.parts)


def unit_scene(
    pictures: Sequence[UnitPicture], clip: str, extent: Extent, offers: bool = True
) -> bytes:
    """A fused unit at one cell; several units if an operator copies each stream to one of its own.

    Args:
        pictures: the unit, then those that belong to the same input channel.
        clip: digest of the clip, whose pictures lie under the maps.
        extent: as in ``MapOnPanel``.
        offers: whether a cell that is off offers the nearest strong one.
    """
    first, pack = pictures[0], Packer(extent)
    seen, copies = first.lens, len(pictures) > 1
    sides = [_side(stream, _best(pictures, stream), pack, seen.channel) for stream in (0, 1)]
    chunk, row, column = seen.cell
    inner = sorted(pictures, key=lambda one: one.lens.channel)  # appearance first
    units = [
        {
            "name": f"unit {one.lens.channel}",
            "value": one.value,
            "map": pack.map(one.output, "fused"),
        }
        for one in inner
    ]
    where = f"chunk {chunk + 1}, row {row + 1}, column {column + 1}"
    scene = {
        "kind": "copy" if copies else "sum",
        "label": f"Unit {seen.channel} at {seen.place}, {where}: {first.title} fusion",
        "clip": clip,
        "cell": seen.cell,
        "node": "Σ" if first.learned else first.symbol,
        "learned": first.learned,
        "bias": seen.bias if first.learned else None,
        "biasShown": round(seen.value, 3) - sum(round(share, 3) for share in seen.shares),
        "value": seen.value,
        "rectified": seen.rectified,
        "sides": sides,
        "outputs": units,
        "inside": first.inside.tolist(),
        "strong": list(first.strong) if offers and first.strong else None,
        "off": _off(first) if offers else "",
    }
    return pack.packed(scene)


def pairs_scene(
    pairs: Sequence[ChannelPair],
    maps: tuple[np.ndarray, np.ndarray],
    chunk: int,
    clip: str,
    extent: Extent,
) -> bytes:
    """The most influential pairs of a bilinear map, each with the maps of its two channels."""
    pack = Packer(extent)
    sides = []
    for stream, name in enumerate(_NAMES):
        numbers = [(pair.appearance, pair.motion)[stream] for pair in pairs]
        inputs = [
            {
                "name": str(number),
                "words": f"{name} channel {number}",
                "map": pack.map(cells, name),
            }
            for number, cells in zip(numbers, maps[stream], strict=True)
        ]
        sides.append({"stream": name, "inputs": inputs, "others": 0})
    nodes = [
        {
            "value": pair.total,
            "weight": pair.evidence,
            "words": f"Channel {pair.appearance} of appearance times channel {pair.motion} of "
            f"motion, summed over all cells: {_number(pair.total)}; output {_number(pair.value)}; "
            f"evidence for the predicted class {_number(pair.evidence)}.",
        }
        for pair in pairs
    ]
    scene = {
        "kind": "pairs",
        "label": f"The most influential pairs of channels, chunk {chunk + 1}",
        "clip": clip,
        "cell": [chunk, 0, 0],
        "node": _TIMES,
        "sides": sides,
        "nodes": nodes,
    }
    return pack.packed(scene)


def scores_scene(scores: np.ndarray, labels: tuple[str, ...], clip: str) -> bytes:
    """(2, K) scores of both heads: the classes with the largest mean, and nothing beneath them."""
    mean = scores.mean(axis=0)
    shown: list[int] = np.argsort(-mean, kind="stable")[:6].tolist()
    limit = float(np.abs(scores[:, shown]).max()) or 1.0
    sides = [
        {
            "stream": name,
            "inputs": [_bar(name, class_name(labels[k]), scores[stream, k]) for k in shown],
            "others": 0,
        }
        for stream, name in enumerate(_NAMES)
    ]
    nodes = [
        {
            "value": float(mean[k]),
            "weight": float(mean[k]),
            "words": f"Score of {class_name(labels[k])}: half of {_number(scores[0, k])} and half "
            f"of {_number(scores[1, k])} make {_number(mean[k])}.",
        }
        for k in shown
    ]
    scene = {
        "kind": "scores",
        "label": "Scores of both streams and their mean",
        "clip": clip,
        "cell": [0, 0, 0],
        "node": "½ + ½",
        "limit": limit,
        "sides": sides,
        "nodes": nodes,
    }
    return Packer().packed(scene)


def _bar(stream: str, label: str, score: float) -> dict[str, Any]:
    """A class score; the class is written once, below."""
    name = label if stream == _NAMES[1] else ""
    return {"name": name, "words": f"{stream}, score of {label}", "bar": float(score)}


def _best(pictures: Sequence[UnitPicture], stream: int) -> Inputs:
    """The inputs of a stream, from the unit that has any."""
    return max((one.inputs[stream] for one in pictures), key=lambda one: len(one.channels))


def _side(stream: int, one: Inputs, pack: Packer, unit: int) -> dict[str, Any]:
    name = _NAMES[stream]
    near = one.taps[0].size - 1 if len(one.taps) else 0
    inputs = []
    for n, channel in enumerate(one.channels):
        weight, activation, term = (float(v[n]) for v in (one.weights, one.activations, one.terms))
        live = bool(one.live[n])
        words = f"{name} channel {channel}: weight {_number(weight)} {_TIMES} activation "
        words += f"{_number(activation)} = {_number(weight * activation)}"
        words += f"; with {near} neighbouring taps {_number(term)}." if near else "."
        if not live:
            words = f"{name} channel {channel}: activation {_number(activation)}, not the larger."
        inputs.append(
            {
                "name": str(channel),
                "words": words,
                "weight": weight,
                "activation": activation,
                "term": term,
                "live": live,
                "taps": one.taps[n].tolist(),
                "map": pack.map(one.maps[n], name),
            }
        )
    return {
        "stream": name,
        "unit": unit,
        "inputs": inputs,
        "others": one.others,
        "rest": one.rest,
        "total": one.total,
        "window": one.window.tolist(),
    }


def _off(one: UnitPicture) -> str:
    """Why there is little to see, where the unit is off."""
    if one.value > 0:
        return ""
    cause = "ReLU gives 0" if one.lens.rectified else "the value is not above 0"
    if one.strong is None:
        return f"Unit {one.lens.channel} is off in all cells of this clip: {cause}."
    chunk, row, column = (at + 1 for at in one.strong)
    value = _number(float(one.output[one.strong]))
    where = f"chunk {chunk}, row {row}, column {column}"
    return f"This cell is off: {cause}. Nearest strong cell: {where} ({value})."


def _number(value: float) -> str:
    text = f"{value:.3f}"
    return ("0.000" if text == "-0.000" else text).replace("-", MINUS)
