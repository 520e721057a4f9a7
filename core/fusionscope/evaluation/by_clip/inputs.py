"""Inputs: what a network sees of a clip in all runs of a protocol, from a video or a store."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.datasets import Item
from fusionscope.data.prepared.store import Store
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.methods import flow_fields, from_net_view
from fusionscope.video.snippets import (
    Snippets,
    chunk_frames,
    dense_frames,
    mirrored,
    sample_snippets,
)

PROTOCOLS = ("fast", "dense")


class Inputs(NamedTuple):
    """The inputs of all runs on one clip, and how its file was read."""

    runs: list[Snippets]
    notes: tuple[str, ...]


def inputs_of(
    item: Item, card: Card, protocol: str, store: Store | None = None, threads: int | None = None
) -> Inputs | InputError:
    """Read a clip and sample its runs; only the pictures and fields they need are computed.

    Args:
        store: read the prepared clip instead of the video.
        threads: number of frame pairs whose flow is computed in parallel; None: one a core.

    Returns:
        The error instead, if the clip cannot be read or is too short.
    """
    try:
        clip, flow, groups = (
            _of_video(item, card, protocol, threads)
            if store is None
            else _of_store(item, card, protocol, store)
        )
    except InputError as problem:
        return problem
    runs = [sample_snippets(clip, flow, card, frames) for frames in groups]
    runs += [*map(mirrored, runs)] if protocol == "dense" else []
    return Inputs(runs, clip.notes)


def _of_video(
    item: Item, card: Card, protocol: str, threads: int | None
) -> tuple[Clip, np.ndarray, list[np.ndarray]]:
    clip = read_clip(item.path, start=0.0)
    groups, numbers = _needed(len(clip.frames), card, protocol)
    flow = np.zeros((len(clip.frames) - 1, 2, *clip.frames.shape[1:3]), np.float16)
    flow[numbers] = flow_fields(clip, numbers, card.flow, threads=threads)
    return clip, flow, groups


def _of_store(
    item: Item, card: Card, protocol: str, store: Store
) -> tuple[Clip, np.ndarray, list[np.ndarray]]:
    kept = store.clip(item)
    pictures, fields = kept.pictures(), kept.fields()
    groups, numbers = _needed(len(pictures), card, protocol)
    shown = np.unique(np.concatenate(groups))
    frames = np.zeros(pictures.shape, np.uint8)
    frames[shown] = pictures.some(shown.tolist())
    flow = np.zeros((len(fields), 2, *fields.shape[1:3]), np.float32)
    flow[numbers] = from_net_view(fields.some(numbers).transpose(0, 3, 1, 2))
    return Clip(frames, kept.told.fps, item.path.name, kept.notes), flow, groups


def _needed(count: int, card: Card, protocol: str) -> tuple[list[np.ndarray], list[int]]:
    """The (T,) frames of each run of a clip, and the fields that all runs need."""
    if protocol == "dense":
        groups = dense_frames(count, card.chunks, card.stack)
    else:
        groups = [chunk_frames(count, card.chunks, card.stack)]
    first = np.unique(np.concatenate(groups)) - card.stack // 2
    numbers = np.unique(first[:, None] + np.arange(card.stack)) if card.temporal else np.array([])
    return groups, numbers.astype(int).tolist()
