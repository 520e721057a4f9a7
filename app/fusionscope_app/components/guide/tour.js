// Tour: outlines the parts of the living page one after another, with a card beside each that explains it.
//
// Outline and card float in the top layer, so nothing on the page moves. The card stands beside what it
// explains; where there is no room, the page is scrolled so that both can be seen.

import { el } from "../dom.js";
import { rootsOf } from "./marks.js";

const KEPT = "fusionscope.tour";
const [GAP, MARGIN, HEAD] = [12, 8, 64]; // pixels: to the outline, to the window's edge, the page's head

/** @typedef {{ shows: string[], says: string }} Shown */
/** @typedef {{ title: string, instead?: Shown } & Shown} Step */

export function isTourDone() {
  try {
    return localStorage.getItem(KEPT) === "done";
  } catch { // the browser stores nothing: without this the tour would be offered at each visit
    return true;
  }
}

export class Tour {
  at = -1; // number of the step shown; -1: closed
  /** @type {Element[]} */ shown = [];
  /** @type {Element | null} */ from = null;
  scrolled = -1; // step for which the page has been scrolled

  /** @param {() => void} onend */
  constructor(onend) {
    this.onend = onend;
    this.outline = el("div", { class: "fs-outline", popover: "manual" });
    this.title = el("h2", { id: "fs-tour-title" });
    this.says = el("p", { id: "fs-tour-says" });
    this.count = el("span");
    this.back = el("button", { type: "button", onclick: () => this.#go(this.at - 1) }, "Back");
    this.next = el("button", { type: "button", class: "fs-next", onclick: () => this.#go(this.at + 1) });
    this.card = el("div", { class: "fs-tour", popover: "manual", role: "dialog", tabindex: -1,
      "aria-labelledby": "fs-tour-title", "aria-describedby": "fs-tour-says" },
      this.title, this.says,
      el("footer", {}, this.count,
        el("button", { type: "button", onclick: () => this.end() }, "Skip"), this.back, this.next));
    this.elements = [this.outline, this.card];
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
  }

  start() {
    if (this.at >= 0) return;
    this.from = document.activeElement;
    document.addEventListener("keydown", this.onkey, true);
    this.#go(0);
  }

  // Close, and offer the tour no more.
  end() {
    try {
      localStorage.setItem(KEPT, "done");
    } catch { /* the browser keeps nothing */ }
    this.close();
    this.onend();
  }

  close() {
    if (this.at < 0) return;
    this.at = -1;
    document.removeEventListener("keydown", this.onkey, true);
    for (const element of this.elements) element.hidePopover();
    const root = this.card.getRootNode();
    const start = root instanceof ShadowRoot ? root.querySelector(".fs-start") : null;
    if (start instanceof HTMLElement) start.focus({ preventScroll: true });
  }

  /** @param {number} at */
  #go(at) {
    if (at >= TOUR.length) return this.end();
    this.at = Math.max(0, at);
    const { title, instead, ...usual } = TOUR[this.at];
    const step = instead && !found(usual.shows).length ? instead : usual;
    this.shown = found(step.shows);
    this.title.textContent = title;
    this.says.textContent = step.says;
    this.count.textContent = `${this.at + 1} of ${TOUR.length}`;
    this.back.disabled = this.at === 0;
    this.next.textContent = this.at === TOUR.length - 1 ? "Done" : "Next";
    this.scrolled = -1;
    for (const element of this.elements) if (!element.matches(":popover-open")) element.showPopover();
    this.card.dataset.step = String(this.at);
    this.#follow();
    this.card.focus({ preventScroll: true });
  }

  // Keep outline and card at their place while the page scrolls or changes.
  #follow() {
    const step = this.at;
    const place = () => {
      if (this.at !== step || !this.card.isConnected) return;
      this.#place();
      requestAnimationFrame(place);
    };
    place();
  }

  /** @returns {void} */
  #place() {
    const box = this.#box();
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const [right, bottom] = [innerWidth - MARGIN - width, innerHeight - MARGIN - height];
    const within = (/** @type {number} */ value, /** @type {number} */ most, least = MARGIN) =>
      Math.max(least, Math.min(value, most));
    if (this.scrolled !== this.at) {
      this.scrolled = this.at;
      const whole = box.top >= HEAD && box.bottom + GAP + height + MARGIN <= innerHeight;
      const beside = box.top >= HEAD && box.bottom <= innerHeight - MARGIN && Math.max(box.left, innerWidth - box.right) >= width + GAP + MARGIN;
      if (!whole && !beside) {
        scrollerOf(this.shown[0])?.scrollBy({ top: box.top - HEAD - GAP, behavior: "instant" });
        return this.#place();
      }
    }
    Object.assign(this.outline.style, {
      left: `${box.left - 5}px`, top: `${box.top - 5}px`, width: `${box.width + 10}px`, height: `${box.height + 10}px`,
    });
    const places = [
      [within(box.left, right), box.bottom + GAP], // below, right, left, above
      [box.right + GAP, within(box.top, bottom, HEAD)],
      [box.left - GAP - width, within(box.top, bottom, HEAD)],
      [within(box.left, right), box.top - GAP - height],
    ];
    const [left, top] = places.find(([x, y]) => x >= MARGIN && x <= right && y >= MARGIN && y <= bottom)
      ?? [within(box.left, right), bottom];
    this.card.style.left = `${left}px`;
    this.card.style.top = `${top}px`;
  }

  // The box around all that is shown, in the window.
  #box() {
    const boxes = this.shown.map((element) => element.getBoundingClientRect()).filter(({ width }) => width);
    const left = Math.min(...boxes.map((box) => box.left)), top = Math.min(...boxes.map((box) => box.top));
    const right = Math.max(...boxes.map((box) => box.right)), bottom = Math.max(...boxes.map((box) => box.bottom));
    return boxes.length ? new DOMRect(left, top, right - left, bottom - top) : new DOMRect(MARGIN, HEAD, 0, 0);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const inside = event.composedPath().includes(this.card);
    /** @type {Record<string, () => void>} */
    const keys = { Escape: () => this.end() };
    if (inside) Object.assign(keys, {
      ArrowRight: () => this.#go(this.at + 1),
      ArrowLeft: () => this.#go(this.at - 1),
    });
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }
}

/**
 * The first elements, in any root, that the selectors find.
 * @param {string[]} selectors
 */
function found(selectors) {
  const roots = rootsOf(document);
  return selectors.flatMap((selector) =>
    roots.flatMap((root) => [...root.querySelectorAll(selector)]).find((element) => element.getClientRects().length) ?? []);
}

/**
 * The element that scrolls the page.
 * @param {Element | undefined} element
 */
function scrollerOf(element) {
  for (let node = element?.parentNode ?? null; node; node = node instanceof ShadowRoot ? node.host : node.parentNode) {
    if (!(node instanceof Element) || node.scrollHeight <= node.clientHeight + 1) continue;
    if (["auto", "scroll"].includes(getComputedStyle(node).overflowY)) return node;
  }
  return document.scrollingElement;
}
