// Grid: a map's cells on the picture, in shares of its width and height.

/** @typedef {{ rows: number, columns: number, left: number, top: number, width: number, height: number }} Grid */
/** @typedef {Grid & { row: number, column: number }} GridCell */

/**
 * @param {number} index
 * @param {number} count
 */
export const within = (index, count) => Math.max(0, Math.min(count - 1, index));

/**
 * The box of a cell.
 * @param {GridCell} cell
 */
export function boxOf({ row, column, rows, columns, left, top, width, height }) {
  const [w, h] = [width / columns, height / rows];
  return { x: left + column * w, y: top + row * h, w, h };
}

/**
 * The receptive field of a cell, clipped to the picture; the cell itself where the size is not known.
 * @param {GridCell} cell
 * @param {{ width: number, height: number } | undefined} size
 */
export function receptiveField(cell, size) {
  const { x, y, w, h } = boxOf(cell);
  if (!size) return { x, y, w, h };
  const [left, top] = [x + (w - size.width) / 2, y + (h - size.height) / 2];
  const [right, bottom] = [left + size.width, top + size.height];
  const box = { x: Math.max(0, left), y: Math.max(0, top) };
  return { ...box, w: Math.min(1, right) - box.x, h: Math.min(1, bottom) - box.y };
}
