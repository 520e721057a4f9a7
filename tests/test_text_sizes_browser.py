"""Sizes of text in a real browser: all text of all pages can be read from the back of a room."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fusionscope_app.theme.stylesheet import TYPE
from tests.layout_pages import PAGES, WITHOUT_PLAYER, at_rest, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SCALE = [0.875, 1.0, 1.2, 1.45, 1.85]
"""The five sizes, in rem."""

LEAST = {1280: 13, 1920: 16}
"""Width of the window -> the smallest size of text, both in pixels."""
DRAWN = """() => {
  window.drawn = {};
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    if (text.trim() && this.canvas.isConnected) {
      const scale = this.getTransform().a / devicePixelRatio;
      const size = parseFloat(/([\\d.]+)px/.exec(this.font)[1]) * scale;
      (window.drawn[size.toFixed(1)] ??= []).push(text);
    }
    return write.call(this, text, ...place);
  };
}"""
"""Collect the sizes of text on canvases: Streamlit's tables are drawn on one."""

WRITTEN = """() => {
  const found = { ...window.drawn };
  const walk = root => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) walk(node.shadowRoot);
      const text = [...node.childNodes].filter(one => one.nodeType === 3)
        .map(one => one.data.trim()).join("");
      const style = getComputedStyle(node), box = node.getBoundingClientRect();
      const icon = node.closest("style, script, #fs-frame, [data-testid=stIconMaterial]");
      const gone = !box.width || !box.height || style.visibility === "hidden"
        || style.clipPath !== "none";
      if (!text || icon || gone) continue;
      const matrix = node.ownerSVGElement && node.getScreenCTM();
      const scale = matrix ? Math.hypot(matrix.c, matrix.d) : 1;
      (found[(parseFloat(style.fontSize) * scale).toFixed(1)] ??= []).push(text.slice(0, 30));
    }
  };
  walk(document.body);
  return Object.fromEntries(Object.entries(found).map(([size, all]) => [size, all.slice(0, 6)]));
}"""


ROOT_SIZE = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"


@pytest.mark.parametrize("width", LEAST)
@pytest.mark.parametrize("name", PAGES)
def test_no_text_is_smaller_than_the_scale(
    browser: "Browser", site: str, figures: Callable[[str], None], name: str, width: int
) -> None:
    with opened(browser, f"{site}/{PAGES[name]}", width, scripts=[DRAWN]) as page:
        at_rest(page, name not in WITHOUT_PLAYER)
        found: dict[str, Any] = page.evaluate(WRITTEN)
        root = page.evaluate(ROOT_SIZE)
    sizes = sorted(map(float, found))
    figures(f"text {name} {width}: {', '.join(f'{size:g}' for size in sizes)} px")
    scale = [step * root for step in SCALE]
    assert min(scale) >= LEAST[width]
    others = {size: text for size, text in found.items() if not near(float(size), scale)}
    assert others == {}


def near(size: float, scale: list[float]) -> bool:
    return any(abs(size - step) < 0.2 for step in scale)


def test_the_sizes_are_those_of_the_sheet() -> None:
    assert [float(rem) for rem in re.findall(r"--fs-size-\d: ([\d.]+)rem", TYPE)] == SCALE
