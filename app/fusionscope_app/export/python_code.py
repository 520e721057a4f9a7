"""Python code: a few lines that compute and print the numbers of a page with ``fusionscope``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fusionscope.card import Card
from fusionscope_app.state import clip_sources
from fusionscope_app.state.film_part import part_of, whole_of

if TYPE_CHECKING:
    from fusionscope.explain.target import Target
    from fusionscope_app.what_if.edits_in_address import Stack

_NAMES = ("analyse", "attribute", "dense_flow", "edit", "ledger", "load_network", "read_clip")
"""Functions of the public interface that the lines may call."""


def of_run(clip_id: str, card: Card) -> list[str]:
    """A clip, a network and its prediction."""
    return [*_opened(clip_id, card), "run = analyse(network, clip)", *_printed("run")]


def of_runs(clip_id: str, cards: Sequence[Card]) -> list[str]:
    """Several networks on one clip."""
    names = ", ".join(repr(card.name) for card in cards)
    return [
        f"clip = {_clip(clip_id)}",
        f"for name in ({names},):",
        "    network = load_network(name)",
        "    run = analyse(network, clip)",
        "    print(name)",
        *(f"    {line}" for line in _printed("run")),
    ]


def of_attribution(clip_id: str, card: Card, method: str, target: Target, stage: str) -> list[str]:
    """An attribution of the score of a run."""
    arguments = {"against": target.against, "head": target.head, "stage": stage}
    more = "".join(f", {name}={value!r}" for name, value in arguments.items() if value)
    return [
        *of_run(clip_id, card),
        f"found = attribute(network, run, {method!r}, {target.label!r}{more})",
        'print("score", found.score, "change", found.change, "gap", found.gap)',
        "for stream, one in found.maps.items():",
        '    print(stream, "total", one.cells.sum(), "maximum", one.cells.max())',
    ]


def of_lens(
    clip_id: str, card: Card, place: str, unit: int, cell: tuple[int, int, int]
) -> list[str]:
    """The contributions to a fused unit at one cell."""
    return [
        *of_run(clip_id, card),
        f"one = run.lens(network, {place!r}, {unit}, {cell})",
        'print("before ReLU", one.value, "bias", one.bias, "appearance, motion", one.shares)',
    ]


def of_edits(clip_id: str, card: Card, stack: Stack, truth: str = "") -> list[str]:
    """A clip before and after its edits."""
    from fusionscope.explain.edits.edit_list import write_edits

    lent = [f"lent = {_clip(stack.motion)}"] if stack.motion else []
    motion = ", motion=lent" if stack.motion else ""
    arguments = f"{write_edits(stack.edits)!r}, network=network, way={stack.way!r}{motion}"
    return [
        *of_run(clip_id, card),
        *lent,
        f"edited, flow = edit(clip, {arguments})",
        "after = analyse(network, edited, flow)",
        *_printed("after"),
        f"print(after.change_from(run, {stack.words!r}, {truth!r}))",
    ]


def of_flows(clip_id: str, card: Card, methods: Sequence[str]) -> list[str]:
    """A network's prediction with the flow of several methods."""
    return [
        *_opened(clip_id, card),
        f"for method in {tuple(methods)!r}:",
        "    run = analyse(network, clip, dense_flow(clip, method))",
        "    print(method, [*run.top(1).values()][-1], run.flow_score)",
    ]


def written(lines: Sequence[str]) -> str:
    """The lines as a script, with the import they need."""
    text = "\n".join(lines)
    names = [name for name in _NAMES if f"{name}(" in text]
    return "\n".join([f"from fusionscope import {', '.join(names)}", "", text, ""])


def _opened(clip_id: str, card: Card) -> list[str]:
    return [f"clip = {_clip(clip_id)}", f"network = load_network({card.name!r})"]


def _clip(clip_id: str) -> str:
    """An expression that returns the clip."""
    if clip_sources.is_made(clip_id):
        return f"read_clip({clip_id!r})"
    whole, part = whole_of(clip_id), part_of(clip_id)
    path = whole if whole.startswith("data:") else "your video.mp4"  # never where the folder is
    if part is None:
        return f"read_clip({path!r}, start=0.0)"
    return f"read_clip({path!r}, start={part.start:g}, seconds={round(part.seconds, 3):g})"


def _printed(run: str) -> list[str]:
    """Print the sentence, the five likeliest classes of each head and the ledger of a run."""
    return [
        f"print({run}.sentence)",
        f"for head, rows in {run}.top().items():",
        "    print(head, rows)",
        f"print(ledger(network, {run}))",
    ]
