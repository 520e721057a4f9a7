// Acts: what the visitor did, sent to Python one at a time and in order.
//
// Python numbers the acts and answers each with the next number, so that none is done twice. A video
// is read when its turn comes: many dropped files are not held at once.

/** @typedef {{ kind: string, label?: string, to?: string, clip?: string, name?: string, who?: string, video?: string, batch?: number }} Act */

export class Acts {
  number = -1;
  waiting = false;
  /** @type {(() => Act | Promise<Act>)[]} */ queue = [];
  /** @type {import("../mount.js").Send | undefined} */ send;

  /** @param {() => void} changed called when the number of acts that are left changes */
  constructor(changed) {
    this.changed = changed;
  }

  /** How many acts Python has not answered. */
  get left() {
    return this.queue.length + Number(this.waiting);
  }

  /**
   * @param {number} number of the act that Python expects
   * @param {import("../mount.js").Send} send
   */
  receive(number, send) {
    this.send = send;
    if (number !== this.number) this.waiting = false;
    this.number = number;
    this.#next();
  }

  /** @param {Act | (() => Act | Promise<Act>)} act */
  add(act) {
    this.queue.push(typeof act === "function" ? act : () => act);
    this.#next();
  }

  async #next() {
    const made = this.waiting ? undefined : this.queue.shift();
    if (made) {
      this.waiting = true;
      this.send?.("act", { number: this.number, ...(await made()) });
    }
    this.changed();
  }
}
