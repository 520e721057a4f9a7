// Lesson step: a text, and a question with its choices or a task, and what the numbers then show.

import { el } from "../dom.js";

/**
 * @typedef {{ text: string, ask: string, choices: string[], choice: number | null, right: boolean, words: string,
 *   room: string, note: string, heading: string }} StepData
 */

/**
 * A text whose words between asterisks are in italics.
 * @param {string} text
 */
const marked = (text) => text.split("*").map((part, at) => (at % 2 ? el("em", {}, part) : part));

export class LessonStep {
  asked = "";

  /** @param {(kind: string, value?: unknown) => void} act */
  constructor(act) {
    this.act = act;
    this.text = el("p", { class: "fs-text" });
    this.ask = el("p", { class: "fs-ask" });
    this.choices = el("div", { class: "fs-choices", role: "group" });
    this.verdict = el("b");
    this.words = el("span");
    this.room = el("p", { class: "fs-room", "aria-hidden": "true" });
    this.reveal = el("p", { class: "fs-reveal", role: "status" }, this.verdict, this.words);
    this.element = el("div", { class: "fs-step" }, this.text,
      el("div", { class: "fs-part" }, this.ask, this.choices), el("div", { class: "fs-answer" }, this.room, this.reveal));
  }

  /**
   * @param {StepData} step
   * @param {boolean} shown
   */
  draw(step, shown) {
    const isTask = !step.choices.length && step.ask !== "";
    this.element.classList.toggle("fs-shown", shown);
    this.element.classList.toggle("fs-ending", step.ask === "");
    this.text.replaceChildren(...marked(step.text));
    this.ask.replaceChildren(...marked(step.ask));
    this.choices.setAttribute("aria-label", step.ask);
    this.#build(step, isTask);
    [...this.choices.children].forEach((button, at) => {
      const chosen = at === step.choice && !isTask;
      button.setAttribute("aria-pressed", String(chosen));
      button.classList.toggle("fs-correct", chosen && step.right);
    });
    this.element.classList.toggle("fs-told", step.words !== "" && (!isTask || step.right));
    this.verdict.textContent = !step.words || (!isTask && step.choice === null) ? "" : step.right ? (isTask ? "Done. " : "Correct. ") : isTask ? "Not yet. " : "Not correct. ";
    this.words.replaceChildren(...marked(step.words));
    this.room.replaceChildren(...marked(step.room && `Not correct. ${step.room}`));
  }

  /**
   * The buttons, built once: one of them may have the focus.
   * @param {StepData} step
   * @param {boolean} isTask
   */
  #build(step, isTask) {
    const asked = JSON.stringify([step.ask, step.choices]);
    if (asked === this.asked) return;
    this.asked = asked;
    const made = step.choices.map((text, at) =>
      el("button", { type: "button", onclick: () => this.act("answer", at) }, ...marked(text)));
    if (isTask) made.push(el("button", { type: "button", onclick: () => this.act("solve") }, "Show me"));
    this.choices.replaceChildren(...made);
  }
}
