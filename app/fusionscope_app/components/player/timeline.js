// Timeline: the current frame among the chunks and the motion of the clip; and the row of controls.

import { el, svg } from "../dom.js";
import { icon } from "../icons.js";
import { Help } from "../key_help.js";
import { digits } from "./drawing/scale_bar.js";
import { Tracks } from "./drawing/tracks.js";

/** @typedef {import("./reel.js").Reel} Reel */
/** @typedef {import("./header.js").State} State */
/** @typedef {import("./arrangement/plan.js").Kind} Kind */

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2];
/** @param {number} share */
const percent = (share) => `${100 * share}%`;

export class Timeline {
  /** @type {Reel} set by show() */ reel;
  /** @type {HTMLElement[]} */ marks = [];

  /** @param {{ onseek(n: number): void, onhold(held: boolean): void }} listeners */
  constructor({ onseek, onhold }) {
    this.chunks = el("div", { class: "fs-chunks", "aria-hidden": "true" });
    this.stack = el("div", { class: "fs-stack" });
    this.reaches = ["appearance", "motion"].map((stream) => el("div", { class: "fs-reach", "data-stream": stream, hidden: "" }));
    this.played = el("div", { class: "fs-played" });
    this.curve = svg("path");
    this.second = svg("path", { class: "fs-second" }); // the motion of the second run, shown below
    this.motion = svg("svg", { class: "fs-motion", preserveAspectRatio: "none", "aria-hidden": "true" }, this.curve, this.second);
    this.over = svg("path", { class: "fs-over" }); // frames beyond the scale
    this.motion.append(this.over);
    this.tracks = new Tracks();
    this.head = el("div", { class: "fs-head" });
    this.slider = el("div", { class: "fs-slider", role: "slider", tabindex: 0, "aria-label": "Frame" },
      this.stack, this.chunks, el("div", { class: "fs-track" }, this.played), this.motion, this.tracks.curves, ...this.reaches, this.head);
    this.whose = el("span"); // where two runs differ in their chunks: the run whose chunks are shown
    this.peak = el("span", { class: "fs-muted" });
    this.element = el("div", { class: "fs-timeline" },
      el("div", {}, el("div", { class: "fs-gutter" },
        el("span", {}, "chunk ", this.whose), el("span", {}, "motion ", this.peak)), this.tracks.names),
      this.slider);
    const seek = (/** @type {PointerEvent} */ { clientX }) => {
      const box = this.slider.getBoundingClientRect();
      onseek(Math.floor(((clientX - box.left) / box.width) * this.reel.frames));
    };
    this.slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.slider.setPointerCapture(event.pointerId);
      onhold(true);
      seek(event);
    });
    this.slider.addEventListener("lostpointercapture", () => onhold(false));
    this.slider.addEventListener("pointermove", (event) => {
      if (this.slider.hasPointerCapture(event.pointerId)) seek(event);
    });
  }

  /** @param {Reel} reel */
  show(reel) {
    this.reel = reel;
    this.marks = reel.chunks.map(({ frame }, chunk) => {
      const mark = el("span", {}, String(chunk + 1));
      if (chunk === reel.strongest) mark.append(el("i", {}, " strongest"));
      mark.classList.toggle("fs-strongest", chunk === reel.strongest);
      mark.style.left = percent((frame + 0.5) / reel.frames);
      return mark;
    });
    this.chunks.replaceChildren(...this.marks);
    const every = Math.ceil(reel.chunks.length / 24); // more numbers would overlap
    this.marks.forEach((mark, chunk) => mark.classList.toggle("fs-bare", chunk % every !== 0 && chunk !== reel.strongest));
    const { beside } = reel;
    const peak = Math.max(1e-6, reel.motionLimit);
    const above = reel.motion.flatMap((m, n) => (Math.max(m, beside[n] ?? 0) > peak ? [n] : []));
    const steps = (/** @type {number[]} */ motion) =>
      motion.map((m, n) => `L${n} ${Math.max(0, 1 - m / peak)}H${n + 1}`).join("");
    this.over.setAttribute("d", above.map((n) => `M${n} 0H${n + 1}`).join(""));
    this.motion.setAttribute("viewBox", `0 -0.06 ${reel.frames} 1.06`);
    this.curve.setAttribute("d", `M0 1${steps(reel.motion)}V1Z`);
    this.second.setAttribute("d", beside.length ? `M0 1${steps(beside)}` : "");
    this.whose.textContent = reel.whose ? `of ${reel.whose}` : "";
    this.peak.textContent = `${above.length ? "\u2265" : "to"} ${digits(peak)} px`;
    const more = above.length ? `; ${above.length} of ${reel.frames} frames above, marked at the top` : "";
    this.motion.setAttribute("aria-label", `Mean speed of each frame, scale to ${digits(peak)} px${more}`);
    this.peak.title = `Mean speed of each frame${more}`;
    this.slider.setAttribute("aria-valuemin", "1");
    this.slider.setAttribute("aria-valuemax", String(reel.frames));
  }

  /**
   * Show the tracks of these panels' maps.
   * @param {Reel} reel
   * @param {string[]} keys
   */
  follow(reel, keys) {
    this.element.style.setProperty("--tracks", String(this.tracks.show(reel, keys)));
  }

  /**
   * Show the frames of a receptive field, of each stream that it covers.
   * @param {import("./company.js").Field | null} field
   */
  reach(field) {
    for (const band of this.reaches) {
      const span = field?.spans[band.dataset.stream ?? ""];
      band.hidden = !span;
      if (!span) continue;
      band.style.left = percent(span[0] / this.reel.frames);
      band.style.width = percent((span[1] + 1 - span[0]) / this.reel.frames);
    }
  }

  /**
   * Move to frame n; announce it to screen readers only while the player stands still.
   * @param {number} n
   * @param {boolean} still
   */
  move(n, still) {
    const { reel } = this;
    const now = reel.nearest[n];
    const { first, last } = reel.chunks[now] ?? { first: 0, last: -1 };
    this.head.style.left = percent((n + 0.5) / reel.frames);
    this.played.style.width = percent((n + 0.5) / reel.frames);
    this.stack.style.left = percent(first / reel.frames);
    this.stack.style.width = percent((last + 1 - first) / reel.frames);
    this.marks.forEach((mark, chunk) => mark.classList.toggle("fs-now", chunk === now));
    if (!still) return;
    this.slider.setAttribute("aria-valuenow", String(n + 1));
    const strongest = now === reel.strongest ? ", in the chunk with the strongest evidence" : "";
    this.slider.setAttribute("aria-valuetext", placeOf(reel, n) + strongest);
  }
}

