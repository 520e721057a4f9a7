// Film strip: a film's bands, with a cursor moved by mouse or keys; a click or Enter opens a window.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";
import { colourOf, drawFilm, heightOf } from "./drawing.js";
import { readFilm, until, windowAt, wordsOf } from "./film.js";

const CLOSEST = 10; // seconds in view, at least
const HINT = "Point at a moment to read it; click or press Enter to open its seconds below.";

class FilmStrip {
  /** @type {import("./film.js").Film | null} */ film = null;
  at = -1; // the window under the cursor

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.view = { from: 0, to: 1 };
    this.whole = true;
    this.canvas = el("canvas", {
      tabindex: 0, role: "slider", "aria-label": "Moment of the film", "data-film": "",
      onpointermove: (/** @type {PointerEvent} */ event) => this.#move(this.#under(event)),
      onpointerleave: () => this.#move(-1),
      onclick: (/** @type {PointerEvent} */ event) => this.#open(this.#under(event)),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
    this.words = el("p", { class: "fs-words" });
    this.legend = el("ul", { class: "fs-classes", "aria-label": "Colours of the classes" });
    const zoom = el("div", { class: "fs-zoom", role: "group", "aria-label": "Zoom" },
      el("button", { onclick: () => this.#zoom(0.5), title: "Zoom in (+)" }, "Zoom in"),
      el("button", { onclick: () => this.#zoom(2), title: "Zoom out (−)" }, "Zoom out"),
      el("button", { onclick: () => this.#zoom(Infinity), title: "Whole film (0)" }, "Whole film"));
    this.element = el("div", { class: "fs-film" }, this.canvas, this.words,
      el("div", { class: "fs-foot" }, this.legend, zoom));
    this.resized = new ResizeObserver(() => this.#draw());
    this.resized.observe(this.element);
    parent.append(this.element);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    this.send = send;
    this.film = readFilm(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    const { film } = this;
    if (this.whole) this.view = { from: 0, to: film.seconds };
    this.canvas.style.height = `${heightOf(film)}px`;
    this.legend.replaceChildren(...film.classes.slice(0, film.colours.length).map((name, k) =>
      el("li", {}, el("i", { style: `background:${colourOf(film, k)}` }), name)));
    if (film.classes.length > film.colours.length) {
      this.legend.append(el("li", {}, el("i", { style: `background:${colourOf(film, film.colours.length)}` }),
        `${film.classes.length - film.colours.length} other classes`));
    }
    this.element.dataset.count = String(film.count);
    this.#show();
  }

  end() {
    this.resized.disconnect();
    this.element.remove();
  }

  /** @param {PointerEvent} event */
  #under(event) {
    const { film, view } = this;
    if (!film?.count) return -1;
    const box = this.canvas.getBoundingClientRect();
    const seconds = view.from + (event.clientX - box.left) / box.width * (view.to - view.from);
    return seconds > film.ends[film.count - 1] ? -1 : windowAt(film, seconds);
  }

  /** @param {number} at */
  #move(at) {
    if (at === this.at) return;
    this.at = at;
    this.#show();
  }

  /** @param {number} at */
  #open(at) {
    if (!this.film || at < 0) return;
    this.film.chosen = at;
    this.#show();
    this.send?.("pick", at);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { film } = this;
    if (!film?.count) return;
    const from = this.at >= 0 ? this.at : Math.max(0, film.chosen);
    const last = film.count - 1;
    const to = { ArrowRight: from + 1, ArrowUp: from + 1, ArrowLeft: from - 1, ArrowDown: from - 1,
      PageUp: from + 10, PageDown: from - 10, Home: 0, End: last }[event.key];
    if (to !== undefined) {
      this.at = Math.min(Math.max(to, 0), last);
      this.#reveal(this.at);
      this.#show();
    } else if (event.key === "Enter" || event.key === " ") this.#open(from);
    else if (event.key === "+") this.#zoom(0.5);
    else if (event.key === "-") this.#zoom(2);
    else if (event.key === "0") this.#zoom(Infinity);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} by */
  #zoom(by) {
    const { film, view } = this;
    if (!film) return;
    const centre = Math.max(0, this.at >= 0 ? this.at : film.chosen);
    const length = Math.min(film.seconds, Math.max(CLOSEST, (view.to - view.from) * by));
    this.whole = length >= film.seconds;
    this.#look((film.starts[centre] ?? 0) + 1 - length / 2, length);
    this.#draw();
  }

  /**
   * Bring a window into view.
   * @param {number} at
   */
  #reveal(at) {
    const { film, view } = this;
    if (!film || (film.starts[at] >= view.from && until(film, at) <= view.to)) return;
    this.#look(film.starts[at] - (view.to - view.from) / 2, view.to - view.from);
  }

  /**
   * @param {number} from
   * @param {number} length
   */
  #look(from, length) {
    const start = Math.min(Math.max(0, from), (this.film?.seconds ?? length) - length);
    this.view = { from: start, to: start + length };
  }

  #show() {
    const { film, canvas } = this;
    if (!film) return;
    const at = this.at >= 0 ? this.at : film.chosen;
    const words = at >= 0 && at < film.count ? wordsOf(film, at) : HINT;
    this.words.textContent = words;
    canvas.setAttribute("aria-valuemin", "0");
    canvas.setAttribute("aria-valuemax", String(Math.max(0, film.count - 1)));
    canvas.setAttribute("aria-valuenow", String(Math.max(0, at)));
    canvas.setAttribute("aria-valuetext", words);
    this.#draw();
  }

  #draw() {
    const { film, canvas } = this;
    if (!film || !canvas.clientWidth) return;
    const [width, height] = [canvas.clientWidth, heightOf(film)].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    drawFilm(canvas, film, this.view, this.at);
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, FilmStrip);
}
