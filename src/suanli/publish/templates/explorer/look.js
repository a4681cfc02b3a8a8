// What every view shows of a level: colours, legend, which unit belongs where.

const colours = payload.colours;

function scoreEntries(level) {
  const { breaks, values, classes } = level, palette = colours.sequential[breaks.length] || [];
  const labels = classLabels(breaks, values, classes, payload.words.class_range);
  const entries = labels.map((label, place) => ({ key: `c${place}`, label, colour: palette[place] }));
  // Highest class on top, as readers look for the leaders first.
  return { entries: entries.reverse(), place: (row) =>
    (classes[row] < 0 ? -1 : entries.length - 1 - classes[row]) };
}

function changeEntries(level) {
  const far = Math.max(2, Math.ceil(level.scored / 33));
  const keys = ["up_far", "up", "same", "down", "down_far"];
  const name = (key) => `change_${key}${far === 2 && (key === "up" || key === "down") ? "_one" : ""}`;
  const entries = keys.map((key, at) => ({ key, label: say(name(key), { far, near: far - 1 }),
    colour: colours.change[at], mark: ["▲", "", "", "", "▼"][at] }));
  return { entries, place(row) {
    const change = level.change[row];
    if (change !== change) return -1;
    return change >= far ? 0 : change > 0 ? 1 : change === 0 ? 2 : change > -far ? 3 : 4;
  } };
}

function clusterEntries(level) {
  const cluster = level.test && level.test.cluster;
  const keys = ["HH", "LL", "HL", "LH", "ns"];
  if (cluster && cluster.includes("isolate")) keys.push("isolate");
  const entries = keys.map((key) => ({ key, label: say(`lisa_${key}`), ...colours.lisa[key] }));
  return { entries, place: (row) => (cluster ? keys.indexOf(cluster[row]) : -1) };
}

const VIEWS = { score: scoreEntries, change: changeEntries, lisa: clusterEntries };

// Entries in reading order with their counts, and the entry of every unit of the layer.
function look(level, view) {
  const { entries, place } = VIEWS[view](level), units = level.told.codes.length;
  const nothing = { key: "none", label: say(view === "lisa" ? "untested" : "no_data"), ...colours.no_data };
  const outside = { key: "outside", label: say("not_evaluated"), ...colours.not_evaluated };
  const all = [...entries, nothing, outside].map((entry) => ({ ...entry, count: 0 }));
  const membership = new Int32Array(units);
  for (let unit = 0; unit < units; unit++) {
    const row = level.rowOf[unit], found = row < 0 ? -1 : place(row);
    const at = found >= 0 ? found : level.outside.has(unit) ? all.length - 1 : all.length - 2;
    membership[unit] = at;
    all[at].count += 1;
  }
  return { entries: all, membership, fixed: entries.length,
    dotted: level.node === 0 && view !== "lisa" && level.lackers > 0 };
}

const looks = (entry) => (entry.hatch ? "url(#hatch)" : entry.colour);

function swatch(entry) {
  const lines = entry.hatch ? [0, 7, 14, 21].map((x) =>
    svg("path", { d: `M${x} 14.5l7-14`, stroke: "#98a2aa", "stroke-width": 1.5 })) : [];
  return svg("svg", { width: 26, height: 15, "aria-hidden": "true" },
    svg("rect", { x: 0.5, y: 0.5, width: 25, height: 14, fill: entry.colour, stroke: "#7d8891" }), ...lines,
    entry.mark ? svg("text", { x: 13, y: 11.5, "text-anchor": "middle", "font-size": 10,
      fill: bright(entry.colour) ? "#1f2a33" : "#ffffff" }, entry.mark) : null);
}

// The legend: every entry is a switch that picks out its units in all views.
function paintLegend(level, seen, view, pick) {
  const name = level.tree.nodes[level.node].name;
  const titles = { score: say("score_legend", { name }), change: say("change_legend", { name }),
    lisa: say("lisa_legend") };
  const remarks = { score: say("scheme", { k: level.breaks.length }), change: say("change_scheme"),
    lisa: say("lisa_scheme", { alpha: level.told.test.alpha || "" }) };
  for (const [id, text] of [["legend-title", titles[view]], ["legend-scheme", remarks[view]]]) {
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }
  const note = seen.dotted ? say("lacking_legend", { count: level.lackers }) : "", below = byId("legend-lacking");
  if (below.lastChild.textContent !== note) below.lastChild.textContent = note;
  if (below.hidden === seen.dotted) below.hidden = !seen.dotted;
  const shown = seen.entries.filter((entry, at) => at < seen.fixed || entry.count);
  const lines = byId("legend-entries");
  const pressed = level.brush ? level.brush.key : "";
  while (lines.children.length > shown.length) lines.lastChild.remove();
  shown.forEach((entry, at) => {
    const key = `${view}:${entry.key}`, kind = [key, entry.colour, pressed === key].join("|");
    let line = lines.children[at];
    if (!line || line.kind !== kind) {
      const fresh = el("button", { type: "button", "aria-pressed": String(pressed === key),
        title: say("brush_class") }, swatch(entry), el("span", {}, ""), el("b", {}, ""));
      fresh.addEventListener("click", () => pick(key, fresh.place));
      fresh.kind = kind;
      if (line) line.replaceWith(fresh);
      else lines.append(fresh);
      line = fresh;
    }
    // What is new is written into the line there is: half the work of a new one.
    line.place = seen.entries.indexOf(entry);
    const count = say("count", { count: entry.count });
    if (line.children[1].textContent !== entry.label) line.children[1].textContent = entry.label;
    if (line.children[2].textContent !== count) line.children[2].textContent = count;
  });
}
