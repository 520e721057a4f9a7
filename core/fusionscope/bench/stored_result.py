"""Stored result: the last bench on this machine as a JSON object, printed and saved.

This file imports nothing heavy, because the Models page reads it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.paths import cache_folder

if TYPE_CHECKING:
    from fusionscope.bench.bench import Bench


def bench_as_json(bench: Bench) -> dict[str, Any]:
    """Convert a bench to JSON: ``ratios`` first, then the details."""
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
        "cold_start": {name: round(taken, 3) for name, taken in bench.cold_start.items()},
        "missing": dict(bench.missing),
        "growth": [{**dataclasses.asdict(g), "seconds": dict(g.seconds)} for g in bench.growth],
        "pairs": pairs,
    }


def last_path() -> Path:
    """Path of the last bench."""
    return cache_folder() / "bench.json"


def keep(result: dict[str, Any]) -> Path:
    """Save a result of ``bench_as_json`` as this machine's last bench.

    Raises:
        InputError: it cannot be written.
    """
    path = last_path()
    make_folder(path.parent)
    with atomic_write(path) as unfinished:
        unfinished.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return path


def last_growth() -> list[dict[str, Any]]:
    """Scaling of the stages in the last bench: ``of``, ``at``, ``seconds``; empty without one.

    A file that is unreadable or invalid is ignored.
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
