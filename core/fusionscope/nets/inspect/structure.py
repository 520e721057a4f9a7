"""Structure of a network for a diagram: its stages, fusions and heads."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fusionscope.card import Card
from fusionscope.nets.fusion import FUSIONS
from fusionscope.nets.inspect.sizes import Description, describe
from fusionscope.nets.receptive_field import Field


@dataclass(frozen=True)
class Operator:
    """The fusion operator of a stage, as text."""

    name: str  # as in FUSIONS
    symbol: str
    formula: str
    words: str
    reach: int  # chunks that it reads on each side of its own


@dataclass(frozen=True)
class Stage:
    """One stage of a network and the shape of its output."""

    stream: str  # spatial, temporal, fused
    name: str  # relu1 ... fc8
    shape: tuple[int, int, int, int]  # (T, C, h, w)
    parameters: int  # of this stage alone; at a fusion, of the operator
    field: int | None  # receptive field, pixels a side; None: unbounded
    stride: int | None  # stride in pixels; None if there is one cell
    picture: int  # pixels, the longer side
    operator: Operator | None = None  # at a fusion
    before: int | None = None  # after an earlier fusion, parameters of the spatial tower's stage
    # before this one, whose map is not kept

    @property
    def looks_at(self) -> str:
        """The receptive field in words."""
        if self.field is None:
            return "the whole picture"
        whole = " (the whole picture)" if self.field > self.picture else ""
        return f"{self.field:,} px{whole}"


@dataclass(frozen=True)
class Source:
    """Input of a stream."""

    stream: str  # spatial, temporal
    tower: str  # the tower's name
    shape: tuple[int, int, int, int]  # (T, 3, H, W) or (T, 2L, H, W)


@dataclass(frozen=True)
class Head:
    """One prediction: the mean of its last stage over chunks and cells."""

    name: str  # spatial, temporal, spatiotemporal
    stream: str  # of the stage it reads: spatial, temporal, fused
    stage: str
    shape: tuple[int, int, int, int]  # of that stage: (T, K, h, w)


@dataclass(frozen=True)
class Structure:
    """The parts of a network. Its final prediction is the mean of its heads."""

    title: str
    sources: tuple[Source, ...]
    stages: tuple[Stage, ...]  # spatial, temporal, fused; first stage first
    heads: tuple[Head, ...]
    parameters: int

    def stage(self, stream: str, name: str) -> Stage:
        """One stage.

        Raises:
            KeyError: there is none of that name in that stream.
        """
        for stage in self.stages:
            if (stage.stream, stage.name) == (stream, name):
                return stage
        raise KeyError(f"{stream}.{name}")

    def lane(self, stream: str) -> tuple[Stage, ...]:
        """The stages of one stream, first stage first."""
        return tuple(stage for stage in self.stages if stage.stream == stream)


def structure(card: Card, size: tuple[int, int] | None = None) -> Structure:
    """Describe a network for frames of H x W pixels; default: the card's size.

    Raises:
        InputError: the card's parts do not fit together, or the frames are too small for them.
    """
    height, width = size or (card.size, card.size)
    found = describe(card, (height, width))
    stages = tuple(_stage(found, key, max(height, width)) for key in found.shapes)
    last = {stage.stream: stage for stage in stages}
    streams = {"spatial": "spatial", "temporal": "temporal", "spatiotemporal": "fused"}
    fed = (("spatial", card.spatial, 3), ("temporal", card.temporal, 2 * card.stack))
    return Structure(
        card.title,
        tuple(
            Source(stream, tower, (card.chunks, channels, height, width))
            for stream, tower, channels in fed
            if tower
        ),
        stages,
        tuple(
            Head(name, stream, last[stream].name, last[stream].shape)
            for name, stream in ((name, streams[name]) for name in card.heads)
        ),
        found.parameters,
    )


def _stage(found: Description, key: str, picture: int) -> Stage:
    stream, _, name = key.partition(".")
    operator, before, part = None, None, key
    if stream == "fused":  # the map of the operator itself, or of a stage of the spatial tower
        part = f"fusion.{name}" if name in found.operators else f"spatial.{name}"
        if kind := found.operators.get(name):
            maker = FUSIONS[kind]
            operator = Operator(kind, maker.symbol, maker.formula, maker.words, maker.reach[0])
            if f"spatial.{name}" not in found.shapes:
                before = found.parts.get(f"spatial.{name}", 0)
    chunks, channels, height, width = found.shapes[key]
    field: Field = found.fields[key]
    return Stage(
        stream,
        name,
        (chunks, channels, height, width),
        found.parts.get(part, 0),
        None if math.isinf(field.size) else math.ceil(field.size),
        field.step if height * width > 1 else None,
        picture,
        operator,
        before,
    )
