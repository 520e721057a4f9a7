// Row: the panels, each at most once, in the viewer's arrangement; and the mark that they share.

import { el } from "../dom.js";
import { NARROW, pairsOf, planOf } from "./arrangement/plan.js";
import { roomOf } from "./arrangement/room.js";
import { Voice } from "../voice.js";
import { boxOf, within } from "./grid.js";
import { Panel } from "./panel.js";
import { placeOf } from "./timeline.js";

/** @typedef {import("./header.js").Place} Place */
/** @typedef {import("./header.js").PanelHeader} PanelHeader */
/** @typedef {import("./reel.js").Reel} Reel */
/** @typedef {{ chosen?: boolean, cleared?: boolean }} RowChange by the viewer's choice; canvases cleared */
/**
 * @typedef {{
 *   onchange(change: RowChange): void, onshow(reel: Reel, keys: string[]): void, onhover(place: Place | null): void,
 *   onpin(panel: PanelHeader, place: Place): void, onexpand(panel: PanelHeader): void,
 *   onclick(panel: PanelHeader, place: Place, again: boolean): void,
 * }} RowListeners
 */

const ROUNDED = 4; // pixels: less than this is left by rounding, and what is below stays in its place
const SMALL = 11; // rem: smaller pictures are not worth it that all of the page is in view
const HOLD = 0.75; // pictures shrink and grow by this much before the panels take another height

export class Row {
  /** @type {Reel} set by show() */ reel;
  /** @type {Place | null} */ mark = null;
  /** @type {import("./arrangement/plan.js").Kind | ""} empty: automatic */ kind = "";
  /** @type {string | null} the only panel to show */ enlarged = null;

  /** @param {RowListeners} listeners */
  constructor(listeners) {
    const { onchange } = this.act = listeners;
    /** @type {Panel[]} */
    this.panels = [];
    this.voice = new Voice();
    this.element = el("div", { class: "fs-panels" }, this.voice.element);
    this.resized = new ResizeObserver(() => {
      this.rearrange();
      if (this.fit()) onchange({ cleared: true });
    });
    this.resized.observe(this.element);
    this.window = "";
    this.onresize = () => this.rearrange();
    addEventListener("resize", this.onresize);
  }

  get keys() {
    return this.panels.map(({ panel }) => panel.key);
  }

  get videos() {
    return [...new Set(this.panels.map(({ panel }) => panel.video))];
  }

  // The panel that the focus, else the mouse, is in; else the first one.
  get pointed() {
    const found = [":focus-within", ":hover"].map((state) => this.panels.find(({ figure }) => figure.matches(state)));
    return (found[0] ?? found[1] ?? this.panels[0]).panel.key;
  }

  get full() {
    return this.panels.length === this.reel.panels.length;
  }

  /**
   * @param {Reel} reel
   * @param {string[]} keys
   */
  show(reel, keys) {
    this.reel = reel;
    for (const panel of this.panels.slice(keys.length)) this.#drop(panel);
    while (this.panels.length < keys.length) this.#grow();
    this.panels.forEach((panel, i) => panel.show(reel, keys[i], keys.length === 1));
    this.element.style.setProperty("--aspect", String(reel.width / reel.height));
    this.act.onshow(reel, keys); // the height of the timeline leaves the rest to the panels
    this.arrange();
  }

  /** @param {import("./arrangement/plan.js").Kind | ""} kind */
  choose(kind) {
    if (kind !== this.kind) Object.assign(this.element.dataset, { kind: "", height: "" }); // none to stay with
    this.kind = kind;
  }

  // Arrange the panels if the room has changed.
  rearrange() {
    if (this.reel && this.window !== this.#window) this.arrange();
  }

  get #window() {
    return `${this.element.clientWidth} ${innerHeight}`;
  }

  // Give each panel its place and its size.
  arrange() {
    if (this.window !== this.#window) this.element.dataset.height = "";
    this.window = this.#window;
    if (!this.element.clientWidth || !this.panels.length) return;
    const { enlarged, element, panels } = this;
    for (const { figure, panel } of panels) figure.hidden = enlarged !== null && panel.key !== enlarged;
    for (let pass = 0; pass < 2; pass++) { // the texts of a narrower panel may need more lines
      element.style.setProperty("--fs-lines", String(Math.max(1, ...panels.map((panel) => panel.lines))));
      this.#place(this.#plan());
    }
  }

  #plan() {
    const { reel, enlarged, element, panels } = this;
    const { rem, kind, tall, ...room } = roomOf(element, enlarged !== null);
    const tallOf = (/** @type {HTMLElement} */ part) => part.getBoundingClientRect().height;
    const lines = Math.max(...panels.map(({ figure, picture }) => tallOf(figure) - tallOf(picture)));
    const space = { ...room, lines, aspect: reel.width / reel.height, count: enlarged === null ? panels.length : 1 };
    const fill = (/** @type {number} */ height) => (this.#pairs
      ? pairsOf({ ...space, height }, rem)
      : planOf({ ...space, height }, this.kind || kind, rem, element.dataset.kind));
    const near = fill(room.height);
    const stay = { near: HOLD, tall: 1 / HOLD }[element.dataset.height ?? ""] ?? 1;
    const row = this.kind || kind || this.#pairs ? null : planOf({ ...space, height: tall }, "row", rem, "");
    const taller = () => (row && row.size >= SMALL * rem ? row : fill(tall)); // a row needs the least scrolling
    const plan = (near.size || near.first) < SMALL * rem * stay ? taller() : near;
    if (enlarged === null) element.dataset.height = plan === near ? "near" : "tall";
    return { ...plan, narrow: room.width < NARROW * rem, height: plan === near ? room.height : tall };
  }

