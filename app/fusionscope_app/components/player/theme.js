// Theme: light or dark, and the accent colour, as the page's styles have them.

import { context2d, el } from "../dom.js";

/** @param {HTMLElement} element */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const probe = context2d(el("canvas", { width: 1, height: 1 }));
  probe.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#fff";
  probe.fillRect(0, 0, 1, 1);
  const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
  const theme = 0.3 * r + 0.59 * g + 0.11 * b < 128 ? "dark" : "light";
  return { theme, accent: style.getPropertyValue("--fs-accent").trim() };
}
