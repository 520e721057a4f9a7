// Panel: one picture of the row: its title, its canvas, and below it a line with scale and value.

import { context2d, el } from "../dom.js";
import { icon } from "../icons.js";
import { drawWheel } from "./colour.js";
import { drawField } from "./drawing/field.js";
import { Overlay } from "./drawing/overlay.js";
import { digits, scaleBar } from "./drawing/scale_bar.js";
import { boxOf, receptiveField } from "./grid.js";

/** @typedef {import("./header.js").Place} Place */
/** @typedef {import("./header.js").Box} Box */
/** @typedef {import("./header.js").State & { accent: string }} Look */

/** @param {string} video of a reel of two runs: flow and b:flow */
const isFlow = (video) => video.endsWith("flow");

export class Panel {
  /** @type {import("./reel.js").Reel} set by show() */ reel;
  /** @type {import("./header.js").PanelHeader} set by show() */ panel;

  /**
   * @param {{
   *   onchoose(key: string): void, onremove(): void, onexpand(): void,
   *   onhover(place: Place | null): void, onclick(place: Place, again: boolean): void,
   *   onkey(event: KeyboardEvent): void,
   * }} listeners
   */
  constructor({ onchoose, onremove, onexpand, onhover, onclick, onkey }) {
    this.overlay = new Overlay();
    this.choice = el("select", { onchange: () => onchoose(this.choice.value) });
    this.detail = el("div", { class: "fs-detail" });
    this.about = el("button", { class: "fs-about", type: "button" }, "?");
    this.expand = el("button", { class: "fs-expand", type: "button", onclick: onexpand }, icon("expand"));
    this.remove = el("button", { class: "fs-remove", type: "button", onclick: onremove }, icon("close"));
    this.canvas = el("canvas", { tabindex: 0, role: "application", "aria-roledescription": "picture" });
    this.wheel = el("canvas", { class: "fs-wheel", width: 96, height: 96, role: "img",
      "aria-label": "Legend: colour is the direction of motion, from the middle outwards" });
    this.scale = el("span", { class: "fs-scale" });
    this.value = el("b");
    this.unit = el("span");
    this.readout = el("span", { class: "fs-readout" }, this.value, this.unit);
    this.picture = el("div", { class: "fs-picture" }, this.canvas, this.wheel);
    this.figure = el("figure", { class: "fs-panel" },
      el("header", {}, el("span", { class: "fs-dot" }), this.choice, this.about, this.expand, this.remove),
      this.detail,
      this.picture,
      el("figcaption", {}, this.scale, this.readout));
    drawWheel(this.wheel);
    this.canvas.addEventListener("pointermove", (event) => onhover(this.#point(event)));
    this.canvas.addEventListener("pointerleave", () => onhover(null));
    this.canvas.addEventListener("click", (event) => onclick(this.#point(event), event.detail > 1));
    this.canvas.addEventListener("keydown", onkey);
    this.canvas.addEventListener("blur", () => onhover(null));
  }

  /**
   * Become the panel `key` of this reel; the canvas keeps its pixels until the next draw.
   * @param {import("./reel.js").Reel} reel
   * @param {string} key
   * @param {boolean} alone
   */
  show(reel, key, alone) {
    this.reel = reel;
    this.panel = reel.panel(key) ?? reel.panels[0];
    this.overlay.clear();
    const { title, detail, stream, map, video } = this.panel;
    this.choice.replaceChildren(...reel.panels.map((p) => el("option", { value: p.key }, p.title)));
    this.choice.value = key;
    this.choice.setAttribute("aria-label", `Panel shown here: ${title}`);
    this.about.dataset.text = title;
    this.about.setAttribute("aria-label", `About the panel ${title}`);
    this.detail.textContent = detail;
    this.detail.title = detail;
    this.expand.setAttribute("aria-label", `Enlarge panel ${title}, or all panels again (E, double click)`);
    this.remove.setAttribute("aria-label", `Remove panel ${title}`);
    this.remove.hidden = alone;
    for (const button of [this.expand, this.remove]) button.title = button.getAttribute("aria-label") ?? "";
    this.wheel.hidden = !(isFlow(video) && !map);
    this.canvas.dataset.panel = key;
    this.canvas.setAttribute("aria-label",
      `${title}${detail && `, ${detail}`}. Arrow keys move the mark, Enter pins it.`);
    this.figure.dataset.stream = stream;
    this.figure.setAttribute("aria-label", title);
    this.scale.replaceChildren(...scaleBar(this.panel));
    this.scale.setAttribute("aria-hidden", "true");
  }

  // The lines that the detail needs at the panel's width, at most 3.
  get lines() {
    const { detail } = this;
    if (!detail.offsetHeight) return 0; // not shown
    detail.style.height = "0";
    const needed = Math.round(detail.scrollHeight / parseFloat(getComputedStyle(detail).lineHeight));
    detail.style.height = "";
    return Math.min(3, needed);
  }

  // What stands under the mark, in words; empty where the panel has no value.
  get words() {
    const value = `${this.value.textContent}${this.unit.textContent}`;
    return value && `${this.panel.title} ${value}`;
  }

  // Fit the canvas to its box; return true if that cleared it.
  fit() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (width === this.canvas.width && height === this.canvas.height) return false;
    Object.assign(this.canvas, { width, height });
    return true;
  }

  /**
   * @param {number} n
   * @param {Look} look
   */
  draw(n, { opacity, smooth, hover, pin, field, accent }) {
    const { width, height } = this.canvas;
    const ctx = context2d(this.canvas);
    const picture = this.reel.picture(this.panel.video, n);
    const chunk = this.reel.chunk(this.panel, n);
    if (!width || !height) return;
    ctx.imageSmoothingQuality = "high";
    ctx.imageSmoothingEnabled = true;
    if (picture) ctx.drawImage(picture, 0, 0, width, height);
    else ctx.clearRect(0, 0, width, height);
    if (this.panel.map) this.#drawMap(ctx, chunk, opacity, smooth);
    for (const box of this.reel.boxes) if (box.first <= n && n <= box.last) this.#drawBox(ctx, box);
    if (field && !this.panel.map) drawField(ctx, field, this.panel.stream, n);
    if (pin) this.#drawMark(ctx, pin, accent, "rgb(255 255 255 / 0.85)");
    if (hover) this.#drawMark(ctx, hover, "#fff", "rgb(0 0 0 / 0.65)");
    this.#readOut(hover ?? pin, chunk);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {number} chunk
   * @param {number} opacity
   * @param {boolean} smooth
   */
  #drawMap(ctx, chunk, opacity, smooth) {
    const { stream, map, video } = this.panel;
    const grid = this.reel.grid(this.panel);
    if (!map || !grid) return;
    const dark = isFlow(video) ? 0.8 : 0.6; // the ground of flow is white
    this.overlay.draw(ctx, { stream, map, grid, chunk, bytes: this.reel.bytes(map, chunk), dark, opacity, smooth });
  }

  /**
   * Outline an erased box, with an edge that is visible on any ground.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Box} box
   */
  #drawBox(ctx, { x, y, w, h }) {
    const { width, height } = ctx.canvas;
    const unit = window.devicePixelRatio || 1;
    ctx.lineWidth = 1.5 * unit;
    ctx.strokeStyle = "rgb(0 0 0 / 0.7)";
    ctx.strokeRect(x * width, y * height, w * width, h * height);
    ctx.strokeStyle = "#fff";
    ctx.setLineDash([5 * unit, 4 * unit]);
    ctx.strokeRect(x * width, y * height, w * width, h * height);
    ctx.setLineDash([]);
  }

  /**
   * Draw a cross at the place and the outline of its cell (over a picture without a map: of its
   * receptive field), each with an edge that is visible on any ground.
   * @param {CanvasRenderingContext2D} ctx
   * @param {Place} mark
   * @param {string} colour
   * @param {string} edge
   */
  #drawMark(ctx, mark, colour, edge) {
    const { width, height } = ctx.canvas;
    const unit = window.devicePixelRatio || 1;
    const [x, y, arm] = [mark.x * width, mark.y * height, 8 * unit];
    const path = new Path2D(`M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`);
    const cell = this.reel.cell(this.panel, mark);
    if (cell) {
      const box = this.panel.map ? boxOf(cell) : receptiveField(cell, this.reel.look);
      path.rect(box.x * width + unit, box.y * height + unit, box.w * width - 2 * unit, box.h * height - 2 * unit);
    }
    ctx.strokeStyle = edge;
    ctx.lineWidth = 4 * unit;
    ctx.stroke(path);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.75 * unit;
    ctx.stroke(path);
  }

  /**
   * @param {Place | null} mark
   * @param {number} chunk
   */
  #readOut(mark, chunk) {
    let [value, unit] = ["", ""];
    const cell = mark && this.reel.cell(this.panel, mark);
    if (cell && this.panel.map) {
      value = digits(this.reel.value(this.panel.map, chunk, cell));
      unit = ` ${this.panel.unit ?? "activation"}`;
    } else if (mark && this.panel.video.endsWith("frame")) {
      value = `x ${Math.floor(mark.x * this.reel.width)}, y ${Math.floor(mark.y * this.reel.height)}`;
    }
    if (this.value.textContent !== value) this.value.textContent = value;
    if (this.unit.textContent !== unit) this.unit.textContent = unit;
  }

  /** @param {MouseEvent} event */
  #point({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const inside = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
    return { x: inside((clientX - box.left) / box.width), y: inside((clientY - box.top) / box.height) };
  }
}
