// Shapes: SVG made element by element; what is data goes in as text and numbers, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const SHEET = 3; // pixels from one chunk's sheet to the next

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// 3x3x3 and 13 x 13 as they are set in print.
const typeset = (text) => text.replace(/([\dC] ?)x(?= ?[\dC])/g, "$1×");

function words(text, x, y, kind, anchor = "middle") {
  const element = svg("text", { x, y, class: kind, "text-anchor": anchor });
  element.textContent = typeset(text);
  return element;
}

// As many sheets as there are chunks, the first in front.
function sheets([x, y], [width, height], chunks) {
  const count = Math.min(chunks, 5);
  return Array.from({ length: count }, (_, i) => {
    const off = (count - 1 - i) * SHEET - ((count - 1) * SHEET) / 2;
    return svg("rect", { class: "fs-sheet", x: x - width / 2 + off, y: y - height / 2 - off, width, height, rx: 1.5 });
  });
}

function wire(points, stream, arrow = false) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
  const line = svg("path", { class: "fs-wire", "data-stream": stream, d });
  if (!arrow) return line;
  const [[x0, y0], [x1, y1]] = points.slice(-2);
  const size = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [u, v] = [(x1 - x0) / size, (y1 - y0) / size];
  const tip = [[x1 - 8 * u - 4 * v, y1 - 8 * v + 4 * u], [x1, y1], [x1 - 8 * u + 4 * v, y1 - 8 * v - 4 * u]];
  const head = svg("path", { class: "fs-arrow", "data-stream": stream, d: `M${tip.map((p) => p.join(" ")).join("L")}Z` });
  return svg("g", {}, line, head);
}
