// Elements, made from text alone: nothing on the page is ever parsed as HTML.
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function el(name, text, parent, attributes) {
  const node = document.createElement(name);
  if (text !== undefined && text !== null) node.textContent = text;
  for (const key in attributes || {}) node.setAttribute(key, attributes[key]);
  if (parent) parent.appendChild(node);
  return node;
}

function svg(name, attributes, parent) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (parent) parent.appendChild(node);
  return node;
}

function button(text, parent, action, attributes) {
  const node = el("button", text, parent, { type: "button", ...attributes });
  node.addEventListener("click", action);
  return node;
}

function fillIn(template, fields) {
  return template.replace(/\{(\w+)\}/g, (whole, key) => (key in fields ? fields[key] : whole));
}

// Hatches and dots, once for all drawings: a pattern is found by its id from any SVG of the page.
const store = svg("svg", { width: 0, height: 0, "aria-hidden": "true" });
store.style.position = "absolute";
document.body.prepend(store);
const patterns = new Map();

function paint(entry, dotted) {
  if (!entry.hatch && !dotted) return entry.colour;
  const kind = entry.colour + (dotted ? " dots" : "");
  if (!patterns.has(kind)) {
    const id = (dotted ? "dots" : "hatch") + patterns.size;
    const pattern = svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)" }, store);
    svg("rect", { width: 6, height: 6, fill: entry.colour }, pattern);
    if (dotted) svg("circle", { cx: 3, cy: 3, r: 1.2, fill: bright(entry.colour) ? "#1f2a33" : "#ffffff" }, pattern);
    else svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "#98a2aa", "stroke-width": 2 }, pattern);
    patterns.set(kind, "url(#" + id + ")");
  }
  return patterns.get(kind);
}

function bright(colour) {
  const part = (at) => parseInt(colour.slice(at, at + 2), 16);
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) > 140;
}

function announce(text) {
  byId("status").textContent = text;
}
