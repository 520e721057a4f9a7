"""Demo mode for public servers: no upload, no webcam, no data folder."""

from __future__ import annotations

import os

VARIABLE = "FUSIONSCOPE_DEMO"
TEACH = "FUSIONSCOPE_DEMO_TEACH"

CLOSED = (
    "This is a demonstration. To use your own clips (upload, webcam or folder), run the app "
    "yourself."
)
"""Shown in place of the buttons that demo mode removes."""


def is_demo() -> bool:
    """Whether demo mode is on: FUSIONSCOPE_DEMO is set, and neither empty nor 0."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def may_teach() -> bool:
    """Whether visitors may record clips and drop files on page Teach.

    In demo mode they may where FUSIONSCOPE_DEMO_TEACH is set, and neither empty nor 0.
    """
    return not is_demo() or os.environ.get(TEACH, "") not in ("", "0")
