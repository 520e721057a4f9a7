"""Late section: fuse two or three heads by a rule, with weights chosen by hand or fitted."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from fusionscope.base.numbers import difference, signed
from fusionscope.base.records import InputError, percent
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial, on_shared_clips
from fusionscope.evaluation.late.late_fusion import (
    RULES,
    accuracy_by_scale,
    accuracy_by_weight,
    are_probabilities,
    fit_fusion,
    fuse,
)
from fusionscope.evaluation.predictions_file import gathered
from fusionscope.evaluation.sentences import clips
from fusionscope.evaluation.statistics import Interval, interval
from fusionscope_app.errors import plots
from fusionscope_app.errors.kept import of_trial, while_same
from fusionscope_app.errors.late.late_choices import (
    MOST,
    picked_heads,
    weights_and_temperatures,
)
from fusionscope_app.errors.trial_choice import heads_there, keep_own
from fusionscope_app.glossary.terms import explained
from fusionscope_app.markup import summary
from fusionscope_app.state import address
from fusionscope_app.widgets import error_messages, plot_colours

_RULES = {
    "sum": "sum of scores",
    "mean": "mean of probabilities",
    "product": "product of probabilities",
}
_SCALES = (1 / 19, 1.0, 19.0)


def late_section(trial: HeadTrial) -> None:
    """Choose heads, rule, weights and temperatures; show the accuracy and its curve."""
    there = heads_there()
    names = [": ".join(pair) for pair in there]
    streams = trial.spatial, trial.temporal
    usual = tuple(names.index(f"{one.model}: {one.head}") for one in streams)
    picked = picked_heads(names, usual)
    if not 2 <= len(picked) <= MOST:
        st.info(f"Heads chosen: {len(picked)}; needed: 2 or {MOST}.")
        return
    chosen = [there[pair] for at, pair in enumerate(there) if at in picked]
    rule = address.option("errors_rule", RULES, "sum")
    rule = (
        st.segmented_control(
            "Rule",
            list(RULES),
            format_func=_RULES.__getitem__,
            required=True,
            **address.bound("errors_rule", rule, usual="sum"),
        )
        or rule
    )
    weights, temperatures = weights_and_temperatures([names[at] for at in picked])
    try:
        heads = while_same("errors_fused_heads", tuple(chosen), lambda: on_shared_clips(chosen)[0])
        fused = fuse(heads, rule, weights, temperatures)
    except InputError as problem:
        error_messages.show_error(problem)
        return
    groups = fused.groups
    alone = "; ".join(f"{one.model} {one.head} on {percent(one.right.mean(), 1)}" for one in heads)
    st.html(
        summary.aside_html(
            f"The {_RULES[rule]} is correct on {_share(interval(fused.right, groups))} of "
            f"{clips(len(fused.clips))}; {alone}."
        )
    )
    given = [f"{one.model} {one.head}" for one in heads if are_probabilities(one.scores)]
    if given:
        st.caption(
            f"{error_messages.plain(', '.join(given))}: the file has probabilities instead of "
            "scores. Their logarithm is used."
        )
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        if len(heads) == 2:
            _curve(trial, (heads[0], heads[1]), rule, weights, temperatures)
    with right:
        _fitted(trial, heads, rule)
        _scales(trial, heads)
    st.button(
        "Use as a head",
        key="errors_use_late",
        help="Adds the result to the heads of this page, for every view and export.",
        on_click=lambda: _use(fused, rule, weights, temperatures),
    )


def _curve(
    trial: HeadTrial,
    heads: tuple[Answers, Answers],
    rule: str,
    weights: list[float],
    temperatures: list[float],
) -> None:
    """Accuracy against the weight of the second head."""
    name = tuple((one.model, one.head) for one in heads)
    share, found = of_trial(
        trial,
        *("curve", name, rule, *temperatures),
        make=lambda: accuracy_by_weight(heads, rule, temperatures),
    )
    at = weights[1] / sum(weights) if sum(weights) else None
    st.plotly_chart(
        plots.weight_curve(
            share, found, f"weight of {': '.join(name[1])}", at, plot_colours.shades()
        ),
        key="errors_curve",
        config={"displayModeBar": False},
        alt="Accuracy against the weight of the second head, with its interval",
    )
    st.caption(
        "Band: 95 % interval at each weight. Dotted: the present weight. The highest point of the "
        "curve is optimistic, because it is measured on the clips it was chosen for."
    )


def _fitted(trial: HeadTrial, heads: list[Answers], rule: str) -> None:
    """Fit the weights by folds, at the press of a button, as it takes a while."""
    st.markdown("**Fitted weights**")
    key = "fit", tuple((one.model, one.head) for one in heads), rule
    calibrated = st.toggle("Fit temperatures too", key="errors_calibrated")
    wanted = st.session_state.setdefault("errors_fits", set())
    if (*key, calibrated) not in wanted:
        if st.button("Fit by folds", key="errors_fit"):
            wanted.add((*key, calibrated))
            st.rerun()
        st.caption("Each clip is fused with weights fitted on the groups of the other folds.")
        return
    try:
        with st.spinner("Fitting"):
            found = of_trial(
                trial, *key, calibrated, make=lambda: fit_fusion(heads, rule, calibrated=calibrated)
            )
    except InputError as problem:
        error_messages.show_error(problem)
        return
    held = interval(found.fused.right, found.fused.groups)
    gap = difference(100 * found.in_sample, 100 * held.mean, 1)
    by_groups = "groups of " if found.fused.groups else ""
    st.write(
        f"**{_share(held)}** with weights fitted on the {by_groups}clips of the other folds; "
        f"{percent(found.in_sample, 1)} with weights fitted on the same clips (optimistic, "
        f"{signed(gap, 1)} points). "
        f"Weights: {', '.join(f'{w:.2f}' for w in found.weights)}. "
        f"Temperatures: {', '.join(f'{t:.2f}' for t in found.temperatures)}."
    )


def _scales(trial: HeadTrial, heads: list[Answers]) -> None:
    """What multiplying all scores does to two of the rules."""
    with st.popover("What the scale of scores does"):
        if not st.toggle("Compute", key="errors_scale"):
            st.caption(
                "The sum of the scores of 19 frames is 19 times their mean. The sum of scores "
                "predicts the same; the mean of probabilities does not."
            )
            return
        name = tuple((one.model, one.head) for one in heads)
        found = of_trial(trial, "scale", name, make=lambda: accuracy_by_scale(heads, _SCALES))
        rows = pd.DataFrame(
            [[_RULES[rule], *(100 * share for share in row)] for rule, row in found.items()],
            columns=["rule", "scores / 19", "scores as given", "scores x 19"],
        )
        number = st.column_config.NumberColumn(format="%.1f %%")
        st.dataframe(
            rows,
            column_config=explained({"rule": None} | dict.fromkeys(list(rows)[1:], number)),
            hide_index=True,
            key="errors_scales",
        )


def _use(fused: Answers, rule: str, weights: list[float], temperatures: list[float]) -> None:
    """Add the result to the visitor's own predictions, and choose it as the fused head."""
    told = ":".join(f"{w:g}" for w in weights)
    cold = f", T {':'.join(f'{t:g}' for t in temperatures)}" if {*temperatures} != {1} else ""
    named = replace(fused, model=f"{rule} {told}{cold}: {fused.model.partition(' of ')[2]}")
    keep_own(named.model, gathered((named,)))
    address.put(errors_fused=f"{named.model}: {named.head}", errors_view=None)


def _share(found: Interval) -> str:
    return f"{percent(found.mean, 1)} ({100 * found.low:.1f} to {100 * found.high:.1f})"
