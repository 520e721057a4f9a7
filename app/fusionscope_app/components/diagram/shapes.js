// Shapes: text, sheets and wires as SVG.

import { svg } from "../dom.js";

/** @typedef {import("./layout.js").Point} Point */

const SHEET = 3; // pixels between the sheets of two chunks

/**
 * Replace the x of 3x3x3 and 13 x 13 by a multiplication sign.
 * @param {string} text
 */
export const typeset = (text) => text.replace(/([\dC] ?)x(?= ?[\dC])/g, "$1×");

/**
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} kind CSS classes
 */
export function words(text, x, y, kind, anchor = "middle") {
  const element = svg("text", { x, y, class: kind, "text-anchor": anchor });
  element.textContent = typeset(text);
  return element;
}

/**
 * Where the front sheet lies: what is drawn on it is drawn there.
 * @param {Point} at
 * @param {Point} size
 * @param {number} chunks
 */
export function frontOf([x, y], [width, height], chunks) {
  const off = -((Math.min(chunks, 5) - 1) * SHEET) / 2;
  return { x: x - width / 2 + off, y: y - height / 2 - off, width, height };
}

/**
 * One sheet per chunk, the first in front.
 * @param {Point} at
 * @param {Point} size
 * @param {number} chunks
 */
export function sheets([x, y], [width, height], chunks) {
  const count = Math.min(chunks, 5);
  return Array.from({ length: count }, (_, i) => {
    const off = (count - 1 - i) * SHEET - ((count - 1) * SHEET) / 2;
    return svg("rect", { class: "fs-sheet", x: x - width / 2 + off, y: y - height / 2 - off, width, height, rx: 1.5 });
  });
}

/**
 * @param {Point[]} points
 * @param {string} stream
 */
export function wire(points, stream, arrow = false) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
  const line = svg("path", { class: "fs-wire", "data-stream": stream, d });
  if (!arrow) return line;
  const [[x0, y0], [x1, y1]] = points.slice(-2);
  const size = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [u, v] = [(x1 - x0) / size, (y1 - y0) / size];
  const tip = [[x1 - 8 * u - 4 * v, y1 - 8 * v + 4 * u], [x1, y1], [x1 - 8 * u + 4 * v, y1 - 8 * v - 4 * u]];
  const head = svg("path", { class: "fs-arrow", "data-stream": stream, d: `M${tip.map((p) => p.join(" ")).join("L")}Z` });
  return svg("g", {}, line, head);
}
