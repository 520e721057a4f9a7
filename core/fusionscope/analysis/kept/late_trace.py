"""Late trace: a trace whose large arrays are computed when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fusionscope.base.records import seal
from fusionscope.card import Card
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip

_LATE = frozenset({"flow", "snippets", "spatial", "temporal", "fused"})


class LateTrace(Trace):
    """A trace with its scores; flow, input and maps are those of ``whole``.

    They are not stored here: ``whole`` is called at each access and has its own cache.
    """

    def __init__(
        self,
        card: Card,
        clip: Clip,
        logits: Mapping[str, np.ndarray],
        seconds: Mapping[str, float],
        precision: str,
        whole: Callable[[], Trace],
    ) -> None:
        scores = {"logits": logits, "seconds": seconds, "precision": precision}
        for name, value in {"card": card, "clip": clip, **scores, "_whole": whole}.items():
            object.__setattr__(self, name, value)
        seal(self)

    def __getattr__(self, name: str) -> Any:
        """Read an array of the whole run; called only for what is not stored here."""
        if name not in _LATE:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(vars(self)["_whole"](), name)
