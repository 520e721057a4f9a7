// Column: one class of the board: its name, its moving thumbnails, and the ways to add a clip.

import { el } from "../dom.js";
import { droppedFiles } from "./dropped_files.js";

/** @typedef {{ id: string, name: string, who: string, size: number, frames: number, odd: boolean }} BoardClip size: bytes of its strip */
/** @typedef {{ name: string, clips: BoardClip[] }} BoardClass */
/**
 * What a column asks of the board.
 * @typedef {{
 *   act(act: import("./acts.js").Act): void,
 *   add(files: import("./dropped_files.js").Dropped[], label: string): void,
 *   menu(clip: BoardClip, label: string, beside: HTMLElement): void,
 *   record(label: string): void,
 *   choose(label: string): void,
 *   picture(clip: BoardClip): string,
 *   records: boolean,
 *   takes: boolean,
 * }} Board
 */

const CLIP = "application/x-fusionscope-clip";

/**
 * @param {BoardClass} shown
 * @param {Board} board
 */
export function column({ name, clips }, board) {
  const field = el("input", { type: "text", class: "fs-name", value: name, maxlength: "40", "aria-label": "Class name" });
  field.addEventListener("change", () => board.act({ kind: "rename class", label: name, name: field.value.trim() }));
  const remove = el("button", { type: "button", class: "fs-small", "aria-label": `Delete the class ${name}`,
    onclick: () => board.act({ kind: "delete class", label: name }) }, "×");
  const buttons = el("div", { class: "fs-buttons" },
    ...(board.records ? [el("button", { type: "button", onclick: () => board.record(name) }, "Record")] : []),
    ...(board.takes ? [el("button", { type: "button", onclick: () => board.choose(name) }, "Add files")] : []));
  const count = clips.length === 1 ? "1 clip" : `${clips.length} clips`;
  const section = el("section", { class: "fs-class", "data-name": name, "aria-label": `${name}: ${count}` },
    el("div", { class: "fs-class-head" }, field, remove),
    el("ul", { class: "fs-clips" }, ...clips.map((clip) => thumbnail(clip, name, board))),
    el("p", { class: "fs-count-of" }, count), buttons);
  dropZone(section, name, board);
  return section;
}

/**
 * @param {BoardClip} clip
 * @param {string} label
 * @param {Board} board
 */
function thumbnail(clip, label, board) {
  const title = `${clip.name}${clip.who ? `, ${clip.who}` : ""}${clip.odd ? ", odd: least like its class" : ""}`;
  const button = el("button", { type: "button", class: "fs-clip", draggable: "true", title, "aria-label": title,
    "data-id": clip.id, onclick: () => board.menu(clip, label, button) },
  el("i", { class: "fs-strip", style: `--strip: url("${board.picture(clip)}"); --frames: ${clip.frames}` }));
  if (clip.odd) button.append(el("b", { class: "fs-odd" }, "odd"));
  button.addEventListener("dragstart", ({ dataTransfer }) => dataTransfer?.setData(CLIP, clip.id));
  return el("li", {}, button, el("span", {}, clip.name));
}

/**
 * Take dropped clips and files; outside a class (label ""), a folder is a class.
 * @param {HTMLElement} element
 * @param {string} label
 * @param {Pick<Board, "act" | "add" | "takes">} board
 */
export function dropZone(element, label, board) {
  const over = (/** @type {boolean} */ on) => element.classList.toggle("fs-over", on);
  element.addEventListener("dragover", (event) => {
    const types = event.dataTransfer?.types ?? [];
    if (!types.includes(CLIP) && !(board.takes && types.includes("Files"))) return;
    event.preventDefault();
    event.stopPropagation();
    over(true);
  });
  element.addEventListener("dragleave", () => over(false));
  element.addEventListener("drop", async (event) => {
    over(false);
    const transfer = event.dataTransfer;
    if (!transfer) return;
    event.preventDefault();
    event.stopPropagation();
    const clip = transfer.getData(CLIP);
    if (clip && label) board.act({ kind: "move", clip, to: label });
    else if (!clip && board.takes) board.add(await droppedFiles(transfer), label);
  });
}
