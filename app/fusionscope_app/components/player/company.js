// Company: what other parts of a page read of the player, and the receptive field that they ask it to show.
//
// A part that moves in step (follow.js) hears of every drawing. Nothing is sent to the server.

/**
 * A receptive field: a box in shares of the picture, and for each stream its first and last frame.
 * @typedef {{ x: number, y: number, w: number, h: number, spans: Record<string, [number, number]> }} Field
 */

export class Company {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.heard = (/** @type {Event} */ event) => {
      if (!(event instanceof CustomEvent) || !player.reel) return;
      player.set({ field: event.detail });
      player.timeline.reach(event.detail);
      player.root.dataset.field = event.detail ? JSON.stringify(event.detail) : "";
    };
    window.fusionscopePlayer = player;
    addEventListener("fusionscope-field", this.heard);
  }

  // Tell the other parts that a frame is drawn.
  tell() {
    window.fusionscopePlayer = this.player;
    dispatchEvent(new Event("fusionscope-drawn"));
  }

  end() {
    removeEventListener("fusionscope-field", this.heard);
    if (window.fusionscopePlayer === this.player) delete window.fusionscopePlayer;
  }
}
