"""Diagram: a network drawn as two lanes of stages that are fused; each stage is a button."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.colour_ramps import RAMPS
from fusionscope.base.palette import SHADE, rgb
from fusionscope.nets.inspect.structure import Head, Source, Stage, Structure
from fusionscope_app.components.diagram.stage_maps import StageMaps, stage_maps
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

__all__ = ["StageMaps", "diagram", "drawn", "packed", "read_pick", "stage_maps"]

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_diagram",
    css=f"{TYPE}.fs-diagram {{ {VARIABLES} }}\n{(_HERE / 'diagram.css').read_text('utf-8')}",
    js=f"""const RAMPS = {json.dumps(dict(RAMPS))};
const SHADE = {json.dumps(rgb(SHADE))};
{joined_script(_HERE / "diagram.js")}""",
)


def diagram(
    anatomy: Structure,
    chosen: tuple[str, str] | None,
    *,
    key: str,
    on_pick: Callable[[tuple[str, str]], None],
    maps: StageMaps | None = None,
) -> None:
    """Draw a network with the stage ``chosen`` marked.

    Args:
        maps: what the stages made of a clip, drawn in step with the player; None: nothing.
        chosen: stream and name of a stage, as in ``Stage``; None marks no stage.
        on_pick: called with stream and name of the chosen stage before the script reruns.
    """

    def picked() -> None:
        pick = read_pick(st.session_state[key].pick, anatomy)
        if pick:
            on_pick(pick)

    data = packed(drawn(anatomy), chosen, maps or StageMaps())
    _component(key=key, data=data, on_pick_change=picked)


def packed(net: dict[str, Any] | None, chosen: tuple[str, str] | None, maps: StageMaps) -> bytes:
    """The length of a JSON header, the header, and the maps, one byte per cell."""
    header = {"net": net, "chosen": chosen and list(chosen), "clip": maps.clip, "maps": maps.header}
    words = json.dumps(header).encode()
    return struct.pack("<I", len(words)) + words + maps.payload


def read_pick(sent: Any, anatomy: Structure) -> tuple[str, str] | None:
    """Validate what the browser sent: a stage as stream and name, None if no stage has them."""
    known = ((stage.stream, stage.name) for stage in anatomy.stages)
    return next((pick for pick in known if list(pick) == sent), None)


def drawn(anatomy: Structure) -> dict[str, Any]:
    """Return all numbers and words that the browser draws."""
    lanes = [anatomy.lane("spatial") + anatomy.lane("fused"), anatomy.lane("temporal")]
    return {
        "label": f"{anatomy.title}: {anatomy.parameters:,} parameters. Arrow keys move between "
        "stages, Enter chooses one.",
        "sources": [_source(source) for source in anatomy.sources],
        "lanes": [_lane(lane, anatomy) for lane in lanes if lane],
        "heads": [_head(head) for head in anatomy.heads],
    }


def _lane(stages: tuple[Stage, ...], anatomy: Structure) -> list[dict[str, Any]]:
    chunks = anatomy.sources[0].shape[0]
    found, reach = [], 0
    for stage in stages:
        reach += stage.operator.reach if stage.operator else 0
        pooled = ["max over", f"{chunks} chunks"] if stage.shape[0] < chunks else []
        before = stage.before is not None and anatomy.stage("temporal", stage.name).shape
        look = [stage.field / stage.picture] * 2 if stage.field else None
        more = {"pooled": pooled, "before": before or None, "reach": reach, "look": look}
        found.append({**_stage(stage), **more})
        chunks = stage.shape[0]
    return found


def _stage(stage: Stage) -> dict[str, Any]:
    chunks, channels, height, width = stage.shape
    made = f"{_many(chunks, 'chunk')} of {channels:,} channels, {height} x {width} cell"
    made += "s" * (height * width > 1)
    stride = f", stride {stage.stride}" if stage.stride else ""
    facts = [
        made,
        f"receptive field {stage.looks_at}{stride}",
        _many(stage.parameters, "parameter"),
    ]
    title = f"{stage.name}, {stage.stream}"
    if stage.operator:
        title = f"{stage.operator.name} fusion at {stage.name}"
        facts.insert(0, f"{stage.operator.words}: {stage.operator.formula}")
    if stage.before is not None:
        facts.append(f"{_many(stage.before, 'parameter')} of {stage.name} before it")
    return {
        "stream": stage.stream,
        "name": stage.name,
        "shape": stage.shape,
        "symbol": stage.operator.symbol if stage.operator else "",
        "operator": stage.operator.name if stage.operator else "",
        "field": min(1, stage.field / stage.picture) if stage.field else 1,
        "title": title,
        "facts": facts,
        "label": f"{title}: {'; '.join(facts)}",
    }


def _source(source: Source) -> dict[str, Any]:
    spatial = source.stream == "spatial"
    return {
        "stream": source.stream,
        "shape": source.shape,
        "title": f"{'Appearance' if spatial else 'Motion'}: {source.stream} stream, {source.tower}",
        "name": "frame" if spatial else "flow",
    }


def _head(head: Head) -> dict[str, Any]:
    chunks, classes, height, width = head.shape
    over = [f"{chunks} chunks"] * (chunks > 1) + [f"{height} x {width} cells"] * (
        height * width > 1
    )
    notes = [_many(classes, "class", "classes")] + ["mean over " + " and ".join(over)] * bool(over)
    return {"stream": head.stream, "name": head.name, "notes": notes}


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
