// Header: types of what a reel's header holds, and of the player's state.

/** @typedef {{ frame: number, first: number, last: number }} Chunk its RGB frame, and its frames of flow */
/**
 * Where a map lies in the payload. A byte b stands for low + b / 255 * (high - low); `extent` is the
 * part of the picture that the grid covers; `ramp` names colours other than the stream's; `beyond` has
 * the values of cells beyond the scale by their place in the whole map.
 * @typedef {{
 *   offset: number, shape: [number, number, number], low: number, high: number,
 *   extent?: [number, number, number, number], ramp?: string, beyond?: Record<number, number>,
 * }} CellMap
 */
/**
 * One panel; `bar` is the colour scale of a picture, `chunks` those of a run other than the header's;
 * `sums` are the positive and the negative sum of its map in each chunk, `sumsLimit` their scale.
 * @typedef {{
 *   key: string, title: string, detail: string, stream: "appearance" | "motion" | "fused", video: string,
 *   map: CellMap | null, unit?: string, bar?: { low: number, high: number, stops: string[], beyond?: boolean },
 *   sums?: [number, number][], sumsLimit?: number,
 *   chunks?: Chunk[],
 * }} PanelHeader
 */
/**
 * The header. `look` is the size of the receptive field as shares of the picture, `pin` a place and a
 * frame to go to, `boxes` the erased regions, `beside` the motion of the second run, and `whose` the
 * run whose chunks the timeline shows; `strongest` is the chunk with the strongest evidence.
 * @typedef {{
 *   digest: string, clip?: string, fps: number, frames: number, width: number, height: number,
 *   videos: Record<string, number[]>, panels: PanelHeader[], shown: string[], chunks: Chunk[],
 *   motion: number[], motionLimit: number, strongest?: number, beside?: number[], whose?: string, paired?: boolean,
 *   look?: { width: number, height: number }, pin?: { x: number, y: number, frame: number, soft?: boolean },
 *   boxes?: Box[],
 * }} ReelHeader
 */
/** @typedef {{ x: number, y: number, w: number, h: number, first: number, last: number }} Box */
/** @typedef {{ x: number, y: number }} Place shares of the picture's width and height */
/**
 * The state that the viewer controls.
 * @typedef {{
 *   playing: boolean, speed: number, loop: boolean, opacity: number, smooth: boolean,
 *   hover: Place | null, pin: Place | null, field: import("./company.js").Field | null,
 * }} State
 */
