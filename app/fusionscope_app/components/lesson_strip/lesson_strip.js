// Lesson strip: text, question and answer of a step above the page, with keys and lecture mode.
//
// All steps are drawn in one place and one of them is shown, so that the room never changes within a lesson.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";
import { Lecture } from "./lecture.js";
import { LessonStep } from "./lesson_step.js";

/**
 * @typedef {{ title: string, name: string, steps: import("./lesson_step.js").StepData[], number: number, page: string,
 *   away: boolean, following: string, lecture: boolean }} LessonData
 */

const REST = 15; // animation frames at rest, before the page is looked at
const HEAD = 80; // pixels for the page's head

class LessonStrip {
  /** @type {LessonData} */ lesson;
  /** @type {import("../mount.js").Send | undefined} */ send;
  /** @type {LessonStep[]} */ steps = [];
  drawn = ""; // the lesson whose steps are built
  looked = ""; // the address at which the task was looked at last
  rests = 0;
  scrolled = ""; // the step whose heading was scrolled to

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const button = (/** @type {string} */ text, /** @type {() => void} */ act, more = {}) =>
      el("button", { type: "button", onclick: act, ...more }, text);
    this.title = el("b");
    this.count = el("span", { class: "fs-count", role: "status" });
    this.bar = el("span", { class: "fs-bar", "aria-hidden": "true" }, el("i"));
    this.previous = button("Previous", () => this.#go(-1), { "aria-keyshortcuts": "P", title: "Previous step (P)" });
    this.next = button("Next", () => this.#go(1), { "aria-keyshortcuts": "N", title: "Next step (N)", class: "fs-go" });
    this.view = button("Reset view", () => this.#act("view"));
    this.note = button("Note", () => this.#note(), { "aria-expanded": "false", title: "Presenter's note" });
    this.link = button("Copy link", () => this.#copy());
    this.mode = button("Lecture mode", () => this.#act("lecture", !this.lesson.lecture), { "aria-pressed": "false", class: "fs-mode" });
    this.leave = button("End lesson", () => this.#act("leave"));
    this.more = el("span", { class: "fs-more" }, this.view, this.note, this.link, this.mode, this.leave);
    this.body = el("div", { class: "fs-body" });
    this.said = el("p", { class: "fs-note", hidden: "" });
    this.root = el("section", { class: "fs-strip" },
      el("header", {}, this.title, this.count, this.bar, el("span", { class: "fs-steps" }, this.previous, this.next), this.more),
      this.body, this.said);
    parent.append(this.root);
    this.lecture = new Lecture(this.root);
    this.onkey = (/** @type {KeyboardEvent} */ event) => this.#key(event);
    document.addEventListener("keydown", this.onkey);
    this.frame = requestAnimationFrame(() => this.#watch());
  }

  /**
   * @param {Uint8Array | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    /** @type {LessonData} */
    const lesson = JSON.parse(new TextDecoder().decode(data));
    const moved = this.lesson && (this.lesson.number !== lesson.number || this.lesson.name !== lesson.name);
    [this.lesson, this.send] = [lesson, send];
    if (this.drawn !== lesson.name) {
      this.steps = lesson.steps.map(() => new LessonStep((kind, value) => this.#act(kind, value)));
      this.body.replaceChildren(...this.steps.map(({ element }) => element));
      this.drawn = lesson.name;
    }
    const last = lesson.number === lesson.steps.length;
    lesson.steps.forEach((step, at) => this.steps[at].draw(step, at + 1 === lesson.number));
    this.root.setAttribute("aria-label", `Lesson: ${lesson.title}`);
    this.title.textContent = lesson.title;
    this.count.textContent = last ? "Finding" : `Step ${lesson.number} of ${lesson.steps.length - 1}`;
    this.root.style.setProperty("--fs-done", String((lesson.number - 1) / (lesson.steps.length - 1)));
    this.previous.disabled = lesson.number === 1;
    this.next.textContent = !last ? "Next" : lesson.following ? `Next lesson: ${lesson.following}` : "All lessons";
    this.view.textContent = lesson.away ? `Back to ${lesson.page}` : "Reset view";
    this.note.hidden = !lesson.lecture || !lesson.steps[lesson.number - 1].note;
    this.mode.setAttribute("aria-pressed", String(lesson.lecture));
    this.link.textContent = "Copy link";
    this.said.textContent = lesson.steps[lesson.number - 1].note;
    if (moved || this.note.hidden) this.#note(false);
    if (moved) this.looked = "";
    this.lecture.set(lesson.lecture);
  }

  end() {
    cancelAnimationFrame(this.frame);
    document.removeEventListener("keydown", this.onkey);
    this.lecture.end();
    this.root.remove();
  }

  /**
   * @param {string} kind
   * @param {unknown} [value]
   */
  #act(kind, value = null) {
    this.send?.("act", { kind, value });
  }

  /** @param {number} by */
  #go(by) {
    const to = this.lesson.number + by;
    if (to > this.lesson.steps.length) this.#act("following");
    else if (to >= 1) this.#act("go", to);
  }

  /** @param {boolean} [shown] */
  #note(shown = this.said.hidden) {
    this.said.hidden = !shown;
    this.note.setAttribute("aria-expanded", String(shown));
  }

  async #copy() {
    const base = new URL("./", location.href);
    const link = `${base.origin}${base.pathname}?lesson=${this.lesson.name}&step=${this.lesson.number}`;
    try {
      await navigator.clipboard.writeText(link);
      this.link.textContent = "Copied";
    } catch { // the browser refuses
      prompt("Link to this step", link);
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = event.composedPath()[0];
    const types = target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=radio]), textarea, select"));
    const by = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (!by || types || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open], [role=dialog]")) return;
    event.preventDefault();
    this.#go(by);
  }

  // When the page's script rests: the step's heading comes into view, and a task is looked at again if the
  // visitor has changed the address.
  #watch() {
    this.frame = requestAnimationFrame(() => this.#watch());
    if (!this.lesson) return;
    const { away, steps, number, name } = this.lesson;
    const step = steps[number - 1];
    const open = step.ask && !step.choices.length && !step.right && !away;
    const runs = !document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
    const query = new URLSearchParams(location.search);
    query.delete("frame");
    const now = query.toString(), place = `${name} ${number}`;
    this.looked ||= now;
    const looks = open && now !== this.looked, scrolls = step.heading && !away && place !== this.scrolled;
    this.rests = (looks || scrolls) && !runs && "fsWhole" in document.documentElement.dataset ? this.rests + 1 : 0;
    if (this.rests < REST) return;
    this.rests = 0;
    if (scrolls) this.#scroll(step.heading);
    this.scrolled = place;
    if (looks) this.#act("look");
    this.looked = now;
  }

  /** @param {string} heading */
  #scroll(heading) {
    const main = document.querySelector("[data-testid=stMain]");
    const found = [...document.querySelectorAll("h2, h3")].find((one) => one.textContent?.trim() === heading);
    if (!main || !found) return;
    const place = document.querySelector(".st-key-lesson_strip")?.closest("[data-testid=stLayoutWrapper]");
    const stays = place && getComputedStyle(place).position === "sticky";
    const least = stays ? this.root.getBoundingClientRect().height : 0;
    main.scrollBy({ top: found.getBoundingClientRect().top - least - HEAD, behavior: "instant" });
  }
}

/** @param {import("../mount.js").Call<Uint8Array>} call */
export default function mount(call) {
  return mountPart(call, LessonStrip);
}
