"""Shared stages: stages before any fusion or temporal pooling, which handle each chunk alone."""

from __future__ import annotations

from fusionscope.nets.network import Network


def junction_of(network: Network) -> str:
    """Last common stage before chunks or streams are combined; empty: none."""
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
    """As ``junction_of``, but never the scores' stage fc8; empty: none."""
    upto = junction_of(network)
    if upto != "fc8":
        return upto
    tower = network.spatial or network.temporal
    names = [] if tower is None else [*tower.stages]
    return names[names.index(upto) - 1] if upto in names[1:] else ""
