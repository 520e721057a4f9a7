"""Watching: record the files, connections and processes that a server opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.serve import ROOT

_CODE = """
import json, os, sys

told = os.open({log!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def hook(event, args):
    if event in ("open", "socket.connect", "subprocess.Popen", "os.listdir", "os.scandir"):
        os.write(told, (json.dumps([event, repr(args)]) + "\\n").encode())

sys.addaudithook(hook)
"""


def watched(folder: Path) -> Mapping[str, str]:
    """The environment of a server that is watched; what it does is written into this folder."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_CODE.format(log=str(folder / "log")), "utf-8")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


def seen(folder: Path, *words: str) -> list[str]:
    """What such a server did with anything that has one of these words in its name."""
    lines = [json.loads(line) for line in (folder / "log").read_text("utf-8").splitlines()]
    return [f"{event}: {args}" for event, args in lines if any(word in args for word in words)]
