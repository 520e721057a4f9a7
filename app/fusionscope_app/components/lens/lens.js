// Lens: one fused value drawn, in step with the player: inputs, wires, node, ReLU, output, running sum.

import { el, unpack } from "../dom.js";
import { Follower } from "../follow.js";
import { mountPart } from "../mount.js";
import { placesOf } from "./geometry.js";
import { RunningSum } from "./running_sum.js";
import { brief, exact } from "./scene.js";
import { Thumb } from "./thumb.js";
import { wiresOf } from "./wires.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Input} Input */

const LEGENDS = {
  sum: "A wire is as thick as weight × activation. Solid red adds, dashed blue subtracts, dotted grey does not count.",
  copy: "Each stream keeps an output of its own: nothing is added until the next layer.",
  pairs: "Each pair of channels is multiplied cell by cell and summed over the picture. A wire is as thick as the pair's evidence.",
  scores: "Only class scores are combined: no cell of one stream meets a cell of the other.",
};

class LensDrawing {
  /** @type {Scene | undefined} */ scene;
  /** @type {import("../mount.js").Send | undefined} */ send;
  /** @type {{ thumb: Thumb, stream: "appearance" | "motion" | "fused" }[]} */ thumbs = [];
  /** @type {HTMLElement[]} */ buttons = [];
  /** @type {SVGTextElement | undefined} */ sum;
  /** @type {import("./running_sum.js").Chosen} */ chosen = null;
  payload = new Uint8Array();
  text = "";
  width = 0;
  drawn = "";

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.drawing = el("div", { class: "fs-scene" });
    this.told = el("p", { class: "fs-unit-told", "aria-hidden": "true" });
    this.said = el("p", { class: "fs-off-said" });
    this.jump = el("button", { type: "button", class: "fs-jump", onclick: () => this.send?.("cell", this.scene?.strong) }, "Go to that cell");
    this.off = el("div", { class: "fs-off", role: "status" }, this.said, this.jump);
    this.running = new RunningSum(() => this.#stepped());
    this.root = el("div", { class: "fs-unit", role: "group" }, this.off, this.drawing, this.told, this.running.element);
    Object.assign(this.root, { fusionscope: this }); // for tests and the console
    parent.append(this.root);
    for (const type of ["pointerover", "focusin"]) this.root.addEventListener(type, (event) => this.#tell(event));
    for (const type of ["pointerleave", "focusout"]) this.root.addEventListener(type, () => this.#tell());
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this.root);
    this.follower = new Follower(() => this.#move());
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {import("../mount.js").Send} send
   */
  receive(bytes, send) {
    this.send = send;
    const { header, payload } = unpack(bytes);
    const text = JSON.stringify(header);
    if (text === this.text) return;
    Object.assign(this, { text, payload, scene: header, width: 0, chosen: null });
    this.root.setAttribute("aria-label", header.label);
    this.off.hidden = !header.off;
    this.said.textContent = header.off ?? "";
    this.jump.hidden = !header.strong;
    this.running.show(header, null);
    this.#draw();
  }

  end() {
    this.watch.disconnect();
    this.follower.end();
    this.running.stop();
    this.root.remove();
  }

  #draw() {
    const { scene } = this;
    const room = Math.floor(this.root.clientWidth);
    if (!scene || !room || room === this.width) return;
    this.width = room;
    this.drawn = "";
    this.thumbs = [];
    this.buttons = [];
    const places = placesOf(scene, room, parseFloat(getComputedStyle(document.documentElement).fontSize));
    const { root, sum } = wiresOf(scene, places);
    this.sum = sum;
    this.drawing.style.width = `${places.width}px`;
    this.drawing.style.height = `${places.height}px`;
    const outputs = (scene.outputs ?? []).map((output, i) => this.#output(output, places.outputs[i], places));
    this.drawing.replaceChildren(root, ...scene.sides.flatMap((_side, at) => this.#lane(at, places)), ...outputs);
    this.#stepped();
    this.#tell();
  }

  /**
   * @param {number} at
   * @param {import("./geometry.js").Places} places
   */
  #lane(at, places) {
    const scene = /** @type {Scene} */ (this.scene);
    const side = scene.sides[at];
    const lane = places.lanes[at];
    const total = side.total === undefined ? [] : [" ", el("b", {}, exact(side.total))];
    const title = el("p", { class: "fs-side", "data-stream": side.stream }, side.stream, ...total);
    title.style.top = `${at ? lane.top + places.laneHeight - places.line : 0}px`;
    const first = lane.x[0] ?? places.width / 2;
    title.style.left = `${Math.max(0, first - places.thumb / 2)}px`;
    const weights = side.inputs.some(({ weight }) => weight !== undefined);
    const place = (/** @type {HTMLElement} */ box, /** @type {number} */ x) => {
      box.style.left = `${x - places.thumb / 2}px`;
      box.style.width = `${places.thumb}px`;
      if (at) box.style.top = `${lane.top + (weights ? places.line : 0)}px`;
      else box.style.top = `${places.line}px`;
      return box;
    };
    const inputs = side.inputs.map((input, i) => place(this.#input(input, side.stream, i, places.thumb), lane.x[i]));
    if (side.others) {
      const more = el("div", { class: "fs-more", "data-stream": side.stream, "data-words":
        `${side.others} other channels of ${side.stream}: ${exact(side.rest ?? 0)} together.` },
        el("span", {}, `${side.others} more`), el("span", {}, brief(side.rest ?? 0)));
      more.style.height = `${places.thumb}px`;
      place(more, lane.x[side.inputs.length]).style.top = `${parseFloat(more.style.top) + places.line}px`;
      inputs.push(more);
    }
    return [title, ...inputs];
  }

  /**
   * @param {Input} input
   * @param {"appearance" | "motion"} stream
   * @param {number} i
   * @param {number} size
   */
  #input(input, stream, i, size) {
    const scene = /** @type {Scene} */ (this.scene);
    const words = scene.nodes ? `${input.words}. ${scene.nodes[i].words}` : input.words;
    const parts = [el("span", { class: "fs-name", "aria-hidden": "true" }, input.name)]; // the words have it
    if (input.map) {
      const thumb = new Thumb(input.map, this.payload, stream);
      thumb.fit(size);
      this.thumbs.push({ thumb, stream });
      parts.unshift(thumb.scale, thumb.canvas);
    } else {
      const share = (input.bar ?? 0) / (scene.limit ?? 1);
      const bar = el("i", { class: "fs-bar", style: `height: ${size}px; --share: ${Math.abs(share)}` });
      bar.dataset.sign = share < 0 ? "negative" : "positive";
      parts.unshift(el("span", { class: "fs-own" }, el("span", {}, brief(input.bar ?? 0))), bar);
    }
    const can = Boolean(scene.learned); // the window of one input can be shown
    const element = can
      ? el("button", { type: "button", "aria-pressed": "false", onclick: () => this.#choose(stream, i) }, el("span", { class: "fs-unseen" }, words), ...parts)
      : el("div", { role: "img", "aria-label": words, tabindex: 0 }, ...parts);
    element.classList.add("fs-input");
    Object.assign(element.dataset, { stream, words, live: String(input.live ?? true), of: `${stream} ${i}` });
    this.buttons.push(element);
    return element;
  }

  /**
   * @param {import("./scene.js").Output} output
   * @param {[number, number]} at
   * @param {import("./geometry.js").Places} places
   */
  #output({ name, value, map }, [x, y], places) {
    const thumb = new Thumb(map, this.payload, "fused");
    thumb.fit(places.output);
    this.thumbs.push({ thumb, stream: "fused" });
    const element = el("div", { class: "fs-output", role: "img", "aria-label": `${name}, output ${exact(value)}`, "data-stream": "fused" },
      el("span", { class: "fs-name" }, name), thumb.canvas, el("b", {}, exact(value)));
    element.style.left = `${x - places.output / 2}px`;
    element.style.top = `${y - places.output / 2 - places.line}px`;
    element.style.width = `${places.output}px`;
    return element;
  }

  /**
   * Show the window of one input, or of all channels again.
   * @param {string} stream
   * @param {number} input
   */
  #choose(stream, input) {
    const again = this.chosen?.stream === stream && this.chosen.input === input;
    this.chosen = again ? null : { stream, input };
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(!again && button.dataset.of === `${stream} ${input}`));
    if (this.scene) this.running.show(this.scene, this.chosen);
  }

  // A step of the running sum: the sum in the drawing, the input or the cell that is counted.
  #stepped() {
    const { running, scene } = this;
    if (!scene || !this.sum) return;
    const all = this.chosen !== null || running.at === running.steps.length;
    this.sum.textContent = exact(all || !scene.learned ? scene.value ?? 0 : running.sum);
    const counted = new Set(running.steps.slice(0, running.at).map(({ stream, input }) => `${stream} ${input}`));
    for (const part of this.drawing.querySelectorAll("[data-of]")) {
      const of = /** @type {HTMLElement | SVGElement} */ (part).dataset.of ?? "";
      const waits = !all && running.steps[0]?.input !== null && of !== "bias" && !counted.has(of);
      part.classList.toggle("fs-waits", waits);
    }
    this.drawn = "";
    this.#move();
  }

  // Draw the maps of the frame that the player shows.
  #move() {
    const { scene, follower, running } = this;
    if (!scene) return;
    const step = running.step;
    const chunk = follower.chunk(scene.clip, scene.cell[0]);
    const key = `${chunk} ${follower.frame} ${follower.reel?.digest} ${running.at} ${follower.picture(scene.clip, "frame") !== null}`;
    if (key === this.drawn) return;
    this.drawn = key;
    this.root.dataset.chunk = String(chunk);
    const reach = ((scene.inside?.[0].length ?? 1) - 1) / 2;
    const late = ((scene.inside?.length ?? 1) - 1) / 2;
    for (const { thumb, stream } of this.thumbs) {
      const counts = step?.tap && step.stream === stream ? step.tap : null;
      const picture = follower.picture(scene.clip, stream === "motion" ? "flow" : "frame");
      thumb.draw({
        chunk: counts ? scene.cell[0] + counts[0] - late : chunk, picture, cell: scene.nodes ? null : scene.cell,
        reach: stream === "fused" ? 0 : reach,
        at: counts ? [scene.cell[1] + counts[1] - reach, scene.cell[2] + counts[2] - reach] : null,
      });
    }
  }

  /** @param {Event} [event] */
  #tell(event) {
    const under = event?.target instanceof Element ? event.target.closest("[data-words]") : null;
    const part = under ?? this.root.querySelector("[data-words]:focus");
    this.told.textContent = part instanceof HTMLElement ? part.dataset.words ?? "" : LEGENDS[this.scene?.kind ?? "sum"];
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, LensDrawing);
}
