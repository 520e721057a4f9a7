// Table: a confusion matrix as its cells with clips.

const NONE = new Uint32Array();

export class ConfusionTable {
  /**
   * @param {string[]} names of the classes
   * @param {Uint32Array} cells row, column and clips of each cell with clips
   */
  constructor(names = [], cells = NONE) {
    this.names = names;
    this.cells = cells;
    this.most = 1; // clips of one cell that is not on the diagonal
    this.mostRight = 1; // of one on it
    this.totals = new Uint32Array(names.length);
    for (let at = 0; at < cells.length; at += 3) {
      const [row, column, count] = cells.subarray(at, at + 3);
      this.totals[row] += count;
      if (row === column) this.mostRight = Math.max(this.mostRight, count);
      else this.most = Math.max(this.most, count);
    }
  }

  /**
   * Clips of a cell.
   * @param {number[]} cell row and column
   */
  clips([row, column]) {
    const { cells } = this;
    for (let at = 0; at < cells.length; at += 3) {
      if (cells[at] === row && cells[at + 1] === column) return cells[at + 2];
    }
    return 0;
  }

  /**
   * What a cell counts, in words.
   * @param {number[]} cell row and column
   */
  words(cell) {
    const [row, column] = cell, count = this.clips(cell), total = this.totals[row];
    const share = total ? ` (${Math.round((100 * count) / total)} % of ${total})` : "";
    const said = row === column ? "predicted correctly" : `predicted as ${this.names[column]}`;
    return `${this.names[row]}, ${said}: ${count} ${count === 1 ? "clip" : "clips"}${share}`;
  }

  /**
   * The first class of this name, or whose name contains it; -1 if none.
   * @param {string} text
   * @param {boolean} any whether a part of a name is enough
   */
  find(text, any) {
    const at = this.names.findIndex((name) => name.toLowerCase() === text);
    return at < 0 && any ? this.names.findIndex((name) => name.toLowerCase().includes(text)) : at;
  }
}
