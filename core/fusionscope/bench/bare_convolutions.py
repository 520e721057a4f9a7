"""Bare convolutions: record a network's convolutions once, then call them without the network.

No hooks are used: a torch function mode records the calls of one pass in this thread.
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

from fusionscope.nets.network import Network

_MULTIPLY = (torch.conv2d, torch.conv3d, functional.linear)
_SIDE = 1024  # side of the two matrices whose product is timed


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a convolution or linear layer, with its arguments and result."""

    function: Callable[..., Tensor]
    given: tuple[Any, ...]
    options: Mapping[str, Any]
    made: Tensor

    @property
    def operations(self) -> int:
        """Number of multiplications and additions."""
        return 2 * self.given[1][0].numel() * self.made.numel()


class _Recorder(TorchFunctionMode):
    """Record every call with weights of the network; calls with computed weights do not count."""

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
    """Record every convolution and linear layer of one pass, in order."""
    with _Recorder() as recorder:
        network(rgb, flow)
    return recorder.calls


@torch.inference_mode()
def bare(calls: Iterable[Call]) -> Tensor:
    """Repeat all calls in order; return the result of the last one."""
    made = torch.empty(0)
    for call in calls:
        made = call.function(*call.given, **call.options)
    return made


@torch.inference_mode()
def matmul_rate(device: torch.device, side: int = _SIDE) -> float:
    """Operations per second of this machine in a product of two square matrices."""
    one = torch.ones(side, side, device=device)
    started = time.perf_counter()
    float((one @ one)[0, 0])  # on a GPU: waits for the result
    return 2 * side**3 / (time.perf_counter() - started)
