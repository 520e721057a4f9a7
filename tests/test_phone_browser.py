"""The pages on a phone, in a real browser: a finger reaches everything, nothing is hidden."""

from typing import TYPE_CHECKING

import pytest

from tests.layout_pages import PAGES, WITHOUT_PLAYER, at_rest, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

TARGETS = """() => {
  const OTHERS = "[data-testid=stDataFrame], [data-testid=stSidebar], .js-plotly-plot";
  const FIELDS = "label, [data-testid=stSelectbox], [data-testid=stSlider], "
    + "[data-testid=stMultiSelect], "
    + "[data-testid=stNumberInputContainer]";
  const small = [], covered = [];
  const wanted = "button, select, input, a[href], [role=button], [role=radio], [role=slider]";
  const holds = (one, other) => {
    for (let at = other; at; at = at.parentNode ?? at.host) if (at === one) return true;
    return false;
  };
  const top = (x, y) => {
    let found = document.elementFromPoint(x, y);
    while (found?.shadowRoot?.elementFromPoint(x, y)) {
      const inner = found.shadowRoot.elementFromPoint(x, y);
      if (inner === found) break;
      found = inner;
    }
    return found;
  };
  const walk = root => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      if (!node.matches(wanted) || node.disabled) continue;
      if (node.closest(OTHERS)) continue;
      const label = node.closest(FIELDS);
      const text = node.matches("a") && node.closest("p, td, li"); // a link within a text
      const style = getComputedStyle(node);
      const part = label && (node.matches("input") || !label.matches("label"));
      const box = (part ? label : node).getBoundingClientRect();
      const name = node.getAttribute("aria-label") || node.innerText || node.className + "";
      if (text || box.width < 2 || box.height < 2 || style.visibility === "hidden") continue;
      if (style.clipPath !== "none" || style.opacity === "0") continue;
      const size = `${name.slice(0, 40)} ${Math.round(box.width)} x ${Math.round(box.height)}`;
      if (box.width < 39.5 || box.height < 39.5) small.push(size);
      node.scrollIntoView({ block: "center" });
      const now = (part ? label : node).getBoundingClientRect();
      const found = top(now.x + now.width / 2, now.y + now.height / 2);
      if (found && !holds(node, found) && !holds(found, node) && !(label && holds(label, found)))
        covered.push(`${size} by ${found.className || found.nodeName}`);
    }
  };
  walk(document);
  return [small, covered];
}"""

WIDE = """() => [...document.querySelectorAll("[data-testid=stMain] *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(
    ".fs-scroll, .fs-flows, pre, .js-plotly-plot, [data-testid=stDataFrame]"))
  .map(one => one.dataset.testid || one.className?.baseVal || one.className || one.nodeName)"""
"""What sticks out of the page."""

HIDDEN = """() => {
  const GRID = "[data-testid=stDataFrame]"; // Streamlit's table shows a cut column
  const found = [];
  const walk = root => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(node).overflowX);
      const says = node.matches(".fs-scroll, .fs-flows, pre, code") || node.closest(GRID);
      if (scrolls && !says && node.scrollWidth > node.clientWidth + 1 && node.clientWidth)
        found.push(`${node.dataset?.testid || node.className} ${node.scrollWidth}`);
    }
  };
  walk(document);
  return found;
}"""
"""What is scrolled sideways without saying so."""


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_everything_and_a_finger_reaches_it(
    browser: "Browser", site: str, name: str
) -> None:
    with opened(browser, f"{site}/{PAGES[name]}", 390) as page:
        at_rest(page, name not in WITHOUT_PLAYER)
        assert page.evaluate(WIDE) == []
        assert page.evaluate(HIDDEN) == []
        small, covered = page.evaluate(TARGETS)
        assert small == []
        assert covered == []


def test_the_menu_of_pages_says_so_and_opens_them(browser: "Browser", site: str) -> None:
    with opened(browser, site, 390) as page:
        at_rest(page)
        menu = page.get_by_test_id("stExpandSidebarButton")
        box = menu.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 40
        menu.click()
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Models").click()
        page.wait_for_url("**/models*")
        at_rest(page, player=False)
        assert page.get_by_text("Networks", exact=True).first.is_visible()
        menu.wait_for(timeout=10_000)  # it stands there while the menu is closed
