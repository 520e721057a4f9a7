// Player: one reel on screen: its state, its clock, its keys; and the component's entry.
//
// Only a click on a picture is sent to the server; the frame of a paused player is in the address
// (moment.js). Streamlit passes the same bytes at every rerun: then all stays as the viewer left it.

import { el } from "../dom.js";
import { mountPart } from "../mount.js";
import { Clicks } from "./arrangement/clicks.js";
import { Enlarged } from "./arrangement/enlarged.js";
import { storeKind, storedKind } from "./arrangement/stored.js";
import { Company } from "./company.js";
import { within } from "./grid.js";
import { pressKey, takeFocusBack } from "./keys.js";
import { Moment } from "./moment.js";
import { Reel } from "./reel.js";
import { Row } from "./row.js";
import { readTheme } from "./theme.js";
import { Clock, Ticker } from "./ticker.js";
import { Controls, Timeline } from "./timeline.js";

/** @typedef {import("./header.js").State} State */

export class Player {
  /** @type {import("../mount.js").Send} set by receive() */ send;
  /** @type {Reel} set by the first reel */ reel;
  /** @type {Reel | null} the next reel, until its first picture can be drawn */ incoming = null;
  /** @type {string | undefined} panels that the app last asked for */ asked;
  /** @type {string | undefined} and the pin */ pinned;
  chosen = false; // whether the viewer chose panels since then
  accent = "";
  dirty = false;
  clock = new Clock();
  moment = new Moment();

  /** @param {HTMLElement} parent */
  constructor(parent) {
    /** @type {State} */
    this.state = { playing: false, speed: 1, loop: true, opacity: 0.8, smooth: true, hover: null, pin: null, field: null };
    this.frame = 0;
    this.drawn = 0; // number of times the panels were drawn
    this.row = new Row({
      onchange: (change) => this.#rowChanged(change),
      onshow: (reel, keys) => this.timeline.follow(reel, keys),
      onhover: (hover) => this.set({ hover }),
      onpin: (panel, place) => this.clicks.pin(panel, place),
      onclick: (panel, place, again) => this.clicks.take(panel, place, again),
      onexpand: ({ key }) => this.enlarged.toggle(key),
    });
    this.clicks = new Clicks(this);
    this.timeline = new Timeline({
      onseek: (n) => this.seek(n),
      onhold: (held) => { this.clock.held = held; },
    });
    this.controls = new Controls({
      toggle: () => this.toggle(),
      step: (by) => this.step(by),
      set: (change) => this.set(change),
      toggleLoop: () => this.set({ loop: !this.state.loop }),
      addPanel: () => this.row.add(),
      arrange: (kind) => this.arrange(this.row.kind === kind ? "" : kind),
    });
    this.root = el("div", { class: "fs-player", tabindex: -1, role: "group", "aria-label": "Clip player" },
      this.row.element, this.timeline.element, this.controls.element);
    Object.assign(this.root, { fusionscope: this }); // for tests and the console
    this.root.addEventListener("keydown", (event) => pressKey(this, event));
    this.enlarged = new Enlarged(this.root, () => this.arrange());
    for (const type of ["click", "change"]) this.root.addEventListener(type, (event) => takeFocusBack(this.root, event));
    this.ticker = new Ticker((now) => this.#tick(now));
    this.company = new Company(this);
    parent.append(this.root);
  }

  /**
   * @param {Uint8Array<ArrayBuffer> | undefined} bytes
   * @param {import("../mount.js").Send} send
   */
  receive(bytes, send) {
    this.send = send;
    const { theme, accent } = readTheme(this.root);
    this.root.dataset.theme = theme;
    this.accent = accent;
    const kind = storedKind();
    if (kind !== this.row.kind) this.arrange(kind);
    else if (this.reel) this.set({});
    if (!bytes?.length) return;
    const reel = new Reel(bytes);
    const asked = String(reel.shown);
    if (asked !== this.asked) this.chosen = false; // the app's new request overrides the viewer's choice
    if (reel.digest !== (this.incoming ?? this.reel)?.digest) this.#load(reel);
    else if (asked !== this.asked && !this.incoming) {
      this.row.show(this.reel, this.reel.known(reel.shown));
      this.#rowChanged({});
    }
    this.asked = asked;
    (this.incoming ?? this.reel).pin = reel.pin;
    if (this.incoming) return;
    this.#follow();
    this.moment.named = this.moment.known = false;
  }

  // Go to the place and the chunk that the app asks for, once per request.
  #follow() {
    this.moment.restore(this);
    const { pin, nearest } = this.reel;
    const before = this.pinned;
    this.pinned = JSON.stringify(pin ?? null);
    if (!pin || before === this.pinned) return;
    if (this.state.playing) this.toggle();
    const { named, known, frame } = this.moment; // a frame from the link or the last page goes before the pin's
    const stays = (pin.soft ? known : named) && frame === this.frame;
    const apart = pin.soft ? this.frame !== pin.frame : nearest[this.frame] !== nearest[pin.frame];
    if (!stays && apart) this.#goTo(pin.frame);
    this.set({ pin: { x: pin.x, y: pin.y } });
  }

