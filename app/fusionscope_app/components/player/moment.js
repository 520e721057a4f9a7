// Moment: the frame of a paused player, as `frame` in the page's address; absent during playback.
//
// The server is not involved. Streamlit writes the address too, and empties it when another page opens.
// A timer therefore restores the frame, and the next player of the same clip reads it from the window.
// Back and Forward bring an address with its own frame: the player goes there with its next reel.

/** @typedef {import("./reel.js").Reel} Reel */

const PERIOD = 400; // milliseconds between two writes: browsers limit how often the address may change

export class Moment {
  /** @type {number | null | undefined} the frame to write; null: none; undefined: not known yet */ frame;
  named = false; // whether the address named the frame at which the player began
  known = false; // whether it began at a frame of the address or of the last page

  /** @type {{ search: string, done: string } | null} where Back or Forward led, the reel restored there */ back = null;

  constructor() {
    this.timer = setInterval(() => this.#write(), PERIOD);
    this.onback = () => {
      this.back = { search: others().join("&"), done: "" };
      this.frame = undefined; // the address keeps its frame until the player is there
    };
    addEventListener("popstate", this.onback);
  }

  /**
   * After Back or Forward, go to the frame of that address, once per reel; without a pin there, clear it.
   * @param {import("./player.js").Player} player
   */
  restore(player) {
    const { reel } = player;
    if (this.back?.search !== others().join("&") || this.back.done === reel.digest) return;
    this.back.done = reel.digest;
    const frame = writtenFrame(reel);
    if (!reel.pin && !new URLSearchParams(location.search).has("pin")) player.set({ pin: null });
    if (frame !== null && player.state.playing) player.toggle();
    if (!player.state.playing) player.seek(frame ?? player.frame);
    this.named = this.known = frame !== null;
  }

  /**
   * The frame at which a player begins with this reel, or null.
   * @param {Reel} reel
   */
  of(reel) {
    const written = writtenFrame(reel);
    const { clip, frame } = window.fusionscopeMoment ?? {};
    const known = reel.clip !== undefined && clip === reel.clip ? (frame ?? null) : null;
    this.named = written !== null;
    const asked = written ?? known;
    this.known = asked !== null && asked < reel.frames;
    return this.known ? asked : null;
  }

  /**
   * @param {Reel} reel
   * @param {number | null} frame
   */
  keep(reel, frame) {
    window.fusionscopeMoment = { clip: reel.clip, frame };
    this.frame = frame;
  }

  #write() {
    if (this.frame === undefined || !location.protocol.startsWith("http")) return; // a file from disk keeps its address
    const parts = others();
    if (this.frame !== null) parts.push(`frame=${this.frame}`);
    const query = parts.length ? `?${parts.join("&")}` : "";
    if (query === location.search) return;
    history.replaceState(history.state, "", location.pathname + query + location.hash);
    window.dispatchEvent(new Event("fusionscope-moment"));
  }

  end() {
    clearInterval(this.timer);
    removeEventListener("popstate", this.onback);
  }
}

// The parameters in the address except the frame.
const others = () => location.search.slice(1).split("&").filter((part) => part && !part.startsWith("frame="));

/**
 * The frame in the address, or null if it names none of this reel.
 * @param {Reel} reel
 */
function writtenFrame(reel) {
  const written = new URLSearchParams(location.search).get("frame") ?? "";
  return /^\d{1,6}$/.test(written) && Number(written) < reel.frames ? Number(written) : null;
}
