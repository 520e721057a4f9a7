// Lecture: large type, and controls that fade while nobody uses them.

const IDLE = 4000; // milliseconds without pointer or keys
const USES = ["pointermove", "pointerdown", "keydown", "focusin"];
const TURNS = ["n", "p", "PageDown", "PageUp"]; // keys that turn pages do not bring the controls back

export class Lecture {
  timer = 0;
  on = false;

  /** @param {HTMLElement} strip */
  constructor(strip) {
    this.strip = strip;
    this.page = document.documentElement;
    this.onuse = (/** @type {Event} */ event) => this.#use(event);
  }

  /** @param {boolean} on */
  set(on) {
    if (on === this.on) return;
    this.on = on;
    this.page.toggleAttribute("data-fs-lecture", on);
    for (const type of USES) (on ? addEventListener : removeEventListener)(type, this.onuse, true);
    this.#show();
  }

  end() {
    this.set(false);
  }

  /** @param {Event} event */
  #use(event) {
    if (event instanceof KeyboardEvent && TURNS.includes(event.key)) return;
    this.#show();
  }

  #show() {
    clearTimeout(this.timer);
    this.#idle(false);
    if (this.on) this.timer = setTimeout(() => this.#idle(true), IDLE);
  }

  /** @param {boolean} faded */
  #idle(faded) {
    this.page.toggleAttribute("data-fs-idle", faded);
    this.strip.classList.toggle("fs-idle", faded);
  }
}
