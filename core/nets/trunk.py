"""Trunk: the stages that every chunk of either stream climbs alone, before anything meets."""

from __future__ import annotations

from core.nets.network import Network


def junction_of(network: Network) -> str:
    """The last stage of both towers up to which chunks and streams keep apart; empty: none."""
    towers = [tower for tower in (network.spatial, network.temporal) if tower is not None]
    if not towers:
        return ""
    names = [*towers[0].stages]
    if network.fusions:
        names = names[: names.index(next(iter(network.fusions))) + 1]
    if network.card.pool == "3d" and "pool5" in names:
        names = names[: names.index("pool5")]
    shared = [name for name in names if all(name in tower.stages for tower in towers)]
    return shared[-1] if shared else ""


def trunk_of(network: Network) -> str:
    """As ``junction_of``, but the scores' stage is left out; empty: none."""
    upto = junction_of(network)
    if upto != "fc8":
        return upto
    tower = network.spatial or network.temporal
    names = [] if tower is None else [*tower.stages]
    return names[names.index(upto) - 1] if upto in names[1:] else ""
