// Layout: where every part of the network lies, in pixels. Along is the way the data goes: to the
// right where all fits into one row, else downwards; across are the lanes.

const ROOM = { column: 50, heads: 152, box: 92, low: 60 }; // low: the tallest box going downwards

// Stage names of both lanes in one order, and behind every place of fusion a column of its own.
function columnsOf(lanes) {
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

const columnOf = (stage) => (stage.symbol ? `${stage.name} join` : stage.name);

class Layout {
  constructor(net, width) {
    this.columns = columnsOf(net.lanes);
    const each = (width - ROOM.heads) / (this.columns.length + 1);
    this.down = each < ROOM.column;
    this.width = width;
    this.tallest = Math.max(...net.lanes.flat().map((stage) => stage.shape[2]));
    this.box = this.down ? ROOM.low : ROOM.box;
    const heights = [this.box, ...this.columns.map((name) => this.#rowHeight(net, name))];
    this.along = [];
    let at = this.down ? 30 : 0;
    for (const height of heights) {
      const size = this.down ? height : Math.min(each, 104);
      this.along.push(at + size / 2);
      at += size;
    }
    this.each = Math.min(each, 104);
    this.end = at; // where the heads begin
    this.height = this.down ? at + 24 + 44 * net.lanes.length : 44 + 196 * net.lanes.length - 30;
  }

  // A point in a lane: column -1 is the source.
  point(column, lane) {
    const along = this.along[column + 1];
    return this.down ? [this.#across(lane), along] : [along, this.#across(lane)];
  }

  pointOf(stage, lane) {
    return this.point(this.columns.indexOf(columnOf(stage)), lane);
  }

  head(lane) {
    return this.down ? [this.#across(lane), this.end + 14] : [this.end + 14, this.#across(lane)];
  }

  #across(lane) {
    return this.down ? 34 + (lane * this.width) / 2 : 44 + this.box / 2 + lane * 196;
  }

  #rowHeight(net, name) {
    const here = net.lanes.flat().filter((stage) => columnOf(stage) === name);
    return Math.max(40, ...here.map((stage) => (stage.symbol ? 52 : this.size(stage)[1] + 20)));
  }

  // Width by the channels, on a log scale; height by the root of the grid's.
  size({ shape: [, channels, height] }) {
    const tall = this.box * Math.sqrt(height / this.tallest);
    return [5 + 2.3 * Math.log2(channels), Math.max(7, tall)];
  }
}
