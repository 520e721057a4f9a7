"""Last: the last bench on this machine, as the one JSON object that is printed and kept.

This file imports nothing heavy: the page that shows the growth reads it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.draft import draft, made
from core.folders import cache_folder

if TYPE_CHECKING:
    from core.bench.bench import Bench


def told(bench: Bench) -> dict[str, Any]:
    """A bench as JSON: ``ratios`` first, then what stands behind them."""
    pairs = {
        name: [
            {
                "what": pair.what,
                "ratio": round(pair.cost if bench.aims[name].most else pair.ratio, 3),
                "ours": [round(s, 4) for s in pair.ours],
                "theirs": [round(s, 4) for s in pair.theirs],
                "gap": pair.gap,
            }
            for pair in found
        ]
        for name, found in bench.found.items()
    }
    ratios = bench.ratios
    return {
        "ratios": {name: None if r is None else round(r, 3) for name, r in ratios.items()},
        "aims": {
            name: {"aim": str(bench.aims[name]), "met": bench.aims[name].met(ratio)}
            for name, ratio in ratios.items()
        },
        "model": bench.model,
        "repeats": bench.repeats,
        "machine": dataclasses.asdict(bench.machine),
        "rate": {**dataclasses.asdict(bench.rate), "share": bench.rate.share},
        "bfloat16": {
            name: found and {**dataclasses.asdict(found), "chosen": found.chosen}
            for name, found in bench.bfloat16.items()
        },
        "growth": [{**dataclasses.asdict(g), "seconds": dict(g.seconds)} for g in bench.growth],
        "pairs": pairs,
    }


def last_path() -> Path:
    """Where the last bench is kept."""
    return cache_folder() / "bench.json"


def keep(said: dict[str, Any]) -> Path:
    """Keep what was told as this machine's last bench.

    Raises:
        InputError: it cannot be written.
    """
    path = last_path()
    made(path.parent)
    with draft(path) as unfinished:
        unfinished.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    return path


def last_growth() -> list[dict[str, Any]]:
    """How the stages grew in the last bench: ``of``, ``at``, ``seconds``; empty where none was run.

    A file that cannot be read, or holds anything else, is as none.
    """
    try:
        grown = json.loads(last_path().read_text("utf-8"))["growth"]
        return [one for one in grown if _is_growth(one)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _is_growth(one: Any) -> bool:
    at, seconds = one["at"], one["seconds"]
    return (
        isinstance(one["of"], str)
        and isinstance(seconds, dict)
        and all(len(taken) == len(at) for taken in seconds.values())
        and all(float(s) >= 0 for taken in (at, *seconds.values()) for s in taken)
    )
