"""Paths: folders of the project's own data and of the user's data."""

from __future__ import annotations

import os
import stat
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

from fusionscope.base.records import InputError


def cache_folder() -> Path:
    """Folder for small results kept between runs: ``FUSIONSCOPE_CACHE``, or the user's cache."""
    return _named("FUSIONSCOPE_CACHE") or user_cache()


def models_folder() -> Path:
    """Folder of the user's models: ``FUSIONSCOPE_MODELS``, or ``models`` in the user's cache."""
    return _named("FUSIONSCOPE_MODELS") or user_cache() / "models"


def data_folder() -> Path:
    """Folder of the user's videos: ``FUSIONSCOPE_DATA``, or ``data`` in the user's cache."""
    return _named("FUSIONSCOPE_DATA") or user_cache() / "data"


def predictions_folder() -> Path:
    """Folder of predictions files: ``FUSIONSCOPE_PREDICTIONS``, or the bundled ones."""
    return _named("FUSIONSCOPE_PREDICTIONS") or shipped("checkpoints")


def lessons_folder() -> Path | None:
    """Folder of a lecturer's own lessons: ``FUSIONSCOPE_LESSONS``; None if it is not set."""
    return _named("FUSIONSCOPE_LESSONS")


def has_own_predictions() -> bool:
    """Whether the user named the folder of predictions files."""
    return bool(os.environ.get("FUSIONSCOPE_PREDICTIONS"))


def shipped(name: str) -> Path:
    """A folder of bundled data: in the repository or, if installed, in the package.

    An editable install also copies it into site-packages; the repository takes precedence.
    """
    package = Path(__file__).parents[1]
    repository = package.parents[1] / name
    in_repository = package.parent.name == "core" and repository.is_dir()
    return repository if in_repository else package / name


def user_cache() -> Path:
    """The user's cache folder; without a home, a folder among the temporary files."""
    try:
        found = platformdirs.user_cache_path("fusionscope")
    except RuntimeError:  # no home; some releases give a relative path instead
        return _temporary_cache()
    return found if found.is_absolute() else _temporary_cache()


def expanded(path: Path | str) -> Path:
    """A path with ``~`` replaced by the home.

    Raises:
        InputError: the user has no home.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as problem:
        raise InputError(
            f"{path} starts with ~, but this user has no home folder; needed: a whole path"
        ) from problem


def set_home() -> None:
    """Use the temporary cache as the home in this process, if the user has none."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = str(_temporary_cache())


@cache
def _temporary_cache() -> Path:
    """A folder of this user among the temporary files; a new one if that name is another user's."""
    named = Path(tempfile.gettempdir()) / f"fusionscope-{_user_number()}"
    try:
        named.mkdir(mode=0o700, exist_ok=True)
        state = named.lstat()
        if stat.S_ISDIR(state.st_mode) and state.st_uid == _user_number():
            return named
    except OSError:
        pass
    return Path(tempfile.mkdtemp(prefix="fusionscope-"))


def _user_number() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _named(variable: str) -> Path | None:
    """The folder set by an environment variable; None if unset or empty."""
    value = os.environ.get(variable)
    return expanded(value) if value else None
