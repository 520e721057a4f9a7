// Card: one clip of the sheet. A button opens it, a second one selects it; both act through the sheet.

import { el } from "../dom.js";
import { Thumbnail } from "./sprites.js";

/** @typedef {{ name: string, stream: string, said: number[], sure: number[] }} Head */
/**
 * @typedef {{ ids: string[], titles: string[], classes: string[], truth: number[], heads: Head[],
 *   tags: string[] }} Rows
 */

const percents = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;

export class Card {
  /** @type {Thumbnail | null} */ thumbnail = null;

  /**
   * @param {Rows} rows
   * @param {number} at the number of the clip
   * @param {boolean} selects whether cards can be selected
   * @param {boolean} plays whether it always plays, except with reduced motion
   */
  constructor(rows, at, selects, plays) {
    this.at = at;
    this.plays = plays && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.id = rows.ids[at];
    this.tile = el("div", { class: "fs-tile" });
    this.box = el("div", { class: "fs-box" }, this.tile);
    const words = lines(rows, at);
    this.main = el("button", { type: "button", class: "fs-open", "data-at": at, tabindex: -1,
      title: rows.titles[at], "aria-label": spoken(rows, at) }, this.box, ...words);
    this.mark = el("button", { type: "button", class: "fs-select", "data-at": at, tabindex: -1,
      "aria-pressed": "false", "aria-label": `Select ${rows.titles[at]}` });
    this.element = el("div", { class: "fs-card", role: "listitem", "aria-posinset": at + 1,
      "aria-setsize": rows.ids.length }, this.main, ...(selects ? [this.mark] : []));
    this.why("");
    if (!this.id) this.why("Video not found");
  }

  /** @param {import("./sprites.js").Found} found */
  receive({ sprite, why }) {
    if (!sprite) {
      this.why(why);
      return;
    }
    this.box.replaceChildren(this.tile);
    this.thumbnail = new Thumbnail(this.tile);
    this.thumbnail.show(sprite);
    this.element.dataset.ready = "";
    this.play(this.main.matches(":hover, :focus-visible"));
  }

  /** @param {boolean} on */
  play(on) {
    if (on || this.plays) this.thumbnail?.play();
    else this.thumbnail?.stop();
  }

  /** @param {string} words in place of the picture; none: it is being made */
  why(words) {
    if (words) this.box.replaceChildren(el("p", {}, words));
    this.element.toggleAttribute("data-words", Boolean(words));
  }

  /** @param {boolean} on */
  select(on) {
    this.mark.setAttribute("aria-pressed", String(on));
    this.element.toggleAttribute("data-selected", on);
  }

  end() {
    this.thumbnail?.stop();
    this.element.remove();
  }
}

/**
 * @param {Rows} rows
 * @param {number} at
 */
function lines({ titles, classes, truth, heads, tags }, at) {
  const found = [el("span", { class: "fs-title" }, titles[at])];
  if (truth.length) found.push(el("span", { class: "fs-truth" }, classes[truth[at]]));
  for (const { stream, said, sure } of heads) {
    const right = said[at] === truth[at];
    found.push(el("span", { class: `fs-guess fs-${stream}${right ? " fs-right" : ""}` },
      el("i", {}, right ? "✓" : "✗"), el("em", {}, classes[said[at]]), el("b", {}, percents(sure[at]))));
  }
  if (tags.length) found.push(el("span", { class: "fs-tags" }, tags[at]));
  return found;
}

/**
 * @param {Rows} rows
 * @param {number} at
 */
function spoken({ ids, titles, classes, truth, heads, tags }, at) {
  const parts = [titles[at]];
  if (truth.length) parts.push(`truth ${classes[truth[at]]}`);
  for (const { name, said, sure } of heads) parts.push(`${name} predicts ${classes[said[at]]}, ${percents(sure[at])}`);
  if (tags[at]) parts.push(`tags ${tags[at]}`);
  if (!ids[at]) parts.push("video not found");
  return parts.join("; ");
}
