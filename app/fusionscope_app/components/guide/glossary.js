// Glossary: the entry that explains a text, by the rules of glossary/terms.py.

/** @typedef {{ title: string, says: string, names: string[], kind: string }} Term */

/** @param {string} text */
const plainText = (text) => text.toLowerCase().split(/\s+/).filter(Boolean).join(" ").replace(/:$/, "");

/** @param {string} name */
const patternOf = (name) =>
  new RegExp(`^${name.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join(".*")}$`);

/** @type {Map<string, Map<string, Term>>} kind -> name -> entry */
const exact = new Map();
/** @type {Map<string, [RegExp, Term][]>} kind -> names with an asterisk */
const patterns = new Map();
for (const term of GLOSSARY) {
  for (const name of term.names) {
    if (name.includes("*")) patterns.set(term.kind, [...(patterns.get(term.kind) ?? []), [patternOf(name), term]]);
    else if (!exact.get(term.kind)?.has(name)) {
      exact.set(term.kind, new Map([...(exact.get(term.kind) ?? []), [name, term]]));
    }
  }
}

/**
 * The entry that explains a text; one of this kind goes before one of no kind.
 * @param {string} text
 * @param {string} [kind]
 * @returns {Term | undefined}
 */
export function termOf(text, kind = "") {
  const wanted = plainText(text);
  for (const of of new Set([kind, ""])) {
    const found = exact.get(of)?.get(wanted) ?? patterns.get(of)?.find(([pattern]) => pattern.test(wanted))?.[1];
    if (found) return found;
  }
}
