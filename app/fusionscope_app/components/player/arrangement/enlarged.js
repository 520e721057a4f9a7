// Enlarged: one panel over the whole window, with the timeline and the controls.
//
// The player moves to the browser's top layer, above all of the page. An empty box keeps its place, so
// that nothing on the page moves.

import { el } from "../../dom.js";

export class Enlarged {
  /** @type {string | null} the key of the enlarged panel */ key = null;

  /**
   * @param {HTMLElement} root the player
   * @param {() => void} onchange
   */
  constructor(root, onchange) {
    this.root = root;
    this.place = el("div", { "aria-hidden": "true" });
    this.onchange = onchange;
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !root.contains(relatedTarget)) this.set(null);
    });
  }

  /** @param {string | null} key null: all panels in the page again */
  set(key) {
    if (key === this.key) return;
    const { root } = this;
    if (key !== null && this.key === null) {
      this.place.style.height = `${root.getBoundingClientRect().height}px`;
      root.after(this.place);
      root.popover = "manual";
      root.showPopover();
    } else if (key === null) {
      root.hidePopover();
      root.removeAttribute("popover");
      this.place.remove();
    }
    this.key = key;
    root.dataset.enlarged = key ?? "";
    this.onchange();
  }

  /** @param {string} key */
  toggle(key) {
    this.set(this.key === null ? key : null);
  }
}
