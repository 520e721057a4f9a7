// Overlay: a map over its picture: the shade, the cells, and hatching where they are negative.
//
// Where the map ends before the picture does, its colours fade out, and light lines mark what is beyond:
// there the map has no value, which differs from a value of 0.

import { cellsPicture, negativePicture } from "../colour.js";

/** @typedef {import("../grid.js").Grid} Grid */
/** @typedef {import("../header.js").CellMap} CellMap */
/**
 * @typedef {{
 *   stream: string, map: CellMap, grid: Grid, chunk: number, bytes: Uint8Array, dark: number,
 *   opacity: number, smooth: boolean,
 * }} Drawn dark: how much the shade hides of the picture
 */

const STEP = 7; // CSS pixels between two lines
const KEPT = 8; // chunks whose colours are kept

export class Overlay {
  /** @type {Map<number, OffscreenCanvas>} chunk -> its colours and hatching in the picture's size */
  layers = new Map();
  /** @type {OffscreenCanvas | null} */ border = null; // null: the map covers the picture
  /** @type {OffscreenCanvas | null} */ beyond = null;
  made = "";

  /**
   * @param {CanvasRenderingContext2D} ctx of the canvas that holds the picture
   * @param {Drawn} of
   */
  draw(ctx, of) {
    const { width, height } = ctx.canvas;
    const made = `${width} ${height} ${of.smooth}`;
    if (made !== this.made) this.#begin(made, width, height, of.grid);
    ctx.globalCompositeOperation = "saturation"; // first greys the picture, then darkens it
    ctx.fillStyle = `rgb(128 128 128 / ${of.opacity})`;
    ctx.fillRect(0, 0, width, height);
    ctx.globalCompositeOperation = "source-over";
    ctx.fillStyle = `rgb(${SHADE.join(" ")} / ${of.dark * of.opacity})`;
    ctx.fillRect(0, 0, width, height);
    ctx.globalAlpha = of.opacity;
    ctx.drawImage(this.#layer(of, width, height), 0, 0);
    if (this.beyond) ctx.drawImage(this.beyond, 0, 0);
    ctx.globalAlpha = 1;
  }

  clear() {
    this.layers.clear();
    this.made = "";
  }

  /**
   * @param {string} made
   * @param {number} width
   * @param {number} height
   * @param {Grid} grid
   */
  #begin(made, width, height, grid) {
    this.clear();
    this.made = made;
    this.border = softBorder(width, height, grid);
    this.beyond = this.border && lines(width, height, -1, "rgb(255 255 255 / 0.25)");
    if (!this.beyond || !this.border) return;
    const ctx = context(this.beyond);
    ctx.globalCompositeOperation = "destination-out";
    ctx.drawImage(this.border, 0, 0);
  }

  /**
   * @param {Drawn} of
   * @param {number} width
   * @param {number} height
   */
  #layer({ stream, map, grid, chunk, bytes, smooth }, width, height) {
    const known = this.layers.get(chunk);
    if (known) return known;
    const layer = new OffscreenCanvas(width, height);
    const ctx = context(layer);
    drawCells(ctx, cellsPicture(stream, map, bytes), grid, smooth);
    if (map.low < 0) {
      const hatching = lines(width, height, 1, "#000");
      const on = context(hatching);
      on.globalCompositeOperation = "destination-in";
      drawCells(on, negativePicture(map, bytes), grid, smooth);
      ctx.drawImage(hatching, 0, 0);
    }
    ctx.globalCompositeOperation = "destination-in";
    if (this.border) ctx.drawImage(this.border, 0, 0);
    if (this.layers.size >= KEPT) this.layers.delete([...this.layers.keys()][0]);
    this.layers.set(chunk, layer);
    return layer;
  }
}

/** @param {OffscreenCanvas} canvas */
const context = (canvas) =>
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));

/**
 * @param {OffscreenCanvasRenderingContext2D} ctx
 * @param {OffscreenCanvas} cells
 * @param {Grid} grid
 * @param {boolean} smooth
 */
function drawCells(ctx, cells, { left, top, width, height }, smooth) {
  const { width: w, height: h } = ctx.canvas;
  ctx.imageSmoothingEnabled = smooth;
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(cells, left * w, top * h, width * w, height * h);
}

/**
 * Diagonal lines: rising to the right for 1, falling for -1.
 * @param {number} width
 * @param {number} height
 * @param {1 | -1} slope
 * @param {string} colour
 */
function lines(width, height, slope, colour) {
  const canvas = new OffscreenCanvas(width, height);
  const ctx = context(canvas);
  const step = STEP * (window.devicePixelRatio || 1);
  const [from, to] = slope > 0 ? [height, 0] : [0, height];
  ctx.lineWidth = step / 5;
  ctx.strokeStyle = colour;
  for (let at = -height; at < width; at += step) {
    ctx.moveTo(at, from);
    ctx.lineTo(at + height, to);
  }
  ctx.stroke();
  return canvas;
}

/**
 * Opaque over the map; transparent beyond its border, with half a cell between. Null if it covers all.
 * @param {number} width
 * @param {number} height
 * @param {Grid} grid
 */
function softBorder(width, height, grid) {
  const sides = [
    { size: width, from: grid.left, share: grid.width, cells: grid.columns, end: [1, 0] },
    { size: height, from: grid.top, share: grid.height, cells: grid.rows, end: [0, 1] },
  ].map(({ size, from, share, cells, end: [x, y] }) => {
    const [low, high] = [from * size, (from + share) * size];
    return { x, y, low, high, fade: 0.5 / cells, before: low > 1, after: high < size - 1 };
  });
  if (!sides.some(({ before, after }) => before || after)) return null;
  const canvas = new OffscreenCanvas(width, height);
  const ctx = context(canvas);
  for (const { x, y, low, high, fade, before, after } of sides) {
    const gradient = ctx.createLinearGradient(low * x, low * y, high * x, high * y);
    gradient.addColorStop(0, before ? "transparent" : "black");
    gradient.addColorStop(fade, "black");
    gradient.addColorStop(1 - fade, "black");
    gradient.addColorStop(1, after ? "transparent" : "black");
    ctx.fillStyle = gradient;
    ctx.fillRect(0, 0, width, height);
    ctx.globalCompositeOperation = "destination-in";
  }
  return canvas;
}
