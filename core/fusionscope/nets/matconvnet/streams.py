"""Streams: split a layer graph into one sequence of layers for each stream.

Layer names are not trusted. A stream consists of the layers that depend on one input of the graph.
A fusion is a layer that depends on two inputs, and a fork is the start of a residual block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from fusionscope.base.records import InputError
from fusionscope.nets.matconvnet.layer_graph import Graph, Layer


@dataclass(frozen=True)
class Fork:
    """A residual block up to its sum: the main path, and the shortcut, which may be empty."""

    main: tuple[Layer, ...]
    shortcut: tuple[Layer, ...]
    sum: Layer

    @property
    def name(self) -> str:
        """The name of the block's last layer, its sum."""
        return self.sum.name


Row = list[Layer | Fork]


@dataclass(frozen=True)
class Streams:
    """A graph as sequences of layers: one for each stream, and one after the fusion."""

    rows: dict[str, Row]  # input of the graph -> the layers that follow it, with its own head
    meeting: Layer | None  # the fusion layer, if any
    onward: Row  # the layers after the fusion
    ends: dict[str, int]  # input -> number of its layers before the fusion


def part(graph: Graph) -> Streams:
    """Split a graph into streams.

    Raises:
        InputError: it does not consist of one stream, or two with one fusion; names the layer.
    """
    origins = _origins(graph)
    meetings = [
        layer
        for layer in graph.layers
        if len({origins[name] for name in layer.inputs}) > 1 and len(layer.inputs) > 1
    ]
    if len(meetings) > 1:
        raise InputError(
            f"{graph.file} has a second fusion at layer {meetings[1].name}, after layer "
            f"{meetings[0].name}; an imported network can have only one"
        )
    meeting = meetings[0] if meetings else None
    inputs = sorted({name for names in origins.values() for name in names})
    if len(inputs) not in ((2,) if meeting else (1,)):
        raise InputError(
            f"{graph.file} has {len(inputs)} inputs ({', '.join(inputs)}); "
            "one stream or two fused streams are needed"
        )
    walk = _Walk(graph, meeting)
    rows = {name: walk.row(name) for name in inputs}
    ends = {}
    if meeting is not None:
        for name, row in rows.items():
            outputs = [item.output if isinstance(item, Layer) else item.sum.output for item in row]
            (source,) = (var for var in meeting.inputs if origins[var] == frozenset({name}))
            if source not in outputs:
                raise InputError(
                    f"layer {meeting.name} of {graph.file} fuses inside a residual block; it must "
                    "fuse after one"
                )
            ends[name] = outputs.index(source) + 1
    onward = walk.row(meeting.output) if meeting is not None else []
    return Streams(rows, meeting, onward, ends)


def _origins(graph: Graph) -> dict[str, frozenset[str]]:
    """Map each variable to the inputs of the graph that it depends on."""
    makers = {layer.output: layer for layer in graph.layers}
    needs = {name: layer.inputs for name, layer in makers.items()}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as problem:
        raise InputError(
            f"the layers of {graph.file} form a cycle at {problem.args[1][0]}; a network without "
            "cycles is needed"
        ) from problem
    origins: dict[str, frozenset[str]] = {}
    for name in order:
        maker = makers.get(name)
        origins[name] = (
            frozenset().union(*(origins[source] for source in maker.inputs))
            if maker
            else frozenset({name})
        )
    return origins


class _Walk:
    """Follow paths through a graph from a variable on, up to the fusion."""

    def __init__(self, graph: Graph, meeting: Layer | None) -> None:
        self.file = graph.file
        self.users: dict[str, list[Layer]] = defaultdict(list)
        for layer in graph.layers:
            for name in layer.inputs if layer is not meeting else ():
                self.users[name].append(layer)

    def row(self, name: str) -> Row:
        """All layers after a variable, in order."""
        row: Row = []
        while users := self.users[name]:
            if len(users) == 1 and len(users[0].inputs) == 1:
                row.append(users[0])
                name = users[0].output
            else:
                fork = self._fork(users)
                row.append(fork)
                name = fork.sum.output
        return row

    def _fork(self, users: list[Layer]) -> Fork:
        """Two paths that split at one variable and join in a sum."""
        ways = [tuple(self._way(user)) for user in users]
        sums = {way[-1] for way in ways}
        if len(ways) != 2 or len(sums) != 1 or next(iter(sums)).kind != "sum":
            raise InputError(
                f"the paths of {self.file} that split at layer {users[0].name} do not join in a "
                "sum of two; a residual block is needed"
            )
        short, long = sorted((way[:-1] for way in ways), key=len)
        return Fork(long, short, sums.pop())

    def _way(self, layer: Layer) -> Iterator[Layer]:
        """The layers from this one up to and including the first with two inputs."""
        yield layer
        while len(layer.inputs) == 1:
            users = self.users[layer.output]
            if len(users) != 1:
                raise InputError(
                    f"{len(users)} layers of {self.file} follow layer {layer.name}; needed: one"
                )
            (layer,) = users
            yield layer
