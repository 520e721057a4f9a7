"""Script: the same in Python: a few lines on ``core`` that print the very numbers on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app import sources
from app.edit_stack import Stack
from core.card import Card
from core.explain.edits.stack import write_edits
from core.explain.target import Target

_IMPORTS: Mapping[str, str] = {
    "Path": "pathlib",
    "Target": "core.explain.target",
    "analyse": "core.pipeline",
    "attribute": "core.explain.bench",
    "card_named": "core.nets.zoo",
    "changed": "core.explain.change",
    "decisions": "core.explain.measures",
    "dense_flow": "core.video.flow",
    "edited_clip": "core.explain.edits.stack",
    "edited_flow": "core.explain.edits.stack",
    "flow_score": "core.video.flowscore",
    "lens": "core.explain.lens",
    "load_network": "core.nets.loading",
    "passes_under": "core.explain.flowblame",
    "plan_named": "core.study.toynames",
    "read_clip": "core.video.clip",
    "read_edits": "core.explain.edits.stack",
    "render": "core.study.toybox",
    "sentence": "core.explain.words",
    "top": "core.explain.measures",
}


def of_run(clip_id: str, card: Card) -> list[str]:
    """A clip, a network, and what it says."""
    return [
        *_opened(clip_id, card),
        "run = analyse(network, clip, dense_flow(clip, network.card.flow))",
        *_said("run"),
    ]


def of_runs(clip_id: str, cards: Sequence[Card]) -> list[str]:
    """Several networks on one clip."""
    names = ", ".join(repr(card.name) for card in cards)
    return [
        f"clip = {_clip(clip_id)}",
        f"for name in ({names},):",
        "    network = load_network(card_named(name))",
        "    run = analyse(network, clip, dense_flow(clip, network.card.flow))",
        "    print(name)",
        *(f"    {line}" for line in _said("run")),
    ]


def of_attribution(clip_id: str, card: Card, method: str, target: Target, stage: str) -> list[str]:
    """A method asked of a run."""
    asked = f"{target.head!r}, {target.label!r}" + (f", {target.against!r}" * bool(target.against))
    return [
        *of_run(clip_id, card),
        f"found = attribute(network, run.trace, {method!r}, Target({asked}), {stage!r})",
        'print("score", found.score, "change", found.change, "gap", found.gap)',
        "for stream, one in found.maps.items():",
        '    print(stream, "in all", one.cells.sum(), "at most", one.cells.max())',
    ]


def of_lens(
    clip_id: str, card: Card, place: str, unit: int, cell: tuple[int, int, int]
) -> list[str]:
    """A fused unit taken apart in one cell."""
    return [
        *of_run(clip_id, card),
        f"one = lens(network, run.trace, {place!r}, {unit}, {cell})",
        'print("before the ReLU", one.value, "bias", one.bias, "appearance, motion", one.shares)',
    ]


def of_edits(clip_id: str, card: Card, stack: Stack, truth: str = "") -> list[str]:
    """A clip before and after its edits."""
    lent = [f"lent = {_clip(stack.motion)}"] if stack.motion else []
    motion = ", motion=lent" if stack.motion else ""
    return [
        *of_run(clip_id, card),
        *lent,
        f"edits = read_edits({write_edits(stack.edits)!r})",
        "edited = edited_clip(clip, edits, network.card.rgb_mean)",
        f"flow = edited_flow(clip, edited, edits, {stack.way!r}, method=network.card.flow{motion})",
        "after = analyse(network, edited, flow)",
        *_said("after"),
        f"print(changed(run.passes, after.passes, {stack.words!r}, {truth!r}))",
    ]


def of_flows(clip_id: str, card: Card, methods: Sequence[str]) -> list[str]:
    """What a network says under several methods' flow."""
    return [
        *_opened(clip_id, card),
        f"for method in {tuple(methods)!r}:",
        "    flow = dense_flow(clip, method)",
        "    passes = passes_under(network, clip, flow)",
        "    logits = passes.logits[passes.deciding][0]",
        "    print(method, top(logits, network.card.labels, 1), flow_score(clip, flow))",
    ]


def written(lines: Sequence[str]) -> str:
    """Lines with the imports that they need, in order."""
    text = "\n".join(lines)
    names = [name for name in _IMPORTS if f"{name}(" in text]
    modules = sorted({_IMPORTS[name] for name in names}, key=lambda m: (m != "pathlib", m))
    imports = [
        f"from {module} import {', '.join(n for n in names if _IMPORTS[n] == module)}"
        for module in modules
    ]
    return "\n".join([*imports, "", text, ""])


def _opened(clip_id: str, card: Card) -> list[str]:
    return [f"clip = {_clip(clip_id)}", f"network = load_network(card_named({card.name!r}))"]


def _clip(clip_id: str) -> str:
    """An expression that gives a clip."""
    kind, _, name = clip_id.partition(":")
    if sources.is_made(clip_id):
        return f"render(plan_named({name!r})).clip"
    path = str(sources.data_folder() / name) if kind == "data" else "your video.mp4"
    return f"read_clip(Path({path!r}), start=0.0)"


def _said(run: str) -> list[str]:
    """What a run says: the sentence, each head's five likeliest classes, the ledger."""
    return [
        f"print(sentence({run}.passes))",
        f"for head, logits in decisions({run}.trace).items():",
        "    print(head, top(logits, network.card.labels))",
        f"print({run}.passes.ledger({run}.passes.deciding, {run}.passes.said))",
    ]
