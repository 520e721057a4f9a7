// Layout: the position of each part of the network, in pixels. Data flows along: to the right where
// all stages fit into one row, else downwards. The lanes lie across.

/** @typedef {[number, number, number, number]} Shape chunks, channels, height and width of a map */
/** @typedef {[number, number]} Point */
/** @typedef {"spatial" | "temporal" | "fused"} Stream */
/**
 * A stage of the network; one with a symbol is a place of fusion, and `before` is the map that enters
 * it where the stage itself comes first.
 * @typedef {{
 *   stream: Stream, name: string, shape: Shape, symbol: string, operator: string, field: number,
 *   title: string, facts: string[], label: string, pooled: string[], before: Shape | null,
 *   reach: number, look: Point | null,
 * }} Stage; `reach` chunks on each side; `look`: receptive field as shares of the picture; null: all of it
 */
/** @typedef {{ stream: Stream, shape: Shape, title: string, name: string }} Source */
/** @typedef {{ stream: Stream, name: string, notes: string[] }} Head */
/** @typedef {{ label: string, sources: Source[], lanes: Stage[][], heads: Head[] }} Net */

const ROOM = { column: 62, heads: 152, box: 92, low: 56 }; // low: the tallest box going downwards
export const LEAST = 48; // pixels, the shorter side of a map

/**
 * Stage names of both lanes in one order; each place of fusion has a column of its own, after its stage.
 * @param {Stage[][]} lanes
 */
function columnsOf(lanes) {
  /** @type {string[]} */
  const order = [];
  for (const lane of lanes) {
    let at = 0;
    for (const { name } of lane) {
      const found = order.indexOf(name);
      if (found < 0) order.splice(at, 0, name);
      at = (found < 0 ? at : found) + 1;
    }
  }
  const joins = new Set(lanes.flat().filter((stage) => stage.symbol).map((stage) => stage.name));
  return order.flatMap((name) => (joins.has(name) ? [name, `${name} join`] : [name]));
}

/** @param {Stage} stage */
export const columnOf = (stage) => (stage.symbol ? `${stage.name} join` : stage.name);

export class Layout {
  /**
   * @param {Net} net
   * @param {number} width
   */
  constructor(net, width) {
    this.columns = columnsOf(net.lanes);
    const each = (width - ROOM.heads) / (this.columns.length + 1);
    this.down = each < ROOM.column;
    this.width = width;
    this.tallest = Math.max(...net.lanes.flat().map((stage) => stage.shape[2]));
    this.box = this.down ? ROOM.low : ROOM.box;
    const heights = [this.box, ...this.columns.map((name) => this.#rowHeight(net, name))];
    /** @type {number[]} */
    this.along = [];
    let at = this.down ? 30 : 0;
    for (const height of heights) {
      const size = this.down ? height : Math.min(each, 104);
      this.along.push(at + size / 2);
      at += size;
    }
    this.each = Math.min(each, 104);
    this.end = at; // where the heads begin
    this.used = this.down ? width : at + ROOM.heads;
    this.height = this.down ? at + 24 + 44 * net.lanes.length : 44 + 196 * net.lanes.length - 30;
  }

  /**
   * A point in a lane; column -1 is the source.
   * @param {number} column
   * @param {number} lane
   * @returns {Point}
   */
  point(column, lane) {
    const along = this.along[column + 1];
    return this.down ? [this.#across(lane), along] : [along, this.#across(lane)];
  }

  /**
   * @param {Stage} stage
   * @param {number} lane
   */
  pointOf(stage, lane) {
    return this.point(this.columns.indexOf(columnOf(stage)), lane);
  }

  /**
   * @param {number} lane
   * @returns {Point}
   */
  head(lane) {
    return this.down ? [this.#across(lane), this.end + 14] : [this.end + 14, this.#across(lane)];
  }

  /** @param {number} lane */
  #across(lane) {
    return this.down ? 30 + (lane * this.width) / 2 : 44 + this.box / 2 + lane * 196;
  }

  /**
   * @param {Net} net
   * @param {string} name
   */
  #rowHeight(net, name) {
    const here = net.lanes.flat().filter((stage) => columnOf(stage) === name);
    return Math.max(40, ...here.map((stage) => this.size(stage)[1] + 16));
  }

  /**
   * Width and height of a box: it grows with the square root of the grid's height.
   * @param {{ shape: Shape }} stage
   * @returns {Point}
   */
  size({ shape: [, , height, width] }) {
    const most = this.down ? ROOM.low : Math.max(LEAST, Math.min(72, this.each - 12));
    const side = LEAST + (most - LEAST) * Math.sqrt(height / this.tallest);
    return [side * Math.max(1, Math.min(width / height, most / side)), side * Math.max(1, Math.min(height / width, 1.3))];
  }
}
