// Matrix: a confusion matrix that is zoomed, moved and searched without asking the server. Choosing a
// cell sends its row and column.

import { el, unpack } from "../dom.js";
import { mountPart } from "../mount.js";
import { Ticker } from "../player/ticker.js";
import { Voice } from "../voice.js";
import { MatrixPicture } from "./picture.js";
import { ConfusionTable } from "./table.js";
import { Window } from "./window.js";

/** @typedef {{ id: string, names: string[], shown: number[], chosen: number[] | null }} MatrixHeader */

const NEAR = 24; // classes shown around one that is found
const MOVED = 4; // pixels from which a press is a move, not a choice
const HELP = "Confusion of all classes. Arrow keys move between cells, Enter lists the clips of a cell, "
  + "plus and minus zoom, 0 shows all classes.";

class Matrix {
  id = "";
  /** @type {number[] | null} */ cursor = null;
  /** @type {number[] | null} */ chosen = null;
  /** @type {{ x: number, y: number, moved: boolean } | null} */ press = null;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.window = new Window(1);
    this.table = new ConfusionTable();
    this.canvas = el("canvas", { tabindex: 0, role: "application", "aria-label": HELP,
      onpointerdown: (/** @type {PointerEvent} */ event) => this.#down(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this.#move(event),
      onpointerup: (/** @type {PointerEvent} */ event) => this.#up(event),
      onpointercancel: () => { this.press = null; },
      onpointerleave: () => this.#point(null),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
    this.canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.list = el("datalist", { id: "fs-classes" });
    this.search = el("input", { type: "search", list: "fs-classes", placeholder: "part of a name",
      autocomplete: "off", oninput: () => this.#find(this.search.value, false),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter") this.#find(this.search.value, true);
      } });
    this.info = el("p");
    this.voice = new Voice();
    this.probes = ["cell", "right", "line", "mark"].map((name) => el("span", { class: `fs-unseen fs-probe-${name}` }));
    this.element = el("div", { class: "fs-matrix" },
      el("div", { class: "fs-tools" },
        el("label", {}, "Find a class", this.search, this.list),
        this.#button("+", "Zoom in", () => this.#zoom(0.6)),
        this.#button("\u2212", "Zoom out", () => this.#zoom(1 / 0.6)),
        this.#button("All classes", "All classes", () => this.#all())),
      this.canvas, this.info, this.voice.element, ...this.probes);
    parent.append(this.element);
    this.picture = new MatrixPicture(this.canvas);
    this.ticker = new Ticker(() => this.#draw());
    this.observer = new ResizeObserver(() => this.ticker.request());
    this.observer.observe(this.element);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    this.send = send;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { header, payload } = unpack(bytes);
    const { id, names, shown, chosen } = /** @type {MatrixHeader} */ (header);
    this.chosen = chosen;
    const view = `${id}/${shown}`;
    if (view !== this.id) {
      this.id = view;
      this.table = new ConfusionTable(names, new Uint32Array(payload.slice().buffer));
      this.list.replaceChildren(...names.map((name) => el("option", { value: name })));
      this.window = new Window(names.length);
      this.window.show(shown[0], shown[1]);
      this.cursor = null;
      this.#say("");
    }
    this.ticker.request();
  }

  end() {
    this.ticker.end();
    this.voice.end();
    this.observer.disconnect();
    this.element.remove();
  }

  /**
   * @param {string} text
   * @param {string} name
   * @param {() => void} act
   */
  #button(text, name, act) {
    return el("button", { type: "button", "aria-label": name, title: name, onclick: act }, text);
  }

  #draw() {
    const width = this.element.clientWidth;
    if (!width) return;
    const style = getComputedStyle(this.element);
    const [cell, right, line, mark] = this.probes.map((probe) => getComputedStyle(probe).color);
    const size = parseFloat(style.fontSize);
    this.picture.draw(this.table, this.window, this.cursor, this.chosen,
      { cell, right, line, mark, text: style.color }, { width, size, font: `${size}px ${style.fontFamily}` });
    this.element.dataset.drawn = this.id;
    this.element.dataset.shown = [...this.window.from, this.window.size].map(Math.round).join(" ");
  }

  /** @param {number} times */
  #zoom(times) {
    this.window.zoom(times, this.cursor ? this.cursor.map((at) => Math.floor(at) + 0.5) : this.window.middle);
    this.ticker.request();
  }

  #all() {
    this.window.show(0, this.table.names.length);
    this.ticker.request();
  }

  /**
   * Mark the first class whose name contains the text, and show it with those around it.
   * @param {string} text
   * @param {boolean} entered whether any part of a name counts; else the whole name
   */
  #find(text, entered) {
    const wanted = text.trim().toLowerCase(), { names } = this.table;
    if (!wanted) return;
    const at = this.table.find(wanted, entered);
    if (at < 0) {
      if (entered) this.#say(`No class contains “${text.trim()}”.`);
      return;
    }
    const first = Math.max(0, Math.min(names.length - NEAR, at - NEAR / 2));
    this.window.show(first, Math.min(names.length, first + NEAR));
    this.#point([at, at]);
  }

  /** @param {number[] | null} cell */
  #point(cell) {
    const next = cell && cell.map(Math.floor);
    if (String(next) === String(this.cursor)) return;
    this.cursor = next;
    this.#say(this.cursor ? this.table.words(this.cursor) : "");
    this.ticker.request();
  }

  /** @param {string} text */
  #say(text) {
    this.info.textContent = text;
    this.voice.tell(text);
  }

  #pick() {
    if (this.cursor && this.table.clips(this.cursor)) this.send?.("pick", this.cursor);
  }

  /** @param {PointerEvent} event */
  #cell({ offsetX, offsetY }) {
    return this.picture.cellAt(this.window, offsetX, offsetY);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.press = { x: event.offsetX, y: event.offsetY, moved: false };
    this.#point(this.#cell(event));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { press } = this;
    if (!press) {
      this.#point(this.#cell(event));
      return;
    }
    const dx = event.offsetX - press.x, dy = event.offsetY - press.y;
    if (!press.moved && Math.hypot(dx, dy) < MOVED) return;
    if (!press.moved) this.canvas.setPointerCapture(event.pointerId);
    const scale = this.window.size / this.picture.plot.side;
    this.window.place(this.window.size, [this.window.from[0] - dy * scale, this.window.from[1] - dx * scale]);
    this.press = { x: event.offsetX, y: event.offsetY, moved: true };
    this.ticker.request();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const chosen = this.press && !this.press.moved && this.#cell(event);
    this.press = null;
    if (chosen) this.#pick();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const focused = this.element.contains(/** @type {Node | null} */ (activeIn(this.element)));
    if (!focused && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = this.picture.cellAt(this.window, event.offsetX, event.offsetY);
    this.window.zoom(event.deltaY > 0 ? 1.25 : 0.8, at ?? this.window.middle);
    this.ticker.request();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const from = this.cursor ?? this.window.middle.map(Math.floor), last = this.table.names.length - 1;
      this.#point(from.map((at, axis) => Math.max(0, Math.min(last, at + step[axis]))));
      if (this.cursor) this.window.reach(this.cursor);
    } else if (event.key === "Enter") this.#pick();
    else if (event.key === "+" || event.key === "=") this.#zoom(0.6);
    else if (event.key === "-") this.#zoom(1 / 0.6);
    else if (event.key === "0") this.#all();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.ticker.request();
  }
}

/**
 * The focused element of a document or shadow root.
 * @param {HTMLElement} element
 */
function activeIn(element) {
  return /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement;
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, Matrix);
}
