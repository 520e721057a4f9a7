// Voice: a text for screen readers, spoken once it has not changed for a while.

import { el } from "./dom.js";

const PAUSE = 500; // milliseconds without a change, so that moving along cells is not a flood of words

export class Voice {
  /** @type {string | undefined} the last text; the first is not spoken, since nothing has changed */ text;
  timer = 0;

  constructor() {
    this.element = el("div", { class: "fs-unseen fs-voice", role: "status", "aria-live": "polite" });
  }

  /** @param {string} text empty: nothing is spoken */
  tell(text) {
    if (text === this.text) return;
    const first = this.text === undefined;
    this.text = text;
    clearTimeout(this.timer);
    if (!first) this.timer = setTimeout(() => { this.element.textContent = text; }, text ? PAUSE : 0);
  }

  end() {
    clearTimeout(this.timer);
  }
}
