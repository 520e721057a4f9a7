"""Machine check: test everything that fusionscope needs on this machine, with a line for each.

A line reports a component as fine, as missing with its consequence, or as wrong with its remedy.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import av
import torch

from fusionscope.base.paths import cache_folder, models_folder
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.precision import has_bfloat16
from fusionscope.nets.store.catalogue import (
    FOLDER,
    CatalogueEntry,
    networks,
    parts_of,
    weights_path,
)
from fusionscope.nets.store.loading import joined_digest
from fusionscope.video.flow.raft import missing_reason as raft_missing

FINE, LACKS, WRONG = "fine", "missing", "wrong"

_PACKAGES = {  # name for pip -> name for import
    **{"torch": "torch", "torchvision": "torchvision", "streamlit": "streamlit"},
    **{"opencv-contrib-python-headless": "cv2", "av": "av", "captum": "captum", "timm": "timm"},
}
_DECODERS = {
    **{"H.264": "h264", "HEVC": "hevc", "VP8": "vp8", "VP9": "vp9", "AV1": "av1"},
    **{"ProRes": "prores", "MPEG-4": "mpeg4"},
}
_LEAST = 2 << 30  # bytes of free memory recommended for the app


@dataclass(frozen=True)
class Finding:
    """Result of one check; ``verdict`` is ``FINE``, ``LACKS`` or ``WRONG``."""

    name: str
    verdict: str
    detail: str


def examine(data: Path) -> list[Finding]:
    """Run all checks. ``data`` is the folder of the user's videos."""
    return [finding for look in (*_LOOKS, lambda: [_videos(data)]) for finding in look()]


def problems(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that the user can fix."""
    return [one for one in findings if one.verdict == WRONG]


def _versions() -> list[Finding]:
    found = [
        Finding("fusionscope", FINE, _version("fusionscope") or "not installed, run from source"),
        Finding("Python", FINE, f"{platform.python_version()} on {platform.platform(terse=True)}"),
    ]
    for package, module in _PACKAGES.items():
        try:
            importlib.import_module(module)
        except ImportError as problem:
            wrong = f"cannot be imported: {problem}; pip install {package}"
            found.append(Finding(module, WRONG, wrong))
            continue
        found.append(Finding(module, FINE, _version(package) or "unknown version"))
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _codecs() -> list[Finding]:
    missing = [name for name, codec in _DECODERS.items() if not _is_available(codec, "r")]
    read = ", ".join(name for name in _DECODERS if name not in missing)
    decoders = Finding("video decoders", FINE, read)
    if missing:
        wrong = f"no {', '.join(missing)} in this PyAV; pip install --force-reinstall av"
        decoders = Finding("video decoders", WRONG, wrong)
    if _is_available("libx264", "w"):
        return [decoders, Finding("H.264 encoder", FINE, "libx264")]
    lacks = "no libx264 in this PyAV: mp4 export is not available"
    return [decoders, Finding("H.264 encoder", LACKS, lacks)]


def _is_available(codec: str, mode: str) -> bool:
    try:
        return bool(av.Codec(codec, "w" if mode == "w" else "r"))
    except ValueError:
        return False


def _machine() -> list[Finding]:
    capability = torch.backends.cpu.get_cpu_capability()
    half = ", native bfloat16" if has_bfloat16() else ""
    threads = torch.get_num_threads()
    cores = f"{os.cpu_count()} cores, {threads} torch threads; {capability}{half}"
    found = [Finding("processor", FINE, cores)]
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        memory = f"{name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
        found.append(Finding("GPU", FINE, memory))
    else:
        found.append(Finding("GPU", LACKS, "none usable by torch: networks run on the CPU"))
    free = _free_memory()
    if free is None:
        return [*found, Finding("memory", LACKS, "unknown on this system")]
    available = f"{free / 2**30:.1f} GiB available"
    if free < _LEAST:
        wrong = f"{available}; needed: {_LEAST / 2**30:.0f} GiB"
        return [*found, Finding("memory", WRONG, wrong)]
    return [*found, Finding("memory", FINE, available)]


def _free_memory() -> int | None:
    """Available memory in bytes on Linux; None on other systems."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(s.split()[1]) << 10 for s in lines if s.startswith("MemAvailable")), None)


def _models() -> list[Finding]:
    """Check every network's card and the digest of its weights; valid ones share one line."""
    listed = networks()
    wrong = {one.name: problem for one in listed if (problem := _wrong(one))}
    right = [one.name for one in listed if one.name not in wrong]
    lines = [Finding("networks", FINE, f"{len(right)} with weights that match their cards")]
    if not right:
        lines = [Finding("networks", WRONG, f"none in {FOLDER}; reinstall fusionscope")]
    return [*lines, *(Finding(name, WRONG, problem) for name, problem in wrong.items())]


def _wrong(one: CatalogueEntry) -> str:
    """Describe what is wrong with a network; empty: nothing."""
    if one.card is None:
        return one.problem
    if one.adapter or one.card.weights == "imagenet":
        return ""
    try:
        return _unlike(one.card, models_folder() if one.origin else FOLDER)
    except InputError as problem:
        return str(problem)


def _unlike(card: Card, folder: Path) -> str:
    """Describe how weights differ from their card; empty: they match."""
    if card.weights:
        parts = parts_of(card, folder)
        if joined_digest(parts) != card.sha256:
            return "its component networks have changed; create its card again"
        return next((problem for part in parts if (problem := _unlike(*part))), "")
    path = weights_path(card, folder)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        return f"{path.name} cannot be read ({problem.strerror}); needed: a readable file"
    if digest != card.sha256:
        return (
            f"{path.name} has sha256 {digest[:12]}…, its card has {card.sha256[:12]}…; "
            "needed: the file that belongs to the card"
        )
    return ""


def _raft() -> list[Finding]:
    missing = raft_missing()
    return [Finding("RAFT", LACKS if missing else FINE, missing or "weights found")]


def _own_models() -> list[Finding]:
    return [_folder("own models", models_folder(), "FUSIONSCOPE_MODELS")]


def _videos(folder: Path) -> Finding:
    return _folder("data", folder, "FUSIONSCOPE_DATA")


def _folder(name: str, folder: Path, variable: str) -> Finding:
    """Check a folder, which may be missing unless the variable names it."""
    if not folder.exists():
        if os.environ.get(variable):
            return Finding(
                name, WRONG, f"{variable} is set to {folder}, which does not exist; create it"
            )
        return Finding(name, LACKS, f"no folder {folder}; set {variable} to use another")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return Finding(name, WRONG, f"{folder} cannot be listed; needed: a readable folder")
    return Finding(name, FINE, str(folder))


def _cache() -> list[Finding]:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return [Finding("cache", FINE, str(folder))]
    except OSError as problem:
        wrong = f"cannot write to {folder} ({problem.strerror})"
        return [Finding("cache", WRONG, f"{wrong}; set FUSIONSCOPE_CACHE to use another folder")]


_LOOKS: tuple[Callable[[], list[Finding]], ...] = (
    _versions,
    _codecs,
    _machine,
    _models,
    _raft,
    _own_models,
    _cache,
)
