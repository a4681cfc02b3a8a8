// Legends with ranges and counts, and the list of the leaders.

function swatch(entry, parent) {
  const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" }, parent);
  svg("rect", { x: 0.5, y: 0.5, width: 27, height: 15, fill: paint(entry), stroke: "#7d8891" },
    drawing);
  if (entry.mark) {
    const text = svg("text", { x: 14, y: 12, "text-anchor": "middle", "font-size": 10.5,
      fill: bright(entry.colour) ? "#1f2a33" : "#ffffff" }, drawing);
    text.textContent = entry.mark;
  }
}

function legend(slot, box) {
  box.replaceChildren();
  const state = stateOf(slot);
  const head = el("div", null, box, { class: "head" });
  if (state.legendTitle) el("span", state.legendTitle, head);
  if (state.scheme) el("small", state.scheme, head);
  const list = el("ul", null, box);
  for (const entry of state.entries) {
    const line = el("li", null, list, { class: "entry" });
    swatch(entry, line);
    el("span", entry.label, line, { class: "figures" });
    el("span", entry.countText, line, { class: "count" });
  }
  if (state.flagged.length) {
    const line = el("li", null, list, { class: "entry flagged" });
    const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" }, line);
    svg("rect", { x: 0.5, y: 0.5, width: 27, height: 15, fill: paint({ colour: "#ffffff" }, true), stroke: "#7d8891" }, drawing);
    el("span", words.flagged, line);
    el("span", state.flaggedText, line, { class: "count" });
  }
  for (const group of data.markers) {
    const line = el("li", null, list, { class: "entry" });
    const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" }, line);
    svg("circle", { cx: 14, cy: 8, r: 5, fill: group.colour, stroke: "#fff" }, drawing);
    el("span", group.label, line);
    el("span", group.countText, line, { class: "count" });
  }
}

function leaders() {
  const list = byId("leaders"), state = stateOf(first), theme = themeOf(first);
  list.replaceChildren();
  byId("leading").hidden = !state.leaders.length;
  for (const index of state.leaders) {
    const node = button(null, el("li", null, list), () => choose(index, true));
    el("span", data.names[index], node);
    const cells = state.rows[index];
    const remark = theme.remark < 0 ? "" : cells[theme.remark];
    el("span", remark ? `${cells[0]} (${remark})` : cells[0], node, { class: "figures" });
  }
}
