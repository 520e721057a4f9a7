"""Reading: read the corpus as the app reads an upload, in a separate process.

``python -m tests.hostile.reading FOLDER ADDRESS`` puts one case after the other into FOLDER, where
the bait lies, and prints one JSON line for each, then one with its figures. It is light, so that
the memory it tells is the decoder's: a process that is started counts what its parent held.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

from fusionscope.base.records import InputError
from fusionscope.video.clip import probe, read_clip
from tests.hostile.case import Case
from tests.hostile.corpus import corpus
from tests.hostile.lures import Bait
from tests.videos import numbers

WORKERS = 2  # each waits for a decoder most of the time


def read(case: Case, folder: Path) -> dict[str, Any]:
    """Write one case, open it as the app does, take it away; say what came of it."""
    path = case.write(folder)
    began = time.monotonic()
    told: dict[str, Any] = {"name": case.name}
    try:
        if crc32(case.name.encode()) % 3 == 0:  # as an upload is, before it is read
            probe(path, timeout=case.seconds)
        clip = read_clip(path, 0.0, timeout=case.seconds)
    except InputError as problem:
        told |= {"sentence": str(problem)}
    except Exception as problem:
        told |= {"crash": f"{type(problem).__name__}: {problem}"}
    else:
        told |= {"shape": clip.frames.shape, "fps": clip.fps, "numbers": numbers(clip.frames)}
    told["seconds"] = time.monotonic() - began
    path.unlink()
    return told


def read_all(cases: Iterable[Case], folder: Path) -> Iterator[dict[str, Any]]:
    """Read cases, a few at the same time, in their order."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(partial(read, folder=folder), cases)


def largest() -> float:
    """MB of memory that the largest of the decoders so far has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6


def main() -> None:
    """Read the corpus, or some kinds of it."""
    folder, address, *kinds = sys.argv[1:]
    bait = Bait(Path(folder, "bait.mp4"), Path(folder, "pipe"), address)
    for kind, cases in corpus(bait).items():
        if not kinds or kind in kinds:
            for told in read_all(cases(), Path(folder)):
                print(json.dumps({"kind": kind, **told}), flush=True)
    print(json.dumps({"largest": largest()}))


if __name__ == "__main__":
    main()
