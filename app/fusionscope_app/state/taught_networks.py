"""Taught networks: listed for the visitor who taught them, and deleted when the visitor leaves."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.store.catalogue import CatalogueEntry

MOST = 4  # networks kept for one visitor
ORIGIN = "yours, taught in this session; deleted when you leave"


class TaughtNetworks(dict[str, CatalogueEntry]):
    """A visitor's networks by name, the newest last, each a card and weights in one folder.

    Args:
        forget: removes what the server has cached of a network.

    Raises:
        InputError: the folder cannot be created.
    """

    def __init__(self, forget: Callable[[Card], None]) -> None:
        super().__init__()
        self._forget = forget
        self._cards: list[Card] = []
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="fusionscope-taught-"))
        except OSError as problem:
            raise InputError(
                f"the network cannot be written ({problem.strerror}); needed: free disk space and "
                "permission to write there"
            ) from problem
        weakref.finalize(self, self._let_go, forget, self._cards, self.folder)

    @staticmethod
    def _let_go(forget: Callable[[Card], None], cards: list[Card], folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

        def work() -> None:
            for card in cards:
                forget(card)

        # garbage collection may run this in a thread that holds the cache's lock
        threading.Thread(target=work, daemon=True, name="fusionscope-forget").start()

    def keep(self, card: Card) -> str:
        """List a network whose card and weights are in the folder; return its name.

        Of more than ``MOST`` networks, the oldest is deleted.
        """
        self.pop(card.name, None)
        self[card.name] = CatalogueEntry(card.name, card, origin=ORIGIN, folder=self.folder)
        if card not in self._cards:
            self._cards.append(card)
        while len(self) > MOST:
            self.drop(next(iter(self)))
        return card.name

    def drop(self, name: str) -> None:
        """Delete a network, its files and its results."""
        entry = self.pop(name, None)
        if entry is None or entry.card is None:
            return
        for path in self.folder.glob(f"{name}.*"):
            path.unlink(missing_ok=True)
        self._cards.remove(entry.card)
        self._forget(entry.card)
