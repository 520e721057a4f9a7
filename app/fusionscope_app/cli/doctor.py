"""Doctor: check this machine, or the health of a running app."""

from __future__ import annotations

import dataclasses
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from fusionscope.base.records import InputError
from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command()
def doctor(
    url: Annotated[
        str, typer.Option(help="Check a running app instead, at http://HOST:PORT.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Check this machine: packages, codecs, memory, networks and folders."""
    if url:
        _check_app(url, as_json)
        return
    from fusionscope.base.paths import data_folder
    from fusionscope.diagnostics.machine_check import examine, problems

    findings = examine(data_folder())
    wrong = problems(findings)
    if as_json:
        print_json({"ok": not wrong, "findings": [*map(dataclasses.asdict, findings)]})
    else:
        for one in findings:
            print(f"{one.name:<16} {one.verdict:<8} {one.detail}")
    if wrong:
        raise InputError("\n\n".join(f"{one.name}: {one.detail}" for one in wrong))


def _check_app(url: str, as_json: bool) -> None:
    """Check the health endpoint of a running app."""
    try:
        with urlopen(f"{url.rstrip('/')}/_stcore/health", timeout=10) as reply:
            text = reply.read(100).decode("utf-8", "replace").strip()
    except (URLError, OSError, ValueError) as problem:
        raise InputError(f"{url} does not respond ({problem}); needed: a running app") from problem
    if text != "ok":
        raise InputError(f"{url} responds with {text!r}; needed: a running app, which returns ok")
    if as_json:
        print_json({"ok": True, "url": url})
    else:
        print(f"{url} is healthy")
