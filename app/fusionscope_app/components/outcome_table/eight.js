// Outcome table: appearance correct or incorrect by motion correct or incorrect; each box is split by
// whether fusion is correct. Its eight cells are buttons.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";

/** @typedef {{ count: number, name: string, word: string }} Cell */
/** @typedef {{ cells: Cell[], chosen: number }} Outcomes chosen: -1 where no cell is chosen */

class OutcomeTable {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    /** @type {{ button: HTMLButtonElement, count: HTMLElement, word: HTMLElement }[]} */
    this.cells = new Array(8);
    /** @type {HTMLElement[]} */
    this.totals = new Array(4);
    this.element = el("div", { class: "fs-eight", role: "group",
      "aria-label": "Clips by which heads are correct; each cell lists its clips" },
      el("div"), name("motion correct", "motion"), name("motion incorrect", "motion"));
    for (const spatial of [1, 0]) {
      this.element.append(name(`appearance ${spatial ? "correct" : "incorrect"}`, "appearance"));
      for (const temporal of [1, 0]) this.element.append(this.#box(2 * spatial + temporal));
    }
    parent.append(this.element);
  }

  /**
   * @param {Outcomes} data
   * @param {import("../mount.js").Send} send
   */
  receive({ cells, chosen }, send) {
    this.cells.forEach(({ button, count, word }, cell) => {
      const shown = cells[cell];
      count.textContent = shown.count.toLocaleString("en");
      word.textContent = shown.word;
      button.setAttribute("aria-label", `${count.textContent} ${shown.word} clips: ${shown.name}`);
      button.setAttribute("aria-pressed", String(cell === chosen));
      button.title = shown.name;
      button.style.flexGrow = String(shown.count);
      button.onclick = () => send("pick", cell === chosen ? -1 : cell);
    });
    this.totals.forEach((total, box) => {
      const count = cells[2 * box].count + cells[2 * box + 1].count;
      total.textContent = `${count.toLocaleString("en")} clips`;
    });
  }

  end() {
    this.element.remove();
  }

  /** @param {number} at */
  #box(at) {
    const row = el("div");
    for (const fused of [1, 0]) {
      const [count, word] = [el("b"), el("span")];
      const button = el("button", { class: fused ? "fs-right" : "fs-wrong", "data-cell": 2 * at + fused }, count, " ", word);
      this.cells[2 * at + fused] = { button, count, word };
      row.append(button);
    }
    this.totals[at] = el("small");
    return el("div", { class: "fs-box" }, row, this.totals[at]);
  }
}

/**
 * @param {string} words
 * @param {string} stream
 */
const name = (words, stream) => el("div", { class: `fs-name fs-${stream}` }, words);

/** @param {import("../mount.js").Call<Outcomes>} call */
export default function mount(call) {
  return mountPart(call, OutcomeTable);
}