  /** @param {Reel} reel shown once its first picture can be drawn; one of the same clip at the same frame */
  #load(reel) {
    const keep = reel.clip !== undefined && reel.clip === this.reel?.clip && reel.frames === this.reel.frames;
    const chosen = this.chosen ? reel.known(this.row.keys) : [];
    const keys = chosen.length ? chosen : reel.known(reel.shown);
    const videos = [...new Set(keys.flatMap((key) => reel.panel(key)?.video ?? []))];
    const adopt = () => {
      const [old, asked] = [this.reel, this.reel ? null : this.moment.of(reel)];
      this.incoming = null;
      this.reel = reel;
      reel.onpicture = () => { if (this.dirty) this.ticker.request(); };
      this.row.show(reel, keys);
      this.timeline.show(reel);
      this.set(keep ? {} : { hover: null, pin: null, playing: false });
      this.#goTo(keep ? this.frame : asked ?? reel.start);
      if (!keep && !reel.pin && asked === null && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.toggle();
      if (!keep) this.pinned = undefined;
      this.#follow();
      if (reel.has(videos, this.frame)) this.#draw();
      old?.close();
    };
    this.incoming?.close();
    this.incoming = reel;
    reel.onpicture = () => { if (reel === this.incoming && reel.has(videos, reel.at)) adopt(); };
    if (this.reel) reel.aim(videos, keep ? this.frame : reel.start);
    else adopt();
  }

  /** @param {import("./row.js").RowChange} change */
  #rowChanged({ chosen, cleared }) {
    if (chosen) this.chosen = true;
    if (chosen && !this.root.matches(":focus-within")) this.root.focus({ preventScroll: true });
    this.reel.aim(this.row.videos, this.frame);
    this.set({});
    if (cleared && this.reel.has(this.row.videos, this.frame)) this.#draw(); // before the browser paints
  }

  // Arrange the panels, by the viewer's choice if one is given.
  arrange(kind = this.row.kind) {
    if (kind !== this.row.kind) storeKind(kind);
    this.row.choose(kind);
    this.row.enlarged = this.enlarged.key;
    if (!this.reel) return;
    this.row.arrange();
    this.#rowChanged({ cleared: this.row.fit() });
  }

  /** @param {Partial<State>} change */
  set(change) {
    Object.assign(this.state, change);
    this.dirty = true;
    const mark = (this.row.mark = this.state.hover ?? this.state.pin);
    this.controls.show({ ...this.state, full: this.row.full, kind: this.row.kind });
    this.root.dataset.playing = String(this.state.playing);
    this.root.dataset.mark = mark ? `${mark.x.toFixed(3)},${mark.y.toFixed(3)}` : "";
    this.ticker.request();
  }

  toggle() {
    const playing = !this.state.playing;
    if (playing && this.frame === this.reel.frames - 1) this.#goTo(0);
    this.clock.start();
    this.set({ playing });
    this.timeline.move(this.frame, !playing);
    this.moment.keep(this.reel, playing ? null : this.frame);
    this.controls.say(playing ? "" : "Paused");
  }

  // Pause and move by some frames; infinity leads to an end of the clip.
  /** @param {number} by */
  step(by) {
    if (this.state.playing) this.toggle();
    this.seek(this.frame + by);
  }

  /** @param {number} n */
  seek(n) {
    this.#goTo(within(n, this.reel.frames));
  }

  /** @param {number} n */
  #goTo(n, time = n) {
    this.clock.time = time;
    this.frame = n;
    this.dirty = true;
    this.root.dataset.frame = String(n);
    this.timeline.move(n, !this.state.playing);
    this.controls.move(this.reel, n);
    this.reel.aim(this.row.videos, n);
    if (!this.state.playing) this.moment.keep(this.reel, n);
    this.ticker.request();
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.root.isConnected) return;
    if (this.state.playing) this.#advance(now);
    if (this.dirty && this.reel.has(this.row.videos, this.frame)) this.#draw();
    if (this.state.playing) this.ticker.request();
  }

  // Advance only when the due pictures can be drawn, so that the panels stay in step.
  /** @param {number} now */
  #advance(now) {
    const { frames, fps } = this.reel;
    const time = this.clock.next(now, fps * this.state.speed);
    if (time >= frames && !this.state.loop) {
      this.#goTo(frames - 1);
      return this.toggle();
    }
    const n = Math.floor(time) % frames;
    if (!this.reel.has(this.row.videos, n)) return;
    if (n !== this.frame) this.#goTo(n, time % frames);
    else this.clock.time = time % frames;
  }

  #draw() {
    this.dirty = false;
    this.drawn += 1;
    this.row.draw(this.frame, { ...this.state, accent: this.accent });
    this.root.dataset.ready = this.reel.digest;
    this.company.tell();
  }

  end() {
    for (const part of [this.company, this.ticker, this.moment, this.row]) part.end();
    for (const reel of [this.incoming, this.reel]) reel?.close();
    this.root.remove();
  }
}

/** @param {import("../mount.js").Call<Uint8Array<ArrayBuffer>>} call */
export default function mount(call) {
  return mountPart(call, Player);
}
