// Clips: the position of each point, and the text of its tooltip.

/**
 * @typedef {object} PointsHeader
 * @property {string} id
 * @property {string[]} clips
 * @property {string[]} classes
 * @property {string} label
 * @property {string[] | null} axes
 * @property {boolean} valued
 * @property {number[]} marked
 */

export class Clips {
  /**
   * @param {PointsHeader} header
   * @param {Uint8Array<ArrayBuffer>} payload
   */
  constructor({ clips, classes, axes }, payload) {
    this.names = clips;
    this.classes = classes;
    this.axes = axes;
    this.count = clips.length;
    const whole = payload.slice().buffer;
    this.places = new Float32Array(whole, 0, 2 * this.count); // x of all, then y
    this.codes = new Uint16Array(whole, 8 * this.count, 3 * this.count); // truth, prediction, value
    const { places, count } = this;
    this.bounds = [Infinity, -Infinity, Infinity, -Infinity]; // x from, to, y from, to
    for (let row = 0; row < count; row += 1) {
      for (const axis of [0, 1]) {
        this.bounds[2 * axis] = Math.min(this.bounds[2 * axis], places[axis * count + row]);
        this.bounds[2 * axis + 1] = Math.max(this.bounds[2 * axis + 1], places[axis * count + row]);
      }
    }
  }

  /**
   * A clip with its truth, prediction and place, in words.
   * @param {number} row
   */
  words(row) {
    const { codes, count, classes, places, axes } = this;
    const [truth, said] = [codes[row], codes[count + row]].map((k) => classes[k]);
    const at = axes ? `; ${axes[0]} ${places[row].toFixed(2)}, ${axes[1]} ${places[count + row].toFixed(2)}` : "";
    return `${this.names[row]}: truth ${truth}, prediction ${said}${at}`;
  }
}
