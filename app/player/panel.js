// Panel: one picture of the row: its title, its canvas, and the line beneath with scale and value.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  back: "M3 3h2v10H3zM13 3v10L6 8z",
  forward: "M11 3h2v10h-2zM3 3l7 5-7 5z",
  loop: "M3 8V6.5A2.5 2.5 0 0 1 5.5 4H13M10.5 1.5 13 4l-2.5 2.5M13 8v1.5a2.5 2.5 0 0 1-2.5 2.5H3M5.5 9.5 3 12l2.5 2.5",
  plus: "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
  close: "M4.2 3 8 6.8 11.8 3 13 4.2 9.2 8l3.8 3.8-1.2 1.2L8 9.2 4.2 13 3 11.8 6.8 8 3 4.2z",
};

// An element; text goes in as text, never as markup.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `fs-icon-${name}`);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const digits = (value) => {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace("-", "\u2212");
};

const isFlow = (video) => video.endsWith("flow"); // a reel of two runs may hold two: flow, b:flow

class Panel {
  constructor({ onchoose, onremove, onhover, onclick, onkey }) {
    this.cells = new Map(); // chunk -> the map's cells as a small picture
    this.choice = el("select", { onchange: () => onchoose(this.choice.value) });
    this.detail = el("div", { class: "fs-detail" });
    this.remove = el("button", { class: "fs-remove", type: "button", onclick: onremove }, icon("close"));
    this.canvas = el("canvas", { tabindex: 0, role: "img" });
    this.wheel = el("canvas", { class: "fs-wheel", width: 96, height: 96, role: "img",
      "aria-label": "Legend: colour is the direction of motion, from the middle outwards" });
    this.scale = el("span", { class: "fs-scale" });
    this.value = el("b");
    this.unit = el("span");
    this.readout = el("span", { class: "fs-readout" }, this.value, this.unit);
    this.figure = el("figure", { class: "fs-panel" },
      el("header", {}, el("span", { class: "fs-dot" }), this.choice, this.remove),
      this.detail,
      el("div", { class: "fs-picture" }, this.canvas, this.wheel),
      el("figcaption", {}, this.scale, this.readout));
    drawWheel(this.wheel);
    this.canvas.addEventListener("pointermove", (event) => onhover(this.#point(event)));
    this.canvas.addEventListener("pointerleave", () => onhover(null));
    this.canvas.addEventListener("click", (event) => onclick(this.#point(event)));
    this.canvas.addEventListener("keydown", onkey);
    this.canvas.addEventListener("blur", () => onhover(null));
  }

  // Become the panel `key` of this reel; the canvas keeps its pixels until the next draw.
  show(reel, key, alone) {
    this.reel = reel;
    this.panel = reel.panel(key);
    this.cells.clear();
    const { title, detail, stream, map, video, bar: told } = this.panel;
    this.choice.replaceChildren(...reel.panels.map((p) => el("option", { value: p.key }, p.title)));
    this.choice.value = key;
    this.choice.setAttribute("aria-label", `Panel shown here: ${title}`);
    this.detail.textContent = detail;
    this.detail.title = detail;
    this.remove.setAttribute("aria-label", `Remove panel ${title}`);
    this.remove.hidden = alone;
    this.wheel.hidden = !(isFlow(video) && !map);
    this.canvas.dataset.panel = key;
    this.canvas.setAttribute("aria-label",
      `${title}${detail && `, ${detail}`}. Arrow keys move the mark, Enter pins it.`);
    this.figure.dataset.stream = stream;
    this.scale.replaceChildren();
    this.scale.setAttribute("aria-hidden", "true");
    const scale = map ?? told; // a picture brings the colours of its scale along
    if (!scale) return;
    const bar = el("i");
    bar.style.backgroundImage = map ? rampGradient(stream, map) : `linear-gradient(90deg, ${told.stops.join(", ")})`;
    if (map?.ramp === "signed") this.scale.append(`against ${digits(map.low)}`, bar, `${digits(-map.low)} for`);
    else this.scale.append(digits(scale.low), bar, digits(scale.high));
  }

  // Fit the canvas to its box; true where that cleared it.
  fit() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (width === this.canvas.width && height === this.canvas.height) return false;
    Object.assign(this.canvas, { width, height });
    return true;
  }

  draw(n, { opacity, smooth, hover, pin, accent }) {
    const { width, height } = this.canvas;
    const ctx = this.canvas.getContext("2d");
    const picture = this.reel.picture(this.panel.video, n);
    const chunk = this.reel.chunk(this.panel, n);
    if (!width || !height) return;
    ctx.imageSmoothingQuality = "high";
    ctx.imageSmoothingEnabled = true;
    if (picture) ctx.drawImage(picture, 0, 0, width, height);
    else ctx.clearRect(0, 0, width, height);
    if (this.panel.map) this.#drawMap(ctx, chunk, opacity, smooth);
    for (const box of this.reel.boxes ?? []) if (box.first <= n && n <= box.last) this.#drawBox(ctx, box);
    if (pin) this.#drawMark(ctx, pin, accent, "rgb(255 255 255 / 0.85)");
    if (hover) this.#drawMark(ctx, hover, "#fff", "rgb(0 0 0 / 0.65)");
    this.#say(hover ?? pin, chunk);
  }

  #drawMap(ctx, chunk, opacity, smooth) {
    const { width, height } = ctx.canvas;
    if (!this.cells.has(chunk)) {
      const { stream, map } = this.panel;
      this.cells.set(chunk, cellsPicture(stream, map, this.reel.bytes(this.panel, chunk)));
    }
    ctx.globalCompositeOperation = "saturation"; // greys the picture, then darkens it
    ctx.fillStyle = `rgb(128 128 128 / ${opacity})`;
    ctx.fillRect(0, 0, width, height);
    ctx.globalCompositeOperation = "source-over";
    ctx.fillStyle = `rgb(10 12 16 / ${(isFlow(this.panel.video) ? 0.8 : 0.6) * opacity})`; // flow lies on white
    ctx.fillRect(0, 0, width, height);
    ctx.globalAlpha = opacity;
    ctx.imageSmoothingEnabled = smooth;
    const on = this.reel.grid(this.panel);
    ctx.drawImage(this.cells.get(chunk),
      on.left * width, on.top * height, on.width * width, on.height * height);
    ctx.globalAlpha = 1;
  }

  // A box that was erased, with an edge so that any ground will do.
  #drawBox(ctx, { x, y, w, h }) {
    const { width, height } = ctx.canvas;
    const unit = window.devicePixelRatio || 1;
    ctx.lineWidth = 1.5 * unit;
    ctx.strokeStyle = "rgb(0 0 0 / 0.7)";
    ctx.strokeRect(x * width, y * height, w * width, h * height);
    ctx.strokeStyle = "#fff";
    ctx.setLineDash([5 * unit, 4 * unit]);
    ctx.strokeRect(x * width, y * height, w * width, h * height);
    ctx.setLineDash([]);
  }

  // A cross at the place and the outline of its cell (over a bare picture: of what the cell looks
  // at), each with an edge so that any ground will do.
  #drawMark(ctx, mark, colour, edge) {
    const { width, height } = ctx.canvas;
    const unit = window.devicePixelRatio || 1;
    const [x, y, arm] = [mark.x * width, mark.y * height, 8 * unit];
    const path = new Path2D(`M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`);
    const cell = this.reel.cell(this.panel, mark);
    if (cell) {
      const box = this.panel.map ? this.reel.box(cell) : this.reel.looks(cell);
      path.rect(box.x * width + unit, box.y * height + unit, box.w * width - 2 * unit, box.h * height - 2 * unit);
    }
    ctx.strokeStyle = edge;
    ctx.lineWidth = 4 * unit;
    ctx.stroke(path);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.75 * unit;
    ctx.stroke(path);
  }

  #say(mark, chunk) {
    let [value, unit] = ["", ""];
    if (mark && this.panel.map) {
      value = digits(this.reel.value(this.panel, chunk, this.reel.cell(this.panel, mark)));
      unit = ` ${this.panel.unit ?? "activation"}`;
    } else if (mark && this.panel.video.endsWith("frame")) {
      value = `x ${Math.floor(mark.x * this.reel.width)}, y ${Math.floor(mark.y * this.reel.height)}`;
    }
    if (this.value.textContent !== value) this.value.textContent = value;
    if (this.unit.textContent !== unit) this.unit.textContent = unit;
  }

  #point({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const inside = (v) => Math.min(1, Math.max(0, v));
    return { x: inside((clientX - box.left) / box.width), y: inside((clientY - box.top) / box.height) };
  }
}
