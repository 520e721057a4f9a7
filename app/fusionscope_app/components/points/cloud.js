// Cloud: points on a canvas, drawn from sprites: tens of thousands of them in one frame.

import { context2d, el } from "../dom.js";

const STEPS = 16; // colours between appearance and motion
const UNKNOWN = 255;
const EDGE = 12; // pixels around the points

/** @typedef {{ fused: string, ink: string, appearance: string, middle: string, motion: string, line: string, accent: string }} Shades */

export class Cloud {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = context2d(canvas);
    /** @type {Float32Array} x of all points, then y, in pixels */ this.at = new Float32Array();
  }

  /**
   * @param {import("./clips.js").Clips} clips
   * @param {Set<number>} marked
   * @param {Shades} shades
   * @param {{ width: number, font: string, size: number }} type
   */
  draw(clips, marked, shades, { width, font, size }) {
    const { canvas, context } = this, ratio = devicePixelRatio || 1;
    const room = clips.axes ? size * 3.4 : 0;
    const height = clips.axes ? Math.min(width, 560) : Math.min(width * 0.7, 560);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = font;
    const box = { x: room + EDGE, y: EDGE, w: width - room - 2 * EDGE, h: height - room - 2 * EDGE };
    if (clips.axes) box.w = Math.min(box.w, box.h * 1.6);
    this.#place(clips, box);
    if (clips.axes) this.#axes(clips.axes, box, shades, size);
    const sprites = spritesOf(shades, ratio, clips.count > 3000 ? 5 : 9);
    context.globalAlpha = marked.size ? 0.25 : clips.count > 3000 ? 0.7 : 1;
    for (let row = 0; row < clips.count; row += 1) if (!marked.has(row)) this.#point(clips, row, sprites);
    context.globalAlpha = 1;
    for (const row of marked) this.#point(clips, row, sprites);
  }

  /**
   * The point nearest to a place, within so many pixels; -1 if none.
   * @param {number} x
   * @param {number} y
   * @param {number} within
   */
  nearest(x, y, within) {
    const { at } = this, count = at.length / 2;
    let best = -1, least = within * within;
    for (let row = 0; row < count; row += 1) {
      const far = (at[row] - x) ** 2 + (at[count + row] - y) ** 2;
      if (far < least) [best, least] = [row, far];
    }
    return best;
  }

  /**
   * The points in a box between two corners.
   * @param {number[]} from
   * @param {number[]} to
   */
  inside(from, to) {
    const { at } = this, count = at.length / 2, found = [];
    const [x0, x1] = [from[0], to[0]].sort((a, b) => a - b), [y0, y1] = [from[1], to[1]].sort((a, b) => a - b);
    for (let row = 0; row < count; row += 1) {
      const x = at[row], y = at[count + row];
      if (x >= x0 && x <= x1 && y >= y0 && y <= y1) found.push(row);
    }
    return found;
  }

  /**
   * A ring around a point, and the box that is being drawn.
   * @param {number} row
   * @param {number[][] | null} corners
   * @param {Shades} shades
   */
  over(row, corners, shades) {
    const { context, at } = this;
    context.strokeStyle = shades.accent;
    context.lineWidth = 2;
    if (row >= 0) {
      context.beginPath();
      context.arc(at[row], at[at.length / 2 + row], 8, 0, 2 * Math.PI);
      context.stroke();
    }
    if (corners) context.strokeRect(corners[0][0], corners[0][1], corners[1][0] - corners[0][0], corners[1][1] - corners[0][1]);
    context.lineWidth = 1;
  }

  /**
   * @param {import("./clips.js").Clips} clips
   * @param {{ x: number, y: number, w: number, h: number }} box
   */
  #place({ places, count, axes, bounds }, box) {
    const [x0, x1, y0, y1] = axes ? [0, 1, 0, 1] : bounds;
    let sx = box.w / (x1 - x0 || 1), sy = box.h / (y1 - y0 || 1);
    if (!axes) sx = sy = Math.min(sx, sy);
    const left = axes ? box.x : box.x + (box.w - sx * (x1 - x0)) / 2;
    this.at = new Float32Array(2 * count);
    for (let row = 0; row < count; row += 1) {
      this.at[row] = left + (places[row] - x0) * sx;
      this.at[count + row] = box.y + (y1 - places[count + row]) * sy;
    }
  }

  /**
   * @param {string[]} titles
   * @param {{ x: number, y: number, w: number, h: number }} box
   * @param {Shades} shades
   * @param {number} size
   */
  #axes(titles, box, shades, size) {
    const { context } = this;
    context.strokeStyle = shades.line;
    context.fillStyle = shades.ink;
    context.textBaseline = "middle";
    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      const x = box.x + t * box.w, y = box.y + (1 - t) * box.h;
      context.beginPath();
      context.moveTo(x, box.y);
      context.lineTo(x, box.y + box.h);
      context.moveTo(box.x, y);
      context.lineTo(box.x + box.w, y);
      context.stroke();
      context.textAlign = "center";
      context.fillText(String(t), x, box.y + box.h + size);
      context.textAlign = "right";
      context.fillText(String(t), box.x - 6, y);
    }
    context.textAlign = "center";
    context.fillText(titles[0], box.x + box.w / 2, box.y + box.h + 2.4 * size);
    context.save();
    context.translate(size * 0.7, box.y + box.h / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(titles[1], 0, 0);
    context.restore();
  }

  /**
   * @param {import("./clips.js").Clips} clips
   * @param {number} row
   * @param {HTMLCanvasElement[][]} sprites
   */
  #point({ codes, count }, row, sprites) {
    const wrong = codes[row] === codes[count + row] ? 0 : 1, value = codes[2 * count + row];
    const sprite = sprites[wrong][value === UNKNOWN ? STEPS : Math.min(STEPS - 1, (value * STEPS) >> 8)];
    const side = Number(sprite.dataset.side);
    this.context.drawImage(sprite, this.at[row] - side / 2, this.at[count + row] - side / 2, side, side);
  }
}

/**
 * A circle and a cross in each colour: [correct, incorrect][step], the last without a value.
 * @param {Shades} shades
 * @param {number} ratio
 * @param {number} size
 */
function spritesOf(shades, ratio, size) {
  const { appearance, middle, motion } = shades;
  return [false, true].map((cross) => {
    const colours = Array.from({ length: STEPS }, (_, step) => {
      const t = (2 * step) / (STEPS - 1), [from, to] = t < 1 ? [appearance, middle] : [middle, motion];
      return `color-mix(in srgb, ${to} ${Math.round(100 * (t % 1 || (t >= 1 ? Math.min(1, t - 1) : 0)))}%, ${from})`;
    });
    return [...colours, cross ? shades.ink : shades.fused].map((colour) => spriteOf(colour, cross, size, ratio));
  });
}

/**
 * @param {string} colour
 * @param {boolean} cross
 * @param {number} size
 * @param {number} ratio
 */
function spriteOf(colour, cross, size, ratio) {
  const side = size + 2, canvas = el("canvas", { width: Math.ceil(side * ratio), height: Math.ceil(side * ratio), "data-side": side });
  const context = context2d(canvas);
  context.scale(ratio, ratio);
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = Math.max(1.4, size / 5);
  context.beginPath();
  if (cross) {
    for (const [x0, y0, x1, y1] of [[1, 1, side - 1, side - 1], [side - 1, 1, 1, side - 1]]) {
      context.moveTo(x0, y0);
      context.lineTo(x1, y1);
    }
    context.stroke();
  } else {
    context.arc(side / 2, side / 2, size / 2, 0, 2 * Math.PI);
    context.fill();
  }
  return canvas;
}