  get #pairs() {
    return this.reel.paired && this.enlarged === null;
  }

  /** @param {import("./arrangement/plan.js").Plan & { narrow: boolean, height: number }} plan */
  #place({ kind, columns, rows, first, size, narrow, height }) {
    const { style, dataset } = this.element;
    style.minHeight = "";
    const beside = kind === "large" && size > 0 && !narrow; // the large panel at the left of the others
    const down = this.#pairs && !narrow; // each panel above its pair
    style.gridTemplateColumns = `${beside ? `${first}px ` : ""}repeat(${columns}, ${size || first}px)`;
    style.gridTemplateRows = down ? `repeat(${rows}, auto)` : beside && rows > 1 ? `repeat(${rows - 1}, auto) 1fr` : "";
    style.gridAutoFlow = down ? "column" : "";
    this.panels.forEach(({ figure }, i) => {
      figure.style.gridRow = i === 0 && beside ? `1 / span ${rows}` : "";
      figure.style.gridColumn = i === 0 && kind === "large" && narrow && columns > 1 ? "1 / -1" : "";
    });
    const left = height - this.element.getBoundingClientRect().height; // pictures have whole pixels
    if (left > 0 && left < ROUNDED) style.minHeight = `${height}px`;
    if (this.enlarged === null) dataset.kind = kind;
  }

  // Fit the canvases to their boxes; true where that cleared one.
  fit() {
    return this.panels.map((panel) => panel.fit()).includes(true);
  }

  /**
   * @param {number} n
   * @param {import("./panel.js").Look} look
   */
  draw(n, look) {
    for (const panel of this.panels) panel.draw(n, look);
    const root = /** @type {Document | ShadowRoot} */ (this.element.getRootNode());
    if (!root.activeElement?.matches("[role=slider]")) this.voice.tell(look.playing ? "" : this.#words(n)); // a slider announces its own value
  }

  // The frame, and the values under the mark.
  /** @param {number} n */
  #words(n) {
    const values = this.mark ? this.panels.map((panel) => panel.words).filter(Boolean) : [];
    return [placeOf(this.reel, n), ...values].join("; ");
  }

  add() {
    const next = this.reel.panels.find(({ key }) => !this.keys.includes(key));
    if (next) this.#choose([...this.keys, next.key]);
  }

  end() {
    this.voice.end();
    this.resized.disconnect();
    removeEventListener("resize", this.onresize);
  }

  /** @param {string[]} keys */
  #choose(keys) {
    this.show(this.reel, keys);
    this.act.onchange({ chosen: true });
  }

  #grow() {
    const panel = new Panel({
      onchoose: (to) => {
        const from = panel.panel.key; // a panel shown elsewhere swaps places with this one
        this.#choose(this.keys.map((key) => (key === from ? to : key === to ? from : key)));
      },
      onremove: () => {
        this.#drop(panel);
        this.#choose(this.keys);
      },
      onexpand: () => this.act.onexpand(panel.panel),
      onhover: this.act.onhover,
      onclick: (place, again) => this.act.onclick(panel.panel, place, again),
      onkey: (event) => this.#key(panel.panel, event),
    });
    this.panels.push(panel);
    this.element.append(panel.figure);
    this.resized.observe(panel.canvas);
  }

  /** @param {Panel} panel */
  #drop(panel) {
    this.panels.splice(this.panels.indexOf(panel), 1);
    this.resized.unobserve(panel.canvas);
    panel.figure.remove();
  }

  /**
   * Move the mark by arrow keys, from cell to cell of the focused picture; pin it by Enter.
   * @param {PanelHeader} panel
   * @param {KeyboardEvent} event
   */
  #key(panel, event) {
    /** @type {Record<string, [number, number]>} */
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = event.shiftKey ? null : arrows[event.key];
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.mark ?? { x: 0.5, y: 0.5 };
    if (!move) return this.act.onpin(panel, from);
    const share = (/** @type {number} */ v) => Math.max(0, Math.min(1, v));
    const cell = this.reel.cell(panel, from);
    if (!cell) return this.act.onhover({ x: share(from.x + move[0] / 16), y: share(from.y + move[1] / 16) });
    const box = boxOf({
      ...cell,
      row: within(cell.row + move[1], cell.rows),
      column: within(cell.column + move[0], cell.columns),
    });
    this.act.onhover({ x: share(box.x + box.w / 2), y: share(box.y + box.h / 2) });
  }
}
