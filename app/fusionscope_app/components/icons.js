// Icons: small drawings on buttons, in the colour of the text.

import { svg } from "./dom.js";

/** @type {Record<string, string>} */
const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  back: "M3 3h2v10H3zM13 3v10L6 8z",
  forward: "M11 3h2v10h-2zM3 3l7 5-7 5z",
  loop: "M3 8V6.5A2.5 2.5 0 0 1 5.5 4H13M10.5 1.5 13 4l-2.5 2.5M13 8v1.5a2.5 2.5 0 0 1-2.5 2.5H3M5.5 9.5 3 12l2.5 2.5",
  plus: "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
  row: "M1 5h3v6H1zM4.7 5h3v6h-3zM8.4 5h3v6h-3zM12.1 5h3v6h-3z",
  grid: "M2 2h5.5v5.5H2zM8.5 2H14v5.5H8.5zM2 8.5h5.5V14H2zM8.5 8.5H14V14H8.5z",
  large: "M1 2h8.5v12H1zM10.5 2H15v3.3h-4.5zM10.5 6.3H15v3.3h-4.5zM10.5 10.7H15V14h-4.5z",
  expand: "M9 2h5v5h-1.6V4.7L9.7 7.4 8.6 6.3l2.7-2.7H9zM7 14H2V9h1.6v2.3l2.7-2.7 1.1 1.1-2.7 2.7H7z",
  close: "M4.2 3 8 6.8 11.8 3 13 4.2 9.2 8l3.8 3.8-1.2 1.2L8 9.2 4.2 13 3 11.8 6.8 8 3 4.2z",
};

/** @param {string} name */
export const icon = (name) =>
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", class: `fs-icon-${name}` },
    svg("path", { d: ICONS[name] }));
