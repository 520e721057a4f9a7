"""Corpus: every hostile file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from tests.hostile import bombs, clocks, damage, disguises, lures
from tests.hostile.case import Case
from tests.hostile.lures import Bait


def corpus(bait: Bait) -> Mapping[str, Callable[[], Iterator[Case]]]:
    """Kind -> its cases, each with a name of its own."""
    return MappingProxyType(
        {
            "good": damage.good,
            "cut off": damage.cut_off,
            "wrong sizes": damage.wrong_sizes,
            "wrong counts": damage.wrong_counts,
            "gone and doubled": damage.gone_and_doubled,
            "flipped": damage.flipped,
            "clocks": clocks.clocks,
            "disguises": disguises.disguises,
            "bombs": bombs.bombs,
            "lures": partial(lures.lures, bait),
        }
    )
