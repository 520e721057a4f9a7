// Booth: the camera's picture, a countdown, and a recording that goes to Python.
//
// The camera turns on at a click and never before. It turns off once the recording is made, when the
// popover closes, and when the page is left or hidden. The picture on screen is mirrored, as people
// expect; the recording is not, since left and right matter to a network.

import { el } from "../dom.js";
import { EMPTY, GONE, INSECURE, LARGE, OTHER, PRIVACY, STATES, TROUBLE, UNABLE } from "./messages.js";

/**
 * What Python sends: the number of the next recording, what was wrong with the last one ("" if
 * nothing), the length of a recording in seconds and its limit in bytes.
 * @typedef {{ number: number, trouble: string, seconds: number, limit: number }} WebcamData
 */
/** @typedef {import("./messages.js").State} State */

const shown = new Set(); // numbers of the recordings whose error was shown

const COUNT = 3; // seconds before a recording begins
const BITRATE = 2_500_000; // bits a second: three seconds are about 1 MB
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };
const TYPES = ["video/webm;codecs=vp8", "video/webm;codecs=vp9", "video/webm", "video/mp4"]; // Safari: mp4

export class Webcam {
  /** @type {WebcamData | undefined} */ data;
  /** @type {import("../mount.js").Send | undefined} */ send;
  /** @type {State} */ state = "off";
  /** @type {MediaStream | null} */ stream = null;
  /** @type {MediaRecorder | null} */ recorder = null;
  /** @type {string | undefined} the video type to record */ type;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ timer;
  turn = 0; // rises with each change of state, so that late answers of the browser are dropped

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.video = el("video", { "aria-label": "Camera picture" });
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true });
    // The status announces countdown and recording to screen readers.
    this.count = el("div", { class: "fs-count", "aria-hidden": "true" });
    this.left = el("span");
    this.lamp = el("div", { class: "fs-lamp", "aria-hidden": "true" }, el("i"), this.left);
    this.bar = el("i");
    const picture = el("div", { class: "fs-picture" },
      this.video, this.count, this.lamp, el("div", { class: "fs-bar" }, this.bar));
    this.status = el("p", { class: "fs-said", role: "status" });
    this.main = el("button", { class: "fs-main", type: "button", onclick: () => this.press() });
    const turnOff = () => {
      this.off();
      this.main.focus(); // the pressed button is gone
    };
    const buttons = el("div", { class: "fs-buttons" }, this.main,
      el("button", { class: "fs-away", type: "button", onclick: turnOff }, "Turn off"));
    this.buttons = buttons;
    this.room = el("div", { class: "fs-webcam" },
      picture, this.status, buttons, el("p", { class: "fs-note" }, PRIVACY));
    this.onhidden = () => {
      if (document.hidden && this.state !== "sending") this.off();
    };
    document.addEventListener("visibilitychange", this.onhidden);
    parent.append(this.room);
  }

  /**
   * @param {WebcamData} data
   * @param {import("../mount.js").Send} send
   */
  receive(data, send) {
    const before = this.data;
    [this.data, this.send] = [data, send];
    if (!before) this.become("off");
    if (data.trouble && !shown.has(data.number)) {
      shown.add(data.number);
      this.off(data.trouble);
    } else if (before && data.number !== before.number) {
      this.off();
      this.leave();
    }
  }

  end() {
    this.off();
    document.removeEventListener("visibilitychange", this.onhidden);
    this.room.remove();
  }

  /**
   * Turn the camera off in any state, and show what went wrong, if anything did.
   * @param {string} [trouble]
   */
  off(trouble) {
    this.release();
    this.become("off", trouble);
  }

  press() {
    if (this.state === "off") this.turnOn();
    else if (this.state === "live") this.countdown();
    else if (this.state === "asking") this.off();
    else if (this.state !== "sending") this.live();
  }

  async turnOn() {
    this.type = window.MediaRecorder && TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    if (!globalThis.isSecureContext) return this.off(INSECURE);
    if (!this.type || !navigator.mediaDevices?.getUserMedia) return this.off(UNABLE);
    this.become("asking");
    const turn = this.turn;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: PICTURE, audio: false });
      if (turn !== this.turn) return stop(stream); // cancelled or closed before it was allowed
      this.stream = stream;
    } catch (error) {
      if (turn === this.turn) this.off((error instanceof DOMException && TROUBLE[error.name]) || OTHER);
      return;
    }
    const [track] = this.stream.getVideoTracks();
    track.onended = () => this.off(GONE);
    this.video.classList.toggle("fs-ahead", track.getSettings().facingMode === "environment");
    this.video.srcObject = this.stream;
    this.live();
  }

  live() {
    this.abandon();
    this.become("live");
  }

  countdown() {
    this.become("counting");
    /** @param {number} count */
    const step = (count) => {
      if (!count) return this.record();
      this.count.textContent = String(count);
      this.status.textContent = `Get ready: ${count}`;
      this.timer = setTimeout(() => step(count - 1), 1000);
    };
    step(COUNT);
  }

  /** @param {number} [seconds] */
  record(seconds = this.data?.seconds) {
    if (!this.stream || !seconds) return;
    /** @type {Blob[]} */
    const parts = [];
    /** @type {MediaRecorder} */
    let recorder;
    try {
      recorder = new MediaRecorder(this.stream, { mimeType: this.type, videoBitsPerSecond: BITRATE });
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.onstop = () => recorder === this.recorder && this.finish(new Blob(parts));
      recorder.onerror = () => recorder === this.recorder && this.off(GONE);
      recorder.start();
    } catch {
      return this.off(UNABLE);
    }
    this.recorder = recorder;
    this.become("recording");
    const begun = performance.now();
    const tick = () => {
      const left = Math.max(0, seconds - (performance.now() - begun) / 1000);
      this.left.textContent = `${left.toFixed(1)} s left`;
      this.bar.style.width = `${100 * (1 - left / seconds)}%`;
      if (left) this.timer = setTimeout(tick, Math.min(50, 1000 * left));
      else recorder.stop();
    };
    tick();
  }

  /** @param {Blob} recording */
  async finish(recording) {
    this.release();
    if (!this.data) return;
    if (!recording.size) return this.off(EMPTY);
    if (recording.size > this.data.limit) return this.off(LARGE);
    this.become("sending");
    const turn = this.turn;
    const video = await base64(recording);
    if (turn === this.turn) this.send?.("recording", { number: this.data.number, video });
  }

  // Give up the countdown or the recording.
  abandon() {
    clearTimeout(this.timer);
    const recorder = this.recorder;
    this.recorder = null;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  release() {
    this.abandon();
    if (this.stream) stop(this.stream);
    this.stream = this.video.srcObject = null;
  }

  /**
   * @param {State} state
   * @param {string} [trouble]
   */
  become(state, trouble) {
    this.turn += 1;
    this.state = this.room.dataset.state = state;
    const [label, status] = STATES[state];
    this.main.textContent = state === "live" ? `${label} ${this.data?.seconds} seconds` : label;
    this.main.setAttribute("aria-disabled", String(state === "sending")); // `disabled` would lose the focus
    this.status.textContent = trouble ?? status;
    this.status.classList.toggle("fs-trouble", Boolean(trouble));
  }

  // Close the popover as the Escape key does; its button then has the focus.
  leave() {
    const escape = { key: "Escape", bubbles: true, composed: true, cancelable: true };
    this.room.dispatchEvent(new KeyboardEvent("keydown", escape));
  }
}

/** @param {MediaStream} stream */
function stop(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",", 2)[1]);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
