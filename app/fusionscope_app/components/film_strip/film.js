// Film: the numbers of a film's windows, as Python packs them.

import { unpack } from "../dom.js";

/** @typedef {{ name: string, note: string, stream: string, labels: Uint16Array, p: Uint8Array }} Band */
/**
 * @typedef {{
 *   seconds: number, chosen: number, count: number, classes: string[], colours: string[], other: string,
 *   streams: boolean, bands: Band[], starts: Float32Array, ends: Float32Array, apart: Uint8Array,
 * }} Film
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Film}
 */
export function readFilm(bytes) {
  const { header, payload } = unpack(bytes);
  const n = header.count;
  let at = 0;
  /** @param {number} size */
  const part = (size) => payload.slice(at, at += size * n).buffer; // a copy, so that it is aligned
  const film = { ...header, starts: new Float32Array(part(4)), ends: new Float32Array(part(4)),
    apart: new Uint8Array(part(1)) };
  film.bands = header.bands.map((/** @type {Band} */ band) => ({
    ...band, labels: new Uint16Array(part(2)), p: new Uint8Array(part(1)),
  }));
  return film;
}

/**
 * The window that stands for a time: the last that starts by then.
 * @param {Film} film
 * @param {number} seconds
 */
export function windowAt({ starts, count }, seconds) {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= seconds) low = middle; else high = middle - 1;
  }
  return low;
}

/**
 * The time at which a window gives way to the next.
 * @param {Film} film
 * @param {number} at
 */
export const until = (film, at) => at + 1 < film.count ? film.starts[at + 1] : film.ends[at];

/**
 * Consecutive windows with one class: first and last index.
 * @param {Band} band
 * @param {number} count
 */
export function runsOf(band, count) {
  /** @type {[number, number][]} */
  const runs = [];
  for (let first = 0, at = 1; at <= count; at += 1) {
    if (at < count && band.labels[at] === band.labels[first]) continue;
    runs.push([first, at - 1]);
    first = at;
  }
  return runs;
}

/**
 * What a window predicts, in words.
 * @param {Film} film
 * @param {number} at
 */
export function wordsOf(film, at) {
  const time = `${clock(film.starts[at])} to ${clock(film.ends[at])}`;
  const said = film.bands.map(({ name, labels, p }) =>
    `${name}: ${film.classes[labels[at]]} ${(p[at] / 255).toFixed(2)}`);
  return `${time}. ${said.join("; ")}${film.apart[at] ? ". The streams disagree" : ""}`;
}

/**
 * A time as minutes and seconds.
 * @param {number} seconds
 * @param {number} [digits]
 */
export function clock(seconds, digits = 1) {
  const rounded = Number(seconds.toFixed(digits));
  const minutes = Math.floor(rounded / 60);
  return `${minutes}:${(rounded - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0")}`;
}
