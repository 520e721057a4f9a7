"""Doctor: what this machine has of all that fusionscope stands on."""

from __future__ import annotations

import dataclasses
from typing import Annotated
from urllib.error import URLError
from urllib.request import urlopen

import typer

from app.cli.shell import AsJson, cli, print_json
from core.records import InputError


@cli.command()
def doctor(
    url: Annotated[
        str, typer.Option(help="Ask this running app, http://HOST:PORT, whether it is well.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say what is there, what is lacking, and what is wrong and can be put right."""
    if url:
        _ask(url, as_json)
        return
    from app.sources import data_folder
    from core.doctor import examine, problems

    findings = examine(data_folder())
    wrong = problems(findings)
    if as_json:
        print_json({"ok": not wrong, "findings": [*map(dataclasses.asdict, findings)]})
    else:
        for one in findings:
            print(f"{one.name:<16} {one.verdict:<8} {one.detail}")
    if wrong:
        raise InputError("\n\n".join(f"{one.name}: {one.detail}" for one in wrong))


def _ask(url: str, as_json: bool) -> None:
    """Ask a running app what it answers a health check."""
    try:
        with urlopen(f"{url.rstrip('/')}/_stcore/health", timeout=10) as reply:
            said = reply.read(100).decode("utf-8", "replace").strip()
    except (URLError, OSError, ValueError) as problem:
        raise InputError(f"{url} does not answer ({problem}); needed: a running app") from problem
    if said != "ok":
        raise InputError(f"{url} answers {said!r}; needed: a running app, which says ok")
    if as_json:
        print_json({"ok": True, "url": url})
    else:
        print(f"{url} is well")
