// Diagram: a drawing of the network with its maps, one stage shown large, and the choice sent to Python.

import { el, unpack } from "../dom.js";
import { Follower } from "../follow.js";
import { Thumb } from "../lens/thumb.js";
import { mountPart } from "../mount.js";
import { Picture } from "./picture.js";
import { cellAt, fieldOf, framesOf } from "./reach.js";
import { typeset } from "./shapes.js";
import { StagePictures, colourOf } from "./stage_pictures.js";

/** @typedef {import("./picture.js").Node} Node */
/** @typedef {[string, string]} Pick stream and name of a stage */

const REM = 15; // pixels of a rem at which the drawing has its own size
const BESIDE = 300; // pixels that the facts need at the side of the drawing
const KEY = "Labels give grid size and channels; each sheet is one chunk. Maps: mean over channels, each on its own scale; of a stage with one cell, one square for each channel.";
const PLAIN = "Labels give grid size and channels; each sheet is one chunk.";
const HINT = "Choose a stage to see its output size and receptive field.";

class Diagram {
  /** @type {import("./layout.js").Net | undefined} */ net;
  /** @type {Picture | undefined} */ picture;
  /** @type {Pick | null} */ chosen = null;
  /** @type {import("../mount.js").Send | undefined} */ send;
  /** @type {Node | null} under the mouse or with the focus */ pointed = null;
  /** @type {{ x: number, y: number } | null} a place of the picture under the mouse */ place = null;
  /** @type {import("../player/company.js").Field | null} */ field = null;
  /** @type {Thumb | null} the large map */ large = null;
  clip = "";
  text = "";
  drawn = "";
  width = 0;
  scale = 1;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.pictures = new StagePictures();
    this.drawing = el("div", { class: "fs-drawing" });
    this.view = el("div", { class: "fs-view" });
    this.about = el("p");
    this.frames = el("p", { class: "fs-frames" });
    this.facts = el("div", { class: "fs-told", "aria-hidden": "true" }, this.view, el("div", {}, this.about, this.frames)); // each button has them as its label
    this.key = el("p", { class: "fs-key" }, PLAIN);
    this.room = el("div", { class: "fs-diagram" }, this.drawing, this.facts, this.key);
    parent.append(this.room);
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this.room);
    this.room.addEventListener("click", (event) => this.#pick(this.#node(event)));
    this.room.addEventListener("keydown", (event) => this.#key(event));
    this.drawing.addEventListener("pointermove", (event) => this.#point(this.#node(event), event));
    this.drawing.addEventListener("pointerleave", () => this.#point());
    this.room.addEventListener("focusin", (event) => this.#point(this.#node(event)));
    this.room.addEventListener("focusout", () => this.#point());
    this.follower = new Follower(() => this.#move());
  }

  /**
   * Draw the network unless it is drawn already, and mark the chosen stage.
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {import("../mount.js").Send} send
   */
  receive(bytes, send) {
    const { header: { net, chosen, clip, maps }, payload } = unpack(bytes);
    this.send = send;
    this.chosen = chosen;
    const text = JSON.stringify([net, clip, maps]);
    if (text !== this.text) {
      Object.assign(this, { text, net, clip, width: 0, drawn: "", pointed: null });
      this.pictures.show(maps, payload);
      this.key.textContent = Object.keys(maps).length ? KEY : PLAIN;
    }
    this.#draw();
    this.#mark();
  }

  end() {
    this.watch.disconnect();
    this.follower.end();
    this.room.remove();
  }

  #draw() {
    const width = Math.floor(this.room.clientWidth);
    if (!this.net || !width || width === this.width) return;
    this.width = width;
    const root = /** @type {Document | ShadowRoot} */ (this.room.getRootNode());
    const held = this.#node({ target: root.activeElement })?.stage; // keeps the focus
    this.scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / REM;
    this.drawing.style.setProperty("--fs-scale", String(this.scale)); // grows with the text of the page
    this.picture = new Picture(this.net, width / this.scale);
    const { element, layout } = this.picture;
    element.setAttribute("viewBox", `0 0 ${layout.used} ${layout.height}`);
    element.setAttribute("width", String(layout.used * this.scale));
    element.setAttribute("height", String(layout.height * this.scale));
    this.room.classList.toggle("fs-beside", width - layout.used * this.scale >= BESIDE * this.scale);
    this.drawing.replaceChildren(element, this.pictures.canvas);
    this.drawn = "";
    this.#mark();
    if (held) this.picture.find([held.stream, held.name])?.element.focus();
  }

  /** @param {{ target: EventTarget | null }} event */
  #node({ target }) {
    const element = target instanceof Element ? target.closest(".fs-stage") : null;
    return this.picture?.nodes.find((node) => node.element === element);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const node = this.#node(event);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.#pick(node);
    else {
      const next = this.picture?.step(node, event.key);
      if (!next) return;
      next.element.focus();
    }
    event.preventDefault();
  }

  /** @param {Node | undefined} node */
  #pick(node) {
    if (!node) return;
    this.chosen = [node.stage.stream, node.stage.name];
    this.#mark();
    this.facts.scrollIntoView({ block: "nearest" });
    this.send?.("pick", this.chosen);
  }

  #mark() {
    const on = this.picture?.find(this.chosen);
    for (const node of this.picture?.nodes ?? []) {
      node.element.setAttribute("aria-pressed", String(node === on));
      node.element.setAttribute("tabindex", node === (on ?? this.picture?.nodes[0]) ? "0" : "-1");
    }
    this.#show();
  }

  /**
   * Point at a stage, and at a cell of its map; at nothing without a stage.
   * @param {Node} [node]
   * @param {PointerEvent} [event]
   */
  #point(node = this.#focused, event = undefined) {
    if (node && event && this.picture) {
      const { left, top } = this.picture.element.getBoundingClientRect();
      const { x, y, width, height } = node.box;
      const at = { x: ((event.clientX - left) / this.scale - x) / width, y: ((event.clientY - top) / this.scale - y) / height };
      this.place = Math.min(at.x, at.y) >= 0 && Math.max(at.x, at.y) <= 1 ? this.#onPicture(node, at) : null;
    } else this.place = null;
    if (!node && !this.pointed) return;
    const other = (node ?? null) !== this.pointed;
    this.pointed = node ?? null;
    if (other) this.#show();
    this.#outline();
  }

  /**
   * A place on a stage's map, which is drawn without the rest of the picture, as a place of the picture.
   * @param {Node} node
   * @param {{ x: number, y: number }} at
   */
  #onPicture({ stage }, { x, y }) {
    const [left, top, right, bottom] = this.pictures.of(stage)?.extent ?? [0, 0, 1, 1];
    return { x: left + x * (right - left), y: top + y * (bottom - top) };
  }

  get #focused() {
    return this.#node({ target: this.room.querySelector(".fs-stage:focus-visible") });
  }

  get #chunk() {
    return this.follower.chunk(this.clip, 0);
  }

  // Outline the receptive field of the stage that is pointed at, on the player and here.
  #outline() {
    const { follower, pointed } = this;
    const reel = follower.reel?.clip === this.clip ? follower.reel : null;
    const stage = pointed?.stage;
    const cell = stage ? cellAt(this.pictures.of(stage), stage, this.place ?? follower.place) : null;
    const field = stage && reel ? fieldOf(stage, cell, this.#chunk, reel.chunks) : null;
    if (JSON.stringify(field) === JSON.stringify(this.field)) return;
    this.field = field;
    follower.outline(field);
    this.frames.textContent = field ? `Reads ${framesOf(field)}.` : "";
    this.drawn = "";
    this.#move();
  }

  // Draw the maps of the frame that the player shows.
  #move() {
    const { picture, follower, large } = this;
    if (!picture) return;
    const chunk = this.#chunk;
    const frame = follower.picture(this.clip, "frame");
    const key = `${chunk} ${follower.frame} ${frame !== null} ${follower.reel?.digest}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.room.dataset.chunk = String(chunk);
    this.pictures.draw(picture, this.scale, chunk, (video) => follower.picture(this.clip, video), this.field);
    if (!large) return;
    const stage = (this.pointed ?? picture.find(this.chosen))?.stage;
    const cell = this.pointed && stage ? cellAt(this.pictures.of(stage), stage, this.place ?? follower.place) : null;
    const flat = stage && this.pictures.of(stage)?.channels;
    large.draw({ chunk, picture: flat ? null : follower.picture(this.clip, large.stream === "motion" ? "flow" : "frame"),
      cell: cell && [chunk, Math.floor((cell.row * large.map.shape[1]) / cell.rows), Math.floor((cell.column * large.map.shape[2]) / cell.columns)],
      reach: 0, at: null });
    if (this.pointed) this.#outline();
  }

  // Show the facts of the stage that is pointed at, by default of the chosen one.
  #show() {
    const stage = (this.pointed ?? this.picture?.find(this.chosen))?.stage;
    this.facts.dataset.stream = stage?.stream ?? "";
    this.facts.dataset.name = stage?.name ?? "";
    if (!stage) {
      this.view.replaceChildren();
      this.about.textContent = HINT;
      return;
    }
    const map = this.pictures.of(stage);
    this.large = map ? new Thumb(map, this.pictures.payload, colourOf(stage.stream)) : null;
    this.view.replaceChildren(...(this.large ? [this.large.canvas, this.large.scale] : []));
    this.large?.fit(Math.round((this.room.classList.contains("fs-beside") ? 12 : 6.5) * REM * this.scale));
    this.about.replaceChildren(el("b", {}, stage.title), ...stage.facts.map((fact) => el("span", {}, typeset(fact))));
    this.drawn = "";
    this.#move();
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, Diagram);
}