/**
 * @param {Reel} reel
 * @param {number} n
 */
export const placeOf = (reel, n) => `frame ${n + 1} of ${reel.frames}, ${reel.seconds(n).toFixed(2)} s`;

export class Controls {
  /**
   * @param {{
   *   toggle(): void, step(by: number): void, set(change: Partial<State>): void, toggleLoop(): void,
   *   addPanel(): void, arrange(kind: Kind): void,
   * }} act
   */
  constructor(act) {
    /**
     * @param {string} name
     * @param {string} label
     * @param {() => void} onclick
     * @param {...(Node | string)} content
     */
    const button = (name, label, onclick, ...content) =>
      el("button", { type: "button", "aria-label": label, title: label, class: `fs-${name}`, onclick },
        ...(content.length ? content : [icon(name)]));
    this.play = button("play", "Play (space)", act.toggle);
    this.seconds = el("b");
    this.frame = el("span", { class: "fs-muted" });
    this.speed = el("select", { "aria-label": "Speed", title: "Speed (comma, full stop)",
      onchange: () => act.set({ speed: Number(this.speed.value) }) },
      ...SPEEDS.map((speed) => el("option", { value: speed }, `${speed}x`)));
    this.loop = button("loop", "Loop (L)", act.toggleLoop);
    this.opacity = el("input", { type: "range", min: 0, max: 100, "aria-label": "Overlay opacity",
      title: "Overlay opacity ([ and ])", oninput: () => act.set({ opacity: Number(this.opacity.value) / 100 }) });
    this.smooth = button("choice", "smooth: Draw maps smoothly", () => act.set({ smooth: true }), "smooth");
    this.raw = button("choice", "cells: Draw maps as raw cells", () => act.set({ smooth: false }), "cells");
    this.add = button("add", "Add a panel", act.addPanel, icon("plus"), "panel");
    this.kinds = /** @type {[Kind, string][]} */ ([["row", "One row of panels"], ["grid", "Two rows of panels"],
      ["large", "One large panel and small ones"]]).map(([kind, label]) =>
      el("button", { type: "button", "aria-label": label, title: label, value: kind, onclick: () => act.arrange(kind) }, icon(kind)));
    this.arrangement = el("div", { class: "fs-pair fs-kinds", role: "group", "aria-label": "Arrangement" }, ...this.kinds);
    this.help = new Help();
    this.status = el("span", { class: "fs-unseen", role: "status", "aria-live": "polite" });
    this.element = el("div", { class: "fs-controls" },
      el("div", { class: "fs-group" },
        this.play,
        button("back", "One frame back (left arrow)", () => act.step(-1)),
        button("forward", "One frame forward (right arrow)", () => act.step(1)),
        el("span", { class: "fs-time" }, this.seconds, this.frame)),
      el("div", { class: "fs-group fs-right" },
        el("label", { class: "fs-speed" }, this.speed), this.loop,
        el("label", { class: "fs-opacity" }, el("span", {}, "overlay"), this.opacity),
        el("div", { class: "fs-pair", role: "group", "aria-label": "Maps" }, this.smooth, this.raw),
        this.arrangement, this.add, this.help.button),
      this.status, this.help.dialog);
  }

  /**
   * @param {Reel} reel
   * @param {number} n
   */
  move(reel, n) {
    this.seconds.textContent = `${reel.seconds(n).toFixed(2)} s`;
    this.frame.textContent = ` \u00b7 frame ${n + 1}/${reel.frames}`;
  }

  /** @param {string} text announced by screen readers */
  say(text) {
    this.status.textContent = text;
  }

  /** @param {State & { full: boolean, kind: Kind | "" }} state */
  show({ playing, speed, loop, opacity, smooth, full, kind }) {
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", playing ? "Pause (space)" : "Play (space)");
    this.play.title = playing ? "Pause (space)" : "Play (space)";
    this.speed.value = String(speed);
    this.loop.setAttribute("aria-pressed", String(loop));
    this.opacity.value = String(Math.round(100 * opacity));
    this.opacity.style.setProperty("--part", percent(opacity));
    this.smooth.setAttribute("aria-pressed", String(smooth));
    this.raw.setAttribute("aria-pressed", String(!smooth));
    this.add.disabled = full;
    for (const button of this.kinds) button.setAttribute("aria-pressed", String(button.value === kind));
  }
}
