// Stage pictures: the maps of all stages on one canvas over the drawing, with frame and flow at its beginning.

import { context2d, el } from "../dom.js";
import { cellsPicture } from "../player/colour.js";

/** @typedef {import("../player/header.js").CellMap & { channels: number }} StageMap */
/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {import("./picture.js").Node} Node */

const COLOUR = { spatial: "appearance", temporal: "motion", fused: "fused" };
const VIDEO = { spatial: "frame", temporal: "flow" };

/** @param {string} stream */
export const colourOf = (stream) => /** @type {"appearance" | "motion" | "fused"} */ (COLOUR[/** @type {"fused"} */ (stream)]);

export class StagePictures {
  /** @type {Record<string, StageMap>} */ maps = {};
  payload = new Uint8Array();
  /** @type {Map<string, OffscreenCanvas>} stage and chunk -> its colours */ made = new Map();

  constructor() {
    this.canvas = el("canvas", { class: "fs-stage-pictures", "aria-hidden": "true" });
  }

  /**
   * @param {Record<string, StageMap>} maps
   * @param {Uint8Array} payload
   */
  show(maps, payload) {
    Object.assign(this, { maps, payload });
    this.made.clear();
    this.canvas.hidden = Object.keys(maps).length === 0;
  }

  /** @param {import("./layout.js").Stage} stage */
  of(stage) {
    return this.maps[`${stage.stream}.${stage.name}`];
  }

  /**
   * @param {Picture} picture
   * @param {number} scale of the drawing
   * @param {number} chunk
   * @param {(video: string) => ImageBitmap | null} videoAt
   * @param {import("../player/company.js").Field | null} field
   */
  draw(picture, scale, chunk, videoAt, field) {
    const unit = window.devicePixelRatio || 1;
    const [width, height] = [picture.layout.used * scale, picture.layout.height * scale];
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    Object.assign(this.canvas, { width: Math.round(width * unit), height: Math.round(height * unit) });
    const ctx = context2d(this.canvas);
    ctx.scale(scale * unit, scale * unit);
    for (const { stream, box } of picture.sources) {
      const shown = videoAt(VIDEO[/** @type {"spatial"} */ (stream)]);
      if (!shown) continue;
      ctx.imageSmoothingEnabled = true;
      ctx.drawImage(shown, box.x, box.y, box.width, box.height);
      if (field?.spans[colourOf(stream)]) outlineIn(ctx, box, field, "#fff");
    }
    ctx.imageSmoothingEnabled = false;
    for (const { stage, box } of picture.nodes) {
      const map = this.of(stage);
      if (!map) continue;
      ctx.fillStyle = `rgb(${SHADE.join(" ")})`;
      ctx.fillRect(box.x, box.y, box.width, box.height);
      ctx.drawImage(this.#cells(stage, map, chunk), box.x, box.y, box.width, box.height);
    }
  }

  /**
   * @param {import("./layout.js").Stage} stage
   * @param {StageMap} map
   * @param {number} chunk
   */
  #cells(stage, map, chunk) {
    const [chunks, rows, columns] = map.shape;
    const shown = Math.min(chunk, chunks - 1);
    const key = `${stage.stream} ${stage.name} ${shown}`;
    const known = this.made.get(key);
    if (known) return known;
    const from = map.offset + shown * rows * columns;
    const cells = cellsPicture(colourOf(stage.stream), map, this.payload.subarray(from, from + rows * columns));
    this.made.set(key, cells);
    return cells;
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("./picture.js").Box} box
 * @param {{ x: number, y: number, w: number, h: number }} part of the box, in shares
 * @param {string} colour
 */
function outlineIn(ctx, box, { x, y, w, h }, colour) {
  const path = new Path2D();
  path.rect(box.x + x * box.width + 1, box.y + y * box.height + 1, w * box.width - 2, h * box.height - 2);
  ctx.strokeStyle = "rgb(0 0 0 / 0.75)";
  ctx.lineWidth = 3;
  ctx.stroke(path);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.stroke(path);
}
