// Colour: the ramps of the streams' maps, and the colour wheel of flow directions.
//
// Text and dots have their colours from player.css, in a light and a dark version. player.py puts the
// constant RAMPS before this script, from fusionscope/base/colour_ramps.py: films have the same colours.

import { context2d } from "../dom.js";

/** @param {string} hex */
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
/**
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} t
 */
const between = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);

/**
 * The ramp of a map: signed values have one, whatever the stream.
 * @param {string} stream
 * @param {Scale} scale
 */
const rampOf = (stream, { low, ramp }) => ramp ?? (low < 0 ? "signed" : stream);

/**
 * The colour [r, g, b, a] of t in -1..1: opacity grows with its size, the hue depends on its sign.
 * @param {string} stream
 * @param {number} t
 */
function tint(stream, t) {
  const ramp = RAMPS[stream] ?? RAMPS.fused;
  const size = Math.min(1, Math.abs(t));
  const strength = ramp.root ? Math.sqrt(size) : size;
  const alpha = 255 * Math.min(1, 1.35 * strength);
  const stops = (t < 0 ? ramp.against : null) ?? ramp.for;
  const at = strength * (stops.length - 1);
  const stop = Math.min(Math.floor(at), stops.length - 2);
  return [...between(rgb(stops[stop]), rgb(stops[stop + 1]), at - stop), alpha];
}

/**
 * The value of a map's byte as a share of the scale: 0..1, or -1..1 where the map is signed.
 * @param {Scale} scale
 * @param {number} byte
 */
function strengthOf({ low, high }, byte) {
  const value = low + (byte / 255) * (high - low);
  if (low < 0) return value / Math.max(-low, high);
  return high > low ? (value - low) / (high - low) : 0;
}

/**
 * A map's bytes as a small picture, one pixel per cell.
 * @param {string} stream
 * @param {import("./header.js").CellMap} map
 * @param {Uint8Array} bytes
 */
export const cellsPicture = (stream, map, bytes) =>
  pictureOf(map, bytes, (byte) => tint(rampOf(stream, map), strengthOf(map, byte)));

/**
 * The same, black where a cell is negative and as opaque as its colour; transparent elsewhere.
 * @param {import("./header.js").CellMap} map
 * @param {Uint8Array} bytes
 */
export const negativePicture = (map, bytes) =>
  pictureOf(map, bytes, (byte) => {
    const t = strengthOf(map, byte);
    return [0, 0, 0, t < 0 ? tint(rampOf("", map), t)[3] : 0];
  });

/**
 * @param {import("./header.js").CellMap} map
 * @param {Uint8Array} bytes
 * @param {(byte: number) => number[]} colour
 */
function pictureOf(map, bytes, colour) {
  const [, rows, columns] = map.shape;
  const canvas = new OffscreenCanvas(columns, rows);
  const pixels = new ImageData(columns, rows);
  bytes.forEach((byte, i) => pixels.data.set(colour(byte), 4 * i));
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas;
}

/**
 * The ramp from low to high, for the legend under a map.
 * @param {string} stream
 * @param {Scale} scale
 */
export function rampGradient(stream, scale) {
  const stops = Array.from({ length: 13 }, (_, i) => {
    const [r, g, b, a] = tint(rampOf(stream, scale), strengthOf(scale, (255 * i) / 12));
    return `rgb(${r} ${g} ${b} / ${a / 255})`;
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

/** @typedef {{ low: number, high: number, ramp?: string }} Scale */

/** @type {[number, number[], number[]][]} colours between two hues: how many, from, to */
const HUES = [
  [15, [255, 0, 0], [255, 255, 0]],
  [6, [255, 255, 0], [0, 255, 0]],
  [4, [0, 255, 0], [0, 255, 255]],
  [11, [0, 255, 255], [0, 0, 255]],
  [13, [0, 0, 255], [255, 0, 255]],
  [6, [255, 0, 255], [255, 0, 0]],
];

// Baker et al.'s wheel as in torchvision: right is red, down yellow, left cyan, up violet.
const WHEEL = HUES.flatMap(([size, from, to]) =>
  Array.from({ length: size }, (_, i) => between(from, to, i / size).map(Math.floor)),
);

/**
 * The colour [r, g, b] of a flow vector within the unit circle.
 * @param {number} u
 * @param {number} v
 */
function flowColour(u, v) {
  const at = ((Math.atan2(-v, -u) / Math.PI + 1) / 2) * (WHEEL.length - 1);
  const low = Math.floor(at);
  const hue = between(WHEEL[low], WHEEL[(low + 1) % WHEEL.length], at - low);
  const size = Math.hypot(u, v);
  return hue.map((c) => Math.floor(255 * (1 - size * (1 - c / 255))));
}

/** @param {HTMLCanvasElement} canvas */
export function drawWheel(canvas) {
  const size = canvas.width;
  const pixels = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const u = (2 * ((i % size) + 0.5)) / size - 1;
    const v = (2 * (Math.floor(i / size) + 0.5)) / size - 1;
    const rim = Math.max(0, Math.min(1, ((1 - Math.hypot(u, v)) * size) / 2)); // a smooth edge
    if (rim > 0) pixels.data.set([...flowColour(u, v), 255 * rim], 4 * i);
  }
  context2d(canvas).putImageData(pixels, 0, 0);
}
