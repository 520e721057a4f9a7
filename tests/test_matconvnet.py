"""MatConvNet: an imported network equals its file's layers evaluated in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.io import loadmat

from fusionscope.card import Card
from fusionscope.nets.matconvnet.conversion import convert
from fusionscope.nets.matconvnet.importer import import_mat
from fusionscope.nets.matconvnet.layer_graph import read_graph
from fusionscope.nets.matconvnet.mat_values import WANTED, plain
from fusionscope.nets.matconvnet.tower_layers import steps
from fusionscope.nets.store.loading import load_network
from fusionscope.nets.towers.registry import build_tower
from tests import matconvnet_networks
from tests.matconvnet_files import dag_struct, meta, simple_struct, write5, write73
from tests.matconvnet_networks import RGB_MEAN, L, named
from tests.matconvnet_numpy import evaluate

K, STACK, T = 5, 2, 3


def image(channels: int = 3) -> np.ndarray:
    """A mean image whose mean in each channel is RGB_MEAN, as files from before 2016 hold."""
    slope = np.linspace(-20, 20, 112)[:, None, None]
    return np.broadcast_to(RGB_MEAN + slope, (112, 112, channels))


def feeding(*, rgb: bool, size: int = 112) -> dict[str, Any]:
    mean = image() if rgb else np.full((1, 1, 2 * STACK), 128.0)
    return meta(size, 3 if rgb else 2 * STACK, mean)


def both_means() -> dict[str, Any]:
    """As cnn_ucf101_fusion.m writes it: the flow's channels, then RGB's."""
    mean = np.concatenate([np.full(2 * STACK, 128.0), RGB_MEAN])[None, None]
    return meta(112, 2 * STACK + 3, mean)


def spatial_simple(folder: Path, *, legacy: bool = False) -> Path:
    net = simple_struct(
        matconvnet_networks.vgg_m_mini(0, 3, K, temporal=False),
        feeding(rgb=True)["normalization"],
        legacy=legacy,
    )
    return write5(folder / "spatial.mat", net if legacy else {"net": net})


def temporal_dag(folder: Path, write: Callable[..., Path] = write5) -> Path:
    net = dag_struct(
        matconvnet_networks.vgg_m_mini(1, 2 * STACK, K, temporal=True), feeding(rgb=False)
    )
    return write(folder / f"temporal-{write.__name__}.mat", {"net": net})


def fused_file(folder: Path, net: list[L], write: Callable[..., Path] = write5) -> Path:
    return write(folder / f"fused-{write.__name__}.mat", {"net": dag_struct(net, both_means())})


def pictures(channels: int, size: int = 112, chunks: int = T) -> np.ndarray:
    """(T, H, W, C) values 0..255"""
    random = np.random.default_rng(channels)
    return random.uniform(0, 255, (chunks, size, size, channels)).astype(np.float32)


def said(card: Card, folder: Path, rgb: np.ndarray, flow: np.ndarray) -> dict[str, np.ndarray]:
    """head -> (K,) of the imported network, loaded from disk."""
    network = load_network(card, folder)
    rgb_, flow_ = (
        torch.from_numpy(x.transpose(0, 3, 1, 2).copy())[None].to(network.rgb_mean.device)
        for x in (rgb, flow)
    )
    with torch.inference_mode():
        return {h: v[0].cpu().numpy() for h, v in network(rgb_, flow_).logits.items()}


def close(ours: np.ndarray, theirs: np.ndarray) -> None:
    theirs = theirs.mean(axis=(0, 1, 2))
    assert np.abs(theirs).max() > 0.3  # there is something to compare
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_spatial_simplenn_equals_its_layers(tmp_path: Path, legacy: bool):
    path = spatial_simple(tmp_path, legacy=legacy)
    card, notes = import_mat([path], tmp_path)
    assert (card.spatial, card.temporal, card.heads) == ("vgg-m-mini", None, ("spatial",))
    assert (card.size, card.rgb_scale, notes) == (112, 1.0, ())
    np.testing.assert_allclose(card.rgb_mean, RGB_MEAN, rtol=1e-6)
    rgb = pictures(3)
    if legacy:  # the evaluator reads a variable named net
        path = spatial_simple(tmp_path)
    ours = said(card, tmp_path, rgb, pictures(4))
    close(ours["spatial"], evaluate(path, {"input": rgb - RGB_MEAN})["layer23"])


@pytest.mark.parametrize("write", [write5, write73])
def test_a_temporal_dagnn_equals_its_layers_in_both_formats(
    tmp_path: Path, write: Callable[..., Path]
):
    card, _ = import_mat([temporal_dag(tmp_path, write)], tmp_path)
    assert (card.spatial, card.temporal, card.heads) == (None, "vgg-m-mini", ("temporal",))
    assert (card.stack, card.flow_mean, card.flow_scale, card.flow) == (STACK, 128, 1, "tvl1")
    flow = pictures(4)
    ours = said(card, tmp_path, pictures(3), flow)
    close(ours["temporal"], evaluate(temporal_dag(tmp_path), {"input": flow - 128})["x21"])


@pytest.mark.parametrize("write", [write5, write73])
def test_a_net_fused_over_space_and_time_equals_its_layers(
    tmp_path: Path, write: Callable[..., Path]
):
    net = matconvnet_networks.fused(0, STACK, K, T)
    card, _ = import_mat([fused_file(tmp_path, net, write)], tmp_path)
    assert (card.fusion, card.place, card.pool, card.chunks) == ("conv3d", "relu5", "3d", T)
    assert card.heads == ("spatiotemporal", "temporal")
    assert (card.stack, card.flow_mean) == (STACK, 128)
    np.testing.assert_allclose(card.rgb_mean, RGB_MEAN)
    compare_fused(card, tmp_path, net)


@pytest.mark.parametrize("how", ["conv", "sum"])
def test_a_net_fused_cell_by_cell_equals_its_layers(tmp_path: Path, how: str):
    net = matconvnet_networks.fused_flat(0, STACK, K, how)
    card, _ = import_mat([fused_file(tmp_path, net)], tmp_path)
    assert (card.fusion, card.place, card.pool) == (how, "relu5", "2d")
    assert card.heads == ("spatiotemporal", "temporal")
    compare_fused(card, tmp_path, net)


def test_a_concatenation_that_begins_with_motion_is_turned_round(tmp_path: Path):
    net = matconvnet_networks.fused(0, STACK, K, T)
    net[named(net, "relu5_concat")].inputs.reverse()
    card, _ = import_mat([fused_file(tmp_path, net)], tmp_path)
    compare_fused(card, tmp_path, net)


def test_a_temporal_tower_that_ends_at_the_fusion_has_no_head(tmp_path: Path):
    net = matconvnet_networks.fused_flat(0, STACK, K)
    del net[named(net, "relu5_temporal") + 1 :]
    card, _ = import_mat([fused_file(tmp_path, net)], tmp_path)
    assert (card.keep_temporal, card.heads) == (False, ("spatiotemporal",))
    compare_fused(card, tmp_path, net)


def compare_fused(card: Card, folder: Path, net: list[L]) -> None:
    rgb, flow = pictures(3), pictures(4)
    given = {"input": rgb - RGB_MEAN, "input_flow": flow - 128.0}
    theirs = evaluate(fused_file(folder, net), given)
    ours = said(card, folder, rgb, flow)
    assert [*ours] == [*card.heads]
    for head, stream in (("spatiotemporal", "spatial"), ("temporal", "temporal")):
        if head in ours:
            close(ours[head], theirs[net[named(net, f"layer23_{stream}")].output])


def test_two_base_streams_are_averaged_whichever_comes_first(tmp_path: Path):
    files = [temporal_dag(tmp_path), spatial_simple(tmp_path)]
    rgb, flow = pictures(3), pictures(4)
    for order in (files, files[::-1]):
        card, _ = import_mat(order, tmp_path, "late")
        assert (card.fusion, card.place) == ("sum", "softmax")
        assert card.heads == ("spatial", "temporal")
        ours = said(card, tmp_path, rgb, flow)
        close(ours["temporal"], evaluate(files[0], {"input": flow - 128})["x21"])
        close(ours["spatial"], evaluate(files[1], {"input": rgb - RGB_MEAN})["layer23"])


@pytest.mark.slow
def test_a_resnet_as_released_equals_its_layers(tmp_path: Path):
    """Its conv1 has biases before a normalisation, here with sigmas below torch's epsilon too."""
    net = matconvnet_networks.resnet_50(0, 3, K, 2, early=True)
    net[0].weights[1] += 50
    net[1].weights[2][:32, 1] = 1e-3
    net[1].weights[0][:32] *= 1e-5
    path = write5(tmp_path / "res.mat", {"net": dag_struct(net, feeding(rgb=True, size=64))})
    card, _ = import_mat([path], tmp_path)
    assert (card.spatial, card.size) == ("resnet-50-caffe", 64)
    rgb = pictures(3, 64, 1)
    theirs = evaluate(path, {"data": rgb - RGB_MEAN})["prediction_out"]
    close(said(card, tmp_path, rgb, pictures(4, 64))["spatial"], theirs)


