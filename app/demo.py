"""Demo: the app as strangers may use it: no upload, no webcam, no data folder."""

from __future__ import annotations

import os

VARIABLE = "FUSIONSCOPE_DEMO"

CLOSED = (
    "This is a demonstration: clips of your own, by upload, webcam or folder, are for an app that "
    "you start yourself."
)
"""What stands where those would be."""


def is_demo() -> bool:
    """Was it started for strangers? FUSIONSCOPE_DEMO says so, unless it is empty or 0."""
    return os.environ.get(VARIABLE, "") not in ("", "0")
