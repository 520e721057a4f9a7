"""Error export: the list as CSV, and the numbers behind the figures as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.study import errors
from core.study.trial import Trial


def buttons(trial: Trial, listed: pd.DataFrame) -> None:
    """Take the list and the numbers away."""
    with st.container(horizontal=True):
        st.download_button(
            "List as CSV",
            lambda: listed.to_csv(index=False),
            "clips.csv",
            "text/csv",
            on_click="ignore",
            key="errors_csv",
        )
        st.download_button(
            "Numbers as JSON",
            lambda: json.dumps(numbers(trial), indent=1, ensure_ascii=False),
            "errors.json",
            "application/json",
            on_click="ignore",
            key="errors_json",
        )


def numbers(trial: Trial) -> dict[str, Any]:
    """All that the page draws, ready for JSON: what has no value is null."""
    counts = np.bincount(errors.cells(trial), minlength=8)
    heads = {}
    for role, head in trial.roles.items():
        found = errors.reliability(head)
        heads[role] = {
            "model": head.model,
            "head": head.head,
            "accuracy": asdict(errors.interval(head.right, trial.groups)),
            "per_class": _plain(errors.per_class(head)),
            "confusion": errors.confusion(head).tolist(),
            "reliability": {
                "counts": found.counts.tolist(),
                "sure": _plain(found.sure),
                "right": _plain(found.right),
                "error": found.error,
            },
        }
    synergy = errors.synergy_by_class(trial.fused)
    return {
        "clips": len(trial.labels),
        "left_out": trial.left_out,
        "groups": len(set(trial.groups)),
        "classes": list(trial.classes),
        "cells": {errors.cell_name(cell): int(count) for cell, count in enumerate(counts)},
        "parts": {name: int(part(trial).sum()) for name, part in errors.PARTS.items()},
        "duels": {
            role: asdict(errors.duel(trial.fused, head))
            for role, head in trial.roles.items()
            if role != "fused"
        },
        "gain_by_class": _plain(errors.gain_by_class(trial)),
        "synergy_by_class": None if synergy is None else _plain(synergy),
        "heads": heads,
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
