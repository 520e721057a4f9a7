"""Command line: the same work without a screen. Each command prints for people, or one JSON object.

Exit status: 0; 2 and one line on standard error for what the user can put right; 1 for a bug.
Torch and its kin are imported by the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from core.records import InputError

if TYPE_CHECKING:
    from core.explain.ledger import Ledger

cli = typer.Typer(
    help="See what two-stream video networks see, where they fuse, what they decide and why.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
# Typer carries a click of its own in some releases and uses the installed one in others.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # pyright: ignore[reportAssignmentType]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except InputError as problem:
        _refuse(str(problem))
    except _UsageError as problem:
        _refuse(getattr(problem, "format_message", problem.__str__)())
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)


def _refuse(text: str) -> NoReturn:
    print(f"fusionscope: {' '.join(text.split())}", file=sys.stderr)
    sys.exit(2)


@cli.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def serve(context: typer.Context) -> int:
    """Open the app in a browser. What follows is passed on to ``streamlit run``."""
    script = Path(__file__).with_name("main.py")
    command = [sys.executable, "-m", "streamlit", "run", str(script), *context.args]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0


@cli.command()
def models(as_json: AsJson = False) -> None:
    """List the trained networks."""
    from core.nets.zoo import cards

    rows = [
        {
            "name": card.name,
            "backbone": card.backbone,
            "fusion": card.fusion,
            "place": card.place or None,
            "temporal": card.pool,
            "heads": list(card.heads),
            "labels": list(card.labels),
            "parameters": card.parameters,
            "data": card.data,
            "accuracy": dict(card.accuracy),
            "sha256": card.sha256,
        }
        for card in cards().values()
    ]
    if as_json:
        _print_json({"models": rows})
        return
    for row in rows:
        fusion = f"{row['fusion']} at {row['place']}" if row["fusion"] else "none"
        figures = ", ".join(f"{head} {share:.1%}" for head, share in row["accuracy"].items())
        print(
            f"{row['name']:<18} {row['backbone']:<12} fusion {fusion:<16} "
            f"pooling {row['temporal']} {row['parameters']:>11,} parameters  {figures} "
            f"({row['data']})"
        )


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

    from core.explain.ledger import four_passes
    from core.explain.measures import top
    from core.explain.words import sentence
    from core.nets.zoo import card_named, load_network
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
    passes = four_passes(network, trace.snippets)
    ledger = passes.ledger(passes.deciding, passes.said)
    count, height, width = video.frames.shape[:3]
    result = {
        "model": card.name,
        "clip": {
            "digest": video.digest,
            "frames": count,
            "fps": video.fps,
            "size": [width, height],
        },
        "heads": {head: _rows(top(scores, card.labels)) for head, scores in trace.logits.items()},
        "final": _rows(top(trace.final, card.labels)),
        "ledger": dataclasses.asdict(ledger),
        "seconds": {
            "decode": round(at[1] - at[0], 4),
            "flow": round(at[2] - at[1], 4),
            "forward": round(trace.seconds["forward"], 4),
        },
    }
    if as_json:
        _print_json(result)
        return
    print(f"{clip.name}: {count} frames of {width}x{height}, {video.fps:g} a second")
    print(sentence(passes).replace("*", ""))
    for head, rows in {**result["heads"], "final": result["final"]}.items():
        print(f"  {head:<15}" + "  ".join(f"{row['label']} {row['p']:.2f}" for row in rows[:3]))
    print("  " + _ledger_line(ledger))


@cli.command()
def describe(
    spatial: Annotated[str, typer.Option(help="Tower of the spatial stream.")] = "vgg-m-2048",
    temporal: Annotated[str, typer.Option(help="Tower of the temporal stream.")] = "vgg-m-2048",
    fusion: Annotated[str, typer.Option(help="sum, max, cat, conv, conv3d, bilinear.")] = "conv",
    at: Annotated[
        str, typer.Option(help="relu2 ... relu5, fc6, fc7, fc8, softmax; join by +.")
    ] = "relu5",
    pool: Annotated[
        str, typer.Option(help="2d: predictions averaged; 3d: max over chunks.")
    ] = "2d",
    classes: Annotated[int, typer.Option(min=2, max=100_000, help="How many.")] = 101,
    keep_temporal: Annotated[
        bool, typer.Option("--keep-temporal", help="Keep the temporal tower and its head.")
    ] = False,
    table: Annotated[bool, typer.Option("--table", help="The paper's Tables 1 and 2.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count a network's weights and shapes without building it, or the paper's tables."""
    from core.card import Card
    from core.nets.describe import describe as count
    from core.nets.published import paper_tables, table_line

    if table:
        rows, note = paper_tables()
        if as_json:
            _print_json({"rows": rows, "note": note})
        else:
            print("\n".join([*map(table_line, rows), note]))
        return
    if pool not in ("2d", "3d"):
        raise InputError(f"there is no pooling {pool!r}; choose 2d or 3d")
    labels = tuple(f"class {k}" for k in range(classes))
    card = Card(
        "described", "described", labels, spatial, temporal, fusion, at, "", pool, keep_temporal
    )
    found = count(card)
    if as_json:
        _print_json(dataclasses.asdict(found))
        return
    print(f"{found.parameters:,} parameters; heads: {', '.join(card.heads)}")
    for name, shape in found.shapes.items():
        weights = found.parts.get(name, 0)
        print(f"  {name:<18} {' x '.join(map(str, shape)):<22} {weights:>12,}")
    for name, weights in found.parts.items():
        if name not in found.shapes:
            print(f"  {name:<18} {'':<22} {weights:>12,}")


@cli.command()
def train(
    name: Annotated[
        str, typer.Argument(help="A recipe: toybox-spatial, toybox-temporal, toybox-conv3d.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the weights and the card.")] = Path("runs"),
    cache: Annotated[Path, typer.Option(help="Folder for the training set.")] = Path("runs/cache"),
    clips: Annotated[int, typer.Option(help="Clips to train on.")] = 4000,
    seed: Annotated[int, typer.Option(help="Seed of the start weights and of the order.")] = 0,
) -> None:
    """Train a network again by its recipe, and measure it on unseen clips."""
    from core.study.recipes import train_recipe

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    card = train_recipe(name, out, cache, clips, seed)
    print(", ".join(f"{head} {share:.2%}" for head, share in card.accuracy))


def _rows(found: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"label": label, "p": p} for label, p in found]


def _ledger_line(ledger: Ledger) -> str:
    return (
        f"score of {ledger.label} ({ledger.head}): baseline {ledger.baseline:+.2f}  "
        f"appearance {ledger.appearance:+.2f}  motion {ledger.motion:+.2f}  "
        f"synergy {ledger.synergy:+.2f}  = {ledger.logit:+.2f}"
    )


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


if __name__ == "__main__":
    main()
