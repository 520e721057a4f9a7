"""Event files: write a training's losses, rates and throughput for TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fusionscope.base.records import InputError


class EventFiles:
    """TensorBoard event files in a folder; a resumed training hides the steps it repeats."""

    def __init__(self, folder: Path, begun: int) -> None:
        """Begin a file after ``begun`` completed steps."""
        self.writer = _writer()(folder, purge_step=begun + 1 if begun else None)

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Add values of a step: name -> value."""
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def flush(self) -> None:
        """Write everything to disk."""
        self.writer.flush()

    def close(self) -> None:
        """Write everything to disk and close the file."""
        self.writer.close()


def check_event_files() -> None:
    """Check that event files can be written.

    Raises:
        InputError: TensorBoard is not installed.
    """
    _writer()


def _writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as problem:
        raise InputError(
            "--tensorboard needs the package tensorboard: pip install 'fusionscope[tensorboard]'"
        ) from problem
    return SummaryWriter
