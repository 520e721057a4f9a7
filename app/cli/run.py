"""Run: one network on one video."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from core.explain.ledger import Ledger


@cli.command()
def run(
    clip: Annotated[Path, typer.Argument(help="A video file.")],
    model: Annotated[str, typer.Option(help="A name that `fusionscope models` lists.")],
    start: Annotated[
        float | None, typer.Option(help="Begin here, in seconds, in a long video.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a network on a video and print what each head says, and what each stream gave to it."""
    import time

    from core.explain.ledger import passes_of_run
    from core.explain.measures import top
    from core.explain.words import sentence
    from core.nets.loading import load_network
    from core.nets.zoo import card_named
    from core.trace import run as run_network
    from core.video.clip import read_clip
    from core.video.flow import dense_flow

    card = card_named(model)
    network = load_network(card)
    at = [time.perf_counter()]
    video = read_clip(clip, start=start)
    at.append(time.perf_counter())
    flow = dense_flow(video, card.flow)
    at.append(time.perf_counter())
    trace = run_network(network, video, flow)
    passes = passes_of_run(network, trace)
    ledger = passes.ledger(passes.deciding, passes.said) if passes.taught else None
    count, height, width = video.frames.shape[:3]
    result = {
        "model": card.name,
        "clip": {
            "digest": video.digest,
            "frames": count,
            "fps": video.fps,
            "size": [width, height],
        },
        "heads": {
            head: _rows(top(scores, card.labels)) if ledger else []
            for head, scores in trace.logits.items()
        },
        "final": _rows(top(trace.final, card.labels)) if ledger else [],
        "ledger": dataclasses.asdict(ledger) if ledger else None,
        "seconds": {
            "decode": round(at[1] - at[0], 4),
            "flow": round(at[2] - at[1], 4),
            "forward": round(trace.seconds["forward"], 4),
        },
    }
    if as_json:
        print_json(result)
        return
    print(f"{clip.name}: {count} frames of {width}x{height}, {video.fps:g} a second")
    print(sentence(passes).replace("*", ""))
    if ledger is None:
        return
    for head, rows in {**result["heads"], "final": result["final"]}.items():
        print(f"  {head:<15}" + "  ".join(f"{row['label']} {row['p']:.2f}" for row in rows[:3]))
    print("  " + _ledger_line(ledger))


def _rows(found: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"label": label, "p": p} for label, p in found]


def _ledger_line(ledger: Ledger) -> str:
    return (
        f"score of {ledger.label} ({ledger.head}): baseline {ledger.baseline:+.2f}  "
        f"appearance {ledger.appearance:+.2f}  motion {ledger.motion:+.2f}  "
        f"synergy {ledger.synergy:+.2f}  = {ledger.logit:+.2f}"
    )
