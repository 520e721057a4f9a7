// Plan: the sizes of the panels that make the pictures as large as the player's room allows.

/** @typedef {"row" | "grid" | "large"} Kind one row, two rows, or one large panel and small ones */
/**
 * The room of the panels in pixels, and what each panel needs of it: `lines` is the height of its
 * texts, `aspect` the width of a picture by its height.
 * @typedef {{ width: number, height: number, count: number, aspect: number, lines: number, gap: number }} Space
 */
/** @typedef {{ kind: Kind, columns: number, rows: number, first: number, size: number }} Plan widths in pixels */

/** @type {Kind[]} */
export const KINDS = ["row", "grid", "large"];

export const NARROW = 48; // rem; below it, the panels stand in two columns
const LEAST = 0.6; // of its width in equal panels: the least width of a small panel
const LARGER = 1.5; // the width of a large panel by that of a small one, at least
const MANY = 4; // of more panels, none is made large unless the viewer asks
const STAY = 1.2; // what the present arrangement is worth more, so that no small change moves all panels
const BIAS = { row: 1.25, grid: 1.2, large: 1 }; // equal panels compare best; others must show more

/**
 * The width of a picture in a grid of equal panels.
 * @param {Space} space
 * @param {number} columns
 * @param {number} rows
 */
function fitted({ width, height, aspect, lines, gap }, columns, rows) {
  const wide = (width - gap * (columns - 1)) / columns;
  const tall = ((height - gap * (rows - 1)) / rows - lines) * aspect;
  return Math.max(1, Math.floor(Math.min(wide, tall)));
}

/**
 * @param {Space} space
 * @param {"row" | "grid"} kind
 * @returns {Plan}
 */
function equal(space, kind) {
  const rows = kind === "grid" && space.count > 1 ? 2 : 1;
  const columns = Math.ceil(space.count / rows);
  const size = fitted(space, columns, rows);
  return { kind, columns, rows, first: size, size };
}

/**
 * One large panel at the left, the others in a grid at its right.
 * @param {Space} space
 * @param {number} least width of a small panel
 * @returns {Plan}
 */
function oneLarge(space, least) {
  const most = fitted(space, 1, 1);
  const small = space.count - 1;
  /** @type {Plan} */
  let best = { kind: "large", columns: 1, rows: 1, first: most, size: 0 };
  if (!small) return best;
  for (let share = 20; share >= 8; share--) {
    const first = Math.floor((most * share) / 20);
    for (let columns = 1; columns <= small; columns++) {
      const rows = Math.ceil(small / columns);
      const width = space.width - first - space.gap;
      const size = Math.min(Math.floor(first / LARGER), fitted({ ...space, width }, columns, rows));
      const plan = /** @type {Plan} */ ({ kind: "large", columns, rows, first, size });
      if (!best.size || value(plan, space, least) > value(best, space, least)) best = plan;
    }
  }
  return best;
}

/**
 * The area of all pictures; small panels below the least width count for little.
 * @param {Plan} plan
 * @param {Space} space
 */
function value({ first, size }, { count }, least = 0) {
  const area = first * first + (count - 1) * size * size;
  return size < least ? area * (size / least) ** 4 : area;
}

/**
 * The plan that the viewer chose, else the one with the largest pictures.
 * @param {Space} space
 * @param {Kind | ""} chosen
 * @param {number} rem pixels
 * @param {string | undefined} present the kind shown so far
 * @returns {Plan}
 */
export function planOf(space, chosen, rem, present) {
  if (space.width < NARROW * rem) return narrow(space, chosen);
  const plans = [equal(space, "row"), equal(space, "grid")];
  const least = LEAST * Math.max(...plans.map(({ size }) => size));
  if (chosen === "large" || space.count <= MANY) plans.push(oneLarge(space, least));
  const named = plans.find(({ kind }) => kind === chosen);
  const worth = (/** @type {Plan} */ plan) => BIAS[plan.kind] * value(plan, space, least) * (plan.kind === present ? STAY : 1);
  return named ?? plans.reduce((best, plan) => (worth(plan) > worth(best) ? plan : best));
}

/**
 * Two columns on a phone; a large panel has both.
 * @param {Space} space
 * @param {Kind | ""} chosen
 * @returns {Plan}
 */
function narrow({ width, height, aspect, lines, gap, count }, chosen) {
  const kind = chosen === "large" ? "large" : "grid";
  const tall = Math.floor((height - lines) * aspect);
  if (count === 1) return { kind, columns: 1, rows: 1, first: Math.min(width, tall), size: 0 };
  const size = Math.min(Math.floor((width - gap) / 2), tall);
  const first = kind === "large" ? Math.min(width, tall) : size;
  return { kind, columns: 2, rows: Math.ceil(count / 2), first, size };
}

/**
 * Pairs, one panel above the other: two rows.
 * @param {Space} space
 * @param {number} rem
 * @returns {Plan}
 */
export function pairsOf(space, rem) {
  if (space.width < NARROW * rem) return narrow(space, "");
  return equal(space, "grid");
}
