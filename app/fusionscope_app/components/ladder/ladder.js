// Ladder: every network on one clip, one row each: prediction, confidence, accuracy beside its ceiling.
//
// A row is a button that opens the network. Up and Down move between rows, Home and End to the ends.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";

/**
 * @typedef {object} Rung
 * @property {string} name
 * @property {string} title the network
 * @property {string} predicted the class
 * @property {number} p probability of the predicted class
 * @property {boolean | null} correct null where the true class is unknown
 * @property {string} parameters
 * @property {number | null} accuracy
 * @property {number | null} ceiling
 * @property {number[]} spread lowest and highest accuracy over the seeds; empty for one seed
 * @property {boolean} open whether Compare shows it as network A
 * @property {string} colour appearance, motion or fused
 * @property {string} words the row in words
 */
/** @typedef {{ title: string, note: string, rungs: Rung[] }} Question */
/** @typedef {{ questions: Question[], chance: number, told: boolean }} Ladder told: the true class is known */

const HEADS = ["network", "prediction", "confidence", "parameters", "accuracy on unseen clips"];
const MARKS = [0, 0.25, 0.5, 0.75, 1];

class LadderPart {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.element = el("div", { class: "fs-rungs", onkeydown: (/** @type {KeyboardEvent} */ e) => this.#move(e) });
    /** @type {HTMLButtonElement[]} */
    this.rows = [];
    this.told = "";
    parent.append(this.element);
  }

  /**
   * @param {Ladder} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    const told = JSON.stringify(data);
    if (told === this.told) return; // a rerun keeps the focus where it is
    this.told = told;
    const focused = this.rows.findIndex(row => row.matches(":focus"));
    this.rows = [];
    this.element.style.setProperty("--chance", String(data.chance));
    const parts = data.questions.flatMap(question => this.#group(question, data, send));
    this.element.replaceChildren(head(data.chance), ...parts);
    this.#reachable(Math.max(0, focused));
    if (focused >= 0) this.rows[focused]?.focus();
  }

  end() {
    this.element.remove();
  }

  /**
   * @param {Question} question
   * @param {Ladder} data
   * @param {import("../mount.js").Send} send
   */
  #group({ title, note, rungs }, data, send) {
    const list = el("div", { role: "group", "aria-label": title });
    list.append(el("p", {}, el("b", {}, title), note ? el("small", {}, note) : ""));
    for (const rung of rungs) {
      const row = rowOf(rung, data, () => send("pick", rung.name));
      row.addEventListener("focus", () => this.#reachable(this.rows.indexOf(row)));
      this.rows.push(row);
      list.append(row);
    }
    return list;
  }

  /** @param {number} at the one row that Tab reaches */
  #reachable(at) {
    this.rows.forEach((row, k) => { row.tabIndex = k === at ? 0 : -1; });
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const at = this.rows.findIndex(row => row.matches(":focus"));
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.rows.length - 1 };
    const next = this.rows[steps[event.key] ?? -1];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  }
}

/** @param {number} chance */
function head(chance) {
  const axis = el("span", { class: "fs-axis" });
  for (const mark of MARKS) axis.append(el("i", { style: `--at:${mark}` }, `${Math.round(100 * mark)} %`));
  axis.append(el("i", { class: "fs-chance", style: `--at:${chance}`, title: "chance" }));
  return el("div", { class: "fs-rung fs-titles", "aria-hidden": "true" },
    ...HEADS.map((name, k) => k < HEADS.length - 1
      ? el("span", { class: `fs-of-${k}` }, name)
      : el("span", { class: "fs-of-4" }, el("b", {}, name), axis)));
}

/**
 * @param {Rung} rung
 * @param {Ladder} data
 * @param {() => void} onclick
 */
function rowOf(rung, data, onclick) {
  const mark = !data.told ? "" : rung.correct ? "✓" : "✗";
  const side = rung.correct ? "fs-right" : "fs-wrong";
  return el("button", { class: `fs-rung fs-${rung.colour}`, type: "button", title: rung.words,
    "aria-current": rung.open ? "true" : null, "data-name": rung.name, onclick },
  el("span", { class: "fs-unseen" }, rung.words), // the rest is drawn for the eye
  drawn("fs-of-0", rung.title),
  drawn(`fs-of-1 ${data.told ? side : ""}`, el("b", {}, mark), ` ${rung.predicted}`),
  drawn("fs-of-2", el("span", { class: "fs-sure" },
    el("i", { style: `--at:${rung.p}` }), el("u", { style: `--at:${data.chance}` })),
  el("b", {}, rung.p.toFixed(2))),
  drawn("fs-of-3", rung.parameters),
  drawn("fs-of-4", dots(rung)));
}

/**
 * @param {string} part
 * @param {...(Node | string)} content
 */
const drawn = (part, ...content) => el("span", { class: part, "aria-hidden": "true" }, ...content);

/** @param {Rung} rung accuracy as a dot, its ceiling as a ring, the seeds as a line, on one axis */
function dots({ accuracy, ceiling, spread }) {
  const axis = el("span", { class: "fs-axis" });
  for (const mark of MARKS) axis.append(el("i", { class: "fs-grid", style: `--at:${mark}` }));
  axis.append(el("i", { class: "fs-chance", style: "--at:var(--chance)" }));
  if (spread.length) axis.append(el("i", { class: "fs-spread", style: `--at:${spread[0]};--to:${spread[1]}` }));
  if (ceiling !== null) axis.append(el("i", { class: "fs-limit", style: `--at:${ceiling}` }));
  if (accuracy !== null) axis.append(el("i", { class: "fs-dot", style: `--at:${accuracy}` }));
  axis.append(el("b", {}, accuracy === null ? "unknown" : `${(100 * accuracy).toFixed(1)} %`));
  return axis;
}

/** @param {import("../mount.js").Call<Ladder>} call */
export default function mount(call) {
  return mountPart(call, LadderPart);
}
