// Reel: one clip's pictures and maps, as the bytes hold them.
//
// The header's fields (fps, frames, width, height, videos, panels, shown, chunks, motion) become the
// reel's own; a panel of another run than theirs has chunks of its own. ``look`` is how much of the
// picture a cell looks at, ``pin`` a place and a frame that the app asks for. Pictures are WebP,
// decoded ahead of the playhead and held within a budget; maps are one byte a cell and are read
// where they lie.

const BUDGET = 192 * 2 ** 20; // bytes of decoded pictures; a longer clip holds a window of itself
const LANES = 4; // pictures being decoded at once
const BEHIND = 4; // frames of the window that lie behind the playhead

const within = (index, count) => Math.max(0, Math.min(count - 1, index));

class Reel {
  constructor(bytes) {
    const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    Object.assign(this, JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))));
    this.payload = bytes.subarray(4 + size);
    this.pictures = {}; // video name -> one slot a frame: empty, "decoding", a bitmap, or null (broken)
    for (const name of Object.keys(this.videos)) this.pictures[name] = new Array(this.frames);
    this.nearest = this.#nearest(this.chunks); // frame -> chunk of the run that the header speaks of
    this.others = new Map(); // panel of another run -> the same for its own chunks
    for (const panel of this.panels) if (panel.chunks) this.others.set(panel, this.#nearest(panel.chunks));
    this.wanted = [];
    this.at = 0;
    this.busy = 0;
    this.closed = false;
    this.onpicture = () => {};
  }

  panel(key) {
    return this.panels.find((panel) => panel.key === key);
  }

  seconds(n) {
    return n / this.fps;
  }

  // The grid that a panel's mark falls on: its own, else the fused map's, else none; and which part
  // of the picture it covers (a net may see less than the whole, or its cells reach beyond).
  grid(panel) {
    const { map } = panel.map ? panel : (this.panels.find((p) => p.map && p.stream === "fused") ?? {});
    if (!map) return null;
    const [left, top, right, bottom] = map.extent ?? [0, 0, 1, 1];
    const [, rows, columns] = map.shape;
    return { rows, columns, left, top, width: right - left, height: bottom - top };
  }

  // The cell at a place, or the nearest one.
  cell(panel, { x, y }) {
    const grid = this.grid(panel);
    return grid && {
      ...grid,
      row: within(Math.floor(((y - grid.top) / grid.height) * grid.rows), grid.rows),
      column: within(Math.floor(((x - grid.left) / grid.width) * grid.columns), grid.columns),
    };
  }

  // Where a cell lies in the picture, all in shares of it.
  box({ row, column, rows, columns, left, top, width, height }) {
    const [w, h] = [width / columns, height / rows];
    return { x: left + column * w, y: top + row * h, w, h };
  }

  // What a cell looks at, as far as it lies within the picture: its receptive field, if known.
  looks(cell) {
    const { x, y, w, h } = this.box(cell);
    if (!this.look) return { x, y, w, h };
    const [left, top] = [x + (w - this.look.width) / 2, y + (h - this.look.height) / 2];
    const [right, bottom] = [left + this.look.width, top + this.look.height];
    const box = { x: Math.max(0, left), y: Math.max(0, top) };
    return { ...box, w: Math.min(1, right) - box.x, h: Math.min(1, bottom) - box.y };
  }

  // One chunk of a map, (h*w) bytes.
  bytes({ map }, chunk) {
    const [, rows, columns] = map.shape;
    const from = map.offset + chunk * rows * columns;
    return this.payload.subarray(from, from + rows * columns);
  }

  value(panel, chunk, { row, column, columns }) {
    const { low, high } = panel.map;
    return low + (this.bytes(panel, chunk)[row * columns + column] / 255) * (high - low);
  }

  // The chunk of a panel's own run that lies nearest to frame n.
  chunk(panel, n) {
    return (this.others.get(panel) ?? this.nearest)[n];
  }

  picture(video, n) {
    return this.pictures[video][n];
  }

  // Whether every named video can be drawn at frame n.
  has(names, n) {
    return names.every((name) => ![undefined, "decoding"].includes(this.pictures[name][n]));
  }

  // Decode these videos from frame n on; forget what lies far from it.
  aim(names, n) {
    this.wanted = names;
    this.at = n;
    const each = this.width * this.height * 4 * Math.max(1, names.length);
    this.window = Math.min(this.frames, Math.max(2 * BEHIND, Math.floor(BUDGET / each)));
    if (this.window < this.frames) this.#forget();
    while (!this.closed && this.busy < LANES && this.#decodeNext());
  }

  close() {
    this.closed = true;
    for (const frames of Object.values(this.pictures)) {
      for (const picture of frames) picture?.close?.();
      frames.fill(undefined);
    }
  }

  #decodeNext() {
    const ahead = this.window < this.frames ? this.window - BEHIND : this.frames;
    for (let step = 0; step < ahead; step++) {
      const n = (this.at + step) % this.frames;
      const name = this.wanted.find((video) => this.pictures[video][n] === undefined);
      if (name) return this.#decode(name, n);
    }
    return false;
  }

  #decode(name, n) {
    const [from, to] = this.videos[name].slice(n, n + 2);
    const webp = new Blob([this.payload.subarray(from, to)], { type: "image/webp" });
    this.pictures[name][n] = "decoding";
    this.busy += 1;
    createImageBitmap(webp)
      .catch(() => null)
      .then((bitmap) => {
        this.busy -= 1;
        if (this.closed) return bitmap?.close();
        this.pictures[name][n] = bitmap;
        this.aim(this.wanted, this.at);
        this.onpicture();
      });
    return true;
  }

  #forget() {
    for (const [name, frames] of Object.entries(this.pictures)) {
      frames.forEach((picture, n) => {
        const ahead = (n - this.at + this.frames + BEHIND) % this.frames;
        if (picture === "decoding" || (this.wanted.includes(name) && ahead < this.window)) return;
        picture?.close?.();
        frames[n] = undefined;
      });
    }
  }

  #nearest(chunks) {
    const away = (chunk, n) => Math.abs(chunks[chunk].frame - n);
    return Uint16Array.from({ length: this.frames }, (_, n) =>
      chunks.reduce((best, _, chunk) => (away(chunk, n) < away(best, n) ? chunk : best), 0));
  }
}
