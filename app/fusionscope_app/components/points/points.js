// Points: clips as points on a canvas. A click chooses one, a drag chooses those in a box; the rows of
// the chosen clips are sent.

import { el, unpack } from "../dom.js";
import { mountPart } from "../mount.js";
import { Ticker } from "../player/ticker.js";
import { Clips } from "./clips.js";
import { Cloud } from "./cloud.js";

const WITHIN = 12; // pixels from a point that count as on it
const MOVED = 5; // pixels from which a press draws a box
/** @typedef {import("./cloud.js").Shades} Shades */
/** @typedef {import("./clips.js").PointsHeader} PointsHeader */
const SHADES = /** @type {const} */ (["fused", "ink", "appearance", "middle", "motion", "line", "accent"]);

class Points {
  id = "";
  hovered = -1;
  /** @type {Set<number>} */ marked = new Set();
  /** @type {Clips | null} */ clips = null;
  /** @type {number[] | null} */ press = null;
  /** @type {number[][] | null} */ box = null;
  /** @type {ImageData | null} */ base = null;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = el("canvas", { role: "img", tabindex: 0,
      onpointerdown: (/** @type {PointerEvent} */ event) => this.#down(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this.#move(event),
      onpointerup: () => this.#up(),
      onpointerleave: () => this.#hover(-1),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape") this.send?.("pick", []);
      } });
    this.key = el("div", { class: "fs-key" });
    this.info = el("p");
    this.probes = SHADES.map((name) => el("span", { class: `fs-unseen fs-probe-${name}` }));
    this.element = el("div", { class: "fs-points" }, this.key, this.canvas, this.info, ...this.probes);
    parent.append(this.element);
    this.cloud = new Cloud(this.canvas);
    this.ticker = new Ticker(() => this.#draw());
    this.observer = new ResizeObserver(() => this.#redraw());
    this.observer.observe(this.element);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    this.send = send;
    const { header, payload } = unpack(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    const { id, label, marked, valued } = /** @type {PointsHeader} */ (header);
    if (id !== this.id) {
      this.id = id;
      this.clips = new Clips(header, payload);
      this.canvas.setAttribute("aria-label", label);
      this.key.replaceChildren(...legend(valued));
      this.hovered = -1;
      this.info.textContent = "";
    }
    this.marked = new Set(marked);
    this.#redraw();
  }

  end() {
    this.ticker.end();
    this.observer.disconnect();
    this.element.remove();
  }

  #redraw() {
    this.base = null;
    this.ticker.request();
  }

  #draw() {
    const width = this.element.clientWidth, { clips, canvas, cloud } = this;
    if (!width || !clips) return;
    const shades = /** @type {Shades} */ (Object.fromEntries(
      SHADES.map((name, at) => [name, getComputedStyle(this.probes[at]).color])));
    if (!this.base) {
      const style = getComputedStyle(this.element), size = parseFloat(style.fontSize);
      cloud.draw(clips, this.marked, shades, { width, size, font: `${size}px ${style.fontFamily}` });
      this.base = cloud.context.getImageData(0, 0, canvas.width, canvas.height);
    } else cloud.context.putImageData(this.base, 0, 0);
    cloud.over(this.hovered, this.box, shades);
    this.element.dataset.drawn = this.id;
  }

  /** @param {number} row */
  #hover(row) {
    if (row === this.hovered || !this.clips) return;
    this.hovered = row;
    this.info.textContent = row < 0 ? "" : this.clips.words(row);
    this.ticker.request();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.press = [event.offsetX, event.offsetY];
    this.canvas.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move({ offsetX, offsetY }) {
    if (!this.press) {
      this.#hover(this.cloud.nearest(offsetX, offsetY, WITHIN));
      return;
    }
    const { press } = this;
    if (!this.box && Math.hypot(offsetX - press[0], offsetY - press[1]) < MOVED) return;
    this.box = [press, [offsetX, offsetY]];
    this.ticker.request();
  }

  #up() {
    const { press, box } = this;
    this.press = this.box = null;
    if (!press) return;
    const one = this.cloud.nearest(press[0], press[1], WITHIN);
    this.send?.("pick", box ? this.cloud.inside(box[0], box[1]) : one < 0 ? [] : [one]);
    this.ticker.request();
  }
}

/** @param {boolean} valued */
function legend(valued) {
  const wrong = el("span", {}, el("i", { class: "fs-cross" }, "\u2715"), "fused incorrect");
  if (!valued) return [el("span", {}, el("i"), "fused correct"), wrong];
  return [el("span", {}, "share of motion: 0 %", el("i", { class: "fs-ramp" }), "100 %"), wrong];
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, Points);
}
