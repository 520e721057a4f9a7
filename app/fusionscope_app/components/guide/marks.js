// Marks: find the words of a page that the glossary explains, and make them reachable by keys.
//
// Only attributes are set, because React owns the elements: `data-term` (the entry's title), `tabindex`.
// Components draw in shadow roots, which are searched too.

import { termOf } from "./glossary.js";

const RUN = /^(A and B|A|B|before|after) (?=.)/; // before the title of a panel of two runs
const PLOT = ".js-plotly-plot";

/** @type {[string, string][]} where terms stand, and the kind that they are of there */
const PLACES = [
  [".fs-about", "panel"],
  [".fs-panel header select", "panel"],
  [".fs-panel .fs-detail", "detail"],
  [".fs-gutter > span", "timeline"],
  [".fs-track-names > div", "track"],
  [".fs-opacity > span", ""],
  [".fs-says h2", "head"],
  [".fs-head > span", "head"],
  [".fs-ledger > span", "reading"],
  [".fs-facts > dt", ""],
  [".fs-eight .fs-name", ""],
  [".fs-diagram .fs-key", ""],
  [".fs-lens caption", ""],
  ["th:not(canvas th)", ""],
  [".fs-method p:first-child > b", ""],
  ["[data-testid=stHeading] :is(h1, h2, h3, h4) > span:first-child", ""],
  ["[data-testid=stMarkdown] p > strong:only-child", ""],
  ["[data-testid=stWidgetLabel] p", "label"],
  [`${PLOT} g.traces`, "legend"],
  [`${PLOT} .infolayer [class^="g-"] > text`, "axis"],
  [`${PLOT} .cbtitle text`, "axis"],
];

/** @type {WeakMap<Element, import("./glossary.js").Term>} */
const marked = new WeakMap();

/**
 * The text of an element that a term is looked up by: without what its child elements add.
 * @param {Element} element
 */
function wordsOf(element) {
  if (element.matches(".fs-about")) return element.getAttribute("data-text") ?? "";
  if (element instanceof HTMLSelectElement) return element.selectedOptions[0]?.text ?? "";
  const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent).join(" ").trim();
  return own || (element.textContent ?? "");
}

/**
 * The document and the open shadow roots below it.
 * @param {Document | ShadowRoot} root
 * @returns {(Document | ShadowRoot)[]}
 */
export function rootsOf(root) {
  const within = [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? rootsOf(shadowRoot) : []));
  return [root, ...within];
}

/**
 * Mark every term in a document or shadow root.
 * @param {Document | ShadowRoot} root
 */
export function mark(root) {
  for (const [selector, kind] of PLACES) {
    for (const element of root.querySelectorAll(selector)) {
      const words = kind === "panel" ? wordsOf(element).replace(RUN, "") : wordsOf(element);
      const term = termOf(words, kind) ?? (kind === "reading" ? termOf(words, "panel") : undefined);
      if (marked.get(element) === term && element.hasAttribute("data-term") === Boolean(term)) continue;
      if (term) set(element, term);
      else clear(element);
    }
  }
}

/**
 * @param {Element} element
 * @param {import("./glossary.js").Term} term
 */
function set(element, term) {
  marked.set(element, term);
  element.setAttribute("data-term", term.title);
  const within = element.matches("button, select") || element.parentElement?.closest("[role=img]"); // a picture holds no focus
  if (!within) element.setAttribute("tabindex", "0");
  element.removeAttribute("title"); // or the browser would show a second explanation
  if (element instanceof SVGElement) element.style.pointerEvents = "all";
}

/** @param {Element} element */
function clear(element) {
  marked.delete(element);
  element.removeAttribute("data-term");
  if (!element.matches("button, select")) element.removeAttribute("tabindex");
}

/**
 * The marked element of an event, wherever it was dispatched.
 * @param {Event} event
 * @returns {Element | undefined}
 */
export function markedIn(event) {
  return event.composedPath().filter((node) => node instanceof Element).find((node) => marked.has(node));
}

/** @param {Element} element */
export const termAt = (element) => marked.get(element);

/** The entries of the terms on the page, from its top to its end, each once. */
export function termsOnPage() {
  const found = rootsOf(document).flatMap((root) => [...root.querySelectorAll("[data-term]")])
    .filter((element) => element.getClientRects().length)
    .map((element) => ({ term: marked.get(element), box: element.getBoundingClientRect() }))
    .sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left);
  return [...new Set(found.flatMap(({ term }) => term ?? []))];
}
