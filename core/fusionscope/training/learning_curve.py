"""Learning curve: record each training step in a CSV file, which a resumed training continues."""

from __future__ import annotations

import csv
import logging
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import torch

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.records import percent
from fusionscope.training.event_files import EventFiles

log = logging.getLogger(__name__)

COLUMNS: tuple[str, ...] = ("step", "loss", "right", "rate", "watched", "seconds")


class LearningCurve:
    """One row per step: loss, accuracy, learning rate, validation accuracy, seconds.

    Of a network with two heads, each head's loss has a column of its own, ``loss:HEAD``.
    """

    def __init__(
        self,
        path: Path,
        begun: int,
        *,
        heads: Sequence[str] = (),
        batch: int = 0,
        events: bool = False,
        quiet: bool = False,
    ) -> None:
        """Keep existing rows of the first ``begun`` steps; if ``quiet``, write nothing.

        Args:
            batch: clips of a step, for the throughput.
            events: also write TensorBoard event files beside the CSV file.
        """
        self.quiet, self.batch, self.at = quiet, batch, time.monotonic()
        self.recent: deque[dict[str, str]] = deque(maxlen=100)
        self.found = ""  # last validation accuracy
        self.events = None
        if quiet:
            return
        columns = (*COLUMNS, *(f"loss:{head}" for head in heads if len(heads) > 1))
        rows: list[dict[str, str]] = []
        if begun and path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows = [row for row in csv.DictReader(file) if int(row["step"]) <= begun]
        with (
            atomic_write(path) as unfinished,
            unfinished.open("w", encoding="utf-8", newline="") as file,
        ):
            kept = csv.DictWriter(file, columns, extrasaction="ignore")
            kept.writeheader()
            kept.writerows(rows)
        self.file = path.open("a", encoding="utf-8", newline="")
        self.writer = csv.DictWriter(self.file, columns, restval="", extrasaction="ignore")
        for row in rows:
            self._remember(row)
        if events:
            self.events = EventFiles(path.parent, begun)

    def __enter__(self) -> LearningCurve:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        if not self.quiet:
            self.file.close()
        if self.events:
            self.events.close()

    def add(
        self,
        step: int,
        *,
        loss: float,
        right: float,
        rate: float,
        losses: Mapping[str, float] | None = None,
    ) -> None:
        """Add a row for a training step.

        Args:
            losses: head -> its part of the loss.
        """
        now = time.monotonic()
        seconds, self.at = now - self.at, now
        row = {"step": str(step), "loss": f"{loss:.5f}", "right": f"{right:.4f}"}
        row |= {"rate": f"{rate:.3e}", "watched": "", "seconds": f"{seconds:.3f}"}
        row |= {f"loss:{head}": f"{part:.5f}" for head, part in (losses or {}).items()}
        self._write(row)
        if self.events:
            values = {"loss/total": loss, "accuracy/training": right, "rate": rate}
            values |= {f"loss/{head}": part for head, part in (losses or {}).items()}
            speed = {"clips per second": self.batch / seconds} if seconds else {}
            self.events.add(step, values | speed)

    def watched(self, step: int, share: float) -> None:
        """Add a row with the accuracy on the validation clips."""
        self._write({"step": str(step), "watched": f"{share:.5f}"})
        self.at = time.monotonic()
        if self.events:
            self.events.add(step, {"accuracy/validation": share})

    def report(self, step: int, steps: int) -> None:
        """Flush the files, and log the means over the last 100 steps, throughput and memory."""
        if self.quiet:
            return
        self.file.flush()
        if self.events:
            self.events.flush()
        count = max(1, len(self.recent))
        mean = sum(float(row["loss"]) for row in self.recent) / count
        right = sum(float(row["right"]) for row in self.recent) / count
        seconds = sum(float(row["seconds"]) for row in self.recent)
        speed = f", {self.batch * count / seconds:.3g} clips/s" if self.batch and seconds else ""
        end = f", validation {percent(float(self.found), 1)}" if self.found else ""
        log.info(
            "step %d of %d: loss %.3f, correct %.1f%%%s%s%s",
            step, steps, mean, 100 * right, end, speed, _memory(),
        )  # fmt: skip

    def _write(self, row: dict[str, str]) -> None:
        if not self.quiet:
            self._remember(row)
            self.writer.writerow(row)

    def _remember(self, row: dict[str, str]) -> None:
        if row.get("loss"):
            self.recent.append(row)
        self.found = row.get("watched") or self.found


def _memory() -> str:
    """Most memory used so far: of the GPU, or else of this process."""
    if torch.cuda.is_available():
        return f", at most {torch.cuda.max_memory_allocated() / 1e9:.1f} GB of GPU memory"
    try:
        import resource
        import sys
    except ImportError:  # Windows
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return f", at most {most / 1e9:.1f} GB of memory"
