// Webcam: the camera's picture, a countdown, and a recording that goes to Python.
//
// The camera is asked for at a click and never before. It is off again once the recording is made,
// when the popover closes, and when the page is left or hidden. The picture on screen is a mirror,
// in which people find their way; the recording is not: left and right are what a network is asked.

const booths = new WeakMap(); // the element Streamlit gives -> the booth in it
const told = new Set(); // recordings of whose trouble the visitor has heard

const COUNT = 3; // seconds before a recording begins
const BITRATE = 2_500_000; // bits a second: three seconds are about 1 MB
const PICTURE = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };
const TYPES = ["video/webm;codecs=vp8", "video/webm;codecs=vp9", "video/webm", "video/mp4"]; // Safari: mp4

const BUSY = "The camera is busy: close the program that uses it, then try again.";
const MISSING = "No camera was found: connect one, or upload a video.";
const REFUSED = "The camera was refused: allow it in the browser's settings, then try again.";
const TROUBLE = {
  NotAllowedError: REFUSED,
  SecurityError: REFUSED,
  NotFoundError: MISSING,
  OverconstrainedError: MISSING,
  NotReadableError: BUSY,
  AbortError: BUSY,
};
const INSECURE = "A camera needs a secure address: open this page over https or at localhost.";
const UNABLE = "This browser cannot record video: use another one, or upload a video.";
const GONE = "The camera went off: connect it and turn it on again.";
const EMPTY = "The recording is empty: turn the camera on and try again.";
const LARGE = "The recording is too large to send: try again, or upload a video.";
const OTHER = "The camera could not be turned on: try again, or upload a video.";

const PRIVACY = "The recording goes to the machine that runs this app and stays there until your session ends.";

// What stands on the main button, and what is said, in each state.
const STATES = {
  off: ["Turn on the camera", "The camera is off."],
  asking: ["Cancel", "Allow the camera where the browser asks for it."],
  live: ["Record", "Ready."],
  counting: ["Cancel", "Get ready."],
  recording: ["Cancel", "Recording."],
  sending: ["Please wait", "Opening the recording …"],
};

