// Tracks: the evidence of each shown map over time, below the timeline and in step with it.
//
// The sums come from the reel. Positive sums lie above the line, negative ones below it.

import { el, svg } from "../../dom.js";
import { digits } from "./scale_bar.js";

/** @typedef {import("../reel.js").Reel} Reel */
/** @typedef {import("../header.js").PanelHeader} PanelHeader */

export class Tracks {
  constructor() {
    this.names = el("div", { class: "fs-track-names" });
    this.curves = el("div", { class: "fs-tracks", "aria-hidden": "true" });
  }

  /**
   * Draw the tracks of these panels; panels without a map have none.
   * @param {Reel} reel
   * @param {string[]} keys
   */
  show(reel, keys) {
    const panels = keys.flatMap((key) => reel.panel(key) ?? []).filter(({ sums }) => sums?.length);
    this.names.replaceChildren(...panels.map(nameOf));
    this.curves.replaceChildren(...panels.map((panel) => curveOf(reel, panel)));
    return panels.length;
  }
}

/** @param {PanelHeader} panel */
const limitOf = ({ sumsLimit }) => Math.max(1e-9, sumsLimit ?? 0);

/** @param {PanelHeader} panel */
function nameOf(panel) {
  const { title, stream, unit, sums = [] } = panel;
  const said = sums.map(([more, less], chunk) =>
    `chunk ${chunk + 1}: +${digits(more)}${less ? `, ${digits(less)}` : ""}`);
  const words = `Sum of the ${unit ?? "activation"} in map ${title} by chunk`;
  return el("div", { "data-stream": stream, role: "img", title: words, "aria-label": `${words}. ${said.join("; ")}` },
    el("span", { class: "fs-dot" }), el("span", { class: "fs-track-name" }, title),
    el("span", { class: "fs-muted" }, ` to ${digits(limitOf(panel))}`));
}

/**
 * @param {Reel} reel
 * @param {PanelHeader} panel
 */
function curveOf(reel, panel) {
  const { stream, map, sums = [] } = panel;
  const limit = limitOf(panel);
  const signed = Boolean(map && map.low < 0);
  const steps = (/** @type {0 | 1} */ side) => Array.from({ length: reel.frames }, (_frame, n) =>
    `L${n} ${-sums[reel.chunk(panel, n)][side] / limit}H${n + 1}`).join("");
  const part = (/** @type {0 | 1} */ side, /** @type {string} */ name) =>
    svg("path", { class: name, d: `M0 0${steps(side)}V0Z` });
  const picture = svg("svg", { preserveAspectRatio: "none", "data-stream": stream,
    viewBox: signed ? `0 -1.08 ${reel.frames} 2.16` : `0 -1.08 ${reel.frames} 1.12` });
  picture.append(...(signed ? [part(0, "fs-positive"), part(1, "fs-negative")] : [part(0, "fs-sum")]),
    svg("path", { class: "fs-zero", d: `M0 0H${reel.frames}` }));
  return picture;
}
