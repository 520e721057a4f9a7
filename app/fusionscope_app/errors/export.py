"""Error export: the list of clips as CSV, the numbers behind the figures as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fusionscope.evaluation import statistics
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.slices.compare_slices import compare_slices
from fusionscope.evaluation.slices.slice_words import record_of


def buttons(trial: HeadTrial, listed: pd.DataFrame) -> None:
    """Buttons that download the list and the numbers."""
    with st.container(horizontal=True):
        st.download_button(
            "Download the list (CSV)",
            lambda: listed.to_csv(index=False),
            "clips.csv",
            "text/csv",
            on_click="ignore",
            key="errors_csv",
        )
        st.download_button(
            "Download the numbers (JSON)",
            lambda: json.dumps(numbers(trial), indent=1, ensure_ascii=False),
            "errors.json",
            "application/json",
            on_click="ignore",
            key="errors_json",
        )


def numbers(trial: HeadTrial) -> dict[str, Any]:
    """All numbers of the page, ready for JSON; a missing value is null."""
    counts = np.bincount(statistics.cells(trial), minlength=8)
    heads = {}
    for role, head in trial.roles.items():
        found = statistics.reliability(head)
        heads[role] = {
            "model": head.model,
            "head": head.head,
            "accuracy": asdict(statistics.interval(head.right, trial.groups)),
            "per_class": _plain(statistics.per_class(head)),
            "confusion": statistics.confusion(head).tolist(),
            "reliability": {
                "counts": found.counts.tolist(),
                "sure": _plain(found.sure),
                "right": _plain(found.right),
                "error": found.error,
            },
        }
    synergy = statistics.synergy_by_class(trial.fused)
    return {
        "clips": len(trial.labels),
        "left_out": trial.left_out,
        "groups": len(set(trial.groups)),
        "classes": list(trial.classes),
        "cells": {statistics.cell_name(cell): int(count) for cell, count in enumerate(counts)},
        "parts": {name: int(part(trial).sum()) for name, part in statistics.PARTS.items()},
        "duels": {
            role: asdict(statistics.compare_pairs(trial.fused, head))
            for role, head in trial.roles.items()
            if role != "fused"
        },
        "gain_by_class": _plain(statistics.gain_by_class(trial)),
        "synergy_by_class": None if synergy is None else _plain(synergy),
        "slices": [record_of(one) for one in compare_slices(trial)],
        "heads": heads,
    }


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
