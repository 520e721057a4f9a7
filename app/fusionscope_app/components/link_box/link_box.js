// Link box: the address of the page, with what the player shows, and a button that copies it.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";

const LABEL = "Copy link";
const WRITTEN = ["arrange", "frame"]; // by the browser, not by Python

class LinkBox {
  address = "";

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.text = el("code");
    this.copy = el("button", { type: "button", onclick: () => this.#copy() });
    this.root = el("div", { class: "fs-link" }, this.text, this.copy);
    this.onmoment = () => this.#write();
    addEventListener("fusionscope-moment", this.onmoment);
    parent.append(this.root);
  }

  /** @param {Uint8Array} data the address as UTF-8 */
  receive(data) {
    this.address = new TextDecoder().decode(data);
    this.#write();
  }

  end() {
    removeEventListener("fusionscope-moment", this.onmoment);
    this.root.remove();
  }

  #write() {
    const [base, query] = this.address.split("?");
    const shown = new URLSearchParams(location.search);
    const parts = query.split("&").filter((part) => !WRITTEN.includes(part.split("=")[0]));
    for (const name of WRITTEN) if (shown.has(name)) parts.push(`${name}=${shown.get(name)}`);
    this.text.textContent = `${base}?${parts.join("&")}`;
    this.copy.textContent = LABEL;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.text.textContent);
      this.copy.textContent = "Copied";
    } catch { // the browser refuses: select the text to copy by hand
      getSelection()?.selectAllChildren(this.text);
      this.copy.textContent = "Press Ctrl+C";
    }
  }
}

/** @param {import("../mount.js").Call<Uint8Array>} call */
export default function mount(call) {
  return mountPart(call, LinkBox);
}
