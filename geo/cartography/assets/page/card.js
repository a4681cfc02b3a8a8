// What is said of a unit: in short beside the pointer, at length in its profile.

function brief(slot, index) {
  const box = el("div", null, null, { class: "card" });
  const entry = entryOf(slot, index);
  el("strong", data.names[index], box);
  if (groupName(index) && groupName(index) !== data.names[index]) {
    el("small", groupName(index), box);
  }
  const line = el("em", null, box);
  const dot = el("i", null, line);
  dot.style.background = entry.colour;
  el("span", entry.label, line);
  rows(slot, index, box);
  return box;
}

function rows(slot, index, parent) {
  const row = rowOf(slot, index);
  if (!row.length) return;
  const list = el("dl", null, parent);
  stateOf(slot).columns.forEach((column, at) => {
    if (!row[at]) return;
    el("dt", column, list);
    el("dd", row[at], list);
  });
}

// Layers with numbers, each in the year shown where it has that year.
function measured(slot) {
  const label = stateOf(slot).label;
  return data.themes.map((theme) => {
    const state = theme.states.find((one) => one.label === label) || theme.states[0];
    return { theme, state };
  }).filter((one) => one.state.values);
}

function share(theme, value) {
  const [low, high] = theme.span;
  return Math.max(0, Math.min(100, (100 * (value - low)) / (high - low || 1)));
}

function bar(parent, one, index) {
  const track = el("span", null, parent, { class: "track" });
  const value = one.state.values[index];
  if (value !== null) {
    const full = el("i", null, track);
    full.style.width = share(one.theme, value) + "%";
    full.style.background = one.state.entries[one.state.membership[index]].colour;
  }
  if (one.state.median !== null) {
    const tick = el("b", null, track, { title: fillIn(words.median, { value: figure(one.state.median) }) });
    tick.style.left = share(one.theme, one.state.median) + "%";
  }
  return track;
}

function bars(slot, index, parent) {
  const all = measured(slot);
  if (!all.length) return;
  const title = part(parent, words.profile);
  el("small", fillIn(words.median, { value: "|" }), title);
  const table = el("ul", null, parent, { class: "bars" });
  for (const one of all) {
    const line = el("li", null, table);
    el("span", one.theme.measure, line, { class: "what" });
    bar(line, one, index);
    el("span", figure(one.state.values[index]), line, { class: "figures" });
  }
}

function part(parent, title) {
  const head = el("h3", null, parent);
  el("span", title, head);
  return head;
}

// The layer over its years, where there are at least two numbers.
function overYears(slot, index, parent) {
  const theme = themeOf(slot);
  const known = theme.states.slice(1)
    .map((state, at) => ({ at, label: state.label, value: state.values && state.values[index] }))
    .filter((one) => one.value !== null && one.value !== undefined);
  if (known.length < 2) return;
  part(parent, words.over_years);
  const wide = 250, high = 56, low = Math.min(...known.map((one) => one.value));
  const top = Math.max(...known.map((one) => one.value));
  const x = (one) => 6 + (one.at / (theme.states.length - 2 || 1)) * (wide - 12);
  const y = (one) => high - 8 - ((one.value - low) / (top - low || 1)) * (high - 16);
  const said = known.map((one) => one.label + " " + figure(one.value)).join(", ");
  const drawing = svg("svg", { viewBox: `0 0 ${wide} ${high}`, class: "spark", role: "img",
    "aria-label": theme.title + ": " + said }, parent);
  svg("polyline", { points: known.map((one) => x(one).toFixed(1) + "," + y(one).toFixed(1)).join(" ") }, drawing);
  for (const one of known) {
    const dot = svg("circle", { cx: x(one).toFixed(1), cy: y(one).toFixed(1),
      r: one.at === slot.year ? 4.5 : 2.5 }, drawing);
    svg("title", {}, dot).textContent = one.label + ": " + figure(one.value);
  }
  const ends = el("p", null, parent, { class: "ends" });
  for (const one of [known[0], known[known.length - 1]]) el("span", one.label + ": " + figure(one.value), ends);
}

function lists(index, parent) {
  const card = data.cards[index];
  if (!card) return;
  for (const [title, items] of card[0]) {
    part(parent, data.sayings[title]);
    const list = el("ul", null, parent, { class: "said" });
    for (const [what, remark] of items) {
      const line = el("li", null, list);
      el("span", data.sayings[what], line);
      el("small", remark, line);
    }
  }
}

function neighbours(slot, index, parent) {
  const found = data.neighbours[index];
  if (!found.length) return;
  part(parent, words.neighbours);
  unitList(slot, found, parent);
}

function unitList(slot, units, parent) {
  const { values } = stateOf(slot), list = el("ul", null, parent, { class: "near" });
  for (const other of units.slice().sort(byValue(slot))) {
    const node = button(null, el("li", null, list), () => choose(other, true));
    el("span", data.names[other], node);
    el("span", values ? figure(values[other]) : entryOf(slot, other).label, node, { class: "figures" });
  }
}

// Only a page in the same folder; anything else the page was given is not made a link.
const SIBLING = /^[a-z0-9][a-z0-9_-]*\.html$/;
function links(index, parent) {
  const card = data.cards[index];
  if (!card || !card[1].length) return;
  const line = el("p", null, parent, { class: "links" });
  for (const [page, anchor, label] of card[1]) {
    if (!SIBLING.test(data.sayings[page])) continue;
    const link = el("a", data.sayings[label], line);
    link.href = data.sayings[page] + (anchor ? "#" + encodeURIComponent(anchor) : "");
  }
}

function cardHead(box, name, remark) {
  box.replaceChildren();
  const head = el("div", null, box, { class: "head" });
  const title = el("h2", null, head, { id: "chosen-title", tabindex: "-1" });
  el("strong", name, title);
  if (remark && remark !== name) el("small", remark, title);
  button("\u00d7", head, () => whole(false), { class: "close", "aria-label": words.close, title: words.close });
}

// A group: its units by what is shown, and itself on its own page.
function groupProfile(slot, group, box) {
  const units = membersOf(group);
  cardHead(box, data.groups.names[group], fillIn(words.group_units, { count: units.length }));
  el("p", titleOf(slot), box, { class: "is" });
  unitList(slot, units, box);
  const { link } = data.groups;
  if (link && SIBLING.test(link[0])) {
    el("a", link[1], el("p", null, box, { class: "links" })).href = link[0] + "#" + encodeURIComponent(data.groups.codes[group]);
  }
}

function profile(slot, index, box) {
  cardHead(box, data.names[index], groupName(index));
  const entry = entryOf(slot, index);
  const line = el("p", null, box, { class: "is" });
  el("i", null, line).style.background = entry.colour;
  el("span", titleOf(slot) + ": " + entry.label, line);
  rows(slot, index, box);
  const tools = el("div", null, box, { class: "row tools" });
  if (measured(slot).length) button(words.compare_unit, tools, () => compareUnits(index));
  bars(slot, index, box);
  overYears(slot, index, box);
  lists(index, box);
  neighbours(slot, index, box);
  links(index, box);
}
