"""Command: the time of ``fusionscope run`` on a clip, compared with importing torch."""

from __future__ import annotations

import sys

from fusionscope.bench.cold_start import IMPORT, seconds_of
from fusionscope.bench.subject import Subject
from fusionscope.bench.timed_pair import TimedPair, in_turn

RUN = (sys.executable, "-m", "fusionscope_app.cli", "run")


def command(on: Subject, repeats: int) -> list[TimedPair]:
    """Time the whole command, start of Python included, and ``python -c "import torch"``."""
    words = (*RUN, str(on.file), "--model", on.network.card.name, "--json")
    what = f"{on.name}: the command run on {len(on.clip.frames)} frames, vs importing torch"
    seconds = in_turn(lambda: seconds_of(words), lambda: seconds_of(IMPORT), repeats)
    return [TimedPair(what, *seconds, None)]
