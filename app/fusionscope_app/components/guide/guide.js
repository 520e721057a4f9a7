// Guide: the explanations of all pages, the list of a page's terms, and the tour; and two small buttons
// for them at the right of the page's head, where nothing else stands.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";
import { TermList } from "./term_list.js";
import { Terms } from "./terms.js";
import { Tour, isTourDone } from "./tour.js";

/** @typedef {{ page: string }} GuideData the page's name; empty: Explore */

const NARROW_WINDOW = 768; // pixels; below it Streamlit's menu covers the page

// Close the menu that led to the page: it would cover it.
function closeMenu() {
  const close = document.querySelector("[data-testid=stSidebarCollapseButton] button"); // while it is open
  if (innerWidth < NARROW_WINDOW && close instanceof HTMLElement) close.click();
}

class Guide {
  /** @type {string | undefined} */ page;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const page = document.querySelector("[data-testid=stApp]");
    this.terms = new Terms(page instanceof HTMLElement ? page : document.body);
    this.list = new TermList();
    this.tour = new Tour(() => this.#ended());
    this.start = el("button", { type: "button", class: "fs-start", onclick: () => this.tour.start() });
    this.skip = el("button", { type: "button", class: "fs-skip", "aria-label": "No tour", onclick: () => this.tour.end() }, "\u00d7");
    this.open = el("button", { type: "button", "aria-label": "Terms on this page (key ?)", "aria-keyshortcuts": "?",
      onclick: () => this.list.show() }, "?");
    this.bar = el("div", { class: "fs-guide", role: "group", "aria-label": "Help" }, this.start, this.skip, this.open);
    this.root = el("div", {}, this.bar, this.list.element, ...this.tour.elements);
    parent.append(this.root);
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
    document.addEventListener("keydown", this.onkey);
    const found = new URLSearchParams(location.search);
    this.alone = window.top === window && !found.has("embed") && !found.has("lecture");
    this.bar.hidden = found.has("embed");
  }

  /** @param {GuideData} data */
  receive({ page }) {
    if (page !== this.page) this.tour.close();
    if (this.page !== undefined && page !== this.page) closeMenu();
    this.page = page;
    this.#ended();
  }

  end() {
    document.removeEventListener("keydown", this.onkey);
    this.tour.close();
    this.terms.end();
    this.root.remove();
  }

  // A first visit is offered the tour; later it can be started again.
  #ended() {
    const isNew = !isTourDone();
    this.start.hidden = this.page !== "" || !this.alone;
    this.skip.hidden = this.start.hidden || !isNew;
    this.start.replaceChildren(...(isNew ? [el("span", {}, "New here? Take the "), el("b", {}, "tour")] : ["Tour"]));
    this.bar.classList.toggle("fs-new", !this.skip.hidden);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = event.composedPath()[0];
    const types = target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
    if (event.key !== "?" || types || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.list.show();
  }
}

/** @param {import("../mount.js").Call<GuideData>} call */
export default function mount(call) {
  return mountPart(call, Guide);
}
