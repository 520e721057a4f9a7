"""Occlusion: Captum's numbers by less work, a linear network by hand, and nothing left behind."""

from __future__ import annotations

import numpy as np
import pytest

from core.explain.occlusion import cost_of_occlusion, occlusion
from core.explain.target import Target
from core.nets.network import Network
from core.records import InputError
from core.trace import Trace
from tests.captums import Asked, captum_occlusion

TARGET = Target("average", "two", "three")


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
@pytest.mark.parametrize(("patch", "stride", "window"), [(40, 40, 1), (56, 30, 2), (112, 112, 3)])
def test_it_finds_what_captum_finds(
    network: Network, trace: Trace, stream: str, patch: int, stride: int, window: int
):
    asked = Asked(network, trace.snippets, TARGET, stream)
    expected = captum_occlusion(asked, patch, stride, window)
    found = occlusion(network, trace.snippets, TARGET, stream, patch, stride, window)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found.pixels, expected, rtol=1e-4, atol=1e-4)


def test_what_does_not_fit_is_told(network: Network, trace: Trace):
    def ask(**fields: object) -> None:
        occlusion(network, trace.snippets, TARGET, **{"stream": "spatial", **fields})  # pyright: ignore[reportArgumentType]

    with pytest.raises(InputError, match="no stream 'fused'; choose one of spatial, temporal"):
        ask(stream="fused")
    with pytest.raises(InputError, match="the patch has 113 pixels a side; needed: 1 to 112"):
        ask(patch=113)
    with pytest.raises(InputError, match="moves by 21 pixels; needed: 1 to 20"):
        ask(patch=20, stride=21)
    with pytest.raises(InputError, match="the window is 4 chunks long; needed: 1 to 3"):
        ask(window=4)


def test_its_cost_is_known_before(network: Network, trace: Trace):
    cost = cost_of_occlusion(network, trace.snippets, TARGET, "spatial", 56, 30, 2)
    assert cost.passes == 2 * 3 * 5  # windows, rows, columns: the picture is 112x149
    assert cost.seconds > 0
    assert cost.bytes > 0
    assert 1 <= cost.batch <= 3 * 5
