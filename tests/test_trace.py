"""Trace: a read-only record of a run, and a network that the run does not change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import numpy as np
import pytest
import torch
from torch import nn

from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, network_inputs, run, scores
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow

TOWER = {  # stage -> its map of a frame of 112x149, by hand from kernel, stride and padding
    "relu1": (32, 53, 72),
    "pool1": (32, 26, 35),
    "relu2": (64, 12, 17),
    "pool2": (64, 6, 8),
    "relu3": (96, 6, 8),
    "relu4": (96, 6, 8),
    "relu5": (96, 6, 8),
    "pool5": (96, 2, 3),
    "fc6": (256, 1, 2),
    "fc7": (128, 1, 2),
    "fc8": (4, 1, 2),
}


def arrays_in(value: object) -> Iterator[np.ndarray]:
    """Every array in a value, at any depth."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from arrays_in(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from arrays_in(getattr(value, field.name))


def test_every_array_is_sealed_at_any_depth(trace: Trace):
    found = [*arrays_in(trace)]
    assert len(found) == 1 + 1 + 3 + 7 + 11 + 5 + 2  # clip, flow, snippets, three streams, heads
    for array in found:
        assert not array.flags.writeable
        base = array.base
        while isinstance(base, np.ndarray):
            assert not base.flags.writeable
            base = base.base


def test_every_mapping_is_sealed(trace: Trace):
    for field in ("spatial", "temporal", "fused", "logits", "seconds"):
        assert isinstance(getattr(trace, field), MappingProxyType)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.flow = trace.flow  # pyright: ignore[reportAttributeAccessIssue]


def test_it_holds_every_stage_of_every_chunk(trace: Trace):
    def shapes(maps: Mapping[str, np.ndarray]) -> dict[str, tuple[int, ...]]:
        return {stage: cells.shape for stage, cells in maps.items()}

    def expected(*stages: str) -> dict[str, tuple[int, ...]]:
        late = [*TOWER][7:]  # pool5 takes the greatest over the three chunks
        return {stage: (1 if stage in late else 3, *TOWER[stage]) for stage in stages}

    assert shapes(trace.spatial) == expected(*[*TOWER][:7])
    assert shapes(trace.temporal) == expected(*TOWER)
    assert shapes(trace.fused) == expected(*[*TOWER][6:])
    assert [*trace.fused] == [*TOWER][6:]  # first stage first
    assert shapes(trace.logits) == {"spatiotemporal": (4,), "temporal": (4,)}
    assert {a.dtype for a in arrays_in([trace.spatial, trace.fused][0])} == {np.dtype(np.float32)}


def test_its_streams_are_available_by_name(trace: Trace):
    assert trace.maps("spatial") is trace.spatial
    assert trace.maps("temporal") is trace.temporal
    assert trace.maps("fused") is trace.fused


def test_the_final_score_is_the_mean_of_the_heads(trace: Trace):
    by_hand = (trace.logits["spatiotemporal"] + trace.logits["temporal"]) / 2
    np.testing.assert_allclose(trace.final, by_hand, rtol=1e-6)
    assert trace.final.shape == (4,)


def test_the_numbers_are_those_of_the_network(trace: Trace, network: Network):
    with torch.no_grad():
        seen = network(*network_inputs(network, trace.snippets))
    for stream in ("spatial", "temporal", "fused"):
        for stage, cells in getattr(seen, stream).items():
            np.testing.assert_array_equal(trace.maps(stream)[stage], cells[0].numpy())
    for head, logits in seen.logits.items():
        np.testing.assert_array_equal(trace.logits[head], logits[0].numpy())
        assert torch.equal(scores(seen, head), logits)
    assert torch.equal(scores(seen, "average"), seen.final)


def test_snippets_are_fed_as_they_are(trace: Trace, network: Network):
    rgb, flow = network_inputs(network, trace.snippets)
    assert rgb.dtype == flow.dtype == torch.float32
    np.testing.assert_array_equal(rgb[0], trace.snippets.rgb)
    np.testing.assert_array_equal(flow[0], trace.snippets.flow)
    rgb.zero_()
    assert trace.snippets.rgb.any()  # what is fed is a copy


def test_it_keeps_its_inputs(trace: Trace, network: Network, square: Clip):
    assert trace.clip is square
    assert trace.card is network.card
    np.testing.assert_array_equal(trace.flow, dense_flow(square))
    assert trace.snippets.frames.tolist() == [2, 7, 11]
    assert trace.seconds["forward"] > 0


def state_of(network: nn.Module) -> list[object]:
    """All that a run could leave behind on a network."""
    left: list[object] = []
    for name, module in network.named_modules():
        left += [name, module.training]
        hooks = {key: value for key, value in vars(module).items() if "hook" in key}
        left += [(key, tuple(value) if value is not None else None) for key, value in hooks.items()]
        left += sorted(vars(module))
    for name, p in [*network.named_parameters(), *network.named_buffers()]:
        left += [name, id(p), p.requires_grad, p.grad, p._version, float(p.double().sum())]
    return left


def test_a_run_leaves_the_network_as_it_found_it(
    card: Card, build: Callable[..., Network], square: Clip
):
    network = build(card)  # on which nothing has run yet
    before = state_of(network)
    run(network, square, dense_flow(square))
    assert state_of(network) == before
    assert "_forward_hooks" in vars(network)  # so there was something to look at
    assert not network._forward_hooks


def test_two_threads_on_one_network_do_not_disturb_each_other(
    network: Network, square: Clip, trace: Trace
):
    other = Clip(np.ascontiguousarray(square.frames[::-1, :, ::-1]), 25.0, "other")
    works = [(square, trace.flow), (other, dense_flow(other))]
    alone = [run(network, *work) for work in works]

    def everything(made: Trace) -> bytes:
        parts = (made.spatial, made.temporal, made.fused, made.logits)
        return b"".join(a.tobytes() for part in parts for a in arrays_in(part))

    expected = [everything(made) for made in alone]
    assert expected[0] != expected[1]
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda k: everything(run(network, *works[k % 2])), range(100))
        assert all(content == expected[k % 2] for k, content in enumerate(found))


def test_parts_that_do_not_agree_are_refused(trace: Trace):
    with pytest.raises(ValueError, match="expected 13 flow fields, got 12"):
        dataclasses.replace(trace, flow=trace.flow[1:])
    with pytest.raises(ValueError, match=r"expected \(4,\) scores of head temporal, got \(3,\)"):
        dataclasses.replace(trace, logits={**trace.logits, "temporal": np.zeros(3)})


def test_a_single_stream_has_no_maps_of_the_other(
    card: Card, build: Callable[..., Network], square: Clip, trace: Trace
):
    made = run(build(dataclasses.replace(card, spatial=None, fusion=None)), square, trace.flow)
    assert not made.spatial
    assert not made.fused
    assert [*made.temporal] == [*TOWER]
    assert [*made.logits] == ["temporal"]
    np.testing.assert_array_equal(made.final, made.logits["temporal"])
