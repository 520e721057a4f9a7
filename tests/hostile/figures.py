"""Figures: number of files, their outcomes, the slowest and the largest."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_NEVER = re.compile(r"made the decoder (stop|talk)|Traceback|Error\b|object at 0x")
_MOST = 400  # letters in a sentence


def counted(
    title: str, files: Sequence[Mapping[str, Any]], largest: float, what: str = "files"
) -> str:
    """What came of files in words: their ``seconds``, and a ``sentence`` if they were refused.

    Args:
        largest: MB of memory.
        what: they are.
    """
    refused = sum("sentence" in file for file in files)
    slowest = max(files, key=lambda file: file["seconds"])
    return (
        f"{title}: {len(files)} {what}, {len(files) - refused} right results, {refused} "
        f"sentences, slowest {slowest['seconds']:.1f} s ({slowest['name']}), "
        f"largest {largest:.0f} MB"
    )


def is_a_sentence(text: str, name: str = "", says: str = "", most: int = _MOST) -> bool:
    """Is it one clear sentence: about a file, printable, not long, no crash in other words?"""
    there = text.startswith(name) and text.isprintable() and len(name) + 10 < len(text) < most
    return there and not _NEVER.search(text) and bool(re.search(says, text))


def resident() -> float:
    """MB of memory that this process has held at the most."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
