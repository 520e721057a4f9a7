// Terms: a marked word explains itself on hover, on keyboard focus and on click or tap.
//
// Escape, a second click or a click elsewhere closes the explanation. It stands in the top layer, in the
// same root as its word, so that `aria-describedby` reaches it.

import { mark, markedIn, rootsOf, termAt } from "./marks.js";

const [SHOW, HIDE, MARK] = [250, 200, 250]; // milliseconds
const EDGE = 8; // pixels to the edge of the window
const ID = "fs-explanation";

export class Terms {
  /** @type {Element | undefined} the word that is explained */ word;
  held = false; // whether it stays open without the pointer
  timer = 0;
  waiting = 0;
  /** @type {WeakSet<Node>} roots whose changes are seen */ watched = new WeakSet();

  /** @param {HTMLElement} page what the colours and the font are taken from */
  constructor(page) {
    this.page = page;
    this.tip = document.createElement("div");
    Object.assign(this.tip, { id: ID, popover: "manual", role: "tooltip" });
    this.ended = new AbortController();
    const { signal } = this.ended;
    /** @type {(type: string, listener: (event: any) => void) => void} */
    const on = (type, listener) => document.addEventListener(type, listener, { signal, capture: true });
    on("pointerover", (event) => this.#point(event));
    on("focusin", (event) => this.#focus(event));
    on("focusout", () => { if (this.word) this.#hideSoon(); });
    on("click", (event) => this.#click(event));
    on("keydown", (event) => this.#key(event));
    on("change", () => this.hide());
    on("scroll", () => this.#place());
    addEventListener("resize", () => this.#place(), { signal });
    this.changes = new MutationObserver((all) => {
      if (all.some(({ target }) => !(target instanceof Element && target.closest(".fs-controls, .fs-readout")))) this.#markSoon();
    });
    document.documentElement.style.setProperty("--fs-terms", "inline-flex"); // shows the buttons of panels
    this.#mark();
  }

  end() {
    this.hide();
    this.ended.abort();
    this.changes.disconnect();
    clearTimeout(this.waiting);
  }

  #markSoon() {
    this.waiting ||= window.setTimeout(() => { this.waiting = 0; this.#mark(); }, MARK);
  }

  #mark() {
    for (const root of rootsOf(document)) {
      mark(root);
      if (this.watched.has(root)) continue;
      this.watched.add(root);
      this.changes.observe(root, { childList: true, subtree: true, characterData: true });
    }
    if (this.word && !this.word.isConnected) this.hide();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (event.pointerType === "touch") return; // a tap is a click
    const word = markedIn(event);
    clearTimeout(this.timer);
    if (word && word !== this.word) this.timer = window.setTimeout(() => this.show(word), SHOW);
    else if (!word && this.word && !this.held && !event.composedPath().includes(this.tip)) this.#hideSoon();
  }

  /** @param {FocusEvent} event */
  #focus(event) {
    const word = markedIn(event);
    if (!word || word !== event.composedPath()[0] || !word.matches(":focus-visible")) return;
    this.show(word);
    this.held = true;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const word = markedIn(event);
    if (event.composedPath().includes(this.tip)) return;
    if (!word || word.matches("select")) return this.hide();
    if (word.closest("label")) event.preventDefault(); // or the word would open its widget
    if (word === this.word && this.held) return this.hide();
    this.show(word);
    this.held = true;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && this.word) {
      this.hide();
      event.stopPropagation();
    }
    const word = markedIn(event);
    const asked = event.key === "Enter" || event.key === " ";
    if (!asked || !word || word !== event.composedPath()[0] || word.matches("button, select")) return;
    event.preventDefault();
    event.stopPropagation();
    if (word === this.word) this.hide();
    else {
      this.show(word);
      this.held = true;
    }
  }

  #hideSoon() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.hide(), HIDE);
  }

  /** @param {Element} word */
  show(word) {
    const term = termAt(word);
    if (!term) return;
    this.hide();
    const title = document.createElement("b");
    title.textContent = word.matches(".fs-detail") ? word.textContent : term.title;
    this.tip.replaceChildren(title, document.createElement("br"), term.says);
    const { color, backgroundColor, fontFamily } = getComputedStyle(this.page);
    Object.assign(this.tip.style, STYLE, { color, backgroundColor, fontFamily });
    const root = word.getRootNode();
    (root instanceof ShadowRoot ? root : this.page).append(this.tip);
    this.word = word;
    word.setAttribute("aria-describedby", ID);
    this.tip.showPopover();
    this.#place();
  }

  hide() {
    clearTimeout(this.timer);
    this.word?.removeAttribute("aria-describedby");
    this.word = undefined;
    this.held = false;
    this.tip.remove();
  }

  #place() {
    if (!this.word) return;
    const [word, tip] = [this.word.getBoundingClientRect(), this.tip.getBoundingClientRect()];
    if (!word.width || word.bottom < 0 || word.top > innerHeight) return this.hide();
    const below = word.bottom + EDGE;
    const fits = below + tip.height + EDGE <= innerHeight || word.top < innerHeight - word.bottom;
    const left = Math.max(EDGE, Math.min(word.left, innerWidth - tip.width - EDGE));
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${fits ? below : Math.max(EDGE, word.top - EDGE - tip.height)}px`;
  }
}

const STYLE = {
  position: "fixed",
  inset: "auto",
  margin: "0",
  padding: "8px 12px",
  width: "max-content",
  maxWidth: "min(22rem, calc(100vw - 16px))",
  boxSizing: "border-box",
  border: "1px solid color-mix(in srgb, currentColor 30%, transparent)",
  borderRadius: "6px",
  boxShadow: "0 4px 18px rgb(0 0 0 / 22%)",
  fontSize: "max(14px, 0.85vw)",
  fontWeight: "400",
  lineHeight: "1.45",
  textAlign: "left",
  whiteSpace: "normal",
};
