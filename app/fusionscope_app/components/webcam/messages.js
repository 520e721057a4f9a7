// Messages: all that the camera shows as text.

/** @typedef {"off" | "asking" | "live" | "counting" | "recording" | "sending"} State */

const BUSY = "Another program is using the camera: close it, then try again.";
const MISSING = "No camera was found: connect one, or upload a video.";
const REFUSED = "Camera access was denied: allow it in the browser's settings, then try again.";
/** @type {Record<string, string>} name of a browser error -> message */
export const TROUBLE = {
  NotAllowedError: REFUSED,
  SecurityError: REFUSED,
  NotFoundError: MISSING,
  OverconstrainedError: MISSING,
  NotReadableError: BUSY,
  AbortError: BUSY,
};
export const INSECURE = "The camera needs a secure connection: open this page over HTTPS or at localhost.";
export const UNABLE = "This browser cannot record video: use another browser, or upload a video.";
export const GONE = "The camera was disconnected: connect it and turn it on again.";
export const EMPTY = "The recording is empty: turn the camera on and try again.";
export const LARGE = "The recording is too large to send: try again, or upload a video.";
export const OTHER = "The camera could not be turned on: try again, or upload a video.";

export const PRIVACY = "The recording is sent to the computer that runs this app and deleted when your session ends.";

/** @type {Record<State, [string, string]>} label of the main button, and status, in each state */
export const STATES = {
  off: ["Turn on the camera", "The camera is off."],
  asking: ["Cancel", "Allow camera access in the browser's prompt."],
  live: ["Record", "Ready."],
  counting: ["Cancel", "Get ready."],
  recording: ["Cancel", "Recording."],
  sending: ["Please wait", "Opening the recording …"],
};
