// What the page was given, unpacked: borders, units, groups, and what is shown now.
const data = JSON.parse(byId("payload").textContent);
const words = data.words;
const count = data.codes.length;
const place = new Map(data.codes.map((code, index) => [code, index]));

// Google's polyline encoding of whole numbers: differences, zigzag, five bits a character.
function decode(text) {
  const points = [];
  let at = 0, x = 0, y = 0;
  function number() {
    let value = 0, shift = 0, bits;
    do {
      bits = text.charCodeAt(at) - 63;
      at += 1;
      value |= (bits & 31) << shift;
      shift += 5;
    } while (bits >= 32);
    return value & 1 ? ~(value >> 1) : value >> 1;
  }
  while (at < text.length) {
    x += number();
    y += number();
    points.push([y, x]);
  }
  return points;
}

const arcs = data.arcs.map(decode);

function ringOf(numbers) {
  const points = [];
  for (const number of numbers) {
    const arc = number < 0 ? arcs[~number].slice().reverse() : arcs[number];
    for (let at = 0; at < arc.length - 1; at += 1) points.push(arc[at]);
  }
  return points.length ? points : arcs[numbers[0]];
}

const shapes = data.units.map((unit) => unit.map((polygon) => polygon.map(ringOf)));

function boxOf(points) {
  let south = Infinity, west = Infinity, north = -Infinity, east = -Infinity;
  for (const [y, x] of points) {
    if (y < south) south = y;
    if (y > north) north = y;
    if (x < west) west = x;
    if (x > east) east = x;
  }
  return { south, west, north, east };
}

// The middle of the largest part: where a unit is taken to lie when arrows move between units.
const centres = shapes.map((unit) => {
  let best = null, most = -1;
  for (const polygon of unit) {
    const box = boxOf(polygon[0]);
    const size = (box.north - box.south) * (box.east - box.west);
    if (size > most) {
      most = size;
      best = [(box.north + box.south) / 2, (box.east + box.west) / 2];
    }
  }
  return best;
});

// A border that two groups share is drawn heavier; it is already among the arcs.
function groupBorders() {
  if (!data.groups) return [];
  const owners = new Map();
  data.units.forEach((unit, index) => {
    for (const number of unit.flat(2)) {
      const arc = number < 0 ? ~number : number;
      if (!owners.has(arc)) owners.set(arc, new Set());
      owners.get(arc).add(data.groups.of[index]);
    }
  });
  return [...owners].filter(([, groups]) => groups.size > 1).map(([arc]) => arcs[arc]);
}

// The outer border of a group: arcs that no two of its units share.
function groupOutline(group) {
  const uses = new Map();
  data.units.forEach((unit, index) => {
    if (data.groups.of[index] !== group) return;
    for (const number of unit.flat(2)) {
      const arc = number < 0 ? ~number : number;
      uses.set(arc, (uses.get(arc) || 0) + 1);
    }
  });
  return [...uses].filter(([, times]) => times === 1).map(([arc]) => arcs[arc]);
}

function membersOf(group) {
  return [...data.codes.keys()].filter((index) => data.groups.of[index] === group);
}

function groupName(index) {
  return data.groups ? data.groups.names[data.groups.of[index]] : "";
}

// A slot says what one map shows: a layer, and a year of it or (-1) the layer itself.
const first = { theme: 0, year: -1 };
const second = { theme: 0, year: -1 };
let chosen = -1;
let picked = -1;

function themeOf(slot) {
  return data.themes[slot.theme];
}
function stateOf(slot) {
  return themeOf(slot).states[slot.year + 1];
}
function entryOf(slot, index) {
  const state = stateOf(slot);
  return state.entries[state.membership[index]];
}
function fillOf(slot, index) {
  return paint(entryOf(slot, index), stateOf(slot).flagged.includes(index));
}
function rowOf(slot, index) {
  return stateOf(slot).rows[index];
}
function titleOf(slot) {
  const label = stateOf(slot).label;
  return label ? themeOf(slot).title + " · " + label : themeOf(slot).title;
}
// Highest first; without a value last.
function byValue(slot) {
  const { values } = stateOf(slot), rank = (index) => (values && values[index] !== null ? -values[index] : Infinity);
  return (a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a - b);
}
// A layer need not have the year that another has.
function keepYear(slot, label) {
  slot.year = label ? themeOf(slot).states.findIndex((state) => state.label === label) - 1 : -1;
  if (slot.year < -1) slot.year = -1;
}

function figure(value) {
  if (value === null || value === undefined) return words.no_value;
  return value.toFixed(1).replace("-", "\u2212");
}