class Booth {
  constructor(parent) {
    this.video = element("video");
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true });
    this.video.setAttribute("aria-label", "What the camera sees");
    this.count = element("div", "fs-count");
    this.left = element("span");
    this.lamp = element("div", "fs-lamp", element("i"), this.left);
    this.bar = element("i");
    const picture = element("div", "fs-picture", this.video, this.count, this.lamp, element("div", "fs-bar", this.bar));
    for (const seen of [this.count, this.lamp]) seen.setAttribute("aria-hidden", "true"); // it is said
    this.said = element("p", "fs-said");
    this.said.setAttribute("role", "status");
    this.main = element("button", "fs-main");
    this.main.onclick = () => this.#press();
    this.away = element("button", "fs-away");
    this.away.textContent = "Turn off";
    this.away.onclick = () => {
      this.off();
      this.main.focus(); // the button pressed is gone
    };
    const note = element("p", "fs-note", PRIVACY);
    const buttons = element("div", "fs-buttons", this.main, this.away);
    this.room = element("div", "fs-webcam", picture, this.said, buttons, note);
    this.onhidden = () => document.hidden && this.state !== "sending" && this.off();
    document.addEventListener("visibilitychange", this.onhidden);
    parent.append(this.room);
  }

  // What Streamlit brings at each run: the number of the next recording, and what came of the last.
  receive(data, send) {
    const before = this.data;
    [this.data, this.send] = [data, send];
    if (!before) this.#become("off");
    if (data.trouble && !told.has(data.number)) {
      told.add(data.number);
      this.off(data.trouble);
    } else if (before && data.number !== before.number) {
      this.off();
      this.#leave();
    }
  }

  end() {
    this.off();
    document.removeEventListener("visibilitychange", this.onhidden);
    this.room.remove();
  }

  // Turn the camera off, whatever it is at, and say why if there is trouble.
  off(trouble) {
    this.#release();
    this.#become("off", trouble);
  }

  #press() {
    if (this.state === "off") this.#turnOn();
    else if (this.state === "live") this.#countdown();
    else if (this.state === "asking") this.off();
    else if (this.state !== "sending") this.#live();
  }

  async #turnOn() {
    this.type = globalThis.MediaRecorder && TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    if (!globalThis.isSecureContext) return this.off(INSECURE);
    if (!this.type || !navigator.mediaDevices?.getUserMedia) return this.off(UNABLE);
    this.#become("asking");
    const turn = this.turn;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: PICTURE, audio: false });
      if (turn !== this.turn) return stop(stream); // cancelled or closed before it was allowed
      this.stream = stream;
    } catch (error) {
      if (turn === this.turn) this.off(TROUBLE[error.name] ?? OTHER);
      return;
    }
    const [track] = this.stream.getVideoTracks();
    track.onended = () => this.off(GONE);
    this.video.classList.toggle("fs-ahead", track.getSettings().facingMode === "environment");
    this.video.srcObject = this.stream;
    this.#live();
  }

  #live() {
    this.#abandon();
    this.#become("live");
  }

  #countdown() {
    this.#become("counting");
    const step = (count) => {
      if (!count) return this.#record();
      this.count.textContent = count;
      this.said.textContent = `Get ready: ${count}`;
      this.timer = setTimeout(() => step(count - 1), 1000);
    };
    step(COUNT);
  }

  #record() {
    const parts = [];
    let recorder;
    try {
      recorder = new MediaRecorder(this.stream, { mimeType: this.type, videoBitsPerSecond: BITRATE });
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.onstop = () => recorder === this.recorder && this.#finish(new Blob(parts));
      recorder.onerror = () => recorder === this.recorder && this.off(GONE);
      recorder.start();
    } catch {
      return this.off(UNABLE);
    }
    this.recorder = recorder;
    this.#become("recording");
    const begun = performance.now();
    const tick = () => {
      const left = Math.max(0, this.data.seconds - (performance.now() - begun) / 1000);
      this.left.textContent = `${left.toFixed(1)} s left`;
      this.bar.style.width = `${100 * (1 - left / this.data.seconds)}%`;
      if (left) this.timer = setTimeout(tick, Math.min(50, 1000 * left));
      else recorder.stop();
    };
    tick();
  }

  async #finish(recording) {
    this.#release();
    if (!recording.size) return this.off(EMPTY);
    if (recording.size > this.data.limit) return this.off(LARGE);
    this.#become("sending");
    const turn = this.turn;
    const video = await base64(recording);
    if (turn === this.turn) this.send("recording", { number: this.data.number, video });
  }

  // What is being counted down or recorded is given up.
  #abandon() {
    clearTimeout(this.timer);
    const recorder = this.recorder;
    this.recorder = null;
    if (recorder && recorder.state !== "inactive") recorder.stop();
  }

  #release() {
    this.#abandon();
    if (this.stream) stop(this.stream);
    this.stream = this.video.srcObject = null;
  }

  // The turn says to what waits for the browser's answer whether it is still waited for.
  #become(state, trouble) {
    this.turn = (this.turn ?? 0) + 1;
    this.state = this.room.dataset.state = state;
    const [label, said] = STATES[state];
    this.main.textContent = state === "live" ? `${label} ${this.data.seconds} seconds` : label;
    this.main.setAttribute("aria-disabled", state === "sending"); // not disabled: that loses focus
    this.said.textContent = trouble ?? said;
    this.said.classList.toggle("fs-trouble", Boolean(trouble));
  }

  // The clip opens: its popover closes as at the Escape key, and gives the focus to its button.
  #leave() {
    const escape = { key: "Escape", bubbles: true, composed: true, cancelable: true };
    this.room.dispatchEvent(new KeyboardEvent("keydown", escape));
  }
}

function element(name, className = "", ...children) {
  const made = document.createElement(name);
  made.className = className;
  if (name === "button") made.type = "button";
  made.append(...children);
  return made;
}

function stop(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

export default function ({ data, parentElement, setTriggerValue }) {
  let booth = booths.get(parentElement);
  if (!booth) booths.set(parentElement, (booth = new Booth(parentElement)));
  booth.receive(data, setTriggerValue);
  return () => {
    booth.end();
    booths.delete(parentElement);
  };
}
