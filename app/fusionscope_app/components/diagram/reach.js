// Reach: the receptive field of one cell of a stage, in space and time.

import { receptiveField, within } from "../player/grid.js";

/** @typedef {import("../player/company.js").Field} Field */
/** @typedef {import("./layout.js").Stage} Stage */
/** @typedef {import("../player/header.js").Chunk} Chunk */
/** @typedef {import("./stage_pictures.js").StageMap} StageMap */

/**
 * The cell of a map at a place of the picture, or the nearest one; null where the stage has no grid.
 * @param {StageMap | undefined} map
 * @param {Stage} stage
 * @param {{ x: number, y: number }} place
 */
export function cellAt(map, stage, { x, y }) {
  const [, , rows, columns] = stage.shape;
  if (!map || map.channels) return null;
  const [left, top, right, bottom] = map.extent ?? [0, 0, 1, 1];
  return {
    rows, columns, left, top, width: right - left, height: bottom - top,
    row: within(Math.floor(((y - top) / (bottom - top)) * rows), rows),
    column: within(Math.floor(((x - left) / (right - left)) * columns), columns),
  };
}

/**
 * @param {Stage} stage
 * @param {import("../player/grid.js").GridCell | null} cell
 * @param {number} chunk
 * @param {Chunk[]} chunks of the clip
 * @returns {Field | null} null: the clip has no chunks
 */
export function fieldOf(stage, cell, chunk, chunks) {
  if (!chunks.length) return null;
  const pooled = stage.shape[0] < chunks.length;
  const first = chunks[pooled ? 0 : Math.max(0, chunk - stage.reach)];
  const last = chunks[pooled ? chunks.length - 1 : Math.min(chunks.length - 1, chunk + stage.reach)];
  const all = { x: 0, y: 0, w: 1, h: 1 };
  const box = cell && stage.look ? receptiveField(cell, { width: stage.look[0], height: stage.look[1] }) : all;
  /** @type {Record<string, [number, number]>} */
  const spans = {};
  if (stage.stream !== "temporal") spans.appearance = [first.frame, last.frame];
  if (stage.stream !== "spatial") spans.motion = [first.first, last.last];
  return { ...box, spans };
}

/**
 * The frames of a receptive field in words, counted from 1.
 * @param {Field} field
 */
export function framesOf({ spans: { appearance, motion } }) {
  const range = (/** @type {[number, number]} */ [from, to]) => (from === to ? `frame ${from + 1}` : `frames ${from + 1} to ${to + 1}`);
  return [...(appearance ? [`appearance: ${range(appearance)}`] : []), ...(motion ? [`flow: ${range(motion)}`] : [])].join("; ");
}
