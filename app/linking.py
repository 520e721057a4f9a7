"""Linking: the page's address in a menu, with the frame that the player stands at.

The browser alone knows that frame (``player/moment.js``), so the browser writes it here.
"""

from __future__ import annotations

from streamlit.components.v2 import component

_CSS = """
.fs-link { display: flex; gap: 0.5rem; align-items: start; font-size: 0.87rem; }
.fs-link code { flex: 1; padding: 0.5rem; overflow-wrap: anywhere; user-select: all;
  font-family: var(--st-code-font); color: var(--st-text-color);
  background: var(--st-secondary-background-color); border-radius: var(--st-base-radius); }
.fs-link button { padding: 0.4rem 0.7rem; font: inherit; cursor: pointer;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); }
"""

_JS = """
export default function mount({ data, parentElement }) {
  const address = new TextDecoder().decode(data);
  const root = document.createElement("div");
  root.className = "fs-link";
  const text = document.createElement("code");
  const copy = document.createElement("button");
  copy.type = "button";
  copy.textContent = "Copy link";
  root.append(text, copy);
  parentElement.querySelector(".fs-link")?.remove();
  parentElement.append(root);
  const write = () => {
    const frame = new URLSearchParams(location.search).get("frame");
    text.textContent = frame === null ? address : `${address}&frame=${frame}`;
    copy.textContent = "Copy link";
  };
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      copy.textContent = "Copied";
    } catch { // not allowed here: then by hand
      getSelection().selectAllChildren(text);
      copy.textContent = "Press Ctrl+C";
    }
  });
  addEventListener("fusionscope-moment", write);
  write();
  return () => removeEventListener("fusionscope-moment", write);
}
"""

_component = component("fusionscope_link", css=_CSS, js=_JS)


def link_box(address: str, *, key: str) -> None:
    """An address with a query, to copy; the browser adds the frame."""
    _component(
        key=key, data=address.encode()
    )  # of text, Streamlit asks pandas whether it is a table
