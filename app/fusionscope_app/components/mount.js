// Mount: one part per element, and the only guard against overtaken calls.
//
// Streamlit calls a component's entry at every rerun. It may run the clean-up of an earlier call after
// the next call has begun, so only the clean-up of the newest call ends the part.

/** @typedef {(name: string, value: unknown) => void} Send sets a trigger value that Python reads */
/**
 * What Streamlit passes to a component's entry.
 * @template Data
 * @typedef {{ data: Data, parentElement: HTMLElement, setTriggerValue: Send }} Call
 */
/**
 * @template Data
 * @typedef {{ receive(data: Data, send: Send): void, end(): void }} Part
 */

/** @type {WeakMap<HTMLElement, { part: Part<any>, newest: symbol | null }>} */
const mounted = new WeakMap();

/**
 * Create the part of an element at the first call, pass it the data of each call, return the clean-up.
 * @template Data
 * @param {Call<Data>} call
 * @param {new (parent: HTMLElement) => Part<Data>} Kind
 */
export function mountPart({ data, parentElement, setTriggerValue }, Kind) {
  /** @type {{ part: Part<Data>, newest: symbol | null }} */
  const entry = mounted.get(parentElement) ?? { part: new Kind(parentElement), newest: null };
  const call = Symbol("call");
  entry.newest = call;
  mounted.set(parentElement, entry);
  entry.part.receive(data, setTriggerValue);
  return () => {
    if (entry.newest !== call) return;
    entry.newest = null;
    mounted.delete(parentElement);
    entry.part.end();
  };
}
