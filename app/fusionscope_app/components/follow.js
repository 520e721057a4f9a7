// Follow: what another part of the page needs to move in step with the player (player/company.js).

/** @typedef {import("./player/company.js").Field} Field */

export class Follower {
  /** @param {() => void} ondraw called after each drawing of the player */
  constructor(ondraw) {
    this.ondraw = ondraw;
    addEventListener("fusionscope-drawn", ondraw);
  }

  // The reel on screen, or null while there is none.
  get reel() {
    return window.fusionscopePlayer?.reel ?? null;
  }

  get frame() {
    return window.fusionscopePlayer?.frame ?? 0;
  }

  /**
   * The chunk that is nearest to the frame on screen; without a player of this clip, another one.
   * @param {string} clip
   * @param {number} without
   */
  chunk(clip, without) {
    return this.reel?.clip === clip ? this.reel.nearest[this.frame] : without;
  }

  /**
   * The picture of a video at the frame on screen; null if it is not decoded or of another clip.
   * @param {string} clip
   * @param {string} video
   */
  picture(clip, video) {
    return this.reel?.clip === clip && video in this.reel.videos ? this.reel.picture(video, this.frame) : null;
  }

  // The pinned place, as shares of the picture, or its middle.
  get place() {
    return window.fusionscopePlayer?.state.pin ?? { x: 0.5, y: 0.5 };
  }

  /** @param {Field | null} field drawn on the player's pictures and on its timeline */
  outline(field) {
    dispatchEvent(new CustomEvent("fusionscope-field", { detail: field }));
  }

  end() {
    removeEventListener("fusionscope-drawn", this.ondraw);
    this.outline(null);
  }
}
