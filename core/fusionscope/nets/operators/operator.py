"""The interface of a fusion operator: two feature maps in, one out, and what is known of it.

An operator takes ``spatial`` and ``temporal`` of one shape (B, T, C, h, w) and returns
(B, T, out_channels, h, w), or (B, T, out_channels, 1, 1) where it keeps no cells. The network, the
lens, the ceilings and the pages read all that they need from the class: none tests its name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError


class Fusion(nn.Module, ABC):
    """Base of all operators. A subclass sets the first six attributes and the abstract methods."""

    name: ClassVar[str]  # as cards and the command line write it
    title: ClassVar[str]  # as a page writes it
    symbol: ClassVar[str]  # in the picture of a network, where the streams join
    formula: ClassVar[str]  # y of a (appearance) and b (motion)
    words: ClassVar[str]  # the formula in words; a verb phrase
    rank: ClassVar[int]  # how closely it joins the streams; page Compare picks the next lower

    unit_formula: ClassVar[str] = ""  # of one output channel d; _x or _{xyz} is a subscript
    learned: ClassVar[bool] = False  # has weights; the network applies a ReLU to its output
    takes_start: ClassVar[bool] = False  # the constructor accepts a ``Start`` as second argument
    linear: ClassVar[bool] = False  # output = bias + ``filters`` applied to both maps
    keeps_cells: ClassVar[bool] = True  # the output has the grid of the inputs
    unit_norm: ClassVar[bool] = False  # each chunk's output has an L2 norm of 1
    reach: ClassVar[tuple[int, int]] = (0, 0)  # chunks and cells read on each side of a cell

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.out_channels = out_channels

    @abstractmethod
    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Fuse two maps of one shape, (B, T, C, h, w) each."""

    @abstractmethod
    def halves(self, spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
        """Contributions of appearance and of motion, (B, T, C', h, w) each.

        With ``bias`` they add up to the output.

        Raises:
            InputError: the operator has no such parts; the message gives the reason.
        """

    @abstractmethod
    def filters(self) -> Tensor:
        """(C', 2, C, chunks, rows, columns): weight of each output channel from each input channel.

        Raises:
            InputError: the operator has no fixed weights; the message gives the reason.
        """

    @abstractmethod
    def unit_weights(self, channel: int, window: Tensor) -> Tensor:
        """(2, C, chunks, rows, columns): the weights that act on the activations around one cell.

        The sum of weight x activation, plus the bias, is the output.

        Args:
            channel: the output channel.
            window: (2, chunks, C, rows, columns) activations within ``reach`` of the cell.

        Raises:
            InputError: the operator has no such weights; the message gives the reason.
        """

    def bias(self) -> Tensor:
        """(C',) the output for inputs of zero."""
        return torch.zeros(self.out_channels)

    def pair_totals(self, spatial: Tensor, temporal: Tensor) -> Tensor:  # noqa: ARG002
        """(C, h, w) twice -> (C, C): the sum over cells of each product of two channels.

        Raises:
            InputError: the output channels are not pairs of input channels.
        """
        raise InputError(f"{self.title} fusion does not form pairs of channels")

    def expression(self, channel: int) -> str:  # noqa: ARG002
        """Return one output channel's value as a sum, to be filled with numbers.

        Fields: ``{bias}``, ``{appearance}`` and ``{motion}``, the contributions; ``{a}`` and
        ``{m}``, the activations of the input channel of the same number.
        """
        return "{bias} + {appearance} + {motion}" if self.learned else "{appearance} + {motion}"

    def is_rectified(self, place: str) -> bool:
        """Does the network apply a ReLU to the output at this place? Never to scores."""
        return self.learned and place != "fc8"

    @classmethod
    def knows_order(cls) -> bool:
        """Does one output depend on several chunks, and so on their order?"""
        return cls.reach[0] > 0


class LinearFusion(Fusion):
    """Base of operators whose output is a bias plus a fixed filter over both maps."""

    linear = True

    def halves(self, spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
        """The output with the other map replaced by zeros, less the bias."""
        bias = self.bias().to(spatial)[:, None, None]
        return (
            self(spatial, torch.zeros_like(temporal)) - bias,
            self(torch.zeros_like(spatial), temporal) - bias,
        )

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:  # noqa: ARG002
        """The filter of one output channel, the same in every cell."""
        return self.filters()[channel]
