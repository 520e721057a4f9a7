// Sprites: moving thumbnails, fetched a few at a time while their cards are in view.

/** @typedef {{ url: string, width: number, height: number, seconds: number }} Sprite pixels of a tile */
/** @typedef {{ sprite: Sprite | null, why: string }} Found why: the reason where there is none */

const SPRITE_COLUMNS = 4; // tiles in a row, and rows
const AT_ONCE = 3; // requests
const HELD = 400; // sprites kept in memory

export class Sprites {
  /** @type {Map<string, Found>} */ found = new Map(); // the oldest first
  /** @type {Map<string, (found: Found) => void>} */ wanted = new Map(); // the newest last
  /** @type {Set<string>} */ fetching = new Set();
  ended = false;

  /** @param {string} source the address that gives a clip's sprite */
  constructor(source) {
    this.source = source;
  }

  /**
   * Call `use` with the sprite of a clip, at once if it is here; a later call replaces an earlier one.
   * @param {string} id
   * @param {(found: Found) => void} use
   */
  want(id, use) {
    const here = this.found.get(id);
    if (here) {
      this.found.delete(id);
      this.found.set(id, here);
      use(here);
      return;
    }
    this.wanted.set(id, use);
    this.#next();
  }

  /** @param {string} id a clip that is no longer in view */
  drop(id) {
    this.wanted.delete(id);
  }

  end() {
    this.ended = true;
    this.wanted.clear();
    for (const { sprite } of this.found.values()) if (sprite) URL.revokeObjectURL(sprite.url);
    this.found.clear();
  }

  async #next() {
    if (this.fetching.size >= AT_ONCE || this.ended) return;
    const id = [...this.wanted.keys()].find((one) => !this.fetching.has(one));
    if (id === undefined) return;
    this.fetching.add(id);
    this.#next(); // others at the same time
    const found = await this.#fetched(id).catch(() => undefined);
    if (found === undefined) await pause(1000); // the server is away
    this.fetching.delete(id);
    if (found && !this.ended) this.#keep(id, found);
    else if (found?.sprite) URL.revokeObjectURL(found.sprite.url);
    this.#next();
  }

  /**
   * The sprite of a clip, or the reason why there is none; waits while the server makes it.
   * @param {string} id
   * @returns {Promise<Found | null>} null once nobody wants it
   */
  async #fetched(id) {
    while (this.wanted.has(id)) {
      const answer = await fetch(`${this.source}?clip=${encodeURIComponent(id)}`);
      if (answer.status === 200) {
        const [width, height, seconds] = (answer.headers.get("X-Sprite") ?? "").split(" ").map(Number);
        return { sprite: { url: URL.createObjectURL(await answer.blob()), width, height, seconds }, why: "" };
      }
      if (answer.status !== 202) return { sprite: null, why: await answer.text() };
      await pause(200);
    }
    return null;
  }

  /**
   * @param {string} id
   * @param {Found} found
   */
  #keep(id, found) {
    this.found.set(id, found);
    const use = this.wanted.get(id);
    this.wanted.delete(id);
    use?.(found);
    for (const [oldest, { sprite }] of this.found) {
      if (this.found.size <= HELD) break;
      if (sprite) URL.revokeObjectURL(sprite.url);
      this.found.delete(oldest);
    }
  }
}

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A thumbnail: one tile of a sprite, the next while it plays. */
export class Thumbnail {
  /** @type {Sprite | null} */ sprite = null;
  timer = 0;
  tile = 0;

  /** @param {HTMLElement} element whose box the tile fits into */
  constructor(element) {
    this.element = element;
  }

  /** @param {Sprite} sprite */
  show(sprite) {
    this.sprite = sprite;
    const { style } = this.element;
    style.backgroundImage = `url(${sprite.url})`;
    style.backgroundSize = `${SPRITE_COLUMNS * 100}% ${SPRITE_COLUMNS * 100}%`;
    style.aspectRatio = `${sprite.width} / ${sprite.height}`;
    style[sprite.width * 3 > sprite.height * 4 ? "width" : "height"] = "100%"; // of a box of 4:3
    this.#draw();
  }

  play() {
    const { sprite } = this;
    if (!sprite || this.timer) return;
    const gap = (1000 * sprite.seconds) / SPRITE_COLUMNS ** 2;
    this.timer = window.setInterval(() => {
      this.tile = (this.tile + 1) % SPRITE_COLUMNS ** 2;
      this.#draw();
    }, gap);
  }

  /** Back to the first tile. */
  stop() {
    clearInterval(this.timer);
    this.timer = this.tile = 0;
    this.#draw();
  }

  #draw() {
    const step = 100 / (SPRITE_COLUMNS - 1);
    const [x, y] = [this.tile % SPRITE_COLUMNS, Math.floor(this.tile / SPRITE_COLUMNS)];
    this.element.style.backgroundPosition = `${x * step}% ${y * step}%`;
    this.element.dataset.tile = String(this.tile);
  }
}
