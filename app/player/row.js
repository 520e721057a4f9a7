// Row: the panels side by side, no panel twice, and the mark that lies on all of them.

class Row {
  constructor({ onchange, onhover, onpin }) {
    this.act = { onchange, onhover, onpin };
    this.panels = [];
    this.element = el("div", { class: "fs-panels" });
    this.resized = new ResizeObserver(() => {
      if (this.fit()) onchange({ cleared: true });
    });
  }

  get keys() {
    return this.panels.map(({ panel }) => panel.key);
  }

  get videos() {
    return [...new Set(this.panels.map(({ panel }) => panel.video))];
  }

  get full() {
    return this.panels.length === this.reel.panels.length;
  }

  // The keys of those panels that the reel has.
  static known(reel, keys) {
    return keys.filter((key) => reel.panel(key));
  }

  show(reel, keys) {
    this.reel = reel;
    while (this.panels.length > keys.length) this.#drop(this.panels.at(-1));
    while (this.panels.length < keys.length) this.#grow();
    this.panels.forEach((panel, i) => panel.show(reel, keys[i], keys.length === 1));
    this.element.style.setProperty("--aspect", reel.width / reel.height);
    this.element.style.setProperty("--count", keys.length);
    this.element.style.setProperty("--rows", keys.length > 4 ? 2 : 1);
    this.element.classList.toggle("fs-paired", Boolean(reel.paired)); // each panel above its pair
  }

  // Fit the canvases to their boxes; true where that cleared one.
  fit() {
    return this.panels.map((panel) => panel.fit()).includes(true);
  }

  draw(n, look) {
    for (const panel of this.panels) panel.draw(n, look);
  }

  add() {
    const next = this.reel.panels.find(({ key }) => !this.keys.includes(key));
    if (next) this.#choose([...this.keys, next.key]);
  }

  end() {
    this.resized.disconnect();
  }

  #choose(keys) {
    this.show(this.reel, keys);
    this.act.onchange({ chosen: true });
  }

  #grow() {
    const panel = new Panel({
      onchoose: (to) => {
        const from = panel.panel.key; // a panel that is shown elsewhere changes places with this one
        this.#choose(this.keys.map((key) => (key === from ? to : key === to ? from : key)));
      },
      onremove: () => {
        this.#drop(panel);
        this.#choose(this.keys);
      },
      onhover: this.act.onhover,
      onclick: (place) => this.act.onpin(panel.panel, place),
      onkey: (event) => this.#key(panel.panel, event),
    });
    this.panels.push(panel);
    this.element.append(panel.figure);
    this.resized.observe(panel.canvas);
  }

  #drop(panel) {
    this.panels.splice(this.panels.indexOf(panel), 1);
    this.resized.unobserve(panel.canvas);
    panel.figure.remove();
  }

  // The keys' way to a mark: arrows from cell to cell of the picture that has the focus, Enter to pin.
  #key(panel, event) {
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = event.shiftKey ? null : arrows[event.key];
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const from = this.mark ?? { x: 0.5, y: 0.5 };
    if (!move) return this.act.onpin(panel, from);
    const share = (v) => Math.max(0, Math.min(1, v));
    const cell = this.reel.cell(panel, from);
    if (!cell) return this.act.onhover({ x: share(from.x + move[0] / 16), y: share(from.y + move[1] / 16) });
    const box = this.reel.box({
      ...cell,
      row: within(cell.row + move[1], cell.rows),
      column: within(cell.column + move[0], cell.columns),
    });
    this.act.onhover({ x: share(box.x + box.w / 2), y: share(box.y + box.h / 2) });
  }
}
