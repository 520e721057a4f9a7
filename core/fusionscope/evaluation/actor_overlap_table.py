"""Actor overlap table: measured overlap of attribution maps with the actor, shipped as CSV.

One row for each network, data set, method and stream. The app shows it next to the method's maps.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.numbers import listed, sentence_of
from fusionscope.base.records import InputError, percent
from fusionscope.base.streams import COLOURS
from fusionscope.evaluation.actor_overlap import Pointing
from fusionscope.nets.store.catalogue import FOLDER

SHIPPED = FOLDER / "attributions.csv"
ENOUGH_KNOWN = (0.85, 0.95)  # least share and pointing where a single object determines the class
ENOUGH_SEEN = 2.0  # least share relative to the actor's area, for clips of people


@dataclass(frozen=True)
class Pointed:
    """Mean overlap of one method's maps of one stream, over many clips."""

    model: str
    data: str
    fold: str
    method: str
    stage: str  # the explained stage; empty: the input
    stream: str
    clips: int  # clips whose map has support for the class
    share: float  # share of the map's support that is on the actor
    area: float  # share of the picture covered by the actor
    pointing: float  # share of chunks whose highest cell is on the actor
    chance: float  # the same for a random cell
    chunks: int  # chunks that matter and were counted
    gap: float  # largest completeness gap of a clip, relative to its change; NaN: no guarantee

    @property
    def enough(self) -> bool:
        """Whether the motion map overlaps with the actor as much as required."""
        return not self.lacking

    @property
    def lacking(self) -> str:
        """What is too low for the motion map, and what is required, compared as shown."""
        if self.data != "toybox":
            share, area = round(100 * self.share), round(100 * self.area)
            if share >= ENOUGH_SEEN * area:
                return ""
            return (
                f"{share} % is less than {ENOUGH_SEEN:.0f} times the actor's area ({area} %), "
                "which is required for motion"
            )
        names = ("on the ball", "of the highest cells")
        parts = [
            f"{round(100 * value)} % {name} (required: {round(100 * least)} %)"
            for value, least, name in zip(
                (self.share, self.pointing), ENOUGH_KNOWN, names, strict=True
            )
            if round(100 * value) < round(100 * least)
        ]
        return f"too low for motion: {listed(parts)}" if parts else ""


def rows_of(found: Pointing, model: str, data: str, fold: str) -> list[Pointed]:
    """Convert results to rows, one per stream."""
    return [
        Pointed(model, data, fold, found.method, found.stage, stream, gap=found.gap, **figures)
        for stream, figures in found.figures().items()
    ]


def read_pointings(path: Path = SHIPPED) -> tuple[Pointed, ...]:
    """Read all rows; none if the file is missing.

    Raises:
        InputError: the file is not such a table.
    """
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


def write_pointings(rows: Sequence[Pointed], path: Path) -> None:
    """Add rows to a table; they replace rows of the same network, data, fold and method.

    Raises:
        InputError: the existing file is not such a table, or it cannot be written.
    """
    import pandas as pd  # here, because pages import this file and rarely need a table

    asked = {(one.model, one.data, one.fold, one.method) for one in rows}
    kept = [
        one
        for one in read_pointings(path)
        if (one.model, one.data, one.fold, one.method) not in asked
    ]
    table = pd.DataFrame([asdict(one) for one in [*kept, *rows]]).sort_values(
        ["data", "model", "method", "stream"]
    )
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.4f")
    with atomic_write(path) as unfinished:
        unfinished.write_text(text.getvalue(), "utf-8")


def pointings_words(rows: Sequence[Pointed]) -> str:
    """Describe the measured overlap of one method's maps in sentences; empty without rows."""
    sets = dict.fromkeys(one.data for one in rows)
    return " ".join(_words([one for one in rows if one.data == data]) for data in sets)


def _words(rows: Sequence[Pointed]) -> str:
    """Sentences about one data set."""
    known = rows[0].data == "toybox"
    who = "the striped ball" if known else "the actor"
    overlap = "; ".join(
        f"{percent(one.share)} of the {COLOURS[one.stream]} map's support for the class is on "
        f"{who} ({percent(one.area)} of the picture), and so is its highest cell in "
        f"{percent(one.pointing)} of the chunks (chance: {percent(one.chance)})"
        for one in rows
    )
    where = "unseen Toybox clips" if known else f"clips of {rows[0].data}, fold {rows[0].fold}"
    text = f"Measured on {max(one.clips for one in rows)} {where}: {overlap}."
    for one in rows:
        if one.stream == "temporal" and one.lacking:
            text += f" {sentence_of(one.lacking)} Single cells are not reliable."
    return text


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Pointed, ...]:
    import pandas as pd  # here, as above

    try:
        table = pd.read_csv(
            path, keep_default_na=False, na_values={"gap": [""]}, dtype={"fold": str}
        )
        names = [field.name for field in fields(Pointed)]
        if missing := {*names} - {*table.columns}:
            raise ValueError(f"column {min(missing)} is missing")
        return tuple(
            Pointed(**{name: row[name] for name in names}) for row in table.to_dict("records")
        )
    except (OSError, ValueError) as problem:
        raise InputError(
            f"{path.name} is not a table of actor overlap ({problem}); needed: a file written by "
            "`fusionscope evaluate --attributions METHOD --out`"
        ) from problem
