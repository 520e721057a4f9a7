"""Layout of the pages: what the tests of shifts, sizes of text and widths share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.serve import pass_frames, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = {1280: 800, 1920: 1080, 390: 844}
"""Width -> height of the windows: a laptop, a projector, a phone."""

PAGES = {
    "explore": "",
    "learn": "learn",
    "teach": "teach",
    "fusion": "fusion",
    "why": "why",
    "what_if": "what_if?edits=mirror",
    "flow": "flow",
    "compare": "compare",
    "errors": "errors",
    "models": "models",
}
WITHOUT_PLAYER = ("learn", "teach", "errors", "models")

WATCH = """() => {
  window.shifts = [];
  const name = node => !node ? "?" : (node.dataset?.testid || node.className?.baseVal
    || node.className || node.nodeName) + "";
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node, previousRect: was, currentRect: is }) =>
        `${name(node).slice(0, 60)} y ${Math.round(was.y)}>${Math.round(is.y)}`
        + ` x ${Math.round(was.x)}>${Math.round(is.x)}`);
      window.shifts.push([entry.value, entry.hadRecentInput, moved]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""
"""Collect every shift, those within half a second of an input too."""


@contextmanager
def opened(
    browser: Browser, url: str, width: int, dark: bool = False, scripts: Sequence[str] = ()
) -> Iterator[Page]:
    """A page whose shifts are collected, in a window of this width, with a finger on a phone."""
    context = browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        has_touch=width < 640,
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    for script in (WATCH, *scripts):
        page.add_init_script(f"({script})()")
    page.goto(url, timeout=120_000)
    yield page
    context.close()


def at_rest(page: Page, player: bool = True) -> None:
    """Wait until the script rests and the player, if there is one, has drawn the newest reel."""
    settled(page)
    page.wait_for_selector("html[data-fs-whole]", state="attached")
    if player:
        page.wait_for_function(
            """() => {
              const found = [...document.querySelectorAll("*")].map(e => e.shadowRoot
                ?.querySelector(".fs-player")?.fusionscope).find(Boolean);
              const drawn = found?.root.dataset.ready;
              return drawn && !found.incoming && drawn === found.reel.digest;
            }"""
        )
    pass_frames(page, 20)
    settled(page)


def shifts(page: Page, by_input: bool = True) -> tuple[float, list[str]]:
    """The sum of all shifts since the last call, and what the largest one moved.

    Without ``by_input``, as Web Vitals counts: without those within half a second of an input.
    """
    found = page.evaluate("() => window.shifts.splice(0)")
    counted = [(value, what) for value, recent, what in found if by_input or not recent]
    total = sum(value for value, _ in counted)
    return total, max(counted, default=(0.0, []))[1]
