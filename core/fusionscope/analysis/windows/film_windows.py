"""Film windows: run a network on a film of minutes, window by window, in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.analysis.windows.window import Window
from fusionscope.analysis.windows.window_times import WindowTimes, check_step, window_times
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.card import Card
from fusionscope.video.film import Film, open_film
from fusionscope.video.flow.methods import fields_of_frames, interleaved
from fusionscope.video.snippets import fed_field, fed_frame, fed_size

if TYPE_CHECKING:
    from fusionscope.analysis.windows.chunk_scores import ChunkScores
    from fusionscope.nets.network import Network

_TOGETHER = 4.0  # seconds of film that are analysed together: more work for each batch


class FilmWindows:
    """The windows of a film, computed while they are iterated, once.

    Attributes:
        film: the opened film: rate, size, duration, notes.
        expected: number of windows, if the file holds the frames that it announces.
        seconds: time spent so far on ``decode`` (waiting for frames), ``flow`` and ``forward``.
    """

    def __init__(
        self, network: Network, film: Film, step: float, progress: Progress = no_progress
    ) -> None:
        from fusionscope.analysis.windows.chunk_scores import ChunkScores

        self.card: Card = network.card
        self.film = film
        self.times = window_times(self.card, film.fps, step)
        self.expected = self.times.within(film.frames)
        self.seconds = {"decode": 0.0, "flow": 0.0, "forward": 0.0}
        self._chunks: ChunkScores = ChunkScores(network)
        self._progress = progress

    def __iter__(self) -> Iterator[Window]:
        film = self.film
        held, base, number = _nothing(film), 0, 0
        with closing(film.blocks):  # pyright: ignore[reportArgumentType]  (a generator)
            for more, last in self._groups():
                held = np.concatenate([held, more]) if len(more) else held
                ready = self.times.within(base + len(held))
                if last and not ready:
                    self.times = _shorter(self.times, base + len(held), film.name)
                    ready = 1
                yield from self._windows(held, base, range(number, ready))
                number = max(number, ready)
                gone = min(self.times.first(number) - base, len(held))
                held, base = held[gone:].copy(), base + gone
                self._chunks.forget(base)
                self._progress("film", min(1.0, (base + len(held)) / film.frames))

    def _groups(self) -> Iterator[tuple[np.ndarray, bool]]:
        """Frames in groups, the last one marked; it may be empty."""
        blocks: list[np.ndarray] = []
        begun, together = time.perf_counter(), _TOGETHER * self.film.fps
        for block in self.film.blocks:
            blocks.append(block)
            if sum(map(len, blocks)) >= together:
                self.seconds["decode"] += time.perf_counter() - begun
                yield np.concatenate(blocks), False
                blocks, begun = [], time.perf_counter()
        self.seconds["decode"] += time.perf_counter() - begun
        yield np.concatenate(blocks) if blocks else _nothing(self.film), True

    def _windows(self, held: np.ndarray, base: int, numbers: Sequence[int]) -> Iterator[Window]:
        """The windows of these numbers; ``held`` are the frames from ``base`` on."""
        chunks = [self.times.frames(number) for number in numbers]
        wanted = {int(frame) for one in chunks for frame in one}
        self._add(held, base, sorted(f for f in wanted if f not in self._chunks))
        for number, frames in zip(numbers, chunks, strict=True):
            begun = time.perf_counter()
            heads, alone = self._chunks.scores(frames.tolist())
            self.seconds["forward"] += time.perf_counter() - begun
            start, end = self.times.span(number)
            first = self.film.start
            yield Window(first + start, first + end, self.card.labels, heads, alone)

    def _add(self, held: np.ndarray, base: int, frames: Sequence[int]) -> None:
        """Compute flow and tower maps of new chunks, given by their frames in the film."""
        if not frames:
            return
        begun = time.perf_counter()
        size = fed_size(held.shape[1], held.shape[2], self.card.size)
        flow = self._stacks(held, [frame - base for frame in frames], size)
        now = time.perf_counter()
        self.seconds["flow"] += now - begun
        rgb = np.stack([fed_frame(held[frame - base], size) for frame in frames])
        self._chunks.add(frames, rgb, flow)
        self.seconds["forward"] += time.perf_counter() - now

    def _stacks(self, held: np.ndarray, frames: Sequence[int], size: tuple[int, int]) -> np.ndarray:
        """The flow stacks around frames of ``held``, (n, 2L, h, w) uint8; each field once."""
        card = self.card
        if not card.temporal:  # nobody sees it
            return np.full((len(frames), 2 * card.stack, *size), round(card.flow_mean), np.uint8)
        spans = [range(f - card.stack // 2, f - card.stack // 2 + card.stack) for f in frames]
        numbers = sorted({n for span in spans for n in span})
        fields = fields_of_frames(held, numbers, card.flow)
        views = {n: fed_field(field, size) for n, field in zip(numbers, fields, strict=True)}
        return np.stack([interleaved(np.stack([views[n] for n in span])) for span in spans])


def film_windows(
    network: Network,
    path: str | Path,
    step: float = 1.0,
    start: float = 0.0,
    name: str | None = None,
    progress: Progress = no_progress,
) -> FilmWindows:
    """Run a network along a film of up to an hour: iterate the result for its windows.

    Each ``Window`` covers about 2 s and is scored as a clip of these seconds would be. The film is
    decoded as a stream, so that memory does not grow with it; to stop early, leave the loop.

    Args:
        step: seconds between the starts of two windows.
        start: seconds; where to start.
        name: a title for the film; None: the file's name.
        progress: called as ``progress("film", done)``, ``done`` in 0..1, and while waiting for
            frames; an exception raised there ends the work.

    Raises:
        InputError: the file is not a video, the step is invalid, or the network has no trained
            classifier. While iterating: the film is damaged, or shorter than the network needs.
    """
    check_step(step)
    if not network.card.taught:
        raise InputError(
            f"{network.card.name} has an untrained classifier; a network trained on classes is "
            "needed"
        )
    return FilmWindows(network, open_film(path, start, name, progress), step, progress)


def _shorter(times: WindowTimes, frames: int, name: str) -> WindowTimes:
    """The only window of a film that is shorter than a window."""
    if frames < times.stack + 1:
        raise InputError(
            f"{name} has {frames} frames; this network needs at least {times.stack + 1}, for "
            f"{times.stack} consecutive flow fields"
        )
    return replace(times, count=frames)


def _nothing(film: Film) -> np.ndarray:
    return np.empty((0, film.height, film.width, 3), np.uint8)
