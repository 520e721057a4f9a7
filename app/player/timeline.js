// Timeline: where in the clip we are, over its chunks and its motion; and the row of controls.

const SPEEDS = [0.1, 0.25, 0.5, 1, 2];
const percent = (part) => `${100 * part}%`;

class Timeline {
  constructor({ onseek, onhold }) {
    this.chunks = el("div", { class: "fs-chunks", "aria-hidden": "true" });
    this.stack = el("div", { class: "fs-stack" });
    this.played = el("div", { class: "fs-played" });
    this.motion = document.createElementNS(SVG, "svg");
    this.motion.setAttribute("class", "fs-motion");
    this.motion.setAttribute("preserveAspectRatio", "none");
    this.curve = this.motion.appendChild(document.createElementNS(SVG, "path"));
    this.second = this.motion.appendChild(document.createElementNS(SVG, "path"));
    this.second.setAttribute("class", "fs-second"); // the motion of the run that stands below
    this.head = el("div", { class: "fs-head" });
    this.slider = el("div", { class: "fs-slider", role: "slider", tabindex: 0, "aria-label": "Frame" },
      this.stack, this.chunks, el("div", { class: "fs-track" }, this.played), this.motion, this.head);
    this.whose = el("span"); // of two runs with other chunks: the one whose chunks these are
    this.peak = el("span", { class: "fs-muted" });
    this.element = el("div", { class: "fs-timeline" },
      el("div", { class: "fs-gutter", "aria-hidden": "true" },
        el("span", {}, "chunk ", this.whose), el("span", {}, "motion ", this.peak)),
      this.slider);
    const seek = ({ clientX }) => {
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

  show(reel) {
    this.reel = reel;
    this.marks = reel.chunks.map(({ frame }, chunk) => {
      const mark = el("span", {}, String(chunk + 1));
      mark.style.left = percent((frame + 0.5) / reel.frames);
      return mark;
    });
    this.chunks.replaceChildren(...this.marks);
    const every = Math.ceil(reel.chunks.length / 24); // more numbers than that would touch
    this.marks.forEach((mark, chunk) => mark.classList.toggle("fs-bare", chunk % every !== 0));
    const beside = reel.beside ?? [];
    const peak = Math.max(1e-6, ...reel.motion, ...beside);
    const steps = (motion) => motion.map((m, n) => `L${n} ${1 - m / peak}H${n + 1}`).join("");
    this.motion.setAttribute("viewBox", `0 -0.06 ${reel.frames} 1.06`);
    this.curve.setAttribute("d", `M0 1${steps(reel.motion)}V1Z`);
    this.second.setAttribute("d", beside.length ? `M0 1${steps(beside)}` : "");
    this.whose.textContent = reel.whose ? `of ${reel.whose}` : "";
    this.peak.textContent = `to ${digits(peak)} px`;
    this.slider.setAttribute("aria-valuemin", "1");
    this.slider.setAttribute("aria-valuemax", String(reel.frames));
  }

  // Screen readers hear of a place only while it holds still.
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
    this.slider.setAttribute("aria-valuetext", placeOf(reel, n));
  }
}

const placeOf = (reel, n) => `${reel.seconds(n).toFixed(2)} s, frame ${n + 1} of ${reel.frames}`;

class Controls {
  constructor(act) {
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
      title: "Overlay opacity ([ and ])", oninput: () => act.set({ opacity: this.opacity.value / 100 }) });
    this.smooth = button("choice", "Draw maps smooth", () => act.set({ smooth: true }), "smooth");
    this.raw = button("choice", "Draw maps as raw cells", () => act.set({ smooth: false }), "cells");
    this.add = button("add", "Add a panel", act.addPanel, icon("plus"), "panel");
    this.status = el("span", { class: "fs-unseen", role: "status", "aria-live": "polite" });
    this.element = el("div", { class: "fs-controls" },
      el("div", { class: "fs-group" },
        this.play,
        button("back", "One frame back (left arrow)", () => act.step(-1)),
        button("forward", "One frame on (right arrow)", () => act.step(1)),
        el("span", { class: "fs-time" }, this.seconds, this.frame)),
      el("div", { class: "fs-group fs-right" },
        el("label", { class: "fs-speed" }, this.speed), this.loop,
        el("label", { class: "fs-opacity" }, el("span", {}, "overlay"), this.opacity),
        el("div", { class: "fs-pair", role: "group", "aria-label": "Maps" }, this.smooth, this.raw),
        this.add),
      this.status);
  }

  move(reel, n) {
    this.seconds.textContent = `${reel.seconds(n).toFixed(2)} s`;
    this.frame.textContent = ` \u00b7 frame ${n + 1}/${reel.frames}`;
  }

  say(text) {
    this.status.textContent = text;
  }

  show({ playing, speed, loop, opacity, smooth, full }) {
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.setAttribute("aria-label", playing ? "Pause (space)" : "Play (space)");
    this.play.title = this.play.getAttribute("aria-label");
    this.speed.value = String(speed);
    this.loop.setAttribute("aria-pressed", String(loop));
    this.opacity.value = String(Math.round(100 * opacity));
    this.opacity.style.setProperty("--part", percent(opacity));
    this.smooth.setAttribute("aria-pressed", String(smooth));
    this.raw.setAttribute("aria-pressed", String(!smooth));
    this.add.disabled = full;
  }
}
