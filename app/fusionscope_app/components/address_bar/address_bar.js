// Address bar: one entry in the browser's history for each act of the visitor.
//
// Streamlit adds an entry for every change of the address: for another page one without parameters,
// then one for each time that the page's script writes some. So Back would lead to addresses that the
// visitor never chose. Here an act (a click, a key, a drag, a chosen file) adds one entry; what follows
// it until the next act replaces that entry. Another page keeps the parameters that all pages share.
// (Streamlit may remove the parameters of the old page before it opens the new one.)

import { el } from "../dom.js";
import { mountPart } from "../mount.js";

/** @typedef {{ kept: string[] }} Names */

const ACTS = ["pointerdown", "keydown", "click", "change", "drop"];

class AddressBar {
  /** @type {string[]} */ kept = [];
  acts = 0; // of the visitor, so far
  written = 0; // the act whose entry is the current one

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = el("span", { hidden: "" });
    parent.append(this.root);
    this.onact = (/** @type {Event} */ event) => this.#act(event);
    for (const type of ACTS) addEventListener(type, this.onact, true);
    this.push = history.pushState;
    history.pushState = (state, unused, url) => this.#push(state, unused, url);
  }

  /** @param {Names} names */
  receive({ kept }) {
    this.kept = kept;
  }

  end() {
    for (const type of ACTS) removeEventListener(type, this.onact, true);
    history.pushState = this.push;
    this.root.remove();
  }

  /** @param {Event} event */
  #act(event) {
    const repeats = event instanceof KeyboardEvent && event.repeat;
    const follows = event instanceof MouseEvent && event.type === "click" && event.detail > 0; // its pointerdown
    if (event.isTrusted && !repeats && !follows) this.acts += 1;
  }

  /**
   * @param {any} state
   * @param {string} unused
   * @param {string | URL | null} [url]
   */
  #push(state, unused, url) {
    const [now, next] = [new URL(location.href), new URL(url ?? location.href, location.href)];
    if (next.pathname !== now.pathname) this.#keep(now, next);
    else if (same(now, next)) return;
    if (this.written !== this.acts) this.push.call(history, state, unused, next);
    else history.replaceState(state, unused, next);
    this.written = this.acts;
  }

  /**
   * Add the shared parameters of one address to another without them.
   * @param {URL} from
   * @param {URL} to
   */
  #keep(from, to) {
    const missing = parts(from).filter((part) => {
      const name = part.split("=")[0];
      return this.kept.includes(name) && !to.searchParams.has(name);
    });
    to.search = [...parts(to), ...missing].join("&");
  }
}

/** @param {URL} url */
const parts = (url) => url.search.slice(1).split("&").filter(Boolean);

/**
 * Do two addresses of a page have the same parameters, in any order? The frame is the player's.
 * @param {URL} one
 * @param {URL} other
 */
function same(one, other) {
  const [first, second] = [one, other].map(({ searchParams }) =>
    JSON.stringify([...searchParams].filter(([name]) => name !== "frame").sort()));
  return first === second;
}

/** @param {import("../mount.js").Call<Names>} call */
export default function mount(call) {
  return mountPart(call, AddressBar);
}
