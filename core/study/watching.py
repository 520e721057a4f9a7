"""Watching: how many of some clips a network names rightly, from what is kept on disk of them."""

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


@torch.inference_mode()
def share_right(network: Network, clips: Sequence[Kept]) -> float:
    """Share of clips whose class the network's final scores name, one run of T chunks each."""
    right = 0
    for kept in clips:
        said = network(*fed(network, snippets_of(kept, network.card))).final.argmax()
        right += network.card.labels[int(said)] == kept.item.label
    return right / len(clips)


def snippets_of(kept: Kept, card: Card) -> Snippets:
    """What a network is fed of a clip in use, made from what is kept of it."""
    flow = from_net_view(kept.fields().transpose(0, 3, 1, 2))
    return sample_snippets(Clip(np.array(kept.pictures()), 30.0), flow, card)
