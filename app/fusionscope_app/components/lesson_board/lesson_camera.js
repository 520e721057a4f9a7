// Lesson camera: records one clip after another into a class, or clips to test, and stays on.

import { el } from "../dom.js";
import { Webcam, base64 } from "../webcam/booth.js";
import { EMPTY, LARGE } from "../webcam/messages.js";
import { Rolling } from "./rolling.js";

const HOLD = 350; // milliseconds after which a press is a hold
const LONGEST = 10; // seconds of a recording that is held
const SHORTEST = 1000; // milliseconds
export const TEST = "\u0000test"; // value of the option that tests a clip; no class has this name

/** @typedef {{ to: string, who: string, video: string, rolling: boolean }} Recording */

export class LessonCamera extends Webcam {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ holding;
  held = false;
  begun = 0;

  /**
   * @param {HTMLElement} parent
   * @param {(recording: Recording) => void} deliver
   * @param {() => boolean} free whether Python has answered everything
   */
  constructor(parent, deliver, free) {
    super(parent);
    this.deliver = deliver;
    this.to = el("select", { "aria-label": "Record into" });
    this.who = el("input", { type: "text", maxlength: "40", placeholder: "optional", "aria-label": "Person" });
    const fields = el("div", { class: "fs-fields" },
      el("label", {}, "Record into", this.to), el("label", {}, "Person", this.who));
    this.again = el("button", { type: "button", class: "fs-again", onclick: () => this.#roll() });
    this.status.before(fields);
    this.buttons.append(this.again);
    this.rolling = new Rolling(async (recording) => {
      if (recording.size && free()) this.#give(await base64(recording), true);
    });
    this.main.addEventListener("pointerdown", () => this.#down());
    for (const event of ["pointerup", "pointercancel", "pointerleave"]) {
      this.main.addEventListener(event, () => this.#up());
    }
    this.#name();
  }

  /**
   * Offer the classes to record into; the chosen one stays chosen.
   * @param {string[]} classes
   * @param {boolean} tests whether a clip can be tested
   */
  offer(classes, tests) {
    const chosen = this.to.value;
    const options = [...classes.map((name) => [name, name]), ...(tests ? [[TEST, "Test: predict it"]] : [])];
    this.to.replaceChildren(...options.map(([value, title]) => el("option", { value }, title)));
    if (options.some(([value]) => value === chosen)) this.to.value = chosen;
    this.tests = tests;
    if (!tests) this.rolling.stop();
    this.#name();
  }

  /** @param {string} to */
  choose(to) {
    this.to.value = to;
    this.main.focus();
    this.room.scrollIntoView({ block: "nearest" });
  }

  press() {
    if (this.held) this.held = false; // the click at the end of a hold
    else super.press();
  }

  /** @param {Blob} recording */
  async finish(recording) {
    this.recorder = null;
    clearTimeout(this.timer);
    if (!recording.size) return this.off(EMPTY);
    if (recording.size > (this.data?.limit ?? 0)) return this.off(LARGE);
    this.live();
    this.#give(await base64(recording), false);
  }

  release() {
    this.rolling?.stop(); // undefined while the camera is built
    super.release();
  }

  /**
   * @param {import("../webcam/messages.js").State} state
   * @param {string} [trouble]
   */
  become(state, trouble) {
    super.become(state, trouble);
    if (state === "live" && this.to?.value) this.status.textContent = "Click for a countdown, or hold to record.";
    this.#name();
  }

  /** @param {string} video @param {boolean} rolling */
  #give(video, rolling) {
    this.deliver({ to: rolling ? TEST : this.to.value, who: this.who.value.trim(), video, rolling });
  }

  #down() {
    if (this.state !== "live") return;
    this.holding = setTimeout(() => {
      this.held = true;
      this.begun = performance.now();
      this.record(LONGEST);
    }, HOLD);
  }

  #up() {
    clearTimeout(this.holding);
    const { recorder } = this;
    if (!this.held || this.state !== "recording" || !recorder) return;
    const left = Math.max(0, SHORTEST - (performance.now() - this.begun));
    clearTimeout(this.timer);
    setTimeout(() => recorder.state !== "inactive" && recorder.stop(), left);
  }

  #roll() {
    if (this.rolling.on) this.rolling.stop();
    else if (this.stream && this.type) this.rolling.start(this.stream, this.type, this.data?.seconds ?? 0);
    this.#name();
  }

  #name() {
    if (!this.again) return; // while the camera is built
    this.again.textContent = this.rolling?.on ? "Stop testing" : "Test continuously";
    this.again.hidden = !(this.state === "live" && this.tests);
  }
}
