// Ticker: at most one request for an animation frame, and none while the page is hidden. Clock: the
// time of playback.

export class Ticker {
  #frame = 0;

  /** @param {(now: number) => void} ontick */
  constructor(ontick) {
    this.ontick = ontick;
    this.onvisible = () => this.request();
    document.addEventListener("visibilitychange", this.onvisible);
  }

  request() {
    if (this.#frame || document.hidden) return;
    this.#frame = requestAnimationFrame((now) => {
      this.#frame = 0;
      this.ontick(now);
    });
  }

  end() {
    cancelAnimationFrame(this.#frame);
    document.removeEventListener("visibilitychange", this.onvisible);
  }
}

const LONGEST = 0.1; // seconds that one step counts at most

export class Clock {
  time = 0; // in frames, with its fraction
  last = 0; // of the previous step, in milliseconds
  held = false; // whether the viewer drags the timeline

  start() {
    this.last = performance.now();
  }

  /**
   * The time of this step, which is not kept.
   * @param {number} now
   * @param {number} rate frames per second
   */
  next(now, rate) {
    const elapsed = Math.max(0, Math.min(LONGEST, (now - this.last) / 1000));
    this.last = now;
    return this.held ? this.time : this.time + elapsed * rate;
  }
}
