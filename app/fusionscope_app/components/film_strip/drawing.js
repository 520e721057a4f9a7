// Drawing: the bands of a film on a canvas.

import { context2d } from "../dom.js";
import { clock, runsOf, until } from "./film.js";

/** @typedef {import("./film.js").Film} Film */
/** @typedef {{ from: number, to: number }} View seconds of the film that are in view */

export const BAND = 30; // pixels, height of a band
export const LABEL = 20; // above each band
export const MARKS = 12; // of the marks of disagreement
export const AXIS = 24;
const TICKS = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800];

/** @param {Film} film */
export const heightOf = (film) =>
  film.bands.length * (LABEL + BAND) + (film.streams ? LABEL + MARKS : 0) + AXIS;

/**
 * @param {Film} film
 * @param {number} label place in the film's list of classes
 */
export const colourOf = (film, label) => film.colours[label] ?? film.other;

/**
 * @param {HTMLCanvasElement} canvas sized in device pixels
 * @param {Film} film
 * @param {View} view
 * @param {number} at the window under the cursor; -1: none
 */
export function drawFilm(canvas, film, view, at) {
  const pen = context2d(canvas);
  const scale = canvas.width / Math.max(1, canvas.clientWidth);
  const width = canvas.clientWidth;
  const style = getComputedStyle(canvas);
  const ink = style.getPropertyValue("--st-text-color") || "#000";
  const ground = rgbOf(pen, style.getPropertyValue("--st-background-color") || "#fff");
  const font = style.fontFamily;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, canvas.clientHeight);
  pen.textBaseline = "middle";
  /** @param {number} seconds */
  const x = (seconds) => (seconds - view.from) / (view.to - view.from) * width;
  let y = 0;
  for (const band of film.bands) {
    pen.fillStyle = ink;
    pen.font = `600 13px ${font}`;
    pen.fillText(band.name, 0, y + LABEL / 2);
    const past = pen.measureText(band.name).width;
    pen.font = `13px ${font}`;
    if (band.note) pen.fillText(`, ${band.note}`, past, y + LABEL / 2);
    drawBand(pen, film, band, x, y + LABEL, width, ground, font);
    y += LABEL + BAND;
  }
  if (film.streams) {
    pen.fillStyle = ink;
    pen.font = `600 13px ${font}`;
    pen.fillText("streams disagree", 0, y + LABEL / 2);
    for (let k = 0; k < film.count; k += 1) {
      if (film.apart[k]) pen.fillRect(x(film.starts[k]), y + LABEL, Math.max(1, x(until(film, k)) - x(film.starts[k])), MARKS);
    }
    y += LABEL + MARKS;
  }
  drawAxis(pen, view, x, y, width, ink, font);
  for (const [place, line] of [[film.chosen, 3], [at, 1]]) {
    if (place < 0 || place >= film.count) continue;
    pen.strokeStyle = ink;
    pen.lineWidth = line;
    pen.strokeRect(x(film.starts[place]), 1, Math.max(3, x(until(film, place)) - x(film.starts[place])), y);
  }
}

/**
 * One band: each window in the colour of its class, stronger for a higher probability.
 * @param {CanvasRenderingContext2D} pen
 * @param {Film} film
 * @param {import("./film.js").Band} band
 * @param {(seconds: number) => number} x
 * @param {number} y
 * @param {number} width
 * @param {number[]} ground
 * @param {string} font
 */
function drawBand(pen, film, band, x, y, width, ground, font) {
  for (const [first, last] of runsOf(band, film.count)) {
    const [left, right] = [x(film.starts[first]), x(until(film, last))];
    if (right < 0 || left > width) continue;
    const colour = rgbOf(pen, colourOf(film, band.labels[first]));
    let sum = 0;
    for (let k = first; k <= last; k += 1) {
      sum += band.p[k];
      const [a, b] = [x(film.starts[k]), x(until(film, k))];
      pen.fillStyle = css(mixed(colour, ground, band.p[k] / 255));
      pen.fillRect(a, y, Math.max(0.75, b - a), BAND);
    }
    const word = film.classes[band.labels[first]];
    pen.font = `13px ${font}`;
    const start = Math.max(0, left) + 5;
    if (pen.measureText(word).width > Math.min(width, right) - start - 4) continue;
    const under = mixed(colour, ground, sum / (last - first + 1) / 255);
    const space = pen.measureText(word).width + 6;
    pen.fillStyle = css(under); // one colour below the word, so that it is readable throughout
    pen.fillRect(start - 3, y + 5, space, BAND - 10);
    pen.fillStyle = luminance(under) > 0.18 ? "#000" : "#fff";
    pen.fillText(word, start, y + BAND / 2 + 0.5);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {View} view
 * @param {(seconds: number) => number} x
 * @param {number} y
 * @param {number} width
 * @param {string} ink
 * @param {string} font
 */
function drawAxis(pen, view, x, y, width, ink, font) {
  const room = (view.to - view.from) * 70 / width; // seconds that a number needs
  const step = TICKS.find((tick) => tick >= room) ?? 3600;
  pen.fillStyle = ink;
  pen.font = `12px ${font}`;
  for (let tick = Math.ceil(view.from / step) * step; tick <= view.to; tick += step) {
    pen.fillRect(x(tick), y + 2, 1, 4);
    const word = clock(tick, step < 1 ? 1 : 0);
    const wide = pen.measureText(word).width;
    pen.fillText(word, Math.min(Math.max(0, x(tick) - wide / 2), width - wide), y + 15);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} colour
 * @returns {number[]} 0..255 each
 */
function rgbOf(pen, colour) {
  pen.fillStyle = "#fff";
  pen.fillStyle = colour.trim();
  const hex = String(pen.fillStyle);
  if (hex.startsWith("#")) return [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  return (hex.match(/[\d.]+/g) ?? ["255", "255", "255"]).slice(0, 3).map(Number);
}

/**
 * @param {number[]} colour
 * @param {number[]} ground
 * @param {number} p
 */
function mixed(colour, ground, p) {
  const share = 0.25 + 0.75 * p;
  return colour.map((c, k) => Math.round(c * share + ground[k] * (1 - share)));
}

/** @param {number[]} rgb */
const css = (rgb) => `rgb(${rgb.join(" ")})`;

/**
 * Relative luminance (WCAG 2); above 0.18, black is easier to read than white.
 * @param {number[]} rgb
 */
function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
