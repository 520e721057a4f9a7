// Dropped files: videos out of a drop or a file dialogue, each with the folder that it lies in.

/** @typedef {{ file: File, folder: string }} Dropped folder: its name, or "" outside any */

const HIDDEN = /^\./;

/**
 * All files of a drop, those in sub-folders too. Of files in `actions/wave/a.mp4` the folder is `wave`.
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped[]>}
 */
export async function droppedFiles(transfer) {
  // The list of items is empty once the event has been handled: take the entries first.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some(Boolean)) return [...transfer.files].map((file) => ({ file, folder: "" }));
  const found = await Promise.all(entries.map((entry) => filesOf(entry, "")));
  return found.flat();
}

/**
 * The files that a dialogue gave.
 * @param {FileList} files
 * @returns {Dropped[]}
 */
export function chosenFiles(files) {
  return [...files].filter(({ name }) => !HIDDEN.test(name)).map((file) => {
    const folders = file.webkitRelativePath.split("/").slice(0, -1);
    return { file, folder: folders.at(-1) ?? "" };
  });
}

/**
 * @param {FileSystemEntry | null} entry
 * @param {string} folder
 * @returns {Promise<Dropped[]>}
 */
async function filesOf(entry, folder) {
  if (!entry || HIDDEN.test(entry.name)) return [];
  if (entry.isFile) {
    const one = /** @type {FileSystemFileEntry} */ (entry);
    return [{ file: await new Promise((...answers) => one.file(...answers)), folder }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) { // a browser gives at most a hundred at a time
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((...answers) => reader.readEntries(...answers));
    if (!some.length) break;
    all.push(...some);
  }
  all.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  const found = await Promise.all(all.map((one) => filesOf(one, entry.name)));
  return found.flat();
}
