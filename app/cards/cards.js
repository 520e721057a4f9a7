// Cards: draws the row once for each set of clips, and tells Python which one was picked.

const rows = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data.buffer ?? data);
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const set = header.cards.map((card) => `${card.id}/${card.size}`).join("|");
  let row = rows.get(parentElement);
  if (!row || row.set !== set) {
    row?.element.remove();
    row = { set, element: draw(header.cards, bytes, 4 + size) };
    parentElement.append(row.element);
    rows.set(parentElement, row);
  }
  row.element.pick = (id) => setTriggerValue("pick", id);
  mark(row.element, header.chosen);
}

function draw(cards, bytes, start) {
  const element = document.createElement("div");
  element.className = "fs-cards";
  element.setAttribute("role", "radiogroup");
  element.setAttribute("aria-label", "Clips");
  let offset = start;
  for (const card of cards) {
    const button = document.createElement("button");
    button.dataset.id = card.id;
    button.setAttribute("role", "radio");
    const picture = card.size ? image(bytes.slice(offset, offset + card.size)) : blank();
    const title = document.createElement("span");
    title.textContent = card.title;
    button.append(picture, title);
    button.onclick = () => {
      mark(element, card.id);
      element.pick(card.id);
    };
    element.append(button);
    offset += card.size;
  }
  element.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...element.children];
    all[(all.indexOf(event.target) + step + all.length) % all.length]?.focus();
  };
  return element;
}

function image(webp) {
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(new Blob([webp]));
  picture.onload = () => URL.revokeObjectURL(picture.src);
  return picture;
}

// A clip whose frames have not been read yet.
function blank() {
  const place = document.createElement("div");
  place.className = "fs-blank";
  return place;
}

function mark(element, chosen) {
  const any = [...element.children].some((button) => button.dataset.id === chosen);
  [...element.children].forEach((button, index) => {
    const on = button.dataset.id === chosen;
    button.setAttribute("aria-checked", String(on));
    button.tabIndex = on || (!any && index === 0) ? 0 : -1;
  });
}
