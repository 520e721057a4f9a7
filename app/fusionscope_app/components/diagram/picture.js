// Picture: the network drawn for one width; its stages are buttons.

import { svg } from "../dom.js";
import { Layout, columnOf } from "./layout.js";
import { frontOf, sheets, wire, words } from "./shapes.js";

/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./layout.js").Stage} Stage */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ stage: Stage, lane: number, column: number, element: SVGGElement, box: Box }} Node box: of its map */

const JOIN = 18; // pixels, radius of an operator's circle
const FINGER = 40; // pixels, the least height of a stage on a phone

export class Picture {
  /**
   * @param {import("./layout.js").Net} net
   * @param {number} width
   */
  constructor(net, width) {
    this.net = net;
    this.layout = new Layout(net, width);
    /** @type {Node[]} */
    this.nodes = [];
    /** @type {{ stream: string, box: Box }[]} where frame and flow are drawn */
    this.sources = [];
    const { layout } = this;
    this.element = svg("svg", { width: layout.used, height: layout.height, role: "group", "aria-label": net.label });
    const wires = svg("g", { "aria-hidden": "true" });
    this.element.append(wires);
    net.lanes.forEach((lane, index) => this.#lane(lane, index, wires));
    this.#joins(wires);
    this.#heads(wires);
  }

  /** @param {[string, string] | null} pick */
  find(pick) {
    return this.nodes.find(({ stage }) => pick && stage.stream === pick[0] && stage.name === pick[1]);
  }

  /**
   * The node that an arrow key leads to: along the lane, or across to the nearest one of the other lane.
   * @param {Node} node
   * @param {string} key
   */
  step(node, key) {
    const turn = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    const ends = { Home: 0, End: -1 }[key];
    const own = this.nodes.filter(({ lane }) => lane === node.lane);
    if (ends !== undefined) return own.at(ends);
    if (!turn) return null;
    const [along, across] = this.layout.down ? [turn[1], turn[0]] : turn;
    if (along) return own[own.indexOf(node) + along] ?? node;
    const other = this.nodes.filter(({ lane }) => lane === node.lane + across);
    const far = (/** @type {Node} */ { column }) => Math.abs(column - node.column);
    return other.toSorted((a, b) => far(a) - far(b))[0] ?? node;
  }

  /**
   * @param {Stage[]} lane
   * @param {number} index
   * @param {SVGGElement} wires
   */
  #lane(lane, index, wires) {
    const source = this.net.sources[index];
    const { layout } = this;
    const [, channels, height, width] = source.shape;
    const start = layout.point(-1, index);
    const side = Math.max(48, Math.min(layout.box * 0.62, layout.each - 20));
    /** @type {Point} */
    const size = [(side * width) / height, side];
    this.sources.push({ stream: source.stream, box: frontOf(start, size, source.shape[0]) });
    const shape = svg("g", { class: "fs-source", "data-stream": source.stream, "aria-hidden": "true" },
      ...sheets(start, size, source.shape[0]));
    this.#name(shape, start, [source.name, `${height} × ${width}`, `${channels}`], side);
    const [tx, ty] = layout.down ? [start[0] - 26, 16] : [4, start[1] - layout.box / 2 - 24];
    const title = words(layout.down ? source.title.split(",")[0] : source.title, tx, ty, "fs-title", "start");
    title.dataset.stream = source.stream;
    this.element.append(title, shape);
    /** @type {[Point, string]} */
    let [last, stream] = [start, source.stream];
    for (const stage of lane) {
      const at = layout.pointOf(stage, index);
      if (stage.before) {
        const front = layout.point(layout.columns.indexOf(stage.name), index);
        wires.append(wire([last, front], "fused"));
        last = front;
      }
      wires.append(wire([last, at], stage.symbol && !stage.before ? stream : stage.stream));
      [last, stream] = [at, stage.stream];
      this.#stage(stage, index, at);
    }
    const head = this.net.heads.find((one) => one.stream === lane.at(-1)?.stream);
    if (head) wires.append(wire([last, layout.head(index)], head.stream));
  }

