"""Kept file: a taught network as a ZIP that ``FUSIONSCOPE_MODELS`` and page Teach take back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.card import Card, read_card

if TYPE_CHECKING:
    from fusionscope_app.teach.results import Learned

MOST = 200_000_000  # bytes of the weights in a file that is taken back
_CARD = 1_000_000  # bytes of a card


def packed(learned: Learned, name: str, folder: Path) -> bytes:
    """A ZIP with card, weights and the features that were learned from, but without the clips.

    ``NAME-features.npz`` holds ``label`` and ``clip`` (n,), ``appearance`` and ``motion`` (n, C).
    """
    from fusionscope.teaching.examples import features

    examples = learned.taught.examples
    found = features([example.maps for example in examples])
    arrays = io.BytesIO()
    np.savez_compressed(
        arrays,
        label=np.array([example.label for example in examples]),
        clip=np.array([example.maps.clip for example in examples]),
        appearance=found["spatial"].astype(np.float32),
        motion=found["temporal"].astype(np.float32),
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packing:
        for ending in (".json", ".safetensors"):
            packing.write(folder / f"{name}{ending}", f"{name}{ending}")
        packing.writestr(f"{name}-features.npz", arrays.getvalue())
    return made.getvalue()


def taken_back(content: bytes, folder: Path) -> Card:
    """Write card and weights of such a ZIP into a folder; return the card.

    Raises:
        InputError: it is not such a file, or its network cannot be loaded.
    """
    from fusionscope.nets.store.loading import load_network

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packing:
            cards = [one for one in packing.infolist() if one.filename.endswith(".json")]
            name = cards[0].filename.removesuffix(".json") if len(cards) == 1 else ""
            if not name or Path(name).name != name or not name.startswith("taught-"):
                raise InputError("the ZIP has no taught network; needed: a file that Keep made")
            parts = {ending: packing.getinfo(name + ending) for ending in (".json", ".safetensors")}
            for ending, most in ((".json", _CARD), (".safetensors", MOST)):
                if parts[ending].file_size > most:
                    raise InputError(
                        f"{printable(name)}{ending} has {parts[ending].file_size / 1e6:.0f} MB; "
                        f"the limit is {most / 1e6:.0f} MB"
                    )
            for ending, part in parts.items():
                (folder / f"{name}{ending}").write_bytes(packing.read(part))
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, NotImplementedError) as problem:
        if isinstance(problem, InputError):
            raise
        raise InputError("the file is not a ZIP with a taught network, or is damaged") from problem
    try:
        card = read_card(folder / f"{name}.json")
        if card.name != name:
            raise InputError(f"{name}.json calls its network {printable(card.name)!r}")
        load_network(card, folder)
    except InputError:
        for ending in parts:
            (folder / f"{name}{ending}").unlink(missing_ok=True)
        raise
    return card
