// Webcam: the camera alone, as a component.

import { mountPart } from "../mount.js";
import { Webcam } from "./booth.js";

/** @param {import("../mount.js").Call<import("./booth.js").WebcamData>} call */
export default function mount(call) {
  return mountPart(call, Webcam);
}