  /**
   * @param {Stage} stage
   * @param {number} lane
   * @param {Point} at
   */
  #stage(stage, lane, at) {
    const { layout } = this;
    const [width, height] = layout.size(stage);
    const element = svg("g", {
      class: "fs-stage", role: "button", tabindex: -1,
      "data-stream": stage.stream, "data-name": stage.name, "aria-label": stage.label,
    });
    const [x, y] = at;
    const hit = layout.down
      ? { x: x - 30, y: y - Math.max(FINGER, height + 14) / 2, width: layout.width / 2 - 4, height: Math.max(FINGER, height + 14) }
      : { x: x - layout.each / 2 + 1, y: y - layout.box / 2 - 16, width: layout.each - 2, height: layout.box + 70 };
    const label = svg("g", { class: "fs-label", "aria-hidden": "true", "data-stream": stage.stream }); // the button's name says all of it
    element.append(svg("rect", { class: "fs-hit", rx: 4, ...hit }));
    if (stage.before) this.#before(element, label, stage, lane);
    element.append(...sheets(at, [width, height], stage.shape[0]));
    if (stage.symbol) {
      const [cx, cy] = this.#joint(at, width, height);
      element.append(svg("circle", { class: "fs-join", cx, cy, r: JOIN }));
      label.append(words(stage.symbol, cx, cy + 4, stage.symbol.length > 3 ? "fs-symbol fs-long" : "fs-symbol"));
    }
    const [, channels, rows, columns] = stage.shape;
    const name = stage.symbol ? stage.operator : stage.name;
    const shown = [name, `${rows} × ${columns}`, channels.toLocaleString("en")];
    this.#name(label, at, shown, height, stage.pooled, Boolean(stage.symbol), width);
    this.element.append(element, label);
    this.nodes.push({ stage, lane, column: layout.columns.indexOf(columnOf(stage)), element, box: frontOf(at, [width, height], stage.shape[0]) });
  }

  /**
   * The circle of an operator: at the edge of its map where motion's wire ends.
   * @param {Point} at
   * @param {number} width
   * @param {number} height
   * @returns {Point}
   */
  #joint([x, y], width, height) {
    return this.layout.down ? [x + width / 2 + 12, y] : [x, y + height / 2 + 14];
  }

  /**
   * Label a box: below it, or beside it where data flows downwards.
   * @param {SVGGElement} element
   * @param {Point} at
   * @param {string[]} labels name, grid size, channels
   * @param {number} height
   * @param {string[]} notes
   */
  #name(element, [x, y], [name, grid, channels], height, notes = [], above = false, width = 50) {
    if (this.layout.down) {
      const shown = notes.join(" ") || `${grid} × ${channels}`;
      const left = x + width / 2 + (above ? 34 : 8);
      element.append(words(name, left, y - 5, "fs-name", "start"), words(shown, left, y + 13, "fs-shape", "start"));
      return;
    }
    const base = above ? y - height / 2 - 61 : y + this.layout.box / 2; // a wire enters a join from below
    element.append(words(name, x, base + 21, "fs-name"), words(grid, x, base + 37, "fs-shape"), words(channels, x, base + 52, "fs-shape"));
    notes.forEach((note, n) => element.append(words(note, x, y - height / 2 - 26 + 14 * n, "fs-shape")));
  }

  /**
   * Draw the stage that precedes a later join. Its map is not kept, so it belongs to the join's button.
   * @param {SVGGElement} element
   * @param {SVGGElement} label
   * @param {Stage} stage
   * @param {number} lane
   */
  #before(element, label, stage, lane) {
    if (!stage.before) return;
    const at = this.layout.point(this.layout.columns.indexOf(stage.name), lane);
    const [, channels, rows, columns] = stage.before;
    const size = this.layout.size({ shape: stage.before });
    element.append(...sheets(at, size, stage.before[0]));
    this.#name(label, at, [stage.name, `${rows} × ${columns}`, channels.toLocaleString("en")], size[1]);
  }

  /**
   * Draw the wires from the temporal lane to each join.
   * @param {SVGGElement} wires
   */
  #joins(wires) {
    for (const { column, stage } of this.nodes.filter((node) => node.stage.symbol)) {
      const [width, height] = this.layout.size(stage);
      const [from, turn, to] = [this.layout.point(column - 1, 1), this.layout.point(column, 1), this.layout.point(column, 0)];
      const [cx, cy] = this.#joint(to, width, height);
      /** @type {Point} */
      const end = this.layout.down ? [cx + JOIN, cy] : [cx, cy + JOIN];
      wires.append(wire([from, turn, end], "temporal", true));
    }
  }

  /** @param {SVGGElement} wires */
  #heads(wires) {
    const { heads, lanes } = this.net;
    const { layout } = this;
    const ends = heads.map((head) => layout.head(lanes.findIndex((lane) => lane.at(-1)?.stream === head.stream)));
    if (ends.length === 2) {
      const [a, b] = ends;
      const turn = layout.down ? ends.map(([x, y]) => [x, y + 46]) : ends;
      const middle = [(turn[0][0] + turn[1][0]) / 2, (turn[0][1] + turn[1][1]) / 2];
      wires.append(svg("path", { class: "fs-mean", d: `M${a}L${turn[0]}L${turn[1]}L${b}` }));
      wires.append(svg("circle", { class: "fs-average", cx: middle[0], cy: middle[1], r: 6 }));
      const [x, y] = layout.down ? [middle[0], middle[1] + 20] : [middle[0] + 14, middle[1] + 5];
      wires.append(words("average", x, y, "fs-name", layout.down ? "middle" : "start"));
    }
    heads.forEach((head, i) => {
      const [x, y] = ends[i];
      wires.append(svg("circle", { class: "fs-head", "data-stream": head.stream, cx: x, cy: y, r: 7 }));
      wires.append(words(head.name, x + 14, y + (layout.down ? 0 : 5), "fs-name fs-strong", "start"));
      head.notes.forEach((note, n) => {
        if (!layout.down || n === head.notes.length - 1) {
          wires.append(words(note, x + 14, y + (layout.down ? 15 : 21 + 15 * n), "fs-shape", "start"));
        }
      });
    });
  }
}
