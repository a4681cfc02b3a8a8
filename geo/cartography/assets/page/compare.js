// Two units side by side, and two maps side by side.
const dialog = byId("compare");
let pair = [0, 0];

// Units of a group stand together; there may be thousands.
function options(list) {
  const groups = new Map();
  data.names.forEach((name, index) => {
    const group = groupName(index);
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(index);
  });
  for (const [group, members] of groups) {
    const parent = group && members.length > 1 ? el("optgroup", null, list, { label: group }) : list;
    for (const index of members) el("option", data.names[index], parent, { value: index });
  }
}

function compareUnits(index) {
  const state = stateOf(first);
  const others = [...state.leaders, ...data.neighbours[index], ...data.codes.keys()];
  const other = others.find((one) => one !== index);
  pair = [index, other === undefined ? index : other];
  for (const side of [0, 1]) {
    const list = byId("pair-" + side);
    if (!list.childElementCount) {
      options(list);
      list.addEventListener("change", () => {
        pair[side] = Number(list.value);
        drawPair();
      });
    }
    list.value = pair[side];
  }
  drawPair();
  dialog.showModal();
}

function cell(line, one, index, side) {
  const box = el("td", null, line, { class: "side" + side });
  el("span", figure(one.state.values[index]), box, { class: "figures" });
  bar(box, one, index);
}

function drawPair() {
  const body = byId("pair-rows"), [a, b] = pair;
  body.replaceChildren();
  byId("pair-year").textContent = titleOf({ theme: 0, year: first.year }).includes(stateOf(first).label)
    ? stateOf(first).label || words.year_base : "";
  for (const one of measured(first)) {
    const line = el("tr", null, body);
    cell(line, one, a, 0);
    const head = el("th", one.theme.measure, line, { scope: "row" });
    const left = one.state.values[a], right = one.state.values[b];
    if (left !== null && right !== null) {
      // Of what is shown, so that a reader can check it.
      const gap = Number(left.toFixed(1)) - Number(right.toFixed(1));
      el("small", (gap > 0 ? "+" : "") + figure(gap), head, { title: words.difference });
    }
    cell(line, one, b, 1);
  }
  for (const side of [0, 1]) {
    const box = byId("pair-card-" + side), index = pair[side];
    box.replaceChildren();
    const entry = entryOf(first, index);
    const line = el("p", null, box, { class: "is" });
    el("i", null, line).style.background = entry.colour;
    el("span", titleOf(first) + ": " + entry.label, line);
    rows(first, index, box);
    lists(index, box);
  }
}

byId("compare-close").addEventListener("click", () => dialog.close());

// The second map follows the first, and the first the second.
let other = null;

function follow(from, to) {
  from.map.on("move", () => {
    if (other === null || byId("second").hidden || from.leading === false) return;
    to.leading = false;
    to.map.setView(from.map.getCenter(), from.map.getZoom(), { animate: false });
    to.leading = true;
  });
}

function twoMaps(view, changed) {
  const toggle = byId("two"), pane = byId("second"), list = byId("second-layer");
  byId("two-row").hidden = data.themes.length < 2 && data.themes[0].states.length < 2;
  function build() {
    const map = L.map("map-second", { ...view.map.options, minZoom: -12, maxBounds: null });
    map.setView(view.map.getCenter(), view.map.getZoom(), { animate: false });
    other = createView(map, second);
    other.inset = addInset(other);
    other.fitted = view.fitted;
    if (picked >= 0) other.around.setLatLngs(groupOutline(picked));
    door(other, stateOf(second).leaders[0] || 0);
    follow(view, other);
    follow(other, view);
    data.themes.forEach((theme, at) => theme.states.forEach((state, year) =>
      el("option", titleOf({ theme: at, year: year - 1 }), list, { value: at + ":" + (year - 1) })));
    list.addEventListener("change", () => {
      [second.theme, second.year] = list.value.split(":").map(Number);
      changed();
    });
  }
  toggle.addEventListener("click", () => {
    const on = pane.hidden;
    pane.hidden = !on;
    byId("stage").classList.toggle("double", on);
    toggle.setAttribute("aria-pressed", String(on));
    toggle.textContent = on ? words.second_off : words.second_map;
    if (on && other === null) {
      second.theme = data.themes.length > 1 ? (first.theme + 1) % data.themes.length : first.theme;
      keepYear(second, stateOf(first).label);
      if (data.themes.length === 1) second.year = first.year < 0 ? 0 : -1;
      build();
      list.value = second.theme + ":" + second.year;
    }
    view.map.invalidateSize({ animate: false });
    if (on) other.map.invalidateSize({ animate: false });
    fit(view);
    changed();
  });
}
