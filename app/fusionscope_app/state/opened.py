"""Opened: a clip with the network that runs on it, as pages and their parts take it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from fusionscope.analysis.analysis import Analysis
from fusionscope.base.records import Progress, no_progress
from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip
from fusionscope_app.state import results
from fusionscope_app.state.clip_sources import Known

if TYPE_CHECKING:
    from fusionscope.nets.network import Network

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Opened:
    """A clip, what is known of it, and a network's run on it."""

    known: Known
    analysis: Analysis

    @property
    def trace(self) -> Trace:
        """Everything that the network computed."""
        return self.analysis.trace

    @property
    def passes(self) -> Passes:
        """The four passes: both streams, each stream, none."""
        return self.analysis.passes

    @property
    def card(self) -> Card:
        """The card of the network."""
        return self.trace.card

    @property
    def clip(self) -> Clip:
        """The frames."""
        return self.trace.clip

    @cached_property
    def network(self) -> Network:
        """The network itself, loaded on first use."""
        return results.network(self.card)

    def cached(
        self,
        kind: str,
        *of: Hashable,
        make: Callable[[], Made],
        progress: Progress = no_progress,
        long: bool = False,
    ) -> Made:
        """Return a result of this clip and this network; see ``results.cached``."""
        return results.cached(kind, *self._run, *of, make=make, progress=progress, long=long)

    def is_cached(self, kind: str, *of: Hashable) -> bool:
        """Whether the cache holds that result of this clip and this network."""
        return results.is_cached(kind, *self._run, *of)

    def cached_for_clip(
        self,
        kind: str,
        *of: Hashable,
        make: Callable[[], Made],
        progress: Progress = no_progress,
    ) -> Made:
        """Return a result of this clip that is the same for every network."""
        return results.cached(kind, self.clip.digest, *of, make=make, progress=progress)

    @property
    def _run(self) -> tuple[str, Card]:
        return self.clip.digest, self.card
