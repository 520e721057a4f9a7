"""Kept analysis: scores, maps and reel of an analysis in a file, for the first page.

A file is valid for one clip, one card with its weights, one format and one version of the code:
all are in it, and a file that differs in one of them is ignored. Flow and feature maps are not in
it: they are large, and computed when they are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.kept.late_trace import LateTrace
from fusionscope.analysis.kept.record_file import Damaged, pack, unpack
from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.paths import cache_folder, shipped
from fusionscope.card import Card
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip

FORMAT = 1  # changes with what a file contains

SHIPPED = shipped("checkpoints") / "first-views"
"""The analyses that come with the project."""


@dataclass(frozen=True)
class KeptKey:
    """What an analysis depends on; the file is named after clip and network."""

    clip: str  # digest
    card: str  # digest of all its fields, that of its weights among them
    code: str  # digest of the code; empty for a shipped file, which a test compares
    format: int = FORMAT


def key_of(clip: Clip, card: Card, code: str) -> KeptKey:
    """The key of an analysis of a clip by the network of a card."""
    words = json.dumps(asdict(card), sort_keys=True)
    return KeptKey(clip.digest, hashlib.sha256(words.encode()).hexdigest(), code)


def pack_analysis(analysis: Analysis, key: KeptKey) -> bytes:
    """Write an analysis, without flow and feature maps, as the content of a file."""
    trace = analysis.trace
    return pack(
        {
            "key": asdict(key),
            "logits": trace.logits,
            "seconds": trace.seconds,
            "precision": trace.precision,
            "passes": analysis.passes,
            "maps": analysis.maps,
            "reel": analysis.reel,
        }
    )


def unpack_analysis(
    stored: bytes, clip: Clip, card: Card, key: KeptKey, whole: Callable[[], Trace]
) -> Analysis | None:
    """Read the analysis of a clip; None if the file is damaged or has another key.

    Args:
        whole: returns the run with flow and maps; called when somebody reads one of these.
    """
    with suppress(Damaged, KeyError, TypeError, AttributeError, ValueError):
        found = unpack(stored)
        if found["key"] != asdict(key) or found["reel"].clip != clip.digest:
            return None
        shapes = {scores.shape for scores in found["logits"].values()}
        if shapes != {(len(card.labels),)} or found["passes"].labels != card.labels:
            return None
        about = found["logits"], found["seconds"], found["precision"]
        return Analysis(
            LateTrace(card, clip, *about, whole), found["passes"], found["maps"], found["reel"]
        )
    return None


def kept_analysis(name: str, clip: Clip, card: Card, whole: Callable[[], Trace]) -> Analysis | None:
    """The kept analysis of a bundled clip: the shipped one, else that of the user's cache.

    Args:
        name: the id of the clip, ``toybox:8``.
    """
    for folder, code in ((SHIPPED, ""), (_own_folder(), code_digest())):
        with suppress(OSError):
            stored = (folder / file_name(name, card)).read_bytes()
            found = unpack_analysis(stored, clip, card, key_of(clip, card, code), whole)
            if found is not None:
                return found
    return None


def keep_analysis(name: str, analysis: Analysis) -> Path:
    """Write an analysis of a bundled clip to the user's cache, in place of an older one.

    Raises:
        InputError: it cannot be written.
    """
    trace = analysis.trace
    path = make_folder(_own_folder()) / file_name(name, trace.card)
    content = pack_analysis(analysis, key_of(trace.clip, trace.card, code_digest()))
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(content)
    return path


def file_name(name: str, card: Card) -> str:
    """The file of a clip and a network: ``toybox-8.toybox-conv3d.npz``."""
    return f"{name.replace(':', '-')}.{card.name}.npz"


def _own_folder() -> Path:
    return cache_folder() / "first-views"


@cache
def code_digest() -> str:
    """A digest of the code that makes an analysis: the package, and the libraries it calls."""
    sha = hashlib.sha256()
    package = Path(__file__).parents[2]
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in _OTHER:
            sha.update(path.relative_to(package).as_posix().encode())
            sha.update(path.read_bytes())
    for library in ("numpy", "opencv-contrib-python-headless", "pillow", "torch"):
        with suppress(PackageNotFoundError):
            sha.update(f"{library} {version(library)}".encode())
    return sha.hexdigest()


_OTHER = frozenset({"bench", "diagnostics", "evaluation", "training"})
"""Folders of the package that no analysis needs."""
