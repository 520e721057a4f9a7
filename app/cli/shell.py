"""Shell: what every command shares: one typer program, one way to print JSON, exit statuses.

Exit status: 0; 2 and one line on standard error for what the user can put right; 1 for a bug.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, NoReturn

import typer

from core.memory import enough_memory
from core.records import InputError

cli = typer.Typer(
    help="See what two-stream video networks see, where they fuse, what they decide and why.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
# Typer carries a click of its own in some releases and uses the installed one in others.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # pyright: ignore[reportAssignmentType]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        with enough_memory():
            status = cli(standalone_mode=False) or 0
        sys.exit(status)
    except InputError as problem:
        _refuse(str(problem))
    except _UsageError as problem:
        _refuse(getattr(problem, "format_message", problem.__str__)())
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)


def _refuse(text: str) -> NoReturn:
    """Say each problem on a line of its own."""
    for line in filter(None, (" ".join(line.split()) for line in text.split("\n\n"))):
        print(f"fusionscope: {line}", file=sys.stderr)
    sys.exit(2)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line."""
    print(json.dumps(value, ensure_ascii=False))
