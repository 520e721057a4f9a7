// Eight: appearance right or wrong, motion right or wrong, and in each box what fusion makes of it.

const tables = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let table = tables.get(parentElement);
  if (!table) {
    table = draw();
    parentElement.append(table.element);
    tables.set(parentElement, table);
  }
  for (const [cell, button] of table.buttons.entries()) {
    const { count, name, word } = data.cells[cell];
    button.querySelector("b").textContent = count.toLocaleString("en");
    button.querySelector("span").textContent = word;
    button.setAttribute("aria-label", `${count} clips: ${name}${word ? `, ${word}` : ""}`);
    button.setAttribute("aria-pressed", String(cell === data.chosen));
    button.title = name;
    button.style.flexGrow = count;
    button.onclick = () => setTriggerValue("pick", cell === data.chosen ? -1 : cell);
  }
  table.boxes.forEach((box, at) => {
    const total = data.cells[2 * at].count + data.cells[2 * at + 1].count;
    box.querySelector("small").textContent = `${total.toLocaleString("en")} clips`;
  });
}

function draw() {
  const element = document.createElement("div");
  element.className = "fs-eight";
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Clips by who is right: each cell lists its clips");
  const buttons = new Array(8);
  const boxes = new Array(4);
  const head = (words, stream) => {
    const cell = document.createElement("div");
    cell.className = `fs-name fs-${stream}`;
    cell.textContent = words;
    return cell;
  };
  const corner = document.createElement("div");
  element.append(corner, head("motion right", "motion"), head("motion wrong", "motion"));
  for (const spatial of [1, 0]) {
    element.append(head(`appearance ${spatial ? "right" : "wrong"}`, "appearance"));
    for (const temporal of [1, 0]) {
      const at = 2 * spatial + temporal;
      const box = document.createElement("div");
      box.className = "fs-box";
      const row = document.createElement("div");
      for (const fused of [1, 0]) {
        const button = document.createElement("button");
        button.className = fused ? "fs-right" : "fs-wrong";
        button.dataset.cell = 2 * at + fused;
        button.append(document.createElement("b"), document.createElement("span"));
        buttons[2 * at + fused] = button;
        row.append(button);
      }
      box.append(row, document.createElement("small"));
      boxes[at] = box;
      element.append(box);
    }
  }
  return { element, buttons, boxes };
}
