// Rolling: the last seconds of the camera as a recording, again and again until stopped.
//
// A recording starts with a header, so a longer one cannot be cut: a recorder begins every second, and
// several overlap.

const ROLLING_EVERY = 1000; // milliseconds between two recordings
const ROLLING_BITRATE = 1_200_000; // bits a second

export class Rolling {
  /** @type {ReturnType<typeof setInterval> | undefined} */ timer;
  /** @type {Set<MediaRecorder>} */ recorders = new Set();

  /** @param {(recording: Blob) => void} deliver takes each recording, or drops it */
  constructor(deliver) {
    this.deliver = deliver;
  }

  get on() {
    return this.timer !== undefined;
  }

  /**
   * @param {MediaStream} stream
   * @param {string} type
   * @param {number} seconds of each recording
   */
  start(stream, type, seconds) {
    this.stop();
    const begin = () => this.#begin(stream, type, seconds);
    this.timer = setInterval(begin, ROLLING_EVERY);
    begin();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
    const recorders = [...this.recorders];
    this.recorders.clear();
    recorders.filter((one) => one.state !== "inactive").forEach((one) => one.stop());
  }

  /**
   * @param {MediaStream} stream
   * @param {string} type
   * @param {number} seconds
   */
  #begin(stream, type, seconds) {
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: ROLLING_BITRATE });
    /** @type {Blob[]} */
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      if (this.recorders.delete(recorder)) this.deliver(new Blob(parts));
    };
    recorder.start();
    this.recorders.add(recorder);
    setTimeout(() => recorder.state !== "inactive" && recorder.stop(), 1000 * seconds);
  }
}
