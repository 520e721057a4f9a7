// Contact sheet: clips as cards in a box that scrolls; only the cards near the view exist.
//
// Arrow keys, Page Up, Page Down, Home and End move from card to card, Enter opens, Space selects.
// Shift with a click, or with Enter, selects too. Pointing at a card or moving to it plays it.

import { el, unpack } from "../dom.js";
import { mountPart } from "../mount.js";
import { Card } from "./card.js";
import { Sprites } from "./sprites.js";

/**
 * @typedef {{ digest: string, source: string, chosen: string, selected: number[], selects: boolean,
 *   search: boolean, large: boolean }} SheetHeader
 */

const GAP = 10; // pixels between cards
const NARROWEST = 150; // pixels of a card, at least
const AHEAD = 1; // rows above and below the view

class ContactSheet {
  digest = "";
  /** @type {import("./card.js").Rows} */
  rows = { ids: [], titles: [], classes: [], truth: [], heads: [], tags: [] };
  /** @type {number[]} */ listed = []; // numbers of the clips that match the search
  /** @type {Map<number, Card>} */ cards = new Map(); // by number
  /** @type {Set<number>} */ selected = new Set();
  /** @type {Sprites | null} */ sprites = null;
  focused = 0; // place of the card that has the focus, or gets it, among the listed
  columns = 1;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.field = el("input", { type: "search", placeholder: "Part of the name", "aria-label": "Search clips",
      oninput: () => this.#search() });
    this.count = el("span", { class: "fs-count", role: "status" });
    this.bar = el("div", { class: "fs-bar" }, this.field, this.count);
    this.list = el("div", { class: "fs-list", role: "list", "aria-label": "Clips" });
    this.view = el("div", { class: "fs-view", onscroll: () => this.#draw() }, this.list);
    this.element = el("div", { class: "fs-sheet" }, this.bar, this.view);
    this.list.addEventListener("click", (event) => this.#click(event));
    this.list.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("keyup", (event) => event.key === " " && event.preventDefault());
    for (const type of ["pointerover", "focusin"]) this.list.addEventListener(type, (event) => this.#play(event, true));
    for (const type of ["pointerout", "focusout"]) this.list.addEventListener(type, (event) => this.#play(event, false));
    parent.append(this.element);
    this.watch = new ResizeObserver(() => this.#arrange());
    this.watch.observe(this.view);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    this.send = send;
    const { header, payload } = unpack(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    const { digest, source, chosen, selected, selects, search, large } = /** @type {SheetHeader} */ (header);
    this.selects = selects;
    this.large = large;
    this.element.toggleAttribute("data-large", large);
    this.chosen = chosen;
    this.selected = new Set(selected);
    this.bar.hidden = !search;
    this.sprites ??= new Sprites(source);
    if (digest !== this.digest) {
      this.digest = digest;
      this.rows = JSON.parse(new TextDecoder().decode(payload));
      this.#search();
    }
    this.#mark();
  }

  end() {
    this.watch.disconnect();
    this.sprites?.end();
    this.element.remove();
  }

  #search() {
    const wanted = this.bar.hidden ? "" : this.field.value.trim().toLowerCase();
    this.listed = [...this.rows.titles.keys()].filter((at) => this.rows.titles[at].toLowerCase().includes(wanted));
    const all = this.rows.titles.length.toLocaleString("en");
    this.count.textContent = wanted ? `${this.listed.length.toLocaleString("en")} of ${all} clips` : `${all} clips`;
    this.focused = Math.max(0, this.listed.findIndex((at) => this.rows.ids[at] === this.chosen && this.chosen));
    this.#clear();
    this.#arrange();
    this.#show(this.focused);
    this.#draw();
  }

  #clear() {
    for (const card of this.cards.values()) this.#remove(card);
  }

  /** @param {Card} card */
  #remove(card) {
    this.sprites?.drop(card.id);
    this.cards.delete(card.at);
    card.end();
  }

  /** Columns by the width of the view, rows by the height of a card. */
  #arrange() {
    const width = this.list.clientWidth;
    if (!width) return;
    const before = this.columns;
    this.columns = this.large ? 1 : Math.max(2, Math.floor((width + GAP) / (NARROWEST + GAP)));
    this.list.style.setProperty("--fs-columns", String(this.columns));
    const size = (width - GAP * (this.columns - 1)) / this.columns;
    const lines = 1 + Number(this.rows.truth.length > 0) + this.rows.heads.length + Number(this.rows.tags.length > 0);
    const line = parseFloat(getComputedStyle(this.list).lineHeight);
    this.pitch = Math.ceil(size * 0.75 + lines * line + 8) + GAP;
    const height = Math.ceil(this.listed.length / this.columns) * this.pitch;
    this.list.style.height = `${height}px`;
    this.view.style.height = this.large ? `${height}px` : `min(34rem, ${height}px)`;
    if (before !== this.columns) this.#show(this.focused);
    this.#draw();
  }

  /** Make the cards near the view, and remove all others. */
  #draw() {
    const { scrollTop, clientHeight } = this.view;
    if (!this.pitch || !clientHeight) return;
    const first = Math.max(0, Math.floor(scrollTop / this.pitch) - AHEAD) * this.columns;
    const last = (Math.ceil((scrollTop + clientHeight) / this.pitch) + AHEAD) * this.columns;
    const shown = new Set(this.listed.slice(first, last));
    const kept = this.listed[this.focused]; // the focus stays where it is
    for (const card of this.cards.values()) if (!shown.has(card.at) && card.at !== kept) this.#remove(card);
    for (let place = first; place < Math.min(last, this.listed.length); place += 1) this.#place(place);
    this.#mark();
  }

  /** @param {number} place among the listed */
  #place(place) {
    const at = this.listed[place];
    let card = this.cards.get(at);
    if (!card) {
      const made = (card = new Card(this.rows, at, Boolean(this.selects), Boolean(this.large)));
      this.cards.set(at, made);
      const next = [...this.cards.values()].find((one) => one.at > at);
      this.list.insertBefore(made.element, next?.element ?? null);
      if (made.id) this.sprites?.want(made.id, (found) => made.receive(found));
    }
    const [row, column] = [Math.floor(place / this.columns), place % this.columns];
    card.element.style.top = `${row * (this.pitch ?? 0)}px`;
    card.element.style.setProperty("--fs-column", String(column));
    return card;
  }

  #mark() {
    const kept = this.listed[this.focused];
    for (const card of this.cards.values()) {
      card.select(this.selected.has(card.at));
      card.main.tabIndex = card.at === kept ? 0 : -1;
      if (card.id && card.id === this.chosen) card.main.setAttribute("aria-current", "true");
      else card.main.removeAttribute("aria-current");
    }
  }

  /** @param {number} place scroll to it */
  #show(place) {
    if (!this.pitch) return;
    const top = Math.floor(place / this.columns) * this.pitch;
    const { scrollTop, clientHeight } = this.view;
    if (top < scrollTop) this.view.scrollTop = top;
    else if (top + this.pitch > scrollTop + clientHeight) this.view.scrollTop = top + this.pitch - clientHeight;
  }

