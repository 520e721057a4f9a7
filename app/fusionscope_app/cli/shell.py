"""Shell: shared parts of all commands: the typer program, JSON output, exit statuses.

Exit status: 0 for success; 2, with one line per problem on standard error, for errors that the user
can fix; 1 for a bug.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Annotated, Any, NoReturn

import typer

from fusionscope.base.out_of_memory import memory_errors_as_input_errors
from fusionscope.base.records import InputError

cli = typer.Typer(
    help="Inspect two-stream video networks: what they see, how they fuse, and what they predict.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
# Some releases of Typer include their own click, others use the installed one.
_UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # pyright: ignore[reportAssignmentType]

AsJson = Annotated[bool, typer.Option("--json", help="Print only one JSON object.")]


def main() -> None:
    """Run the command line and exit with its status."""
    print_every_name()
    try:
        with memory_errors_as_input_errors():
            status = cli(standalone_mode=False) or 0
        sys.exit(status)
    except InputError as problem:
        _refuse(str(problem))
    except _UsageError as problem:
        _refuse(getattr(problem, "format_message", problem.__str__)())
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)


def print_every_name() -> None:
    r"""Print what the terminal cannot show as an escape, such as \u65e5, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _refuse(text: str) -> NoReturn:
    """Print each problem on its own line, and exit with status 2."""
    for line in filter(None, (" ".join(line.split()) for line in text.split("\n\n"))):
        print(f"fusionscope: {line}", file=sys.stderr)
    sys.exit(2)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line, in ASCII if the output cannot take all its letters."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print(text)
