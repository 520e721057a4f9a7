"""Parts: what an evaluation found so far, kept beside its result so that it can be resumed.

``OUT.parts/SETTINGS`` has a Parquet file for every few seconds of work; SETTINGS is a digest of all
that its outputs depend on. Other programs can read the files while the evaluation runs: a row for
each clip, with columns ``clip``, ``problem``, ``notes``, ``features``, and for each head
``scores:HEAD`` (K) and ``passes:HEAD`` (4 K).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.evaluation.by_clip.outputs import Outputs

EVERY = 10.0  # seconds between files
_SCORES, _PASSES = "scores:", "passes:"


def parts_folder(out: Path) -> Path:
    """The folder of all parts of a result, also those of other settings."""
    return out.with_name(f"{out.name}.parts")


class Parts:
    """The parts of one evaluation: outputs by clip id, in memory and on disk."""

    def __init__(self, out: Path, settings: str) -> None:
        """Read what is kept. ``settings``: a digest of all that the outputs depend on."""
        self._folder = make_folder(parts_folder(out) / settings[:16])
        self.found: dict[str, Outputs] = {}
        self._new: dict[str, Outputs] = {}
        self._written = time.monotonic()
        for path in sorted(self._folder.glob("*.parquet")):
            try:
                rows = parquet.read_table(path).to_pylist()
                self.found |= {row["clip"]: _outputs(row) for row in rows}
            except (OSError, KeyError, pa.ArrowException):  # its clips are done again
                continue

    def add(self, outputs: Mapping[str, Outputs]) -> None:
        """Keep the outputs of some clips; they are on disk after ``EVERY`` seconds at most."""
        self._new |= outputs
        if time.monotonic() - self._written > EVERY:
            self.write()

    def write(self) -> None:
        """Write what is new to a file of its own."""
        if not self._new:
            return
        outputs = [*self._new.values()]
        heads = [*dict.fromkeys(head for one in outputs for head in one.scores)]
        columns = {
            "clip": [*self._new],
            "problem": [one.problem for one in outputs],
            "notes": [one.notes for one in outputs],
            "features": [one.features for one in outputs],
        }
        nothing = np.empty(0)
        for head in heads:
            columns[_SCORES + head] = [one.scores.get(head, nothing) for one in outputs]
            columns[_PASSES + head] = [one.passes.get(head, nothing).ravel() for one in outputs]
        with atomic_write(self._folder / f"{uuid.uuid4().hex}.parquet") as unfinished:
            parquet.write_table(pa.table(columns), unfinished, compression="zstd")
        self.found |= self._new
        self._new, self._written = {}, time.monotonic()


def _outputs(row: dict[str, object]) -> Outputs:
    if row["problem"]:
        return Outputs({}, {}, np.empty(0), problem=str(row["problem"]))
    found = {name: np.array(value, float) for name, value in row.items() if ":" in name}
    scores, passes = (
        {
            name.removeprefix(kind): v
            for name, v in found.items()
            if name.startswith(kind) and v.size
        }
        for kind in (_SCORES, _PASSES)
    )
    return Outputs(
        scores,
        {head: values.reshape(4, -1) for head, values in passes.items()},
        np.array(row["features"], float),
        str(row["notes"]),
    )
