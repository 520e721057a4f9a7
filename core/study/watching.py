"""Watching: how many of some clips a network names rightly, from what is kept on disk of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.nets.network import Network
from core.study.clipstore import Kept
from core.trace import fed
from core.video.clip import Clip
from core.video.flow import from_net_view
from core.video.snippets import sample_snippets


@torch.inference_mode()
def share_right(network: Network, clips: Sequence[Kept]) -> float:
    """Share of clips whose class the network's final scores name, one run of T chunks each."""
    right = 0
    for kept in clips:
        flow = from_net_view(kept.fields().transpose(0, 3, 1, 2))
        snippets = sample_snippets(Clip(np.array(kept.pictures()), 30.0), flow, network.card)
        said = network(*fed(network, snippets)).final.argmax()
        right += network.card.labels[int(said)] == kept.item.label
    return right / len(clips)
