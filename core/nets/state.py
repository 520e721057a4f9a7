"""State: all of a module that a run must leave as it is."""

from __future__ import annotations

import hashlib

import torch
from torch import nn

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def state_of(module: nn.Module) -> dict[str, object]:
    """What changed, were it to change -> its state now, to be compared."""
    sha = hashlib.sha256()
    for _, value in sorted(module.state_dict().items()):
        flat = value.detach().cpu().reshape(-1).contiguous()
        sha.update(flat.view(torch.uint8).numpy().data)
    return {
        "weights or buffers changed": sha.hexdigest(),
        "the mode changed": [part.training for part in module.modules()],
        "gradients were left": [value.grad is not None for value in module.parameters()],
        "hooks were left": [len(getattr(m, h, ())) for m in module.modules() for h in _HOOKS],
    }
