"""Late choices: which heads are fused, and the weight and the temperature of each."""

from __future__ import annotations

from functools import partial

import streamlit as st

from fusionscope_app.state import address

MOST = 3  # heads


def picked_heads(names: list[str], usual: tuple[int, ...]) -> tuple[int, ...]:
    """The places of the chosen heads."""
    there = address.numbers("errors_heads")
    picked = there if there and max(there) < len(names) else tuple(dict.fromkeys(usual))

    def write(found: list[int]) -> None:
        address.put(errors_heads=tuple(sorted(found)))

    bound = address.bound("errors_heads", [*picked], write=write)
    return tuple(
        sorted(
            st.pills(
                "Heads to fuse",
                range(len(names)),
                format_func=names.__getitem__,
                selection_mode="multi",
                **bound,
            )
        )
    )


def weights_and_temperatures(names: list[str]) -> tuple[list[float], list[float]]:
    """Weight and temperature of each head; in the address in hundredths."""
    found: dict[str, list[float]] = {}
    for parameter, label, least in (
        ("errors_weights", "Weight", 0.0),
        ("errors_cold", "Temperature", 0.01),
    ):
        stored = address.numbers(parameter)
        held = [n / 100 for n in stored] if len(stored) == len(names) else [1.0] * len(names)

        for at, (where, name) in enumerate(zip(st.columns(len(names)), names, strict=True)):
            bound = address.bound(
                parameter,
                max(held[at], least),
                widget=f"{parameter}_{at}",
                write=partial(_write, parameter, held, at),
            )
            with where:
                value = st.number_input(f"{label}: {name}", least, 100.0, step=0.05, **bound)
            found.setdefault(parameter, []).append(value)
    return found["errors_weights"], found["errors_cold"]


def _write(parameter: str, held: list[float], at: int, value: float) -> None:
    """Put the changed number of one head, and those of the others, into the address."""
    changed = [*held[:at], value, *held[at + 1 :]]
    usual = all(one == 1 for one in changed)
    address.put(**{parameter: None if usual else tuple(round(100 * one) for one in changed)})
