// Picture: a part of a confusion matrix on a canvas, with as many names of classes as fit.

import { context2d } from "../dom.js";

const EDGE = 3; // pixels between names and cells
const SMALLEST = 1.5; // pixels of a cell with clips, so that single ones are seen

/** @typedef {{ cell: string, right: string, line: string, mark: string, text: string }} Colours */
export class MatrixPicture {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = context2d(canvas);
    this.plot = { x: 0, y: 0, side: 1 };
  }

  /**
   * Row and column, with fractions, of a point of the canvas; null outside the cells.
   * @param {import("./window.js").Window} shown
   * @param {number} x
   * @param {number} y
   */
  cellAt(shown, x, y) {
    const { plot } = this;
    const across = (x - plot.x) / plot.side, down = (y - plot.y) / plot.side;
    if (across < 0 || down < 0 || across >= 1 || down >= 1) return null;
    return [shown.from[0] + down * shown.size, shown.from[1] + across * shown.size];
  }

  /**
   * @param {import("./table.js").ConfusionTable} table
   * @param {import("./window.js").Window} shown
   * @param {number[] | null} cursor row and column
   * @param {number[] | null} chosen
   * @param {Colours} colours
   * @param {{ width: number, font: string, size: number }} type width in pixels, size of the text
   */
  draw(table, shown, cursor, chosen, colours, { width, font, size }) {
    const { canvas, context } = this;
    context.font = font;
    const longest = table.names.reduce((most, name) => (name.length > most.length ? name : most), "");
    const room = Math.min(width * 0.3, size * 11, context.measureText(longest).width + size);
    const side = Math.max(40, Math.min(width - room - 2, 640));
    const height = side + room + 2;
    const ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.height = `${height}px`;
    }
    this.plot = { x: room, y: room, side };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = font;
    this.#cells(table, shown, colours);
    this.#names(table.names, shown, cursor, colours, size);
    for (const [cell, colour] of /** @type {const} */ ([[chosen, colours.mark], [cursor, colours.text]])) {
      if (cell) this.#mark(shown, cell, colour);
    }
  }

  /**
   * @param {import("./table.js").ConfusionTable} table
   * @param {import("./window.js").Window} shown
   * @param {Colours} colours
   */
  #cells({ cells, most, mostRight }, shown, colours) {
    const { context, plot } = this;
    const scale = plot.side / shown.size, box = Math.max(SMALLEST, scale);
    context.save();
    context.beginPath();
    context.rect(plot.x, plot.y, plot.side, plot.side);
    context.clip();
    for (let at = 0; at < cells.length; at += 3) {
      const row = cells[at] - shown.from[0], column = cells[at + 1] - shown.from[1];
      if (row <= -1 || column <= -1 || row >= shown.size || column >= shown.size) continue;
      const right = cells[at] === cells[at + 1];
      context.fillStyle = right ? colours.right : colours.cell;
      context.globalAlpha = 0.18 + 0.82 * Math.sqrt(cells[at + 2] / (right ? mostRight : most));
      context.fillRect(plot.x + column * scale, plot.y + row * scale, box, box);
      if (scale < 24) continue;
      context.globalAlpha = 1;
      context.fillStyle = colours.text;
      context.textAlign = "center";
      context.textBaseline = "middle";
      this.#count(cells[at + 2], plot.x + (column + 0.5) * scale, plot.y + (row + 0.5) * scale, colours);
    }
    context.restore();
    context.strokeStyle = colours.line;
    context.strokeRect(plot.x - 0.5, plot.y - 0.5, plot.side + 1, plot.side + 1);
  }

  /**
   * A number with an outline, so that it is read on any shade of the cell.
   * @param {number} count
   * @param {number} x
   * @param {number} y
   * @param {Colours} colours
   */
  #count(count, x, y, colours) {
    const { context } = this;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = getComputedStyle(this.canvas).getPropertyValue("--st-background-color") || colours.line;
    context.strokeText(String(count), x, y);
    context.fillText(String(count), x, y);
    context.lineWidth = 1;
  }

  /**
   * @param {string[]} names
   * @param {import("./window.js").Window} shown
   * @param {number[] | null} cursor
   * @param {Colours} colours
   * @param {number} size
   */
  #names(names, shown, cursor, colours, size) {
    const { context, plot } = this;
    const scale = plot.side / shown.size;
    const step = Math.max(1, Math.ceil((size * 1.25) / scale));
    context.globalAlpha = 1;
    context.textBaseline = "middle";
    for (const axis of [0, 1]) {
      const held = cursor ? Math.floor(cursor[axis]) : -1;
      const first = Math.ceil((shown.from[axis] - 0.49) / step) * step;
      for (let at = first; at < Math.min(names.length, shown.from[axis] + shown.size - 0.5); at += step) {
        if (held < 0 || Math.abs(at - held) >= step) this.#name(names[at], axis, at, shown, colours.text, size);
      }
      const inside = held >= shown.from[axis] - 0.5 && held < shown.from[axis] + shown.size;
      if (inside) this.#name(names[held], axis, held, shown, colours.mark, size);
    }
  }

  /**
   * @param {string} name
   * @param {number} axis 0: a row, 1: a column
   * @param {number} at
   * @param {import("./window.js").Window} shown
   * @param {string} colour
   * @param {number} size
   */
  #name(name, axis, at, shown, colour, size) {
    const { context, plot } = this;
    const place = ((at + 0.5 - shown.from[axis]) * plot.side) / shown.size;
    const text = shortened(context, name, plot.x - EDGE - 2 - size / 4);
    context.save();
    context.fillStyle = colour;
    if (axis === 0) {
      context.textAlign = "right";
      context.fillText(text, plot.x - EDGE, plot.y + place);
    } else {
      context.translate(plot.x + place, plot.y - EDGE);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(text, 0, 0);
    }
    context.restore();
  }

  /**
   * @param {import("./window.js").Window} shown
   * @param {number[]} cell
   * @param {string} colour
   */
  #mark(shown, cell, colour) {
    const { context, plot } = this;
    const scale = plot.side / shown.size, box = Math.max(6, scale);
    const [y, x] = cell.map((at, axis) => (Math.floor(at) + 0.5 - shown.from[axis]) * scale - box / 2);
    if (x < -box || y < -box || x > plot.side || y > plot.side) return;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(plot.x + x, plot.y + y, box, box);
    context.lineWidth = 1;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} room
 */
function shortened(context, name, room) {
  if (context.measureText(name).width <= room) return name;
  let kept = name.length;
  while (kept > 1 && context.measureText(`${name.slice(0, kept)}…`).width > room) kept -= 1;
  return `${name.slice(0, kept)}…`;
}
