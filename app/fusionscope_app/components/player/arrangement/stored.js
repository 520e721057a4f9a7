// Stored: the arrangement that the viewer chose, as `arrange` in the page's address.
//
// Streamlit empties the address when another page opens. The window therefore keeps the choice, and
// the next player writes it again.

import { KINDS } from "./plan.js";

/** @typedef {import("./plan.js").Kind} Kind */

/** @param {string | null | undefined} word @returns {Kind | ""} */
const kindOf = (word) => KINDS.find((kind) => kind === word) ?? "";

/** The choice in the address, else that of the last player; empty: automatic. */
export function storedKind() {
  const named = new URLSearchParams(location.search).get("arrange");
  return kindOf(named ?? window.fusionscopeArrange);
}

/** @param {Kind | ""} kind */
export function storeKind(kind) {
  window.fusionscopeArrange = kind;
  if (!location.protocol.startsWith("http")) return; // a file from disk keeps its address
  const parts = location.search.slice(1).split("&").filter((part) => part && !part.startsWith("arrange="));
  if (kind) parts.push(`arrange=${kind}`);
  const query = parts.length ? `?${parts.join("&")}` : "";
  if (query === location.search) return;
  history.replaceState(history.state, "", location.pathname + query + location.hash);
  window.dispatchEvent(new Event("fusionscope-moment")); // the link in the Share menu follows
}
