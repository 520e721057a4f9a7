"""Curves: how a training went, step by step, as a CSV file that a run broken off goes on with."""

from __future__ import annotations

import csv
import logging
import time
from pathlib import Path
from types import TracebackType

from core.draft import draft

log = logging.getLogger(__name__)

COLUMNS: tuple[str, ...] = ("step", "loss", "right", "rate", "watched", "seconds")


class Curves:
    """One row a step: loss, share of right answers, rate, accuracy on watched clips, seconds."""

    def __init__(self, path: Path, begun: int, *, quiet: bool = False) -> None:
        """Keep the rows of the first ``begun`` steps; ``quiet``: write nothing."""
        self.quiet, self.at = quiet, time.monotonic()
        self.rows: list[dict[str, str]] = []
        if quiet:
            return
        if begun and path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                self.rows = [row for row in csv.DictReader(file) if int(row["step"]) <= begun]
        with draft(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
            kept = csv.DictWriter(file, COLUMNS)
            kept.writeheader()
            kept.writerows(self.rows)
        self.file = path.open("a", encoding="utf-8", newline="")
        self.writer = csv.DictWriter(self.file, COLUMNS)

    def __enter__(self) -> Curves:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if not self.quiet:
            self.file.close()

    def add(self, step: int, *, loss: float, right: float, rate: float) -> None:
        """Note a step."""
        now = time.monotonic()
        row = {"step": str(step), "loss": f"{loss:.5f}", "right": f"{right:.4f}"}
        row |= {"rate": f"{rate:.3e}", "watched": "", "seconds": f"{now - self.at:.3f}"}
        self.at = now
        self._write(row)

    def watched(self, step: int, share: float) -> None:
        """Note a look at the watched clips, in a row of its own."""
        row = dict.fromkeys(COLUMNS, "") | {"step": str(step), "watched": f"{share:.5f}"}
        self._write(row)

    def told(self, step: int, steps: int) -> None:
        """Put what came last on disk and in the log."""
        if self.quiet:
            return
        self.file.flush()
        learned = [row for row in self.rows[-120:] if row["loss"]][-100:]
        mean = sum(float(row["loss"]) for row in learned) / max(1, len(learned))
        right = sum(float(row["right"]) for row in learned) / max(1, len(learned))
        looks = [row["watched"] for row in self.rows if row["watched"]]
        seen = f", watched {float(looks[-1]):.1%}" if looks else ""
        log.info("step %d of %d: loss %.3f, right %.1f %%%s", step, steps, mean, 100 * right, seen)

    def _write(self, row: dict[str, str]) -> None:
        if not self.quiet:
            self.rows.append(row)
            self.writer.writerow(row)
