"""Convolutions: what a network multiplies, heard once and then called bare.

Nothing is hooked: torch's own function mode tells every call while one pass runs, in this thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from core.nets.network import Network

_MULTIPLY = (torch.conv2d, torch.conv3d, functional.linear)
_SIDE = 1024  # of the two matrices whose product is timed


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a convolution or a linear layer, with what it was given and gave."""

    function: Callable[..., Tensor]
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    made: Tensor

    @property
    def operations(self) -> int:
        """Multiplications and additions."""
        return 2 * self.given[1][0].numel() * self.made.numel()


class _Listener(TorchFunctionMode):
    """Notes every call with weights of the network; what it makes up on the way does not count."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        if func in _MULTIPLY and isinstance(args[1], nn.Parameter):
            self.calls.append(Call(func, args, kwargs or {}, made))
        return made


@torch.inference_mode()
def calls_of(network: Network, rgb: Tensor, flow: Tensor) -> list[Call]:
    """Every convolution and linear layer of one pass, in order."""
    with _Listener() as listener:
        network(rgb, flow)
    return listener.calls


@torch.inference_mode()
def bare(calls: Iterable[Call]) -> Tensor:
    """Call each again, one after the other, and nothing else: what the last one makes."""
    made = torch.empty(0)
    for call in calls:
        made = call.function(*call.given, **call.options)
    return made


@torch.inference_mode()
def matmul_rate(device: torch.device, side: int = _SIDE) -> float:
    """Operations a second that this machine reaches in one product of two square matrices."""
    one = torch.ones(side, side, device=device)
    begun = time.perf_counter()
    float((one @ one)[0, 0])  # on a GPU: waits until it is done
    return 2 * side**3 / (time.perf_counter() - begun)
