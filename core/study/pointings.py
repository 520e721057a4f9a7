"""Pointings: what pointing found, kept in one table that comes with the project.

One row for each network, data, method and stream. Pages tell it beside the method's maps.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path

from core.draft import draft
from core.nets.zoo import FOLDER
from core.records import InputError
from core.streams import COLOURS
from core.study.pointing import Pointing

SHIPPED = FOLDER / "attributions.csv"
ENOUGH_KNOWN = (0.85, 0.95)  # share and pointing that are asked where one thing alone decides
ENOUGH_SEEN = 2.0  # times the actor's area, that is asked of clips of people


@dataclass(frozen=True)
class Pointed:
    """The means of one method's maps of one stream over many clips."""

    model: str
    data: str
    fold: str
    method: str
    stage: str  # whose maps; empty: the input's
    stream: str
    clips: int  # in which the map speaks for the class at all
    share: float  # of what speaks for the class, that lies on the actor
    area: float  # of the picture, that is actor
    pointing: float  # share of the chunks whose highest cell is on the actor
    chance: float
    chunks: int  # that matter, and were asked
    gap: float  # the largest completeness gap of a clip, in its change of score; NaN: none promised

    @property
    def enough(self) -> bool:
        """Does the map of motion lie on the actor as well as is asked of a method?"""
        if self.data == "toybox":
            share, pointing = ENOUGH_KNOWN
            return self.share >= share and self.pointing >= pointing
        return self.share >= ENOUGH_SEEN * self.area


def rows_of(found: Pointing, model: str, data: str, fold: str) -> list[Pointed]:
    """The rows of what was found, one a stream."""
    return [
        Pointed(model, data, fold, found.method, found.stage, stream, gap=found.gap, **figures)
        for stream, figures in found.figures().items()
    ]


def read_pointings(path: Path = SHIPPED) -> tuple[Pointed, ...]:
    """All rows; none where there is no such file.

    Raises:
        InputError: it is no such table.
    """
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


def write_pointings(rows: Sequence[Pointed], path: Path) -> None:
    """Put rows into a table, in the place of those of the same network, data, fold and method.

    Raises:
        InputError: what is there is no such table, or it cannot be written.
    """
    import pandas as pd  # here: the first page needs these words and, unless asked, no table

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
    with draft(path) as unfinished:
        unfinished.write_text(text.getvalue())


def pointings_words(rows: Sequence[Pointed]) -> str:
    """What is known of one method's maps of one network, in sentences; empty where nothing is."""
    sets = dict.fromkeys(one.data for one in rows)
    return " ".join(_words([one for one in rows if one.data == data]) for data in sets)


def _words(rows: Sequence[Pointed]) -> str:
    """The sentences of one data set."""
    known = rows[0].data == "toybox"
    who = "the striped ball" if known else "the actor"
    told = "; ".join(
        f"{one.share:.0%} of what {COLOURS[one.stream]} says for the class lies on {who} "
        f"({one.area:.0%} of the picture), and its highest cell does in {one.pointing:.0%} of "
        f"the chunks (by chance {one.chance:.0%})"
        for one in rows
    )
    where = "unseen Toybox clips" if known else f"clips of {rows[0].data}, fold {rows[0].fold}"
    said = f"Measured on {max(one.clips for one in rows)} {where}: {told}."
    asked = [one for one in rows if one.stream != "spatial"]
    if asked and not all(one.enough for one in asked):
        share, pointing = ENOUGH_KNOWN
        bar = (
            f"{share:.0%} and {pointing:.0%} are asked of motion, where that ball alone decides"
            if known
            else f"{ENOUGH_SEEN:.0f} times the actor's area are asked of motion"
        )
        said += f" That is less than should be: {bar}. Do not trust a single place of this map."
    return said


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[Pointed, ...]:
    import pandas as pd  # here, as above

    try:
        table = pd.read_csv(
            path, keep_default_na=False, na_values={"gap": [""]}, dtype={"fold": str}
        )
        names = [field.name for field in fields(Pointed)]
        if missing := {*names} - {*table.columns}:
            raise ValueError(f"it has no column {min(missing)}")
        return tuple(
            Pointed(**{name: row[name] for name in names}) for row in table.to_dict("records")
        )
    except (OSError, ValueError) as problem:
        raise InputError(
            f"{path.name} is no table of pointings: {problem}; needed: what "
            "`fusionscope evaluate --attributions METHOD --out` writes"
        ) from problem
