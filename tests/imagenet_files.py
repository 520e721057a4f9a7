"""ImageNet files: files with the names and shapes of published weights, where libraries look."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from fusionscope.nets.towers.imagenet import TORCHVISION


def torchvision_values(name: str) -> dict[str, Tensor]:
    """One number for each tensor of a torchvision network, in all its places; a small file."""
    with torch.device("meta"):
        shapes = getattr(torchvision.models, name)(weights=None).state_dict()
    random = torch.Generator().manual_seed(1)
    return {
        key: torch.randn(1, generator=random).expand(value.shape)
        if value.is_floating_point()
        else torch.zeros((), dtype=value.dtype)
        for key, value in shapes.items()
    }


def in_torchs_cache(
    monkeypatch: pytest.MonkeyPatch, folder: Path, tower: str, values: Mapping[str, Tensor]
) -> Path:
    """Write a file where torchvision caches the weights of a tower."""
    monkeypatch.setenv("TORCH_HOME", str(folder))
    url = torchvision.models.get_weight(TORCHVISION[tower]).url
    path = folder / "hub/checkpoints" / url.rpartition("/")[2]
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(values), path)
    return path


def in_the_hubs_cache(
    monkeypatch: pytest.MonkeyPatch, folder: Path, repository: str, net: nn.Module
) -> Path:
    """Write a file where the Hugging Face hub caches a repository's weights, and go offline."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    place = folder / f"models--{repository.replace('/', '--')}"
    path = place / "snapshots" / ("a" * 40) / "model.safetensors"
    path.parent.mkdir(parents=True)
    (place / "refs").mkdir()
    (place / "refs/main").write_text("a" * 40)
    save_file(net.state_dict(), path)
    return path
