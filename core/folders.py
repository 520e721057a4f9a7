"""Folders: where what a machine keeps for fusionscope lies."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Where small things are kept from one run to the next: FUSIONSCOPE_CACHE, or in the cache."""
    return Path(os.environ.get("FUSIONSCOPE_CACHE") or "~/.cache/fusionscope").expanduser()
