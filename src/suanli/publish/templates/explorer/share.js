// The state in the address: level, node, unit, view and the weights that were moved.

function written(app) {
  const { level, view } = app, { nodes } = level.tree, parts = [`l=${level.told.level}`];
  if (level.node) parts.push(`n=${encodeURIComponent(nodes[level.node].id)}`);
  if (view !== "score") parts.push(`v=${view}`);
  if (level.chosen >= 0) parts.push(`u=${encodeURIComponent(level.told.codes[level.chosen])}`);
  const moved = nodes.flatMap((node) => {
    if (!node.children.some((child) => level.local[child] !== level.tree.base[child])) return [];
    const fine = [STEPS, 100 * STEPS, 1e9].find((steps) => node.children.every((child) =>
      Math.abs(Math.round(level.local[child] * steps) / steps - level.local[child]) < 1e-12)) || 1e12;
    return [[node.id, ...node.children.map((child) => Math.round(level.local[child] * fine))].join(".")];
  });
  if (moved.length) parts.push(`w=${moved.map(encodeURIComponent).join(",")}`);
  return parts.join("&");
}

// Reads a state; what does not fit this page is left out, and said.
function read(text) {
  const found = new Map();
  for (const part of text.replace(/^#/, "").split("&")) {
    const [key, ...value] = part.split("=");
    try {
      found.set(key, decodeURIComponent(value.join("=")));
    } catch {
      found.set("fault", "1");
    }
  }
  return found;
}

// Puts a state in place; tells whether all of it fitted.
function restored(app, found) {
  const level = app.levels.get(found.get("l")) || app.level;
  let fits = !found.has("fault") && (!found.has("l") || app.levels.has(found.get("l")));
  const node = found.has("n") ? level.tree.place.get(found.get("n")) : 0;
  level.node = node === undefined ? 0 : node;
  fits &&= node !== undefined;
  level.brush = null;
  level.local = level.tree.base.slice();
  level.rest();
  for (const group of (found.get("w") || "").split(",").filter(Boolean)) {
    const [id, ...steps] = group.split("."), at = level.tree.place.get(id);
    const numbers = steps.map(Number);
    const sound = level.live && at !== undefined && numbers.every((number) => number >= 0 && Number.isFinite(number));
    if (!sound || !level.set(at, numbers)) fits = false;
  }
  level.evaluate();
  level.chosen = found.has("u") ? level.told.codes.indexOf(found.get("u")) : -1;
  fits &&= !found.has("u") || level.chosen >= 0;
  return { level, view: Object.keys(VIEWS).includes(found.get("v")) ? found.get("v") : "score", fits };
}
