// Lesson board: the camera, and classes as columns with their clips.

import { el, unpack } from "../dom.js";
import { mountPart } from "../mount.js";
import { base64 } from "../webcam/booth.js";
import { Acts } from "./acts.js";
import { ClipMenu } from "./clip_menu.js";
import { column, dropZone } from "./column.js";
import { chosenFiles } from "./dropped_files.js";
import { LessonCamera, TEST } from "./lesson_camera.js";

/**
 * What Python sends before the strips of all clips: the number of the next act, what was wrong with the
 * last one, the classes, whether clips can be recorded and taken from files, and whether tested.
 * @typedef {{
 *   number: number, trouble: string, classes: import("./column.js").BoardClass[], records: boolean,
 *   tests: boolean, seconds: number, limit: number, most: number, endings: string[],
 * }} BoardHeader
 */

const DROP = "Drop videos on a class. Drop a folder anywhere: its sub-folders become classes.";

class LessonBoard {
  /** @type {BoardHeader | undefined} */ header;
  /** @type {Map<string, string>} id of a clip -> address of its strip */ pictures = new Map();
  built = "";
  trouble = ""; // with the files that were chosen last
  batch = 0; // number of the files that were chosen together

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.acts = new Acts(() => this.#say());
    this.booth = el("div", { class: "fs-booth" });
    this.columns = el("div", { class: "fs-columns" });
    this.status = el("p", { class: "fs-board-said", role: "status" });
    this.add = el("button", { type: "button", class: "fs-new", onclick: () => this.#act({ kind: "new class" }) }, "New class");
    this.folder = el("button", { type: "button", onclick: () => this.#choose("", true) }, "Add a folder");
    this.still = el("button", { type: "button", "aria-pressed": "false", onclick: () => this.#pause() }, "Pause thumbnails");
    const side = el("div", { class: "fs-side" }, this.columns,
      el("div", { class: "fs-buttons" }, this.add, this.folder, this.still), this.status);
    this.element = el("div", { class: "fs-board" }, this.booth, side);
    parent.append(this.element);
    this.menu = new ClipMenu(this.element, (act) => this.#act(act));
    this.camera = new LessonCamera(this.booth, (made) => this.#recorded(made), () => this.acts.left === 0);
    dropZone(this.element, "", this.#board());
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    const { header, payload } = unpack(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    this.header = /** @type {BoardHeader} */ (header);
    const { number, classes, records, tests, seconds, limit } = this.header;
    this.camera.receive({ number: 0, trouble: "", seconds, limit }, send);
    const built = JSON.stringify([classes, records]);
    if (built !== this.built) this.#build(payload);
    this.built = built;
    this.booth.hidden = this.folder.hidden = !records;
    this.camera.offer(classes.map(({ name }) => name), tests);
    this.acts.receive(number, send);
    this.#say();
  }

  end() {
    this.camera.end();
    this.pictures.forEach((url) => URL.revokeObjectURL(url));
    this.element.remove();
  }

  /** @returns {import("./column.js").Board} */
  #board() {
    const board = this;
    return {
      act: (act) => this.#act(act),
      add: (files, label) => this.#take(files, label),
      menu: (clip, label, beside) =>
        this.menu.open(clip, label, this.header?.classes.map(({ name }) => name) ?? [], beside),
      record: (label) => this.camera.choose(label),
      choose: (label) => this.#choose(label, false),
      picture: ({ id }) => this.pictures.get(id) ?? "",
      get records() { return board.header?.records ?? false; },
      get takes() { return board.header?.records ?? false; },
    };
  }

  /** @param {Uint8Array<ArrayBuffer>} strips */
  #build(strips) {
    const { classes } = this.header ?? { classes: [] };
    const root = /** @type {ShadowRoot | Document} */ (this.element.getRootNode());
    const focused = root.activeElement?.closest?.(".fs-class")?.getAttribute("data-name");
    const there = this.columns.childElementCount;
    const before = new Map(this.pictures);
    let offset = 0;
    for (const { id, size } of classes.flatMap(({ clips }) => clips)) {
      const picture = before.get(id) ?? URL.createObjectURL(new Blob([strips.slice(offset, offset + size)]));
      this.pictures.set(id, picture);
      before.delete(id);
      offset += size;
    }
    before.forEach((url, id) => this.pictures.delete(id) && URL.revokeObjectURL(url));
    this.columns.replaceChildren(...classes.map((one) => column(one, this.#board())));
    const fields = [...this.columns.querySelectorAll("input")];
    const named = fields[classes.findIndex(({ name }) => name === focused)];
    if (there && classes.length > there) fields.at(-1)?.select();
    else named?.focus();
  }

  /** @param {import("./acts.js").Act} act */
  #act(act) {
    this.trouble = "";
    this.acts.add(act);
  }

  /** @param {import("./lesson_camera.js").Recording} made */
  #recorded({ to, who, video, rolling }) {
    const test = to === TEST;
    this.#act({ kind: rolling ? "rolling" : test ? "test" : "record", label: test ? "" : to, who, video });
  }

  /**
   * @param {import("./dropped_files.js").Dropped[]} files
   * @param {string} label "": each folder is a class
   */
  #take(files, label) {
    const { endings, most } = this.header ?? { endings: [], most: 0 };
    const videos = files.filter(({ file }) => endings.some((ending) => file.name.toLowerCase().endsWith(ending)));
    this.trouble = videos.length ? "" : "There is no video among these files: choose videos such as MP4, MOV or WebM.";
    this.batch += 1;
    for (const { file, folder } of videos) {
      if (file.size > most) {
        this.trouble = `${file.name} has ${(file.size / 1e6).toFixed(1)} MB; the limit is ${most / 1e6} MB.`;
      } else {
        const { batch } = this;
        this.acts.add(async () => ({ kind: "file", batch, label: label || folder, name: file.name,
          video: await base64(file).catch(() => "") }));
      }
    }
    this.#say();
  }

  /** @param {string} label @param {boolean} folder */
  #choose(label, folder) {
    const input = el("input", { type: "file", multiple: "", accept: this.header?.endings.join(",") ?? "" });
    input.webkitdirectory = folder;
    input.addEventListener("change", () => this.#take(chosenFiles(input.files ?? new DataTransfer().files), label));
    input.click();
  }

  #pause() {
    const paused = this.element.classList.toggle("fs-paused");
    this.still.setAttribute("aria-pressed", String(paused));
  }

  #say() {
    const { header } = this;
    if (!header) return;
    const { left } = this.acts;
    const trouble = left ? "" : this.trouble || header.trouble;
    this.status.classList.toggle("fs-trouble", Boolean(trouble));
    this.status.textContent = trouble || (left ? `Working: ${left} left …` : header.records ? DROP : "");
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, LessonBoard);
}
