"""Lessons: check lesson files, and report each fault in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command()
def lessons(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder of lessons; without: those that page Learn lists."),
    ] = None,
    check: Annotated[  # noqa: ARG001 (a name for what the command does in any case)
        bool, typer.Option("--check", help="Report faults; the exit status is 2 if there are any.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """List lessons, and check what they name: pages, parameters, networks, values."""
    from fusionscope_app.learn.lesson_check import check_folder

    found = check_folder(folder)
    if as_json:
        told = [
            {
                "name": one.name,
                "steps": len(one.lesson.steps) if one.lesson else 0,
                "problems": list(one.problems),
            }
            for one in found
        ]
        print_json({"lessons": told})
    else:
        for one in found:
            steps = f"{len(one.lesson.steps)} steps" if one.lesson else "faults"
            print(f"{one.name:<24} {steps}")
            for problem in one.problems:
                print(f"  {problem}")
    if any(one.problems for one in found):
        raise typer.Exit(2)
