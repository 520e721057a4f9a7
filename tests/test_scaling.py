"""Growth: what a server holds after many analyses is what it held after few.

By hand, at full length: ``python -m tests.test_scaling 500``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import pytest

from fusionscope.nets.store.catalogue import cards
from tests.serve import ROOT, serve, server_at
from tests.visitor import visitor

CLIPS = 20
MODELS = [name for name, card in cards().items() if card.world == "toybox"]


async def _ask(url: str, count: int, every: int) -> list[int]:
    """So many analyses, one after the other; what is held after each so many of them."""
    marks = []
    async with visitor(url) as own:
        for number in range(count):
            model = MODELS[number // CLIPS % len(MODELS)]
            view = await own.look(f"clip=toybox:{1000 + number % CLIPS}&model={model}")
            assert view.reel
            assert not view.errors
            if (number + 1) % every == 0:
                marks.append(server_at(url).memory_info().rss)
    return marks


def growth(count: int, every: int, room: int) -> tuple[float, list[int]]:
    """What is held after the last ones as a share of what is held after the first ones."""
    env = {"FUSIONSCOPE_DATA": "/nowhere", "FUSIONSCOPE_CACHE_MB": str(room)}
    with serve(ROOT / "app/main.py", env=env) as url:
        marks = asyncio.run(_ask(url, count, every))
    return marks[-1] / marks[0], marks


@pytest.mark.slow
def test_a_server_with_a_small_cache_does_not_grow(figures: Callable[[str], None]):
    share, marks = growth(count=24, every=8, room=100)
    figures(f"24 analyses: {', '.join(f'{mark / 2**20:.0f}' for mark in marks)} MB after each 8")
    assert share < 1.1


if __name__ == "__main__":
    asked = int(sys.argv[1])
    last, seen = growth(asked, asked // 5, 2048)
    print(f"{last:.3f} of what was held after the first fifth; MB:", *(m >> 20 for m in seen))
