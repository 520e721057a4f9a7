// Clip menu: what can be done with one clip: name it, say who it shows, move, open or delete it.

import { el } from "../dom.js";

/** @typedef {import("./column.js").BoardClip} BoardClip */

export class ClipMenu {
  /**
   * @param {HTMLElement} parent
   * @param {(act: import("./acts.js").Act) => void} act
   */
  constructor(parent, act) {
    this.act = act;
    this.element = el("div", { class: "fs-menu", popover: "auto", role: "dialog", "aria-label": "Clip" });
    parent.append(this.element);
  }

  /**
   * @param {BoardClip} clip
   * @param {string} label its class
   * @param {string[]} classes
   * @param {HTMLElement} beside
   */
  open(clip, label, classes, beside) {
    /** @param {import("./acts.js").Act} act */
    const done = (act) => {
      this.close();
      this.act({ clip: clip.id, ...act });
    };
    /** @param {string} title @param {string} value @param {string} kind */
    const field = (title, value, kind) => {
      const input = el("input", { type: "text", maxlength: "60", value });
      input.addEventListener("change", () => done({ kind, name: input.value.trim() }));
      return el("label", {}, title, input);
    };
    const others = classes.filter((name) => name !== label);
    const to = el("select", { onchange: () => done({ kind: "move", to: to.value }) },
      el("option", { value: "" }, "Choose a class"),
      ...others.map((name) => el("option", { value: name }, name)));
    this.element.replaceChildren(
      field("Name", clip.name, "rename clip"),
      field("Person", clip.who, "who"),
      ...(others.length ? [el("label", {}, "Move to", to)] : []),
      el("div", { class: "fs-buttons" },
        el("button", { type: "button", onclick: () => done({ kind: "open" }) }, "Open in Explore"),
        el("button", { type: "button", onclick: () => done({ kind: "delete clip" }) }, "Delete")));
    this.element.showPopover();
    const [at, own] = [beside.getBoundingClientRect(), this.element.getBoundingClientRect()];
    const left = Math.max(8, Math.min(at.left, innerWidth - own.width - 8));
    const top = Math.max(8, Math.min(at.bottom + 4, innerHeight - own.height - 8));
    Object.assign(this.element.style, { left: `${left}px`, top: `${top}px` });
    this.element.querySelector("input")?.focus();
  }

  close() {
    if (this.element.matches(":popover-open")) this.element.hidePopover();
  }
}
