"""Validation: scores and accuracy of a network on cached clips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from fusionscope.card import Card
from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import from_net_view
from fusionscope.video.snippets import Snippets, sample_snippets


def share_right(network: Network, clips: Sequence[Kept]) -> float:
    """Accuracy of the network's final prediction, with one run of T chunks per clip."""
    *_, final = scores_on(network, clips).values()
    labels = [network.card.labels.index(clip.item.label) for clip in clips]
    return float(np.mean(final.argmax(axis=1) == labels))


@torch.inference_mode()
def scores_on(network: Network, clips: Sequence[Kept]) -> dict[str, np.ndarray]:
    """Head -> (n, K) scores, with ``average`` last if there is more than one head."""
    rows = [
        {
            head: scores[0].cpu().numpy().astype(float)
            for head, scores in network(
                *network_inputs(network, snippets_of(clip, network.card))
            ).decisions.items()
        }
        for clip in clips
    ]
    return {head: np.stack([row[head] for row in rows]) for head in rows[0]}


def snippets_of(kept: Kept, card: Card) -> Snippets:
    """The network's input for a cached clip, as used in inference."""
    flow = from_net_view(np.asarray(kept.fields()).transpose(0, 3, 1, 2))
    return sample_snippets(Clip(np.array(kept.pictures()), 30.0), flow, card)
