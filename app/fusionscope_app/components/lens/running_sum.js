// Running sum: the value put together step by step, over the cells of the window or over the inputs.

import { el, svg } from "../dom.js";
import { icon } from "../icons.js";
import { exact, signOf } from "./scene.js";

/** @typedef {import("./scene.js").Scene} Scene */
/**
 * One step: its value; the stream; the window's cell, or the number of the input.
 * @typedef {{ value: number, stream: string, words: string, tap: [number, number, number] | null, input: number | null }} Step
 */
/** @typedef {{ stream: string, input: number } | null} Chosen the input whose taps are shown; null: all channels */

const PACE = 170; // milliseconds a step

/**
 * @param {Scene} scene
 * @param {Chosen} chosen
 * @returns {Step[]}
 */
export function stepsOf(scene, chosen) {
  const inside = scene.inside ?? [];
  const [k, r] = [(inside.length - 1) / 2, ((inside[0]?.length ?? 1) - 1) / 2];
  const [chunk, row, column] = scene.cell;
  return scene.sides.filter(({ stream }) => !chosen || chosen.stream === stream).flatMap((side) => /** @type {Step[]} */ (stepsOfSide(side)));

  /** @param {import("./scene.js").Side} side */
  function stepsOfSide(side) {
    const { stream, inputs } = side;
    const taps = chosen ? inputs[chosen.input]?.taps : side.window;
    if (k || r || chosen) {
      return (taps ?? []).flatMap((plane, i) => plane.flatMap((line, j) => line.flatMap((value, c) =>
        (inside[i][j][c] ? [{ value, stream, input: null, tap: /** @type {[number, number, number]} */ ([i, j, c]),
          words: `${stream}, chunk ${chunk + i - k + 1}, row ${row + j - r + 1}, column ${column + c - r + 1}` }] : []))));
    }
    const shown = inputs.map(({ term = 0, name }, input) => ({ value: term, stream, input, tap: null, words: `${stream} channel ${name}` }));
    const rest = { value: side.rest ?? 0, stream, input: inputs.length, tap: null, words: `${side.others} other channels of ${stream}` };
    return side.others ? [...shown, rest] : shown;
  }
}

export class RunningSum {
  /** @type {Scene} set by show() */ scene;
  /** @type {Chosen} */ chosen = null;
  /** @type {Step[]} */ steps = [];
  at = 0; // steps counted
  timer = 0;

  /** @param {() => void} onstep */
  constructor(onstep) {
    this.onstep = onstep;
    this.title = el("p", { class: "fs-window-title" });
    this.grids = el("div", { class: "fs-grids", "aria-hidden": "true" });
    this.play = el("button", { type: "button", class: "fs-run", onclick: () => this.toggle() });
    this.slider = el("input", { type: "range", min: 0, class: "fs-steps", "aria-label": "Step of the sum",
      oninput: () => { this.stop(); this.go(Number(this.slider.value)); } });
    this.words = el("p", { class: "fs-window-said" });
    this.element = el("section", { class: "fs-window", "aria-label": "The sum, step by step" },
      this.title, this.grids, el("div", { class: "fs-window-row" }, this.play, this.slider), this.words);
    this.#button();
  }

  /**
   * @param {Scene} scene
   * @param {Chosen} chosen
   */
  show(scene, chosen) {
    this.stop();
    Object.assign(this, { scene, chosen });
    this.steps = stepsOf(scene, chosen);
    this.element.hidden = !scene.learned;
    const [chunks, rows] = [scene.inside?.length ?? 1, scene.inside?.[0].length ?? 1];
    const size = `${chunks > 1 ? `${chunks} chunks of ` : ""}${rows} × ${rows} cell${rows > 1 ? "s" : ""}`;
    const whose = chosen ? `of ${chosen.stream} channel ${this.#side?.inputs[chosen.input].name}` : "summed over all channels";
    this.title.replaceChildren(el("b", {}, `Window, ${size}`), `: weight × activation, ${whose}`);
    this.slider.max = String(this.steps.length);
    this.#draw();
    this.go(this.steps.length);
  }

