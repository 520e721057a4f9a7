"""Module state: what a run must leave unchanged in a module."""

from __future__ import annotations

import hashlib

import torch
from torch import nn

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def state_of(module: nn.Module) -> dict[str, object]:
    """Snapshot a module for later comparison: description of a change -> current state."""
    return {
        "weights or buffers changed": state_digest(module),
        "the mode changed": [part.training for part in module.modules()],
        "gradients were left": [value.grad is not None for value in module.parameters()],
        "hooks were left": [len(getattr(m, h, ())) for m in module.modules() for h in _HOOKS],
    }


def state_digest(module: nn.Module) -> str:
    """Compute the sha256 of all weights and buffers, in the order of their names."""
    sha = hashlib.sha256()
    for _, value in sorted(module.state_dict().items()):
        flat = value.detach().cpu().reshape(-1).contiguous()
        sha.update(flat.view(torch.uint8).numpy().data)
    return sha.hexdigest()
