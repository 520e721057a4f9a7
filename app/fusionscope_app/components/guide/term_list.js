// Term list: the glossary's entries of the terms on the page, or all of them, in a dialog.

import { el } from "../dom.js";
import { termsOnPage } from "./marks.js";

export class TermList {
  all = false;

  constructor() {
    this.title = el("h2", { id: "fs-terms-title" });
    this.more = el("button", { type: "button", onclick: () => this.#draw(!this.all) });
    this.entries = el("dl");
    this.element = el("dialog", { class: "fs-terms", "aria-labelledby": "fs-terms-title",
      onclick: (/** @type {MouseEvent} */ event) => { if (event.target === this.element) this.element.close(); } },
      el("div", {},
        el("header", {}, this.title, this.more,
          el("button", { type: "button", "aria-label": "Close", onclick: () => this.element.close() }, "\u00d7")),
        this.entries));
  }

  show() {
    if (this.element.open) return this.element.close();
    this.#draw(false);
    this.element.showModal();
  }

  /** @param {boolean} all */
  #draw(all) {
    this.all = all;
    const shown = all ? [...GLOSSARY].sort((a, b) => a.title.localeCompare(b.title, "en")) : termsOnPage();
    this.title.textContent = all ? "All terms" : "Terms on this page";
    this.more.textContent = all ? "This page" : "All terms";
    this.entries.replaceChildren(...shown.flatMap(({ title, says }) => [el("dt", {}, title), el("dd", {}, says)]));
    this.entries.scrollTop = 0;
  }
}