  get #side() {
    return this.scene.sides.find(({ stream }) => stream === this.chosen?.stream);
  }

  // The step that is being counted; none at the beginning and at the end.
  get step() {
    return this.at > 0 && this.at < this.steps.length ? this.steps[this.at - 1] : null;
  }

  get start() {
    return this.chosen ? 0 : this.scene.bias ?? 0;
  }

  // The sum of the bias and of the steps counted.
  get sum() {
    return this.steps.slice(0, this.at).reduce((sum, { value }) => sum + value, this.start);
  }

  toggle() {
    if (this.timer) return this.stop();
    if (this.at === this.steps.length) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.at + 1);
      if (this.at >= this.steps.length) this.stop();
    }, PACE);
    this.#button();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.#button();
  }

  /** @param {number} at */
  go(at) {
    this.at = Math.max(0, Math.min(this.steps.length, at));
    this.slider.value = String(this.at);
    this.grids.querySelectorAll("rect").forEach((rect) => {
      const n = Number(rect.dataset.step);
      rect.dataset.state = n < this.at - 1 || this.at === this.steps.length ? "counted" : n === this.at - 1 ? "now" : "next";
    });
    this.words.textContent = this.#said;
    this.slider.setAttribute("aria-valuetext", this.#said);
    this.onstep();
  }

  // What this step adds, as the difference of the sums shown, so that the numbers add up.
  get #said() {
    const { at, steps, scene, sum } = this;
    if (at === 0) return this.chosen ? "Sum 0.000" : `Bias ${exact(scene.biasShown ?? 0)}`;
    if (at === steps.length) {
      const after = !this.chosen && scene.rectified ? `, after ReLU ${exact(Math.max(0, sum))}` : "";
      return `Sum ${exact(sum)}${after}`;
    }
    const before = at === 1 && !this.chosen ? scene.biasShown ?? 0 : Number((sum - steps[at - 1].value).toFixed(3));
    return `${steps[at - 1].words}: ${exact(Number(sum.toFixed(3)) - before)}; sum ${exact(sum)}`;
  }

  #button() {
    const playing = this.timer !== 0;
    this.play.replaceChildren(icon(playing ? "pause" : "play"), playing ? "Pause" : "Play the sum");
  }

  // Rows of grids, one a stream; a grid for each chunk.
  #draw() {
    const { scene, steps, chosen } = this;
    const chunks = scene.inside?.length ?? 1;
    const rows = scene.inside?.[0].length ?? 1;
    const most = Math.max(1e-9, ...steps.map(({ value }) => Math.abs(value)));
    const sides = scene.sides.filter(({ stream }) => !chosen || stream === chosen.stream);
    this.grids.hidden = chunks * rows === 1;
    const [size, gap] = [20, 14];
    const wide = chunks * rows * size + (chunks - 1) * gap;
    const head = el("div", { class: "fs-grid-row" }, el("span"), el("div", { class: "fs-grid-heads", style: `width: ${wide}px` },
      ...Array.from({ length: chunks }, (_, i) => el("span", {},
        scene.inside?.[i].flat().some(Boolean) ? `chunk ${scene.cell[0] + i - (chunks - 1) / 2 + 1}` : "no chunk"))));
    this.grids.replaceChildren(head, ...sides.map(({ stream }) => {
      const drawing = svg("svg", { width: wide, height: rows * size, viewBox: `0 0 ${wide} ${rows * size}` });
      for (let i = 0; i < chunks; i++) {
        for (let j = 0; j < rows; j++) for (let c = 0; c < rows; c++) {
          const n = steps.findIndex(({ stream: of, tap }) => of === stream && tap?.join() === [i, j, c].join());
          const value = steps[n]?.value ?? 0;
          const box = { x: i * (rows * size + gap) + c * size + 1, y: j * size + 1, width: size - 2, height: size - 2 };
          const rect = svg("rect", { ...box, class: n < 0 ? "fs-beyond" : "fs-tap", "data-sign": signOf(value), "data-step": n,
            style: `--part: ${Math.round(100 * Math.sqrt(Math.abs(value) / most))}%` });
          drawing.append(rect);
          if (signOf(value) === "negative") drawing.append(svg("path", { class: "fs-less", d: `M${box.x + 5} ${box.y + 9}h8` }));
        }
      }
      return el("div", { class: "fs-grid-row", "data-stream": stream }, el("span", {}, stream), drawing);
    }));
  }
}
