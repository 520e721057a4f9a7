"""Run: run one network on one video."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fusionscope.base.records import InputError
from fusionscope_app.cli.film.run_long import STEP, run_long
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.card import Card
    from fusionscope.explain.ledger.ledger import Ledger
    from fusionscope.nets.network import Network


@cli.command()
def run(
    clip: Annotated[Path, typer.Argument(help="A video file.")],
    model: Annotated[str, typer.Option(help="A network listed by `fusionscope models`.")],
    start: Annotated[
        float | None, typer.Option(help="Start of the clip in seconds; 20 s are read from there.")
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="Run along a film of up to an hour, window by window.")
    ] = False,
    step: Annotated[
        float, typer.Option(help="With --long: seconds between the starts of two windows.")
    ] = STEP,
    out: Annotated[
        Path | None,
        typer.Option(help="With --long: write a table (.csv) or subtitles (.vtt)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a network on a video; print each head's prediction and each stream's contribution."""
    if long:
        run_long(clip, model, start or 0.0, step, out, as_json=as_json)
        return
    if out is not None:
        raise InputError("--out writes the windows of a film; it needs --long")
    import time
    from concurrent.futures import ThreadPoolExecutor

    from fusionscope.base.numbers import class_name
    from fusionscope.explain.ledger.ledger import passes_of_run
    from fusionscope.explain.ledger.sentence import sentence
    from fusionscope.explain.measures import top
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.trace import run as run_network
    from fusionscope.video.clip import read_clip
    from fusionscope.video.flow.methods import dense_flow

    card = card_named(model)
    # The clip is decoded in another process and its flow computed by OpenCV, while this one
    # imports torch.
    loading = ThreadPoolExecutor(1).submit(_loaded, card)
    at = [time.perf_counter()]
    video = read_clip(clip, start=start)
    at.append(time.perf_counter())
    flow = dense_flow(video, card.flow)
    at.append(time.perf_counter())
    network = loading.result()
    trace = run_network(network, video, flow, "float32")  # for one pass, no trial pays off
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
            "notes": list(video.notes),
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
    print(f"{clip.name}: {count} frames of {width}x{height}, {video.fps:g} frames/s")
    for note in video.notes:
        print(f"  {note}")
    print(sentence(passes).replace("*", ""))
    if ledger is None:
        return
    for head, rows in {**result["heads"], "final": result["final"]}.items():
        print(
            f"  {head:<15}"
            + "  ".join(f"{class_name(row['label'])} {row['p']:.2f}" for row in rows[:3])
        )
    print("  " + _ledger_line(ledger))


def _loaded(card: Card) -> Network:
    from fusionscope.nets.store.loading import load_network

    return load_network(card)


def _rows(found: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"label": label, "p": p} for label, p in found]


def _ledger_line(ledger: Ledger) -> str:
    from fusionscope.base.numbers import class_name, signed
    from fusionscope.explain.ledger.sentence import shown_ledger

    shown = {term: signed(value, 2) for term, value in shown_ledger(ledger, 2).items()}
    return (
        f"score of {class_name(ledger.label)} ({ledger.head}): baseline {shown['baseline']}  "
        f"appearance {shown['appearance']}  motion {shown['motion']}  "
        f"interaction {shown['synergy']}  = {shown['score']}"
    )
