"""Attribution: Grad-CAM by hand, against finite differences, and nothing left behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fusionscope.card import Card
from fusionscope.explain.attribution.grad_cam import grad_cam
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace, network_inputs, scores


def linear(card: Card, build: Callable[..., Network]) -> Network:
    """A network whose fused map is read by nothing but a mean and one weight a channel."""
    network = build(dataclasses.replace(card, pool="2d", keep_temporal=False))
    assert network.spatial is not None
    torch.manual_seed(0)
    stages = network.spatial.stages
    stages["pool5"], stages["fc6"], stages["fc7"] = nn.Identity(), nn.Identity(), nn.Identity()
    stages["fc8"] = nn.Conv2d(96, len(card.labels), 1)
    return prepared_for_inference(network)


def test_grad_cam_of_a_linear_head_is_cam(card: Card, build: Callable[..., Network], trace: Trace):
    network = linear(card, build)
    assert network.spatial is not None
    layer = network.spatial.stages["fc8"]
    assert isinstance(layer, nn.Conv2d)
    with torch.inference_mode():
        cells = network(*network_inputs(network, trace.snippets)).fused["relu5"][0]  # (T, C, h, w)
    count = cells[:, 0].numel()
    for target in range(4):
        weight = layer.weight[target, :, 0, 0]
        cam = torch.einsum("c,tchw->thw", weight, cells).clamp(min=0) / count
        found = grad_cam(network, trace.snippets, "fused", "relu5", "spatiotemporal", target)
        np.testing.assert_allclose(found, cam, rtol=1e-4, atol=1e-7)
        assert found.any()


@torch.no_grad()
def test_channels_are_weighted_by_their_slope_as_finite_differences_find_it(
    card: Card, build: Callable[..., Network], trace: Trace
):
    smooth = dataclasses.replace(card, fusion="conv", pool="2d")  # no maximum over equal zeros
    network, exact = (build(smooth) for _ in range(2))
    for each in (network, exact):  # nor a fused cell that is 0 before its rectifier
        bias = each.fusions["relu5"].get_parameter("mix.bias")
        bias.copy_(torch.linspace(-0.5, 0.5, len(bias)))
    exact.double()
    seen = exact(*(part.double() for part in network_inputs(network, trace.snippets)))
    spatial, temporal = seen.spatial["relu5"], seen.temporal["relu5"]
    step, target = 1e-5, 2
    for stream, cells in (("spatial", spatial), ("temporal", temporal)):
        _, chunks, channels, height, width = cells.shape
        raised = step * torch.eye(chunks * channels, dtype=torch.double)
        raised = raised.reshape(-1, chunks, channels, 1, 1)

        def score(change: Tensor, stream: str = stream) -> Tensor:
            maps = {"spatial": spatial, "temporal": temporal}
            maps = {
                k: (v + change if k == stream else v.expand(len(change), -1, -1, -1, -1))
                for k, v in maps.items()
            }
            return exact.onward(maps["spatial"], maps["temporal"], after="relu5").final[:, target]

        slope = (score(raised) - score(-raised)) / (2 * step)
        weight = slope.reshape(chunks, channels, 1, 1) / (height * width)
        expected = (weight * cells[0]).sum(dim=1).clamp(min=0)
        found = grad_cam(network, trace.snippets, stream, "relu5", "average", target)
        assert expected.max() > 0
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * float(expected.max()))


def test_evidence_is_of_the_head_that_was_asked_or_of_their_mean(network: Network, trace: Trace):
    """On relu4 of motion, which both heads look at."""
    rgb, flow = (part.requires_grad_() for part in network_inputs(network, trace.snippets))
    seen = network(rgb, flow)
    cells = seen.temporal["relu4"]
    slopes = {
        head: torch.autograd.grad(scores(seen, head)[0, 1], cells, retain_graph=True)[0]
        for head in ("spatiotemporal", "temporal")
    }
    slopes["average"] = (slopes["spatiotemporal"] + slopes["temporal"]) / 2
    maps = []
    for head, slope in slopes.items():
        weight = slope.mean(dim=(-2, -1), keepdim=True)
        by_hand = (weight * cells).sum(dim=2).clamp(min=0)[0].detach()
        maps.append(grad_cam(network, trace.snippets, "temporal", "relu4", head, 1))
        np.testing.assert_allclose(maps[-1], by_hand, rtol=1e-4, atol=1e-6)
    assert not np.allclose(maps[0], maps[1])


@pytest.mark.parametrize(
    ("stream", "stage", "head"),
    [
        ("spatial", "relu5", "spatiotemporal"),
        ("spatial", "relu1", "average"),
        ("temporal", "relu3", "temporal"),
        ("fused", "relu5", "average"),
        ("fused", "pool5", "spatiotemporal"),
    ],
)
def test_evidence_has_the_grid_of_its_stage_and_is_never_negative(
    network: Network, trace: Trace, stream: str, stage: str, head: str
):
    found = grad_cam(network, trace.snippets, stream, stage, head, 0)
    chunks, _, height, width = trace.maps(stream)[stage].shape
    assert found.shape == (chunks, height, width)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert any(grad_cam(network, trace.snippets, stream, stage, head, k).any() for k in range(4))


def test_nothing_is_left_on_the_network(card: Card, build: Callable[..., Network], trace: Trace):
    network = build(card)  # on which nothing has been asked yet

    def state() -> list[object]:
        found: list[object] = [torch.is_grad_enabled()]
        for name, module in network.named_modules():
            hooks = [value for key, value in vars(module).items() if "hook" in key]
            found += [name, module.training, sum(len(hook) for hook in hooks if hook)]
            found += sorted(vars(module))
        for name, p in [*network.named_parameters(), *network.named_buffers()]:
            found += [name, p.requires_grad, p.grad is None, p._version]
        return found

    before = state()
    grad_cam(network, trace.snippets, "fused", "relu5", "average", 0)
    assert state() == before
    assert all(p.grad is None for p in network.parameters())


def test_it_may_be_called_where_gradients_are_off(network: Network, trace: Trace):
    expected = grad_cam(network, trace.snippets, "fused", "relu5", "average", 0)
    with torch.no_grad():
        found = grad_cam(network, trace.snippets, "fused", "relu5", "average", 0)
        assert not torch.is_grad_enabled()
    np.testing.assert_array_equal(found, expected)
