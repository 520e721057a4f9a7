"""Visit: what a page shows, read from the outside, for tests of the browser's history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATE = """() => {
  const all = (selector, root = document) => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].filter(e => e.shadowRoot)
      .flatMap(e => all(selector, e.shadowRoot)),
  ];
  const main = document.querySelector("[data-testid=stMain]");
  const seen = e => e.getClientRects().length > 0;
  const key = /st-key-(\\S+?)(_\\d+)?( |$)/; // without the number that a table drawn anew gets
  const name = e => e.closest("[data-testid=stElementContainer]")?.className.match(key)?.[1] ?? "";
  const value = e => e.type === "checkbox" ? String(e.checked) : e.value;
  const query = [...new URLSearchParams(location.search)].filter(([key]) => key !== "frame");
  return {
    address: location.pathname + "?" + query.map(pair => pair.join("=")).sort().join("&"),
    title: document.title,
    page: all("[data-testid=stTopNavLink][aria-current], [data-testid=stTopNavLink]")
      .filter(e => e.getAttribute("aria-current")).map(e => e.textContent).join(),
    clip: all(".fs-cards button[aria-checked=true]").map(e => e.dataset.id),
    stage: all(".fs-diagram [aria-pressed=true]").map(e => e.getAttribute("aria-label")),
    inputs: [...main.querySelectorAll("input:not([type=file]), textarea")].filter(seen)
      .map(e => `${name(e)} ${value(e)}`),
    sliders: [...main.querySelectorAll("[role=slider]")].map(e => `${name(e)} ${e.ariaValueNow}`),
    chosen: ["button[kind$=Active]", "[aria-checked=true]", "[aria-selected=true]"]
      .flatMap(selector => [...main.querySelectorAll(selector)])
      .map(e => `${name(e)} ${e.textContent}`),
    sentence: all(".fs-sentence").map(e => e.textContent),
    picture: all(".fs-player").map(e => e.dataset.ready),
    error: all("[data-testid=stAlert]").map(e => e.textContent),
  };
}"""


def state(page: Page, other: dict[str, Any] | None = None, rest: float = 1.0) -> dict[str, Any]:
    """What the page shows once its script rests; at another address than in the ``other`` state.

    Without an ``other``, it rests for so many seconds: it may do so before its parts are loaded.
    """
    if other is None:
        return _rested(page, "true", rest)
    found = _rested(page, f"JSON.parse(now).address !== {json.dumps(other['address'])}")
    assert found["address"] != other["address"], "nothing has changed"
    return found


def steps_to(page: Page, there: dict[str, Any]) -> dict[str, Any]:
    """Wait until the page rests and shows this state; return what it shows after 60 s at most."""
    return _rested(page, f"now === {_written(there)}")


def _written(state: dict[str, Any]) -> str:
    """A state as text that JavaScript would write of it, as a JavaScript string."""
    return json.dumps(json.dumps(state, ensure_ascii=False, separators=(",", ":")))


def _rested(page: Page, holds: str, rest: float = 0.6) -> dict[str, Any]:
    """What the page shows once it rests (for so many seconds) and the condition is true.

    After 60 s, what it shows then.
    """
    page.wait_for_selector("[data-testid=stApp]")
    text = page.evaluate(
        f"""() => new Promise(done => {{
          const read = () => JSON.stringify(({STATE})());
          const begun = performance.now();
          let last = read(), since = begun;
          const look = () => {{ // not at each frame: reading all of a page takes its time
            const now = read(), at = performance.now();
            const rests = document.querySelector(
              "html[data-fs-whole] [data-testid=stApp][data-test-script-state=notRunning]");
            if (now !== last || !rests || !({holds} || at - begun > 60000)) since = at;
            last = now;
            if (at - since > {1000 * rest}) done(now);
            else setTimeout(() => requestAnimationFrame(look), 100);
          }};
          look();
        }})"""
    )
    return json.loads(text)


def entries(page: Page) -> int:
    """How many entries the tab's history has."""
    return page.evaluate("history.length")
