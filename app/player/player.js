// Player: one reel on screen: its state, its clock, its keys; and the component's entry.
//
// The server hears of a click on a picture and of nothing else; where a paused player stands is kept
// in the address (moment.js). At every rerun Streamlit calls the entry again with the same bytes: the
// digest says so, and everything stays as the viewer left it.

const players = new WeakMap(); // the element Streamlit gives -> the player in it

class Player {
  constructor(parent) {
    this.moment = new Moment();
    this.state = { playing: false, speed: 1, loop: true, opacity: 0.8, smooth: true, hover: null, pin: null };
    this.frame = 0;
    this.drawn = 0; // how often the panels were redrawn
    this.row = new Row({
      onchange: (what) => this.#rowChanged(what),
      onhover: (hover) => this.set({ hover }),
      onpin: (panel, place) => this.#pin(panel, place),
    });
    this.timeline = new Timeline({
      onseek: (n) => this.seek(n),
      onhold: (held) => { this.held = held; },
    });
    this.controls = new Controls({
      toggle: () => this.toggle(),
      step: (by) => this.step(by),
      set: (change) => this.set(change),
      toggleLoop: () => this.set({ loop: !this.state.loop }),
      addPanel: () => this.row.add(),
    });
    this.root = el("div", { class: "fs-player", tabindex: 0, role: "group", "aria-label": "Clip player" },
      this.row.element, this.timeline.element, this.controls.element);
    this.root.fusionscope = this; // for tests, and for the curious at the console
    this.root.addEventListener("keydown", (event) => this.#key(event));
    this.root.addEventListener("click", (event) => this.#refocus(event));
    this.root.addEventListener("change", (event) => this.#refocus(event));
    this.onvisible = () => this.request();
    document.addEventListener("visibilitychange", this.onvisible);
    parent.append(this.root);
  }

  // What Streamlit brings at each run: bytes, and the way back to Python.
  receive(bytes, send) {
    this.send = send;
    this.#readTheme();
    if (!bytes?.length) return;
    const reel = new Reel(bytes);
    const asked = String(reel.shown);
    if (asked !== this.asked) this.chosen = false; // the app asks anew: its word before the viewer's
    if (reel.digest !== (this.incoming ?? this.reel)?.digest) this.#load(reel);
    else if (asked !== this.asked && !this.incoming) {
      this.row.show(this.reel, Row.known(this.reel, reel.shown));
      this.#rowChanged({});
    }
    this.asked = asked;
    (this.incoming ?? this.reel).pin = reel.pin;
    if (this.incoming) return;
    this.#follow();
    this.moment.named = this.moment.known = false;
  }

  // Go to the place and the chunk that the app asks for, once for each time it asks.
  #follow() {
    const { pin, nearest } = this.reel;
    const asked = JSON.stringify(pin ?? null);
    if (!pin || asked === this.pinned) return;
    this.pinned = asked;
    if (this.state.playing) this.toggle();
    const { named, known, frame } = this.moment; // the link's frame, or the last page's, beside the place
    const stays = (pin.soft ? known : named) && frame === this.frame;
    const apart = pin.soft ? this.frame !== pin.frame : nearest[this.frame] !== nearest[pin.frame];
    if (!stays && apart) this.#goTo(pin.frame);
    this.set({ pin: { x: pin.x, y: pin.y } });
  }

  // Another reel takes the old one's place once its first picture can be drawn: nothing flashes.
  // A reel that names the same clip (other maps on it) goes on where the old one is.
  #load(reel) {
    const keep = reel.clip !== undefined && reel.clip === this.reel?.clip && reel.frames === this.reel.frames;
    const chosen = this.chosen ? Row.known(reel, this.row.keys) : [];
    const keys = chosen.length ? chosen : Row.known(reel, reel.shown);
    const videos = [...new Set(keys.map((key) => reel.panel(key).video))];
    const adopt = () => {
      const old = this.reel;
      const asked = old ? null : this.moment.of(reel);
      this.incoming = null;
      this.reel = reel;
      reel.onpicture = () => this.dirty && this.request();
      this.row.show(reel, keys);
      this.timeline.show(reel);
      this.set(keep ? {} : { hover: null, pin: null, playing: false });
      this.#goTo(keep ? this.frame : asked ?? 0);
      if (!keep && !reel.pin && asked === null && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.toggle();
      if (!keep) this.pinned = undefined;
      this.#follow();
      if (reel.has(videos, this.frame)) this.#draw();
      old?.close();
    };
    this.incoming?.close();
    this.incoming = reel;
    reel.onpicture = () => reel === this.incoming && reel.has(videos, reel.at) && adopt();
    if (this.reel) reel.aim(videos, keep ? this.frame : 0);
    else adopt();
  }

  #rowChanged({ chosen, cleared }) {
    if (chosen) this.chosen = true;
    if (chosen && !this.root.matches(":focus-within")) this.root.focus({ preventScroll: true });
    this.reel.aim(this.row.videos, this.frame);
    this.set({});
    if (cleared && this.reel.has(this.row.videos, this.frame)) this.#draw(); // before the browser paints
  }

  set(change) {
    Object.assign(this.state, change);
    this.dirty = true;
    const mark = this.state.hover ?? this.state.pin;
    this.row.mark = mark;
    this.controls.show({ ...this.state, full: this.row.full });
    this.root.dataset.playing = this.state.playing;
    this.root.dataset.mark = mark ? `${mark.x.toFixed(3)},${mark.y.toFixed(3)}` : "";
    this.request();
  }

  toggle() {
    const playing = !this.state.playing;
    if (playing && this.frame === this.reel.frames - 1) this.#goTo(0);
    this.last = performance.now();
    this.set({ playing });
    this.timeline.move(this.frame, !playing);
    this.moment.keep(this.reel, playing ? null : this.frame);
    this.controls.say(playing ? "" : `Paused at ${placeOf(this.reel, this.frame)}`);
  }

  changeSpeed(by) {
    const at = SPEEDS.indexOf(this.state.speed) + by;
    this.set({ speed: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at))] });
  }

  // By so many frames, or to an end; a step is for looking, so it pauses.
  step(by) {
    if (this.state.playing) this.toggle();
    this.seek(this.frame + by);
  }

  stepChunk(by) {
    const frames = this.reel.chunks.map((chunk) => chunk.frame);
    const next = by > 0 ? frames.find((n) => n > this.frame) : frames.findLast((n) => n < this.frame);
    this.step((next ?? this.frame) - this.frame);
  }

  seek(n) {
    this.#goTo(Math.max(0, Math.min(this.reel.frames - 1, n)));
  }

  #goTo(n, clock = n) {
    this.clock = clock; // in frames, with its fraction
    this.frame = n;
    this.dirty = true;
    this.root.dataset.frame = n;
    this.timeline.move(n, !this.state.playing);
    this.controls.move(this.reel, n);
    this.reel.aim(this.row.videos, n);
    if (!this.state.playing) this.moment.keep(this.reel, n);
    this.request();
  }

  request() {
    if (!this.tick && !document.hidden) this.tick = requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    this.tick = 0;
    if (!this.root.isConnected) return;
    if (this.state.playing) this.#advance(now);
    if (this.dirty && this.reel.has(this.row.videos, this.frame)) this.#draw();
    if (this.state.playing) this.request();
  }

  // Time goes on only when what is due can be drawn: the panels stay in step, whatever it costs.
  #advance(now) {
    const elapsed = Math.max(0, Math.min(0.1, (now - this.last) / 1000));
    this.last = now;
    if (this.held) return;
    const clock = this.clock + elapsed * this.reel.fps * this.state.speed;
    if (clock >= this.reel.frames && !this.state.loop) {
      this.#goTo(this.reel.frames - 1);
      this.toggle();
      return;
    }
    const n = Math.floor(clock) % this.reel.frames;
    if (!this.reel.has(this.row.videos, n)) return;
    if (n !== this.frame) this.#goTo(n, clock % this.reel.frames);
    else this.clock = clock % this.reel.frames;
  }

  #draw() {
    this.dirty = false;
    this.drawn += 1;
    this.row.draw(this.frame, { ...this.state, accent: this.accent });
    this.root.dataset.ready = this.reel.digest;
  }

  #pin(panel, place) {
    this.set({ pin: place });
    this.send("click", { panel: panel.key, frame: this.frame, chunk: this.reel.chunk(panel, this.frame), ...place });
  }

  #key(event) {
    const action = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const busy = event.target.closest("select, input") || (event.key === " " && event.target.closest("button"));
    if (!action || busy || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action(this, event);
  }

  // After the mouse has used a button, a list or a slider, the keys are the player's again.
  #refocus({ type, target }) {
    if (type === "click" && target.closest("select")) return; // its list is opening
    if (!target.matches(":focus-visible")) this.root.focus({ preventScroll: true });
  }

  #readTheme() {
    const style = getComputedStyle(this.root);
    const probe = new OffscreenCanvas(1, 1).getContext("2d");
    probe.fillStyle = style.getPropertyValue("--st-background-color").trim() || "#fff";
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    this.root.dataset.theme = 0.3 * r + 0.59 * g + 0.11 * b < 128 ? "dark" : "light";
    this.accent = style.getPropertyValue("--fs-accent").trim();
    if (this.reel) this.set({});
  }

  end() {
    cancelAnimationFrame(this.tick);
    this.moment.end();
    document.removeEventListener("visibilitychange", this.onvisible);
    this.row.end();
    this.incoming?.close();
    this.reel?.close();
    this.root.remove();
  }
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const player = players.get(parentElement) ?? new Player(parentElement);
  players.set(parentElement, player);
  player.receive(data, setTriggerValue);
  const turn = Symbol("turn");
  player.turn = turn;
  return () => {
    if (player.turn !== turn) return; // Streamlit may end an overtaken call after the next has come
    players.delete(parentElement);
    player.end();
  };
}
