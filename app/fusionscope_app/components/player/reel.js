// Reel: the pictures and maps of one clip, read from bytes.
//
// Pictures are WebP, decoded ahead of the playhead within a memory budget. Maps are one byte per cell
// and are read from the payload.

import { unpack } from "../dom.js";
import { within } from "./grid.js";

/** @typedef {import("./header.js").CellMap} CellMap */
/** @typedef {import("./header.js").Chunk} Chunk */
/** @typedef {import("./header.js").PanelHeader} PanelHeader */
/** @typedef {import("./header.js").Place} Place */
/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./grid.js").GridCell} GridCell */
/** @typedef {ImageBitmap | "decoding" | null | undefined} Slot null: a broken picture */

const BUDGET = 192 * 2 ** 20; // bytes of decoded pictures; of a longer clip, a window is held
const LANES = 4; // pictures decoded at the same time
const BEHIND = 4; // frames of the window before the playhead

export class Reel {
  /** @param {Uint8Array<ArrayBuffer>} bytes */
  constructor(bytes) {
    const { header, payload } = unpack(bytes);
    /** @type {import("./header.js").ReelHeader} */
    const fields = header;
    this.payload = payload;
    this.digest = fields.digest;
    this.clip = fields.clip;
    this.fps = fields.fps;
    this.frames = fields.frames;
    this.width = fields.width;
    this.height = fields.height;
    this.videos = fields.videos;
    this.panels = fields.panels;
    this.shown = fields.shown;
    this.chunks = fields.chunks;
    this.motion = fields.motion;
    this.motionLimit = fields.motionLimit;
    this.strongest = fields.strongest;
    this.start = this.chunks[fields.strongest ?? -1]?.frame ?? 0; // where the view opens
    this.beside = fields.beside ?? [];
    this.whose = fields.whose;
    this.paired = Boolean(fields.paired);
    this.look = fields.look;
    this.pin = fields.pin;
    this.boxes = fields.boxes ?? [];
    /** @type {Record<string, Slot[]>} video -> one slot per frame */
    this.pictures = {};
    for (const name of Object.keys(this.videos)) this.pictures[name] = new Array(this.frames);
    this.nearest = this.#nearest(this.chunks); // frame -> chunk of the header's run
    /** @type {Map<PanelHeader, Uint16Array>} panel of another run -> the same for its own chunks */
    this.others = new Map();
    for (const panel of this.panels) if (panel.chunks) this.others.set(panel, this.#nearest(panel.chunks));
    /** @type {string[]} */
    this.wanted = [];
    this.window = this.frames;
    this.at = 0;
    this.busy = 0;
    this.closed = false;
    this.onpicture = () => {};
  }

  /** @param {string} key */
  panel(key) {
    return this.panels.find((panel) => panel.key === key);
  }

  /** @param {string[]} keys of which those that name panels are returned */
  known(keys) {
    return keys.filter((key) => this.panel(key));
  }

  /** @param {number} n */
  seconds(n) {
    return n / this.fps;
  }

  /**
   * The grid for a panel's mark: its own, else the fused map's, else null; and the part of the picture
   * that it covers. A network may see a part of the picture, or its cells may reach beyond it.
   * @param {PanelHeader} panel
   * @returns {Grid | null}
   */
  grid(panel) {
    const map = panel.map ?? this.panels.find((p) => p.map && p.stream === "fused")?.map;
    if (!map) return null;
    const [left, top, right, bottom] = map.extent ?? [0, 0, 1, 1];
    const [, rows, columns] = map.shape;
    return { rows, columns, left, top, width: right - left, height: bottom - top };
  }

  /**
   * The cell at a place, or the nearest one.
   * @param {PanelHeader} panel
   * @param {Place} place
   * @returns {GridCell | null}
   */
  cell(panel, { x, y }) {
    const grid = this.grid(panel);
    return grid && {
      ...grid,
      row: within(Math.floor(((y - grid.top) / grid.height) * grid.rows), grid.rows),
      column: within(Math.floor(((x - grid.left) / grid.width) * grid.columns), grid.columns),
    };
  }

  /**
   * One chunk of a map, (h*w) bytes.
   * @param {CellMap} map
   * @param {number} chunk
   */
  bytes(map, chunk) {
    const [, rows, columns] = map.shape;
    const from = map.offset + chunk * rows * columns;
    return this.payload.subarray(from, from + rows * columns);
  }

  /**
   * @param {CellMap} map
   * @param {number} chunk
   * @param {GridCell} cell
   */
  value(map, chunk, { row, column, columns }) {
    const { low, high, beyond, shape } = map;
    const at = row * columns + column;
    return beyond?.[chunk * shape[1] * shape[2] + at] ?? low + (this.bytes(map, chunk)[at] / 255) * (high - low);
  }

  /**
   * The first frame of the next chunk (by > 0) or of the previous one; n itself where there is none.
   * @param {number} n
   * @param {number} by
   */
  chunkFrom(n, by) {
    const frames = this.chunks.map((chunk) => chunk.frame);
    return (by > 0 ? frames.find((frame) => frame > n) : frames.findLast((frame) => frame < n)) ?? n;
  }

  /**
   * The chunk of a panel's own run that is nearest to frame n.
   * @param {PanelHeader} panel
   * @param {number} n
   */
  chunk(panel, n) {
    return (this.others.get(panel) ?? this.nearest)[n];
  }

  /**
   * @param {string} video
   * @param {number} n
   */
  picture(video, n) {
    const picture = this.pictures[video][n];
    return picture instanceof ImageBitmap ? picture : null;
  }

  /**
   * Whether each of these videos can be drawn at frame n.
   * @param {string[]} names
   * @param {number} n
   */
  has(names, n) {
    return names.every((name) => ![undefined, "decoding"].includes(/** @type {any} */ (this.pictures[name][n])));
  }

  /**
   * Decode these videos from frame n on; drop pictures far from it.
   * @param {string[]} names
   * @param {number} n
   */
  aim(names, n) {
    this.wanted = names;
    this.at = n;
    const each = this.width * this.height * 4 * Math.max(1, names.length);
    this.window = Math.min(this.frames, Math.max(2 * BEHIND, Math.floor(BUDGET / each)));
    if (this.window < this.frames) this.#forget();
    while (!this.closed && this.busy < LANES && this.#decodeNext());
  }

  close() {
    this.closed = true;
    for (const frames of Object.values(this.pictures)) {
      frames.forEach(closePicture);
      frames.fill(undefined);
    }
  }

  #decodeNext() {
    const ahead = this.window < this.frames ? this.window - BEHIND : this.frames;
    for (let step = 0; step < ahead; step++) {
      const n = (this.at + step) % this.frames;
      const name = this.wanted.find((video) => this.pictures[video][n] === undefined);
      if (name) return this.#decode(name, n);
    }
    return false;
  }

  /**
   * @param {string} name
   * @param {number} n
   */
  #decode(name, n) {
    const [from, to] = this.videos[name].slice(n, n + 2);
    const webp = new Blob([this.payload.subarray(from, to)], { type: "image/webp" });
    this.pictures[name][n] = "decoding";
    this.busy += 1;
    createImageBitmap(webp)
      .catch(() => null)
      .then((bitmap) => {
        this.busy -= 1;
        if (this.closed) return bitmap?.close();
        this.pictures[name][n] = bitmap;
        this.aim(this.wanted, this.at);
        this.onpicture();
      });
    return true;
  }

  #forget() {
    for (const [name, frames] of Object.entries(this.pictures)) {
      frames.forEach((picture, n) => {
        const ahead = (n - this.at + this.frames + BEHIND) % this.frames;
        if (picture === "decoding" || (this.wanted.includes(name) && ahead < this.window)) return;
        closePicture(picture);
        frames[n] = undefined;
      });
    }
  }

  /** @param {Chunk[]} chunks */
  #nearest(chunks) {
    /**
     * @param {number} chunk
     * @param {number} n
     */
    const away = (chunk, n) => Math.abs(chunks[chunk].frame - n);
    return Uint16Array.from({ length: this.frames }, (_frame, n) =>
      chunks.reduce((best, _chunk, chunk) => (away(chunk, n) < away(best, n) ? chunk : best), 0));
  }
}

/** @param {Slot} picture */
function closePicture(picture) {
  if (picture instanceof ImageBitmap) picture.close();
}
