"""Rows: a graph taken apart into what each stream does, one layer after the other.

Names are not trusted: a stream is what hangs on an input of the graph, a fusion is where what hangs
on two inputs meets, and a fork is where a residual block begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from core.nets.matconvnet.graph import Graph, Layer
from core.records import InputError


@dataclass(frozen=True)
class Fork:
    """A residual block until its sum: the longer way, and the shorter, which may be empty."""

    main: tuple[Layer, ...]
    shortcut: tuple[Layer, ...]
    sum: Layer

    @property
    def name(self) -> str:
        """The block by its last layer."""
        return self.sum.name


Row = list[Layer | Fork]


@dataclass(frozen=True)
class Streams:
    """A graph as rows: by stream's input, and after the fusion where there is one."""

    rows: dict[str, Row]  # an input of the graph -> what hangs on it, its own head included
    meeting: Layer | None  # where two streams meet
    onward: Row  # what follows the meeting
    ends: dict[str, int]  # an input -> how many of its row lie before the meeting


def part(graph: Graph) -> Streams:
    """Take a graph apart.

    Raises:
        InputError: it is no one or two streams that meet once at most; names the layer.
    """
    origins = _origins(graph)
    meetings = [
        layer
        for layer in graph.layers
        if len({origins[name] for name in layer.inputs}) > 1 and len(layer.inputs) > 1
    ]
    if len(meetings) > 1:
        raise InputError(
            f"the streams of {graph.file} meet again at the layer {meetings[1].name}; "
            f"a network here that is read from a file has one fusion, {meetings[0].name}"
        )
    meeting = meetings[0] if meetings else None
    inputs = sorted({name for names in origins.values() for name in names})
    if len(inputs) not in ((2,) if meeting else (1,)):
        raise InputError(
            f"{graph.file} has {len(inputs)} inputs ({', '.join(inputs)}); "
            "needed one stream, or two that are fused"
        )
    walk = _Walk(graph, meeting)
    rows = {name: walk.row(name) for name in inputs}
    ends = {}
    if meeting is not None:
        for name, row in rows.items():
            outputs = [item.output if isinstance(item, Layer) else item.sum.output for item in row]
            (source,) = (var for var in meeting.inputs if origins[var] == frozenset({name}))
            if source not in outputs:
                raise InputError(f"the layer {meeting.name} of {graph.file} fuses within a block")
            ends[name] = outputs.index(source) + 1
    onward = walk.row(meeting.output) if meeting is not None else []
    return Streams(rows, meeting, onward, ends)


def _origins(graph: Graph) -> dict[str, frozenset[str]]:
    """Every variable -> the inputs of the graph that it hangs on."""
    makers = {layer.output: layer for layer in graph.layers}
    needs = {name: layer.inputs for name, layer in makers.items()}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as problem:
        raise InputError(
            f"the layers of {graph.file} go in a circle, at {problem.args[1][0]}"
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
    """Ways through a graph from a variable on, not beyond a meeting."""

    def __init__(self, graph: Graph, meeting: Layer | None) -> None:
        self.file = graph.file
        self.users: dict[str, list[Layer]] = defaultdict(list)
        for layer in graph.layers:
            for name in layer.inputs if layer is not meeting else ():
                self.users[name].append(layer)

    def row(self, name: str) -> Row:
        """All that follows a variable."""
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
        """Two ways that part at one variable and meet in a sum."""
        ways = [tuple(self._way(user)) for user in users]
        sums = {way[-1] for way in ways}
        if len(ways) != 2 or len(sums) != 1 or next(iter(sums)).kind != "sum":
            raise InputError(
                f"the ways of {self.file} that part at the layer {users[0].name} do not meet in a "
                "sum of two; no network here parts so"
            )
        short, long = sorted((way[:-1] for way in ways), key=len)
        return Fork(long, short, sums.pop())

    def _way(self, layer: Layer) -> Iterator[Layer]:
        """From a layer on, until and with the first that has two inputs."""
        yield layer
        while len(layer.inputs) == 1:
            users = self.users[layer.output]
            if len(users) != 1:
                raise InputError(
                    f"{len(users)} layers of {self.file} follow the layer {layer.name}; needed one"
                )
            (layer,) = users
            yield layer
