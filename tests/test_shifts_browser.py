"""Layout shifts in a real browser: on load and on every change, the page stays where it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.layout_pages import PAGES, SIZES, WITHOUT_PLAYER, at_rest, opened, shifts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MOST = 0.1  # of a load or of a change: "good" by Web Vitals, for all shifts together

GROWS = ("a panel added",)
"""What the viewer makes taller, in the browser and at once: on a phone the timeline moves down."""

Change = Callable[["Page"], None]


def choose(label: str, at: int) -> Change:
    """Choose an option of a select box."""

    def act(page: "Page") -> None:
        page.get_by_role("combobox", name=label).first.click()
        page.get_by_role("option").nth(at).click()

    return act


def click(selector: str, at: int = 0) -> Change:
    """Click an element."""
    return lambda page: page.locator(selector).nth(at).click()


CHANGES: dict[str, dict[str, Change]] = {
    "explore": {
        "another clip": click(".fs-cards button", 2),
        "a cell": click("canvas[data-panel=fused]"),
        "another network": choose("Network", 2),
        "a panel added": click(".fs-add"),
        "a popover": click("[data-testid=stPopover] button", 0),
    },
    "learn": {},
    "teach": {"another classifier": click("[data-testid=stButtonGroup] button", 0)},
    "fusion": {
        "a cell": click("canvas[data-panel=flow]"),
        "another stage": click(".fs-stage[data-name=relu3]"),
    },
    "why": {"another class": choose("Class", 3), "another method": choose("Method", 1)},
    "what_if": {
        "another edit": click(".st-key-whatif_add_Freeze button, .st-key-whatif_add_freeze button")
    },
    "flow": {
        "a cell": click("canvas[data-panel]"),
        "another drawing": click("[data-testid=stButtonGroup] button >> text=speed"),
    },
    "compare": {"a cell": click("canvas[data-panel]"), "another network": choose("B", 4)},
    "errors": {"another view": click("[data-testid=stButtonGroup] button", 1)},
    "models": {},
}


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_on_load_or_on_a_change(
    browser: "Browser", site: str, figures: Callable[[str], None], name: str, width: int
) -> None:
    player = name not in WITHOUT_PLAYER
    found = {}
    with opened(browser, f"{site}/{PAGES[name]}", width) as page:
        at_rest(page, player)
        found["load"] = shifts(page)
        for title, act in CHANGES[name].items():
            act(page)
            at_rest(page, player)
            found[title] = shifts(page, by_input=title not in GROWS)
    figures(f"{name} {width}: " + ", ".join(f"{t} {v:.3f}" for t, (v, _) in found.items()))
    moved = {title: one for title, one in found.items() if one[0] >= MOST}
    assert not moved


def test_nothing_moves_when_another_page_opens(
    browser: "Browser", site: str, figures: Callable[[str], None]
) -> None:
    found = {}
    with opened(browser, site, 1280) as page:
        at_rest(page)
        shifts(page)
        for name in ("fusion", "errors", "compare", "explore"):
            page.get_by_role("link", name=name.capitalize(), exact=True).click()
            page.wait_for_function("() => !('fsWhole' in document.documentElement.dataset)")
            page.wait_for_selector("html[data-fs-whole]", state="attached")
            at_rest(page, name not in WITHOUT_PLAYER)
            found[name], _ = shifts(page)
    figures(f"another page: {', '.join(f'{name} {sum_:.3f}' for name, sum_ in found.items())}")
    assert max(found.values()) < MOST


LOOK = """() => {
  window.looks = [];
  const root = document.querySelector(".st-key-explore_player");
  const look = () => {
    const bar = document.querySelector("[class*=st-key-waiting_]");
    const { x, y, width, height } = root.getBoundingClientRect();
    const cancel = bar?.querySelector("button")?.getBoundingClientRect();
    const box = JSON.stringify([x, y, width, height]);
    window.looks.push([box, bar?.innerText ?? "", cancel?.y ?? 0]);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_progress_is_drawn_over_the_view_and_never_moves_the_player(
    browser: "Browser", site: str
) -> None:
    with opened(browser, f"{site}/?clip=toybox:907", 1280) as page:
        at_rest(page)
        page.evaluate(LOOK)
        choose("Network", 3)(page)  # not run before: this takes its time
        page.wait_for_function("() => window.looks.some(([, text]) => text.includes('Cancel'))")
        at_rest(page)
        looks = page.evaluate("() => window.looks")
    told = [at for at, (_, text, _) in enumerate(looks) if text]
    assert len({box for box, _, _ in looks[: told[-1] + 1]}) == 1
    heights = {y for _, text, y in looks if "Cancel" in text}
    assert all(100 < y < 400 for y in heights)  # in view, over the player
