// Clicks: a click marks a place and is sent to the server; a double click enlarges the panel instead.

/** @typedef {import("../header.js").PanelHeader} PanelHeader */
/** @typedef {import("../header.js").Place} Place */

const DOUBLE = 240; // milliseconds in which a second click may come; then the first one is sent

export class Clicks {
  /** @type {{ send(): void, pin: Place | null, timer: number } | null} */ waiting = null;

  /** @param {import("../player.js").Player} player */
  constructor(player) {
    this.player = player;
  }

  /**
   * @param {PanelHeader} panel
   * @param {Place} place
   * @param {boolean} again whether the browser counts it as a repeated click
   */
  take(panel, place, again) {
    const before = this.#next();
    if (before && again) {
      this.player.set({ pin: before.pin });
      this.player.enlarged.toggle(panel.key);
      return;
    }
    before?.send();
    const { pin } = this.player.state;
    const timer = window.setTimeout(() => this.#next()?.send(), DOUBLE);
    this.waiting = { send: this.#pin(panel, place), pin, timer };
  }

  /**
   * Mark a place and send it at once.
   * @param {PanelHeader} panel
   * @param {Place} place
   */
  pin(panel, place) {
    this.#next()?.send();
    this.#pin(panel, place)();
  }

  /**
   * @param {PanelHeader} panel
   * @param {Place} place
   */
  #pin(panel, place) {
    const { player } = this;
    player.set({ pin: place });
    const click = { panel: panel.key, frame: player.frame, chunk: player.reel.chunk(panel, player.frame), ...place };
    return () => player.send("click", click);
  }

  #next() {
    const { waiting } = this;
    if (waiting) clearTimeout(waiting.timer);
    this.waiting = null;
    return waiting;
  }
}
