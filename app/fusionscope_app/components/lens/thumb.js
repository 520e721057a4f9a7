// Thumb: a map of one channel at one frame: over the clip's picture, with the cell of the lens outlined.

import { context2d, el } from "../dom.js";
import { rampGradient } from "../player/colour.js";
import { Overlay } from "../player/drawing/overlay.js";
import { boxOf } from "../player/grid.js";
import { brief } from "./scene.js";

/** @typedef {import("./scene.js").CellMap} CellMap */
/**
 * What is drawn: chunk, picture, and the cell, if one is marked, with the distance that the window reaches to each side.
 * @typedef {{ chunk: number, picture: ImageBitmap | null, cell: [number, number, number] | null, reach: number,
 *   at: [number, number] | null }} Moment at: a cell of the window that is being counted
 */

export class Thumb {
  /**
   * @param {CellMap} map
   * @param {Uint8Array} payload
   * @param {"appearance" | "motion" | "fused"} stream
   */
  constructor(map, payload, stream) {
    this.map = map;
    this.payload = payload;
    this.stream = stream;
    this.overlay = new Overlay();
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.scale = el("span", { class: "fs-own", "aria-hidden": "true", title: "The map's own scale; the tick is 0" },
      el("i"), el("span", {}, `${map.low < 0 ? "\u00b1" : ""}${brief(map.low < 0 ? -map.low : map.high)}`));
    const bar = /** @type {HTMLElement} */ (this.scale.firstChild);
    bar.style.backgroundImage = rampGradient(stream, map);
    bar.style.setProperty("--zero", map.low < 0 ? "50%" : "0%");
  }

  /** @param {number} side pixels of the page */
  fit(side) {
    const size = Math.round(side * (window.devicePixelRatio || 1));
    this.canvas.style.width = this.canvas.style.height = `${side}px`;
    if (this.canvas.width !== size) Object.assign(this.canvas, { width: size, height: size });
  }

  /** @param {Moment} moment */
  draw({ chunk, picture, cell, reach, at }) {
    const { map, canvas } = this;
    const ctx = context2d(canvas);
    const { width, height } = canvas;
    const [chunks, rows, columns] = map.shape;
    const [left, top, right, bottom] = map.extent ?? [0, 0, 1, 1];
    const grid = { rows, columns, left, top, width: right - left, height: bottom - top };
    ctx.fillStyle = `rgb(${SHADE.join(" ")})`;
    if (picture) ctx.drawImage(picture, 0, 0, width, height);
    else ctx.fillRect(0, 0, width, height);
    const shown = Math.min(chunk, chunks - 1);
    const from = map.offset + shown * rows * columns;
    const bytes = this.payload.subarray(from, from + rows * columns);
    const dark = this.stream === "motion" ? 0.8 : 0.6; // the ground of flow is white
    this.overlay.draw(ctx, { stream: this.stream, map, grid, chunk: shown, bytes, dark, opacity: 0.9, smooth: false });
    const unit = window.devicePixelRatio || 1;
    const outline = (/** @type {number} */ row, /** @type {number} */ column, /** @type {number} */ by, colour = "#fff") => {
      const box = boxOf({ ...grid, row, column });
      const path = new Path2D();
      path.rect((box.x - by * box.w) * width, (box.y - by * box.h) * height,
        (1 + 2 * by) * box.w * width, (1 + 2 * by) * box.h * height);
      ctx.strokeStyle = "rgb(0 0 0 / 0.7)";
      ctx.lineWidth = 3 * unit;
      ctx.stroke(path);
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.25 * unit;
      ctx.stroke(path);
    };
    if (!cell) return;
    if (reach) outline(cell[1], cell[2], reach, "rgb(255 255 255 / 0.75)");
    if (shown !== cell[0]) ctx.setLineDash([3 * unit, 2 * unit]);
    outline(cell[1], cell[2], 0);
    ctx.setLineDash([]);
    if (!at) return;
    ctx.fillStyle = "rgb(255 255 255 / 0.55)";
    const box = boxOf({ ...grid, row: at[0], column: at[1] });
    ctx.fillRect(box.x * width, box.y * height, box.w * width, box.h * height);
  }
}
