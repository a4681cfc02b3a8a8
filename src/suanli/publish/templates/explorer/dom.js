// Every string enters the page as text; nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function furnish(node, attributes, children) {
  for (const key in attributes || {}) {
    const value = attributes[key];
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value);
  }
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}
const el = (name, attributes, ...children) =>
  furnish(document.createElement(name), attributes, children);
const svg = (name, attributes, ...children) =>
  furnish(document.createElementNS(SVG, name), attributes, children);

// Fills the fields of a sentence.
function fill(template, fields) {
  return template.replace(/\{(\w+)\}/g, (whole, name) =>
    (Object.prototype.hasOwnProperty.call(fields, name) ? String(fields[name]) : whole));
}
const payload = JSON.parse(byId("payload").textContent);
const say = (key, fields) => fill(payload.words[key], fields || {});

const minus = (text) => text.replace("-", "\u2212");
const decimal = (value, digits) => (value === value ? minus(value.toFixed(digits)) : "–");
const percent = (share) => `${(100 * share).toFixed(1)}%`;
// Three digits that count, never an exponent.
const pText = (p) => (p === p ? String(Number(Math.max(p, 1e-6).toPrecision(3))) : "–");
const whole = (rank) => (rank === rank ? String(rank) : "–");

function arrow(change) {
  if (!(change === change)) return "";
  return change > 0 ? `▲${change}` : change < 0 ? `▼${-change}` : "＝";
}

// Black or white letters, whichever can be read on a colour.
function bright(colour) {
  const part = (at) => parseInt(colour.slice(at, at + 2), 16);
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) > 140;
}

function debounce(milliseconds, call) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(call, milliseconds); };
}

// Runs slices of a long computation between which the page stays alive; stops when overtaken.
async function inSlices(slices, current) {
  for (;;) {
    const until = performance.now() + 12;
    let step;
    do step = slices.next(); while (!step.done && performance.now() < until);
    if (step.done) return step.value;
    await new Promise((go) => setTimeout(go));
    if (!current()) return undefined;
  }
}
