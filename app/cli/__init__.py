"""Command line: the same work without a screen. Each command prints for people, or one JSON object.

Torch and its kin are imported by the commands that need them, so that ``--help`` answers at once.
A file here holds one or two commands; importing it hangs them on ``cli``.
"""

from app.cli import serve, models, run, describe, evaluate, train, import_mat, bench, doctor  # noqa: F401, I001  (the order of --help)
from app.cli.shell import cli, main

__all__ = ["cli", "main"]
