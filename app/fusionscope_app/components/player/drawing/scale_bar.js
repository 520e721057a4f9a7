// Scale bar: the colours of a map or a picture between their ends.

import { el } from "../../dom.js";
import { rampGradient } from "../colour.js";

/** @typedef {import("../header.js").PanelHeader} PanelHeader */

const SIGNS = "Minus: negative values, hatched. 0: nothing. Plus: positive values.";

/** @param {number} value */
export const digits = (value) => {
  const size = Math.abs(value);
  if (size === 0) return "0";
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "\u2212");
};

/**
 * The parts of a panel's scale. Minus, 0 and plus are on the bar of a signed map; an end with values
 * beyond it says so.
 * @param {PanelHeader} panel
 * @returns {(Node | string)[]}
 */
export function scaleBar({ stream, map, bar }) {
  const scale = map ?? bar;
  if (!scale) return [];
  const signed = Boolean(map && map.low < 0);
  const colours = el("i", signed ? { class: "fs-signed", title: SIGNS } : {},
    ...(signed ? ["\u2212", "0", "+"].map((sign) => el("b", {}, sign)) : []));
  colours.style.backgroundImage =
    map ? rampGradient(stream, map) : `linear-gradient(90deg, ${bar?.stops.join(", ")})`;
  const values = map ? Object.values(map.beyond ?? {}) : [];
  const less = bar?.beyond ? scale.low < 0 : values.some((value) => value < scale.low);
  const more = bar?.beyond || values.some((value) => value > scale.high);
  return [
    `${less ? "\u2264 " : ""}${digits(scale.low)}`,
    colours,
    `${more ? "\u2265 " : ""}${digits(signed ? -scale.low : scale.high)}`,
  ];
}
