// Wires: from the inputs to the node and on to the output. Thick: a large contribution; dashed: negative.

import { svg } from "../dom.js";
import { brief, exact, signOf } from "./scene.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./geometry.js").Places} Places */
/** @typedef {[number, number]} Spot */

const THICK = 9; // pixels of the largest contribution
const ROUND = 19; // radius of a node

/**
 * @param {Spot} from
 * @param {Spot} to
 * @param {number} share of the largest contribution, with its sign
 * @param {Record<string, any>} [more]
 */
function link(from, to, share, more = {}) {
  return svg("path", { class: "fs-link", d: `M${from}L${to}`, "data-sign": signOf(share),
    "stroke-width": Math.max(1.25, THICK * Math.abs(share)), ...more });
}

/** @param {number} x @param {number} y @param {string} text @param {string} kind @param {string} anchor */
function label(x, y, text, kind = "", anchor = "middle") {
  const element = svg("text", { x, y, class: kind, "text-anchor": anchor, "dominant-baseline": "central" });
  element.textContent = text;
  return element;
}

/** @param {Spot} from @param {Spot} to @param {number} by a point `by` pixels before `to` */
function short([x, y], [u, v], by) {
  const size = Math.hypot(u - x, v - y) || 1;
  return /** @type {Spot} */ ([u - (by * (u - x)) / size, v - (by * (v - y)) / size]);
}

/**
 * All wires and nodes of a scene; `sum` is the text that follows the running sum.
 * @param {Scene} scene
 * @param {Places} places
 */
export function wiresOf(scene, places) {
  const { width, height, line } = places;
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", class: "fs-links" });
  const sum = label(0, 0, "", "fs-sum-now");
  if (scene.nodes) root.append(...pairParts(scene, places));
  else root.append(...unitParts(scene, places, sum));
  scene.sides.forEach((side, at) => {
    const lane = places.lanes[at];
    const row = lane.wire + (at ? 0.5 : -0.5) * line;
    side.inputs.forEach((input, i) => {
      if (input.weight === undefined) return;
      root.append(label(lane.x[i], row, input.live === false ? "smaller" : `\u00d7 ${brief(input.weight)}`, "fs-weight"));
    });
  });
  return { root, sum };
}

/**
 * @param {Scene} scene
 * @param {Places} places
 * @param {SVGTextElement} sum
 */
function unitParts(scene, places, sum) {
  const { node, lanes, line, outputs, output, relu } = places;
  const terms = scene.sides.flatMap((side) => [...side.inputs.map(({ term }) => term ?? 0), side.rest ?? 0]);
  const most = Math.max(1e-9, ...terms.map(Math.abs), Math.abs(scene.bias ?? 0));
  /** @type {SVGElement[]} */
  const parts = [];
  scene.sides.forEach((side, at) => {
    const { x, wire } = lanes[at];
    x.forEach((column, i) => {
      const input = side.inputs[i];
      const term = input ? input.term ?? 0 : side.rest ?? 0;
      /** @type {Spot} */
      const from = [column, wire];
      const end = scene.kind === "copy" ? outputs[at] : node;
      const to = scene.kind === "copy" ? [end[0], end[1] + (at ? 0.5 : -0.5) * (output + 2 * line)] : short(from, end, ROUND);
      parts.push(link(from, /** @type {Spot} */ (to), term / most,
        { "data-live": String(input?.live ?? true), "data-of": `${side.stream} ${i}` }));
    });
  });
  if (scene.kind === "copy") return parts;
  const [x, y] = node;
  const out = outputs[0];
  const edge = /** @type {Spot} */ ([out[0] - output / 2 - 2, y]);
  const value = scene.value ?? 0;
  if (scene.bias !== null && scene.bias !== undefined) {
    parts.push(link([0.19 * places.width, y], [x - ROUND, y], scene.bias / most, { "data-of": "bias" }));
    parts.push(label(0.09 * places.width, y - 0.6 * line, "bias"), label(0.09 * places.width, y + 0.5 * line, exact(scene.biasShown ?? 0), "fs-strong"));
  }
  parts.push(link([x + ROUND, y], relu === null ? edge : [relu - ROUND, y], 0.25, { "data-sign": "fused" }));
  sum.setAttribute("x", String((x + 2 * (relu ?? edge[0])) / 3));
  sum.setAttribute("y", String(y - 0.75 * line));
  if (relu !== null) {
    parts.push(link([relu + ROUND, y], edge, 0.25, { "data-sign": "fused", "data-live": String(value > 0) }));
    parts.push(svg("rect", { class: "fs-node", x: relu - ROUND, y: y - ROUND, width: 2 * ROUND, height: 2 * ROUND, rx: 5 }));
    parts.push(svg("path", { class: "fs-hinge", d: `M${relu - 13} ${y + 8}H${relu}L${relu + 12} ${y - 10}` }));
    parts.push(svg("circle", { class: "fs-dot-on", cx: relu + (value > 0 ? 7 : -7), cy: y + (value > 0 ? -3 : 8), r: 4 }));
    parts.push(label(relu, y + ROUND + 0.6 * line, "ReLU"));
  }
  const long = scene.node.length > 3;
  parts.push(svg("circle", { class: "fs-node", cx: x, cy: y, r: ROUND }), label(x, y, scene.node, long ? "fs-symbol fs-long" : "fs-symbol"), sum);
  return parts;
}

/**
 * Columns: an input of one stream meets one of the other, and nothing else.
 * @param {Scene} scene
 * @param {Places} places
 */
function pairParts(scene, { lanes, middle, line }) {
  const nodes = scene.nodes ?? [];
  const most = Math.max(1e-9, ...nodes.map(({ weight }) => Math.abs(weight)));
  return nodes.flatMap(({ value, weight }, i) => {
    const x = lanes[0].x[i];
    const y = middle - line / 2;
    const share = scene.kind === "pairs" ? weight / most : 0.2;
    const sign = scene.kind === "pairs" ? {} : { "data-sign": "fused" };
    return [
      link([x, lanes[0].wire], [x, y - ROUND], share, { ...sign, "data-of": `appearance ${i}` }),
      link([x, lanes[1].wire], [x, y + ROUND + line], share, { ...sign, "data-of": `motion ${i}` }),
      svg("circle", { class: "fs-node", cx: x, cy: y, r: ROUND }),
      label(x, y, scene.node, scene.node.length > 3 ? "fs-symbol fs-long" : "fs-symbol"),
      label(x, y + ROUND + line / 2, brief(value), "fs-strong"),
    ];
  });
}
