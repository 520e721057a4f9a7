// Geometry: where the parts of a scene lie, in pixels. Appearance is above, motion below, the node between.

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {{ x: number[], top: number, wire: number }} Lane centres, top of the lane, where its wires begin */
/**
 * @typedef {{
 *   width: number, height: number, thumb: number, line: number, lanes: [Lane, Lane], laneHeight: number,
 *   node: [number, number], relu: number | null, outputs: [number, number][], output: number, middle: number,
 * }} Places
 */

/**
 * @param {Scene} scene
 * @param {number} room the width that there is
 * @param {number} rem
 * @returns {Places}
 */
export function placesOf(scene, room, rem) {
  const width = Math.min(room, 46 * rem);
  const line = 1.2 * rem;
  const counts = scene.sides.map((side) => side.inputs.length + (side.others ? 1 : 0));
  const columns = Math.max(...counts, 1);
  const gap = 0.35 * rem;
  const wide = (width - gap * (columns - 1)) / columns;
  const few = columns < 3;
  const thumb = Math.floor(Math.min(wide, (few ? 7 : 6) * rem));
  const weights = scene.kind === "sum" || scene.kind === "copy";
  const names = scene.kind === "scores" ? 3 : 1; // lines of a name
  const laneHeight = (2 + names + (weights ? 1 : 0)) * line + thumb + 4;
  const between = (scene.kind === "sum" ? 3.2 : 1.4) * rem;
  const output = scene.outputs ? Math.floor(Math.min(5.4 * rem, width / 4)) : 0;
  const tall = scene.outputs ? output + 2 * line : 4 * rem;
  const wireTop = laneHeight - (names - 1) * line; // names of several lines are below only
  const middle = wireTop + between + tall / 2;
  const bottom = middle + tall / 2 + between;
  const nodeX = few ? Math.max(0.3 * width, thumb / 2) : 0.31 * width;
  const step = thumb + gap;
  const centres = scene.sides.map((_side, at) => {
    const count = counts[at];
    if (scene.kind === "copy") return count ? [(at ? 0.66 : 0.34) * width] : [];
    if (few && scene.kind === "sum") return [nodeX, nodeX + step].slice(0, count);
    const start = (width - (count * step - gap)) / 2 + thumb / 2;
    return Array.from({ length: count }, (_, i) => start + i * step);
  });
  return {
    width, thumb, line, output, middle, laneHeight,
    height: bottom + laneHeight,
    lanes: [{ x: centres[0], top: 0, wire: wireTop }, { x: centres[1], top: bottom, wire: bottom }],
    node: [nodeX, middle],
    relu: scene.rectified ? 0.61 * width : null,
    outputs: (scene.outputs ?? []).map((_, i) =>
      [scene.kind === "copy" ? (i ? 0.66 : 0.34) * width : width - output / 2 - 1, middle]),
  };
}
