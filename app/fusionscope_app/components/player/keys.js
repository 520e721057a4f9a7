// Keys: the action of each, wherever in the player the focus is.

import { within } from "./grid.js";
import { SPEEDS } from "./timeline.js";

/** @typedef {import("./player.js").Player} Player */

/**
 * @param {Player} player
 * @param {number} by
 */
const changeSpeed = (player, by) =>
  player.set({ speed: SPEEDS[within(SPEEDS.indexOf(player.state.speed) + by, SPEEDS.length)] });

/**
 * @param {Player} player
 * @param {number} by
 */
const stepChunk = (player, by) => player.step(player.reel.chunkFrom(player.frame, by) - player.frame);

/** @param {Player} player */
function escape(player) {
  if (player.enlarged.key === null) player.set({ pin: null, hover: null });
  else player.enlarged.set(null);
}

/** @type {Record<string, (player: Player, event: KeyboardEvent) => void>} */
const KEYS = {
  " ": (player) => player.toggle(),
  ArrowLeft: (player, { shiftKey }) => (shiftKey ? stepChunk(player, -1) : player.step(-1)),
  ArrowRight: (player, { shiftKey }) => (shiftKey ? stepChunk(player, 1) : player.step(1)),
  Home: (player) => player.step(-Infinity),
  End: (player) => player.step(Infinity),
  ",": (player) => changeSpeed(player, -1),
  ".": (player) => changeSpeed(player, 1),
  l: (player) => player.set({ loop: !player.state.loop }),
  "[": (player) => player.set({ opacity: Math.max(0, player.state.opacity - 0.1) }),
  "]": (player) => player.set({ opacity: Math.min(1, player.state.opacity + 0.1) }),
  e: (player) => player.enlarged.toggle(player.row.pointed),
  Escape: escape,
  h: (player) => player.controls.help.open(),
};

/**
 * Run the action of a key, except where a control or the browser needs the key itself.
 * @param {Player} player
 * @param {KeyboardEvent} event
 */
export function pressKey(player, event) {
  const target = /** @type {Element} */ (event.target);
  const turned = target.closest("[role=slider]") && { ArrowUp: "ArrowRight", ArrowDown: "ArrowLeft" }[event.key];
  const action = KEYS[turned || (event.key.length === 1 ? event.key.toLowerCase() : event.key)];
  const busy = target.closest("select, input, dialog") || (event.key === " " && target.closest("button"));
  if (!action || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action(player, event);
}

/**
 * Focus the player after the mouse used a button, a list or a slider, so that its keys work.
 * @param {HTMLElement} root
 * @param {Event} event
 */
export function takeFocusBack(root, event) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("dialog") || (event.type === "click" && target.closest("select"))) return; // its list is opening
  if (!target.matches(":focus-visible")) root.focus({ preventScroll: true });
}
