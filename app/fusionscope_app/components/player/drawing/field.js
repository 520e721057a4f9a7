// Field: the receptive field of a stage on a picture; dashed at frames that the stage does not read.

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {import("../company.js").Field} field
 * @param {string} stream of the picture
 * @param {number} n the frame on screen
 */
export function drawField(ctx, { x, y, w, h, spans }, stream, n) {
  const span = spans[stream];
  if (!span) return;
  const { width, height } = ctx.canvas;
  const unit = window.devicePixelRatio || 1;
  const box = new Path2D();
  const edge = 1.5 * unit; // the outline lies inside the picture
  box.rect(x * width + edge, y * height + edge, w * width - 2 * edge, h * height - 2 * edge);
  const outside = new Path2D(box);
  outside.rect(0, 0, width, height);
  ctx.fillStyle = "rgb(0 0 0 / 0.35)";
  ctx.fill(outside, "evenodd");
  ctx.strokeStyle = "rgb(0 0 0 / 0.7)";
  ctx.lineWidth = 4.5 * unit;
  ctx.stroke(box);
  ctx.strokeStyle = "#fff";
  ctx.lineWidth = 2.25 * unit;
  if (n < span[0] || n > span[1]) ctx.setLineDash([6 * unit, 5 * unit]);
  ctx.stroke(box);
  ctx.setLineDash([]);
}