@pytest.mark.slow
def test_a_resnet_with_torchs_strides_is_distinguished_from_the_released_one(tmp_path: Path):
    net = matconvnet_networks.resnet_50(0, 3, K, 2, early=False)
    path = write5(tmp_path / "res.mat", {"net": dag_struct(net, feeding(rgb=True, size=64))})
    assert convert(read_graph(path)).card.spatial == "resnet-50"


def test_vgg_16_is_named_as_the_authors_name_it():
    with torch.device("meta"):
        row = steps(build_tower("vgg-16", 20, 101, temporal=True))
    convs = [f"{a}_{b}" for a, n in enumerate((2, 2, 3, 3, 3), start=1) for b in range(1, n + 1)]
    names = [step.name for step in row]
    assert [n for n in names if n.startswith("conv")] == [f"conv{x}" for x in convs]
    assert [n for n in names if n.startswith("relu")] == [f"relu{x}" for x in [*convs, 6, 7]]
    assert [n for n in names if n[:2] in ("po", "fc")] == [
        *(f"pool{k}" for k in range(1, 6)), "fc6", "fc7", "fc8",
    ]  # fmt: skip


@pytest.mark.parametrize("squeeze", [True, False])
@pytest.mark.parametrize("records", [True, False])
def test_what_scipy_unwraps_is_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, squeeze: bool, records: bool
):
    """Strings and cells of one come as themselves or in arrays, 1 x 1 filters with two axes."""
    for path in (
        spatial_simple(tmp_path),
        temporal_dag(tmp_path),
        fused_file(tmp_path, matconvnet_networks.fused(0, STACK, K, T)),
    ):
        usual = convert(read_graph(path))
        loaded = loadmat(path, squeeze_me=squeeze, struct_as_record=records)
        found = {name: plain(value) for name, value in loaded.items() if name in WANTED}
        with monkeypatch.context() as patch:
            patch.setattr(
                "fusionscope.nets.matconvnet.layer_graph.read_mat", lambda _, found=found: found
            )
            same = convert(read_graph(path))
        assert same.card == usual.card
        assert same.weights.keys() == usual.weights.keys()
        for name, value in usual.weights.items():
            assert torch.equal(same.weights[name], value), name


def test_both_formats_give_the_same_weights_to_the_last_bit(tmp_path: Path):
    net = matconvnet_networks.fused(0, STACK, K, T)
    five, seven = (convert(read_graph(fused_file(tmp_path, net, w))) for w in (write5, write73))
    assert five.card == seven.card
    for name, value in five.weights.items():
        assert torch.equal(seven.weights[name], value), name


def test_a_pooling_padded_otherwise_fits_where_it_makes_the_same_cells(tmp_path: Path):
    net = matconvnet_networks.vgg_m_mini(1, 2 * STACK, K, temporal=True)
    net[named(net, "pool1")].block["pad"] = [0, 1, 0, 1]  # 53 cells: 26 either way
    path = write5(tmp_path / "padded.mat", {"net": dag_struct(net, feeding(rgb=False))})
    card, _ = import_mat([path], tmp_path)
    flow = pictures(4)
    theirs = evaluate(path, {"input": flow - 128})["x21"]
    close(said(card, tmp_path, pictures(3), flow)["temporal"], theirs)
