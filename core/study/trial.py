"""Trial: the same clips put to appearance alone, to motion alone, and to both fused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.records import InputError, seal
from core.study.answers import Answers
from core.study.predictions import Predictions

Pair = tuple[str, str]  # model, head


@dataclass(frozen=True, eq=False)
class Trial:
    """Three or four heads on the same n clips, in the same order."""

    spatial: Answers
    temporal: Answers
    fused: Answers
    late: Answers | None = None  # late fusion: the streams' predictions averaged
    left_out: int = 0  # clips that not all of them answered

    def __post_init__(self) -> None:
        seal(self)

    @property
    def roles(self) -> Mapping[str, Answers]:
        """Role -> its head, the streams first; late fusion where there is one."""
        played = {"spatial": self.spatial, "temporal": self.temporal, "fused": self.fused}
        return played | ({"late": self.late} if self.late else {})

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes."""
        return self.fused.classes

    @property
    def labels(self) -> np.ndarray:
        """(n,) the truth, an index into ``classes``."""
        return self.fused.labels

    @property
    def groups(self) -> tuple[str, ...]:
        """(n,) which clips are of one source; empty where no head's file tells."""
        return next((one.groups for one in self.roles.values() if one.groups), ())

    @property
    def better(self) -> str:
        """The stream that is right more often alone."""
        motion = self.temporal.right.sum() > self.spatial.right.sum()
        return "temporal" if motion else "spatial"


def meet(spatial: Answers, temporal: Answers, fused: Answers, late: Answers | None = None) -> Trial:
    """Put heads together on the clips that all of them answered, in the fused head's order.

    Raises:
        InputError: they share no clip, or hold one clip's label to be different.
    """
    heads = [head for head in (spatial, temporal, fused, late) if head is not None]
    rows = [{clip: row for row, clip in enumerate(head.clips)} for head in heads]
    shared = [clip for clip in fused.clips if all(clip in places for places in rows)]
    if not shared:
        raise InputError(
            "there is no clip that all of the chosen heads answered; needed: one at least"
        )
    met = [
        head.of(np.array([places[clip] for clip in shared]))
        for head, places in zip(heads, rows, strict=True)
    ]
    for head in met:
        differs = np.flatnonzero(head.labels != met[2].labels)
        if differs.size:
            at = differs[0]
            raise InputError(
                f"{shared[at]} is {head.classes[head.labels[at]]} for {head.model} {head.head} and "
                f"{fused.classes[met[2].labels[at]]} for {fused.model} {fused.head}; needed: one "
                "truth"
            )
    left_out = len(set().union(*rows)) - len(shared)
    return Trial(met[0], met[1], met[2], met[3] if late else None, left_out)


def casting(predictions: Predictions) -> dict[str, Pair | None]:
    """Who plays which role, by the heads' names; of several, the one that is right most often.

    A network with a head ``spatiotemporal`` fuses features; one that has none and an ``average``
    fuses its streams late. A stream is taken from a network that has nothing else, if there is one.
    """
    heads = predictions.heads
    fusing = {model for model, head in heads if head == "spatiotemporal"}

    def best(pairs: list[Pair]) -> Pair | None:
        return max(pairs, key=lambda pair: heads[pair].right.mean(), default=None)

    def stream(name: str) -> Pair | None:
        alone = [p for p in heads if p[1] == name and p[0] not in fusing]
        return best(alone) or best([p for p in heads if p[1] == name])

    ends = [p for p in heads if p[0] in fusing and p[1] == "average"]
    whole = {model for model, _ in ends}
    ends += [p for p in heads if p[1] == "spatiotemporal" and p[0] not in whole]
    late = best([p for p in heads if p[1] == "average" and p[0] not in fusing])
    first = next(iter(heads))
    return {
        "spatial": stream("spatial") or first,
        "temporal": stream("temporal") or first,
        "fused": best(ends) or late or first,
        "late": late if best(ends) else None,
    }
