"""MatConvNet errors: unsupported files are refused in one sentence that names the layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from fusionscope.base.records import InputError
from fusionscope.nets.matconvnet.conversion import Converted, convert
from fusionscope.nets.matconvnet.layer_graph import read_graph
from tests import matconvnet_networks
from tests.matconvnet_files import dag_struct, meta, write5, write73
from tests.matconvnet_networks import L, named

FLOW = meta(112, 4, np.full((1, 1, 4), 128.0))


def mini(*, temporal: bool = True, classes: int = 3) -> list[L]:
    return matconvnet_networks.vgg_m_mini(0, 4 if temporal else 3, classes, temporal=temporal)


def written(folder: Path, net: list[L], about: dict[str, Any] = FLOW, name: str = "net") -> Path:
    return write5(folder / f"{name}.mat", {"net": dag_struct(net, about)})


def imported(folder: Path, net: list[L], about: dict[str, Any] = FLOW) -> Converted:
    return convert(read_graph(written(folder, net, about)))


def without(net: list[L], name: str) -> None:
    """Take a layer out, and feed the next one by the one before."""
    at = named(net, name)
    net[at + 1].inputs = net[at].inputs
    del net[at]


def value(net: list[L], name: str, number: float) -> None:
    net[named(net, name)].weights[0].flat[7] = number


def block(net: list[L], name: str, key: str, found: Any) -> None:
    net[named(net, name)].block[key] = found


def fed(net: list[L], name: str, *inputs: str) -> None:
    net[named(net, name)].inputs = [*inputs]


def flat(net: list[L], name: str) -> None:
    """Pool every chunk for itself."""
    layer = net[named(net, name)]
    layer.type = "Pooling"
    layer.block |= {"poolSize": [3, 3], "stride": [2, 2], "pad": [0] * 4}


def narrow(net: list[L], name: str) -> None:
    layer = net[named(net, name)]
    layer.weights[0] = layer.weights[0][..., :-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda net: without(net, "conv4"), r"layer relu4 where vgg-m-mini needs layer conv4"),
        (lambda net: without(net, "relu5"), r"layer pool5 where vgg-m-mini needs layer relu5"),
        (lambda net: without(net, "norm1"), r"layer pool1 where vgg-m-mini needs layer norm1"),
        (lambda net: without(net, "conv1"), r"first filter of net\.mat, conv2, .* 5 x 5"),
        (lambda net: net.pop(), r"net\.mat ends with layer relu7; .* a classifier"),
        (lambda net: without(net, "relu7"), r"layer layer23 where vgg-m-mini needs layer relu7"),
        (lambda net: without(net, "fc7"), r"layer relu7 where vgg-m-mini needs layer fc7"),
        (lambda net: narrow(net, "conv3"), r"layer conv3 .* filter .* 3 3 64 95; .* 3 3 64 96"),
        (lambda net: value(net, "fc7", np.nan), r"layer fc7 .* not finite"),
        (lambda net: value(net, "conv1", np.inf), r"layer conv1 .* not finite"),
        (lambda net: block(net, "conv2", "stride", [1, 1]), r"layer conv2 .* stride 1 1; .* 2 2"),
        (lambda net: block(net, "conv3", "pad", [0, 1, 1, 1]), r"layer conv3 .* pad 0 1 1 1;"),
        (lambda net: block(net, "pool2", "pad", [0] * 4), r"layer pool2 .* to 5x5 .* needs 6x6"),
        (lambda net: block(net, "pool1", "pad", [1] * 4), r"layer pool1 .* pad 0 before"),
        (lambda net: block(net, "pool1", "poolSize", [2, 2]), r"layer pool1 .* window 2 2; .* 3 3"),
        (lambda net: block(net, "pool5", "method", "avg"), r"layer pool5 .* takes the average"),
        (lambda net: block(net, "norm1", "param", [5, 1, 2e-5, 0.75]), r"layer norm1 .* 5 1 2e-05"),
        (lambda net: block(net, "relu3", "leak", 0.1), r"layer relu3 .* leak 0\.1"),
        (lambda net: setattr(net[2], "type", "Sigmoid"), r"layer norm1 .* type dagnn\.Sigmoid"),
        (lambda net: net[7].weights.clear(), r"layer conv3 .* filter of shape \(none\)"),
        (lambda net: setattr(net[9], "inputs", ["nowhere"]), r"has 2 inputs \(input, nowhere\)"),
        (lambda net: setattr(net[0], "inputs", ["x3"]), r"cycle"),
        (lambda net: net[4].weights.__setitem__(1, np.zeros((1, 3))), r"layer conv2 .* 3 biases"),
    ],
)  # fmt: skip
def test_an_unsupported_layer_is_refused_by_its_name(
    tmp_path: Path, change: Callable[[list[L]], object], says: str
):
    net = mini()
    change(net)
    with pytest.raises(InputError, match=says):
        imported(tmp_path, net)


def test_a_temporal_net_that_normalises_twice_is_refused(tmp_path: Path):
    net = matconvnet_networks.vgg_m_mini(0, 4, 3, temporal=False)
    with pytest.raises(InputError, match=r"layer norm2 where vgg-m-mini needs layer pool2"):
        imported(tmp_path, net)


def test_a_lost_parameter_is_refused_by_its_layer(tmp_path: Path):
    struct = dag_struct(mini(), FLOW)
    struct["params"][:] = [p for p in struct["params"] if p["name"] != "conv4f"]
    path = write5(tmp_path / "net.mat", {"net": struct})
    with pytest.raises(InputError, match="no conv4f, a parameter of layer conv4"):
        read_graph(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda net: block(net, "conv53D", "stride", [2, 1, 1]), "layer conv53D .* stride"),
        (lambda net: block(net, "conv53D", "pad", [1, 1, 1, 1, 0, 0]), "layer conv53D .* pad"),
        (lambda net: without(net, "relu3D5"), "no ReLU after the fusion layer conv53D"),
        (lambda net: block(net, "relu5_concat", "dim", 1), "layer relu5_concat .* fuses by concat"),
        (lambda net: block(net, "pool3D5_temporal", "poolSize", [3, 3, 2]), "pool3D5_spatial"),
        (lambda net: flat(net, "pool3D5_temporal"), "layer pool3D5_spatial .* each of the 2 heads"),
        (lambda net: value(net, "conv53D", np.nan), "layer conv53D .* not finite"),
        (lambda net: narrow(net, "conv53D"), "layer conv53D .* filter of shape 3 3 3 192 95"),
        (lambda net: fed(net, "relu5_concat", "x14_spatial", "x11_temporal"),
         "fuses relu5 of the spatial stream with relu4"),
        (lambda net: fed(net, "relu5_concat", "x14_spatial", "x12_temporal"),
         "within stage relu5"),
    ],
)  # fmt: skip
def test_a_fusion_that_no_operator_computes_is_refused_by_its_layer(
    tmp_path: Path, change: Callable[[list[L]], object], says: str
):
    net = matconvnet_networks.fused(0, 2, 3, 3)
    change(net)
    with pytest.raises(InputError, match=says):
        imported(tmp_path, net, meta(112, 7, None))


def test_two_fusions_are_refused_by_the_second(tmp_path: Path):
    net = matconvnet_networks.fused_flat(0, 2, 3, "sum")
    ends = [net[named(net, f"layer23_{stream}")].output for stream in ("spatial", "temporal")]
    net.append(L("again", "Sum", {}, [], ends, "again_out"))
    with pytest.raises(InputError, match="second fusion at layer again"):
        imported(tmp_path, net, meta(112, 7, None))


def test_a_spatial_stream_that_keeps_its_own_head_beside_the_fused_one_is_refused(tmp_path: Path):
    net = matconvnet_networks.fused_flat(0, 2, 3, "sum")
    own = net[named(net, "relu5_spatial")].output
    net[named(net, "pool5_spatial")].inputs = [own]
    net[named(net, "pool5_temporal")].inputs = ["relu5_concat_out"]
    with pytest.raises(InputError, match=r"after layer relu5_concat .* own head"):
        imported(tmp_path, net, meta(112, 7, None))


def mean(channels: int, *numbers: float) -> dict[str, Any]:
    return meta(112, channels, np.array(numbers)[None, None])


@pytest.mark.parametrize("numbers", [(128.0, 128, 128), (128.0, 128, 128, 100), (np.nan,) * 4])
def test_a_mean_that_a_card_cannot_say_is_refused(tmp_path: Path, numbers: tuple[float, ...]):
    with pytest.raises(InputError, match=r"averageImage of net\.mat"):
        imported(tmp_path, mini(), mean(4, *numbers))


def test_a_missing_mean_is_the_authors_and_is_said(tmp_path: Path):
    found = imported(tmp_path, mini(), meta(112, 4, None))
    assert found.card.flow_mean == 128
    assert found.notes == ("net.mat has no mean image: used 128 for flow",)
    found = imported(tmp_path, mini(temporal=False), meta(112, 3, None))
    assert found.card.rgb_mean == (123.68, 116.779, 103.939)


def broken(folder: Path, name: str) -> Path:
    """A file that is no network, by what is wrong with it."""
    path = folder / f"{name}.mat"
    whole = written(folder, mini()).read_bytes()
    if name == "text":
        path.write_text("these are not weights\n" * 50, "utf-8")
    elif name == "empty":
        path.write_bytes(b"")
    elif name == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif name == "head":
        path.write_bytes(whole[:130])
    elif name == "garbage":
        path.write_bytes(whole[:128] + np.random.default_rng(0).bytes(5000))
    elif name == "other":
        savemat(path, {"x": np.zeros(3)})
    elif name == "bare":
        savemat(path, {"net": {"meta": 1}})
    elif name == "number":
        savemat(path, {"net": np.zeros(3)})
    elif name == "other73":
        write73(path, {"x": np.zeros(3)})
    elif name == "cut73":
        write73(path, {"net": dag_struct(mini(), FLOW)})
        path.write_bytes(path.read_bytes()[:100_000])
    return path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("text", "not a MATLAB file"),
        ("empty", "not a MATLAB file"),
        ("cut", "damaged or cut short"),
        ("head", "damaged or cut short|no network"),
        ("garbage", "damaged or cut short|no network"),
        ("other", "no network"),
        ("bare", "a net without layers"),
        ("number", "a net without layers"),
        ("other73", "no network"),
        ("cut73", "damaged or cut short"),
        ("missing", "cannot be read: No such file"),
    ],
)
def test_a_file_that_is_no_network_is_refused_by_name(tmp_path: Path, name: str, says: str):
    with pytest.raises(InputError, match=rf"{name}\.mat .*({says})"):
        read_graph(broken(tmp_path, name))


@pytest.mark.parametrize("how", ["link", "soft", "external", "virtual", "loop"])
def test_no_file_but_the_named_one_is_read(tmp_path: Path, how: str):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["net"] = np.zeros(3)
    raw = tmp_path / "raw"
    raw.write_bytes(bytes(24))
    with h5py.File(tmp_path / "net.mat", "w", userblock_size=512) as file:
        if how == "link":
            file["net"] = h5py.ExternalLink("other.h5", "net")
        elif how == "soft":
            file["net"] = h5py.SoftLink("/elsewhere")
        elif how == "external":
            file.create_dataset("net", (3,), "f8", external=[(str(raw), 0, 24)])
        elif how == "virtual":
            layout = h5py.VirtualLayout((3,), "f8")
            layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "net", (3,))
            file.create_virtual_dataset("net", layout)
        else:
            file.create_group("net")
            file["net/layers"] = file["net"]
    says = r"net\.mat (contains net as a link|stores net in another|nests \w+ too|contains no net)"
    with pytest.raises(InputError, match=says):
        read_graph(tmp_path / "net.mat")
