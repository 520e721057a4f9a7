"""Doctor: what this machine has of all that fusionscope stands on, line by line.

A line says that a thing is there, that it is lacking and what is not to be had without it, or what
is wrong and how to put it right.
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

from core.card import Card
from core.folders import cache_folder
from core.nets.loading import joined_digest
from core.nets.precision import has_bfloat16
from core.nets.zoo import FOLDER, Found, found, own_folder, parts_of, weights_path
from core.records import InputError
from core.video.raft import lacking as raft_lacks

FINE, LACKS, WRONG = "fine", "lacking", "wrong"

_PACKAGES = {  # as pip calls it -> as Python does
    **{"torch": "torch", "torchvision": "torchvision", "streamlit": "streamlit"},
    **{"opencv-contrib-python-headless": "cv2", "av": "av", "captum": "captum", "timm": "timm"},
}
_DECODERS = {
    **{"H.264": "h264", "HEVC": "hevc", "VP8": "vp8", "VP9": "vp9", "AV1": "av1"},
    **{"ProRes": "prores", "MPEG-4": "mpeg4"},
}
_LEAST = 2 << 30  # bytes of memory with which the app is at ease


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``verdict`` is ``FINE``, ``LACKS`` or ``WRONG``."""

    name: str
    verdict: str
    detail: str


def examine(data: Path) -> list[Finding]:
    """Look at everything. ``data`` is the folder of the user's videos."""
    return [finding for look in (*_LOOKS, lambda: [_videos(data)]) for finding in look()]


def problems(findings: Iterable[Finding]) -> list[Finding]:
    """Those that the user can put right."""
    return [one for one in findings if one.verdict == WRONG]


def _versions() -> list[Finding]:
    found = [
        Finding("fusionscope", FINE, _version("fusionscope") or "not installed, run from a folder"),
        Finding("Python", FINE, f"{platform.python_version()} on {platform.platform(terse=True)}"),
    ]
    for package, module in _PACKAGES.items():
        try:
            importlib.import_module(module)
        except ImportError as problem:
            wrong = f"cannot be imported: {problem}; pip install {package}"
            found.append(Finding(module, WRONG, wrong))
            continue
        found.append(Finding(module, FINE, _version(package) or "of an unknown version"))
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _codecs() -> list[Finding]:
    missing = [name for name, codec in _DECODERS.items() if not _is_there(codec, "r")]
    read = ", ".join(name for name in _DECODERS if name not in missing)
    decoders = Finding("video decoders", FINE, read)
    if missing:
        wrong = f"no {', '.join(missing)} in this PyAV; pip install --force-reinstall av"
        decoders = Finding("video decoders", WRONG, wrong)
    if _is_there("libx264", "w"):
        return [decoders, Finding("H.264 encoder", FINE, "libx264")]
    lacks = "no libx264 in this PyAV: no mp4 can be written"
    return [decoders, Finding("H.264 encoder", LACKS, lacks)]


def _is_there(codec: str, mode: str) -> bool:
    try:
        return bool(av.Codec(codec, "w" if mode == "w" else "r"))
    except ValueError:
        return False


def _machine() -> list[Finding]:
    capability = torch.backends.cpu.get_cpu_capability()
    half = ", bfloat16 of its own" if has_bfloat16() else ""
    threads = torch.get_num_threads()
    cores = f"cores: {os.cpu_count()}, torch's threads: {threads}; {capability}{half}"
    found = [Finding("processor", FINE, cores)]
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        memory = f"{name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
        found.append(Finding("GPU", FINE, memory))
    else:
        found.append(Finding("GPU", LACKS, "none that torch can use: the processor does the work"))
    free = _free_memory()
    if free is None:
        return [*found, Finding("memory", LACKS, "this system does not tell")]
    said = f"{free / 2**30:.1f} GiB to be had"
    if free < _LEAST:
        return [*found, Finding("memory", WRONG, f"{said}; needed: {_LEAST / 2**30:.0f} GiB")]
    return [*found, Finding("memory", FINE, said)]


def _free_memory() -> int | None:
    """Bytes, as Linux tells; None elsewhere."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(s.split()[1]) << 10 for s in lines if s.startswith("MemAvailable")), None)


def _models() -> list[Finding]:
    """Every network's card and the digest of its weights; those that are right in one line."""
    listed = found()
    wrong = {one.name: problem for one in listed if (problem := _wrong(one))}
    right = [one.name for one in listed if one.name not in wrong]
    lines = [Finding("networks", FINE, f"{len(right)} with weights as their cards name them")]
    if not right:
        lines = [Finding("networks", WRONG, f"there is none in {FOLDER}; install once more")]
    return [*lines, *(Finding(name, WRONG, problem) for name, problem in wrong.items())]


def _wrong(one: Found) -> str:
    """What is wrong with a network; empty: nothing."""
    if one.card is None:
        return one.problem
    if one.adapter or one.card.weights == "imagenet":
        return ""
    try:
        return _unlike(one.card, own_folder() if one.origin else FOLDER)
    except InputError as problem:
        return str(problem)


def _unlike(card: Card, folder: Path) -> str:
    """Where weights are not those that their card names; empty: they are."""
    if card.weights:
        parts = parts_of(card, folder)
        if joined_digest(parts) != card.sha256:
            return "the networks that it is made of have changed; needed: its card made again"
        return next((problem for part in parts if (problem := _unlike(*part))), "")
    path = weights_path(card, folder)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        return f"{path.name} cannot be read ({problem.strerror}); needed: the file, readable"
    if digest != card.sha256:
        return (
            f"{path.name} has sha256 {digest[:12]}…, its card names {card.sha256[:12]}…; "
            "needed: the file that belongs to it"
        )
    return ""


def _raft() -> list[Finding]:
    missing = raft_lacks()
    return [Finding("RAFT", LACKS if missing else FINE, missing or "its weights are there")]


def _own_models() -> list[Finding]:
    return [_folder("own models", own_folder(), "FUSIONSCOPE_MODELS")]


def _videos(folder: Path) -> Finding:
    return _folder("data", folder, "FUSIONSCOPE_DATA")


def _folder(name: str, folder: Path, variable: str) -> Finding:
    """A folder that may be missing, unless it was named."""
    if not folder.exists():
        if os.environ.get(variable):
            return Finding(
                name, WRONG, f"{variable} names {folder}, which is not there; needed: a folder"
            )
        return Finding(name, LACKS, f"no folder {folder}; {variable} names another")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        return Finding(name, WRONG, f"{folder} cannot be listed; needed: a folder you may read")
    return Finding(name, FINE, str(folder))


def _cache() -> list[Finding]:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return [Finding("cache", FINE, str(folder))]
    except OSError as problem:
        wrong = f"{folder} cannot be written ({problem.strerror}); FUSIONSCOPE_CACHE names another"
        return [Finding("cache", WRONG, wrong)]


_LOOKS: tuple[Callable[[], list[Finding]], ...] = (
    _versions,
    _codecs,
    _machine,
    _models,
    _raft,
    _own_models,
    _cache,
)
