"""Axe: the rules of axe-core, run on a page as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.serve import ROOT, pass_frames

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCRIPT = ROOT / "app/node_modules/axe-core/axe.min.js"
WIDTHS = (1280, 390)
PLAIN = {"color_scheme": "light", "forced_colors": "none"}
OF_COLOURS = ("color-contrast", "link-in-text-block")

BEYOND: dict[str, Sequence[tuple[str, str]]] = {
    "presentation-role-conflict": [
        (
            "[data-testid=stFileUploaderDropzone]",
            "Streamlit gives the drop zone a role and a name that exclude each other; its button "
            "is named correctly",
        )
    ],
    "region": [
        (
            "[role=listbox]",
            "Streamlit draws the list of an open select box at the end of the body, outside main",
        )
    ],
}
"""Rule -> selectors of Streamlit's own elements that break it, and why we cannot mend them."""

RUN = """async ([rules, only]) => {
  const runOnly = only.length ? { runOnly: only } : {};
  const found = await axe.run(document, { resultTypes: ["violations"], ...runOnly });
  const beyond = (rule, target) => (rules[rule] ?? []).some(([selector]) =>
    target.length === 1 && document.querySelector(target[0])?.matches(selector));
  return found.violations.flatMap(({ id, nodes }) => nodes
    .filter(({ target }) => !beyond(id, target))
    .map(({ target, html, failureSummary }) =>
      [id, target.flat().join(" >> "), html.slice(0, 200), failureSummary ?? ""].join("\\n  ")));
}"""


def needs_axe() -> None:
    """Skip the test where the browser checks have not been installed."""
    if not SCRIPT.exists():
        pytest.skip("axe-core is not installed: run npm ci in app")


def violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """What breaks a rule (or one of ``only``), with its rule, its place and what would mend it."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(SCRIPT.read_text("utf-8"))
    return page.evaluate(RUN, [BEYOND, list(only)])


def violations_in_look(page: Page, look: Mapping[str, Any]) -> list[str]:
    """The violations at each width, under media features such as a colour scheme.

    Other colours than the light ones can break the rules of colours alone.
    """
    only = () if look == PLAIN else OF_COLOURS
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        pass_frames(page, 5)
        found += [f"{width} px, {[*look.values()]}: {one}" for one in violations(page, only)]
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    return found
