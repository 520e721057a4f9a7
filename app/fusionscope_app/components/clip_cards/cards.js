// Cards: one row of clips as radio buttons; the row is rebuilt only for another set of clips.

import { el, unpack } from "../dom.js";
import { mountPart } from "../mount.js";

/** @typedef {{ id: string, title: string, size: number }} Card size: bytes of its WebP picture */
/** @typedef {{ chosen: string, cards: Card[] }} CardsHeader */

class Cards {
  built = "";

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.element = el("div", { class: "fs-cards", role: "radiogroup", "aria-label": "Clips",
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
    parent.append(this.element);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | ArrayBuffer} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    this.send = send;
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const { header, payload } = unpack(bytes);
    const { cards, chosen } = /** @type {CardsHeader} */ (header);
    const built = cards.map((card) => `${card.id}/${card.size}`).join("|");
    if (built !== this.built) this.#build(cards, payload);
    this.built = built;
    this.#mark(chosen);
  }

  end() {
    this.element.remove();
  }

  get buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  /**
   * @param {Card[]} cards
   * @param {Uint8Array<ArrayBuffer>} pictures
   */
  #build(cards, pictures) {
    let offset = 0;
    this.element.replaceChildren(...cards.map(({ id, title, size }) => {
      const picture = size ? image(pictures.slice(offset, offset + size)) : el("div", { class: "fs-blank" });
      offset += size; // none where the frames of a clip have not been read yet
      return el("button", { role: "radio", "data-id": id, onclick: () => this.#pick(id) },
        picture, el("span", {}, title));
    }));
  }

  /** @param {string} id */
  #pick(id) {
    this.#mark(id);
    this.send?.("pick", id);
  }

  /** @param {string} chosen */
  #mark(chosen) {
    const any = this.buttons.some((button) => button.dataset.id === chosen);
    this.buttons.forEach((button, index) => {
      const on = button.dataset.id === chosen;
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on || (!any && index === 0) ? 0 : -1;
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = this.buttons;
    const from = all.findIndex((button) => button === event.target);
    all[(from + step + all.length) % all.length]?.focus();
  }
}

/** @param {Uint8Array<ArrayBuffer>} webp */
function image(webp) {
  const picture = el("img", { alt: "" });
  picture.src = URL.createObjectURL(new Blob([webp]));
  picture.onload = () => URL.revokeObjectURL(picture.src);
  return picture;
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, Cards);
}