  /** @param {Event} event */
  #card(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    return button ? this.cards.get(Number(button.dataset.at)) : undefined;
  }

  /**
   * @param {Event} event
   * @param {boolean} on
   */
  #play(event, on) {
    const card = this.#card(event);
    if (!card) return;
    const to = /** @type {MouseEvent} */ (event).relatedTarget;
    if (!on && to instanceof Node && card.main.contains(to)) return;
    card.play(on);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const card = this.#card(event);
    if (!card) return;
    this.focused = this.listed.indexOf(card.at);
    const mark = event.target instanceof Element && event.target.closest(".fs-select");
    if (this.selects && (mark || event.shiftKey)) this.#select(card.at);
    else this.send?.("open", card.at);
    this.#mark();
  }

  /** @param {number} at */
  #select(at) {
    if (!this.selected.delete(at)) this.selected.add(at);
    this.#mark();
    this.send?.("select", [...this.selected]);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const page = Math.max(1, Math.floor(this.view.clientHeight / (this.pitch ?? 1))) * this.columns;
    const last = this.listed.length - 1;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns,
      PageDown: page, PageUp: -page, Home: -last, End: last }[event.key];
    if (step) {
      event.preventDefault();
      const to = this.focused + step;
      const far = Math.abs(step) > 1 && !["Home", "End", "PageDown", "PageUp"].includes(event.key);
      if (far && (to < 0 || to > last)) return; // no card above or below
      this.#focus(Math.min(last, Math.max(0, to)));
    } else if (event.key === " " && this.selects) {
      event.preventDefault();
      this.#select(this.listed[this.focused]);
    }
  }

  /** @param {number} place */
  #focus(place) {
    this.focused = place;
    this.#show(place);
    this.#draw();
    this.#place(place).main.focus({ preventScroll: true });
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, ContactSheet);
}
