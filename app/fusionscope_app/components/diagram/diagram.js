// Diagram: a drawing of the network, a line of facts about one stage, and the choice sent to Python.

import { el, svg } from "../dom.js";
import { mountPart } from "../mount.js";
import { Picture } from "./picture.js";
import { typeset } from "./shapes.js";

/** @typedef {import("./picture.js").Node} Node */
/** @typedef {[string, string]} Pick stream and name of a stage */
/** @typedef {{ net: import("./layout.js").Net, chosen: Pick | null }} DiagramData */

const REM = 15; // pixels of a rem at which the drawing has its own size
const KEY = "Labels give grid size and channels; each sheet is one chunk.";
const HINT = "Choose a stage to see its output size and receptive field.";

class Diagram {
  /** @type {import("./layout.js").Net | undefined} */ net;
  /** @type {Picture | undefined} */ picture;
  /** @type {Pick | null} */ chosen = null;
  /** @type {import("../mount.js").Send | undefined} */ send;
  text = "";
  width = 0;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.drawing = el("div");
    this.facts = el("div", { class: "fs-told", "aria-hidden": "true" }); // each button has them as its label
    this.room = el("div", { class: "fs-diagram" }, this.drawing, this.facts, el("p", { class: "fs-key" }, KEY));
    parent.append(this.room);
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this.room);
    this.room.addEventListener("click", (event) => this.#pick(this.#node(event)));
    this.room.addEventListener("keydown", (event) => this.#key(event));
    this.room.addEventListener("pointerover", (event) => this.#show(this.#node(event)));
    this.room.addEventListener("pointerleave", () => this.#show());
    this.room.addEventListener("focusin", (event) => this.#show(this.#node(event)));
    this.room.addEventListener("focusout", () => this.#show());
  }

  /**
   * Draw the network unless it is drawn already, and mark the chosen stage.
   * @param {DiagramData} data
   * @param {import("../mount.js").Send} send
   */
  receive({ net, chosen }, send) {
    this.send = send;
    this.chosen = chosen;
    const text = JSON.stringify(net);
    if (text !== this.text) [this.text, this.net, this.width] = [text, net, 0];
    this.#draw();
    this.#mark();
  }

  end() {
    this.watch.disconnect();
    this.room.remove();
  }

  #draw() {
    const width = Math.floor(this.room.clientWidth);
    if (!this.net || !width || width === this.width) return;
    this.width = width;
    const root = /** @type {Document | ShadowRoot} */ (this.room.getRootNode());
    const held = this.#node({ target: root.activeElement })?.stage; // keeps the focus
    const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / REM;
    this.drawing.style.setProperty("--fs-scale", String(scale)); // grows with the text of the page
    this.picture = new Picture(this.net, width / scale);
    const { element, layout } = this.picture;
    element.setAttribute("viewBox", `0 0 ${width / scale} ${layout.height}`);
    element.setAttribute("width", String(width));
    element.setAttribute("height", String(layout.height * scale));
    this.drawing.replaceChildren(element);
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
   * Show the facts of a stage, by default of the chosen one.
   * @param {Node} [node]
   */
  #show(node) {
    const stage = (node ?? this.picture?.find(this.chosen))?.stage;
    if (!stage) {
      this.facts.textContent = HINT;
      return;
    }
    this.facts.dataset.stream = stage.stream;
    const side = 40;
    const seen = Math.max(2, stage.field * side);
    const view = svg("svg", { width: side + 2, height: side + 2, viewBox: `-1 -1 ${side + 2} ${side + 2}` },
      svg("rect", { class: "fs-frame", width: side, height: side }),
      svg("rect", { class: "fs-field", x: (side - seen) / 2, y: (side - seen) / 2, width: seen, height: seen }));
    const facts = stage.facts.map((fact) => el("span", {}, typeset(fact)));
    this.facts.replaceChildren(view, el("p", {}, el("b", {}, stage.title), ...facts));
  }
}

/** @param {import("../mount.js").Call<DiagramData>} call */
export default function mount(call) {
  return mountPart(call, Diagram);
}
