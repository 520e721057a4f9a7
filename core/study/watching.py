"""Watching: what a network says of some clips, from what is kept on disk of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.card import Card
from core.nets.network import Network
from core.study.clipstore import Kept
from core.trace import fed
from core.video.clip import Clip
from core.video.flow import from_net_view
from core.video.snippets import Snippets, sample_snippets


def share_right(network: Network, clips: Sequence[Kept]) -> float:
    """Share of clips whose class the network's final scores name, one run of T chunks each."""
    *_, final = scores_on(network, clips).values()
    labels = [network.card.labels.index(clip.item.label) for clip in clips]
    return float(np.mean(final.argmax(axis=1) == labels))


@torch.inference_mode()
def scores_on(network: Network, clips: Sequence[Kept]) -> dict[str, np.ndarray]:
    """Head -> (n, K) scores, ``average`` last where there is more than one head."""
    rows = [
        {
            head: scores[0].cpu().numpy().astype(float)
            for head, scores in network(
                *fed(network, snippets_of(clip, network.card))
            ).decisions.items()
        }
        for clip in clips
    ]
    return {head: np.stack([row[head] for row in rows]) for head in rows[0]}


def snippets_of(kept: Kept, card: Card) -> Snippets:
    """What a network is fed of a clip in use, made from what is kept of it."""
    flow = from_net_view(kept.fields().transpose(0, 3, 1, 2))
    return sample_snippets(Clip(np.array(kept.pictures()), 30.0), flow, card)
