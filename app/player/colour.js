// Colour: one for each stream, the ramps of their maps, and the wheel of flow directions.
//
// Text and dots take the streams' colours from player.css, which knows light from dark. The ramps
// of maps, RAMPS, come from core/ramps.py, which draws films in the same colours.

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const between = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);

// t in -1..1 -> [r, g, b, a]: how strong is how opaque, which sign is which hue.
function tint(stream, t) {
  const ramp = RAMPS[stream] ?? RAMPS.fused;
  const size = Math.min(1, Math.abs(t));
  const strength = ramp.root ? Math.sqrt(size) : size;
  const alpha = 255 * Math.min(1, 1.35 * strength);
  const stops = t < 0 ? ramp.against : ramp.for;
  if (!Array.isArray(stops)) return [...rgb(stops), alpha];
  const at = strength * (stops.length - 1);
  const stop = Math.min(Math.floor(at), stops.length - 2);
  return [...between(rgb(stops[stop]), rgb(stops[stop + 1]), at - stop), alpha];
}

// Where a map's byte lies between nothing (0) and all (1), or all against (-1) where it is signed.
function strengthOf({ low, high }, byte) {
  const value = low + (byte / 255) * (high - low);
  if (low < 0) return value / Math.max(-low, high);
  return high > low ? (value - low) / (high - low) : 0;
}

// A map's bytes as a small picture, one pixel a cell.
function cellsPicture(stream, map, bytes) {
  const [, rows, columns] = map.shape;
  const canvas = new OffscreenCanvas(columns, rows);
  const pixels = new ImageData(columns, rows);
  bytes.forEach((byte, i) => pixels.data.set(tint(map.ramp ?? stream, strengthOf(map, byte)), 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

// The ramp as the legend under a map shows it, from low to high.
function rampGradient(stream, { low, high, ramp }) {
  const stops = Array.from({ length: 13 }, (_, i) => {
    const [r, g, b, a] = tint(ramp ?? stream, strengthOf({ low, high }, (255 * i) / 12));
    return `rgb(${r} ${g} ${b} / ${a / 255})`;
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

// Baker et al.'s wheel as torchvision reads it: right is red, down yellow, left cyan, up violet.
const WHEEL = [
  [15, [255, 0, 0], [255, 255, 0]],
  [6, [255, 255, 0], [0, 255, 0]],
  [4, [0, 255, 0], [0, 255, 255]],
  [11, [0, 255, 255], [0, 0, 255]],
  [13, [0, 0, 255], [255, 0, 255]],
  [6, [255, 0, 255], [255, 0, 0]],
].flatMap(([size, from, to]) =>
  Array.from({ length: size }, (_, i) => between(from, to, i / size).map(Math.floor)),
);

// (u, v) within the unit circle -> [r, g, b].
function flowColour(u, v) {
  const at = ((Math.atan2(-v, -u) / Math.PI + 1) / 2) * (WHEEL.length - 1);
  const low = Math.floor(at);
  const hue = between(WHEEL[low], WHEEL[(low + 1) % WHEEL.length], at - low);
  const size = Math.hypot(u, v);
  return hue.map((c) => Math.floor(255 * (1 - size * (1 - c / 255))));
}

function drawWheel(canvas) {
  const size = canvas.width;
  const pixels = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const u = (2 * ((i % size) + 0.5)) / size - 1;
    const v = (2 * (Math.floor(i / size) + 0.5)) / size - 1;
    const rim = Math.max(0, Math.min(1, ((1 - Math.hypot(u, v)) * size) / 2)); // a smooth edge
    if (rim > 0) pixels.data.set([...flowColour(u, v), 255 * rim], 4 * i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
