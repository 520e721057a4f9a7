// Key help: the list of the player's keys, opened by its button or by H.

import { el } from "./dom.js";

/** @type {[string, string][]} */
const HELP = [
  ["Space", "play or pause"],
  ["Left, right arrow", "one frame back or forward"],
  ["Shift with left, right arrow", "one chunk back or forward"],
  ["Home, End", "first or last frame"],
  ["Comma, full stop", "slower or faster"],
  ["L", "play in a loop, or once"],
  ["[ and ]", "weaker or stronger overlay"],
  ["Tab to a picture, then arrows", "move the mark from cell to cell"],
  ["Enter on a picture", "pin the mark: the same as a click"],
  ["E, double click", "enlarge a picture, and back"],
  ["Escape", "back to all pictures; else remove the mark"],
  ["H", "this list"],
  ["?", "the terms of the page"],
];

export class Help {
  constructor() {
    this.close = el("button", { type: "button", class: "fs-close", onclick: () => this.dialog.close() }, "Close");
    this.dialog = el("dialog", { class: "fs-help", "aria-label": "Keys of the player" },
      el("table", {}, el("caption", {}, "Keys of the player"),
        el("tbody", {}, ...HELP.map(([keys, words]) =>
          el("tr", {}, el("th", { scope: "row" }, keys), el("td", {}, words))))),
      this.close);
    this.button = el("button", { type: "button", title: "Keys (H)", "aria-haspopup": "dialog",
      onclick: () => this.open() }, "keys");
  }

  open() {
    if (!this.dialog.open) this.dialog.showModal();
  }
}
