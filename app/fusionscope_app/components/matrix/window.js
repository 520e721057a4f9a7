// Window: the square part of a matrix that is shown, in cells.

const CLOSEST = 6; // cells across, at least

export class Window {
  /** @param {number} count classes */
  constructor(count) {
    this.count = count;
    this.from = [0, 0]; // first row and column, with fractions
    this.size = count;
  }

  /**
   * Show the classes from the first to the one before the last.
   * @param {number} first
   * @param {number} last
   */
  show(first, last) {
    const room = Math.max(CLOSEST, last - first);
    this.place(room, [first - (room - (last - first)) / 2, first - (room - (last - first)) / 2]);
  }

  /**
   * Show more or less around a cell, which keeps its place.
   * @param {number} times
   * @param {number[]} at row and column
   */
  zoom(times, at) {
    const size = Math.min(this.count, Math.max(Math.min(CLOSEST, this.count), this.size * times));
    this.place(size, this.from.map((start, axis) => at[axis] - ((at[axis] - start) * size) / this.size));
  }

  /**
   * Move so that a cell is within view.
   * @param {number[]} cell row and column
   */
  reach(cell) {
    this.place(this.size, this.from.map((start, axis) =>
      Math.min(cell[axis], Math.max(start, cell[axis] + 1 - this.size))));
  }

  /**
   * @param {number} size
   * @param {number[]} from
   */
  place(size, from) {
    this.size = Math.min(size, this.count);
    this.from = from.map((start) => Math.max(0, Math.min(this.count - this.size, start)));
  }

  get middle() {
    return this.from.map((start) => start + this.size / 2);
  }
}
