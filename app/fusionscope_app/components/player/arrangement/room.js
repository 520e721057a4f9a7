// Room: the width and the height that the panels may take, in pixels.
//
// Panels, timeline, controls and what a page shows below the player (--fs-below, in rem) fill the
// window. `tall` is the height if the player is scrolled to the top of the window: for a player that
// is far down the page. Where the window's height depends on the player's (in a notebook), --fs-tall
// gives the panels a height, and they form one row.

const HEAD = 4.5; // rem: the navigation, which stays in view
const EDGE = 1; // rem around an enlarged player

/**
 * @param {HTMLElement} element the panels
 * @param {boolean} whole whether the player has the whole window
 */
export function roomOf(element, whole) {
  const player = /** @type {HTMLElement} */ (element.parentElement);
  const style = getComputedStyle(player);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const numeric = (/** @type {string} */ name) => parseFloat(style.getPropertyValue(name)) || 0;
  const gap = parseFloat(getComputedStyle(element).columnGap) || 0;
  const others = [...player.children].filter((child) => child !== element && child instanceof HTMLElement);
  const rest = others.reduce((sum, child) => sum + /** @type {HTMLElement} */ (child).offsetHeight + SPACE, 0);
  const width = element.clientWidth;
  const kind = /** @type {"row" | ""} */ (numeric("--fs-tall") ? "row" : "");
  const fixed = whole ? innerHeight - rest - 2 * EDGE * rem : numeric("--fs-tall");
  const tall = fixed || innerHeight - HEAD * rem - rest;
  const height = fixed || innerHeight - topOf(player) - rest - numeric("--fs-under") * rem;
  return { kind, rem, gap, width, tall, height };
}

const SPACE = 8; // pixels above the timeline and above the controls: player.css

/**
 * The distance from the top of the page, as if nothing was scrolled.
 * @param {HTMLElement} element
 */
function topOf(element) {
  let top = element.getBoundingClientRect().top;
  /** @type {Node | null} */
  let node = element;
  while (node) {
    if (node instanceof Element) top += node.scrollTop;
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
  return top;
}
