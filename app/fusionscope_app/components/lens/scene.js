// Scene: types of what the lens draws (scenes.py), and numbers as text.

/** @typedef {import("../player/header.js").CellMap} CellMap */
/** @typedef {number[][][]} Taps chunk, row, column of the window */
/**
 * One channel, or one class score: `bar` in place of a map. `live`: it counts at this cell.
 * @typedef {{
 *   name: string, words: string, map?: CellMap, bar?: number,
 *   weight?: number, activation?: number, term?: number, live?: boolean, taps?: Taps,
 * }} Input
 */
/**
 * A stream; `others` is the number of channels that are not shown, `rest` their contribution.
 * @typedef {{
 *   stream: "appearance" | "motion", inputs: Input[], others: number, rest?: number, total?: number,
 *   window?: Taps,
 * }} Side
 */
/** @typedef {{ name: string, value: number, map: CellMap }} Output */
/** @typedef {{ value: number, weight: number, words: string }} Node */
/**
 * @typedef {{
 *   kind: "sum" | "copy" | "pairs" | "scores", label: string, clip: string, cell: [number, number, number],
 *   node: string, sides: [Side, Side], learned?: boolean, bias?: number | null, biasShown?: number, value?: number, rectified?: boolean,
 *   outputs?: Output[], inside?: boolean[][][], strong?: [number, number, number] | null, off?: string,
 *   nodes?: Node[], limit?: number,
 * }} Scene `biasShown` takes the rounding error of the sum
 */

/**
 * A number with three decimals, as in the table.
 * @param {number} value
 */
export const exact = (value) => value.toFixed(3).replace(/^-(0\.0+)$/, "$1").replace("-", "\u2212");

/**
 * A number of two digits for a narrow place.
 * @param {number} value
 */
export function brief(value) {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 9.95 ? 0 : size >= 0.995 ? 1 : 2);
  return text.replace(/^-(0\.?0*)$/, "$1").replace("-", "\u2212");
}

/** @param {number} value */
export const signOf = (value) => (Math.abs(value) < 5e-4 ? "none" : value > 0 ? "positive" : "negative");
