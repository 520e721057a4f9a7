// Diagram: a picture of the network, the line that tells of one stage, and the way back to Python.

const diagrams = new WeakMap();

class Diagram {
  constructor(parent) {
    this.room = document.createElement("div");
    this.room.className = "fs-diagram";
    this.drawing = document.createElement("div");
    this.told = document.createElement("div");
    this.told.className = "fs-told";
    this.told.setAttribute("aria-hidden", "true"); // every button says the same
    const key = document.createElement("p");
    key.className = "fs-key";
    key.textContent = "By each stage: its grid of cells, its channels; a sheet for every chunk.";
    this.room.append(this.drawing, this.told, key);
    parent.append(this.room);
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this.room);
    this.room.addEventListener("click", (event) => this.#pick(this.#node(event)));
    this.room.addEventListener("keydown", (event) => this.#key(event));
    this.room.addEventListener("pointerover", (event) => this.#tell(this.#node(event)));
    this.room.addEventListener("pointerleave", () => this.#tell(null));
    this.room.addEventListener("focusin", (event) => this.#tell(this.#node(event)));
    this.room.addEventListener("focusout", () => this.#tell(null));
  }

  // What Streamlit brings at each run. An unchanged network stays as it is drawn.
  receive({ net, chosen }, send) {
    this.send = send;
    this.chosen = chosen;
    const text = JSON.stringify(net);
    if (text !== this.text) [this.text, this.net, this.width] = [text, net, 0];
    this.#draw();
    this.#mark();
  }

  end() {
    this.watch.disconnect();
    this.room.remove();
  }

  #draw() {
    const width = Math.floor(this.room.clientWidth);
    if (!this.net || !width || width === this.width) return;
    this.width = width;
    const root = this.room.getRootNode();
    const held = this.#node({ target: root.activeElement ?? this.room })?.stage;
    this.picture = new Picture(this.net, width);
    this.drawing.replaceChildren(this.picture.element);
    this.#mark();
    if (held) this.picture.find([held.stream, held.name])?.element.focus();
  }

  #node({ target }) {
    const element = target.closest?.(".fs-stage");
    return this.picture?.nodes.find((node) => node.element === element);
  }

  #key(event) {
    const node = this.#node(event);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.#pick(node);
    else {
      const next = this.picture.step(node, event.key);
      if (!next) return;
      next.element.focus();
    }
    event.preventDefault();
  }

  #pick(node) {
    if (!node) return;
    this.chosen = [node.stage.stream, node.stage.name];
    this.#mark();
    this.send("pick", this.chosen);
  }

  #mark() {
    const on = this.picture?.find(this.chosen);
    for (const node of this.picture?.nodes ?? []) {
      node.element.setAttribute("aria-pressed", String(node === on));
      node.element.setAttribute("tabindex", node === (on ?? this.picture.nodes[0]) ? 0 : -1);
    }
    this.#tell(null);
  }

  // Tell of a stage; of none in particular: of the chosen one.
  #tell(node) {
    const stage = (node ?? this.picture?.find(this.chosen))?.stage;
    if (!stage) {
      this.told.textContent = "Choose a stage to see what it makes and what it looks at.";
      return;
    }
    this.told.dataset.stream = stage.stream;
    const side = 40;
    const seen = Math.max(2, stage.field * side);
    const view = svg("svg", { width: side + 2, height: side + 2, viewBox: `-1 -1 ${side + 2} ${side + 2}` },
      svg("rect", { class: "fs-frame", width: side, height: side }),
      svg("rect", { class: "fs-field", x: (side - seen) / 2, y: (side - seen) / 2, width: seen, height: seen }));
    const title = document.createElement("b");
    title.textContent = stage.title;
    const facts = stage.facts.map((fact) => {
      const span = document.createElement("span");
      span.textContent = typeset(fact);
      return span;
    });
    const text = document.createElement("p");
    text.append(title, ...facts);
    this.told.replaceChildren(view, text);
  }
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const diagram = diagrams.get(parentElement) ?? new Diagram(parentElement);
  diagrams.set(parentElement, diagram);
  diagram.receive(data, setTriggerValue);
  const turn = Symbol("turn");
  diagram.turn = turn;
  return () => {
    if (diagram.turn !== turn) return; // an overtaken call may be ended after the next has come
    diagrams.delete(parentElement);
    diagram.end();
  };
}
