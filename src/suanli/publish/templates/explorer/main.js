// Puts the parts together: one change, one painting, tests when the hand rests.

const app = {
  levels: new Map(),
  level: null,
  view: "score",
  painted: false,
  pending: false,
  testing: 0,
};

function start() {
  for (const told of payload.levels) app.levels.set(told.level, new Level(told));
  app.level = app.levels.get(payload.levels[0].level);
  const act = { choose, hover, brush, move, show, focus: (at) => app.panel.focus(at), extreme,
    rest: () => { app.level.rest(); } };
  Object.assign(app, { chart: new Chart(choose, hover), panel: new Panel(act), ranking: new Ranking(choose, hover),
    scatter: new Scatter("scatter", act), parallel: new Parallel("parallel", act), card: new Card(act),
    finder: new Finder(choose), tip: new Tip() });
  app.test = debounce(90, test);
  wire();
  restore();
  addEventListener("hashchange", () => { if (location.hash.slice(1) !== app.written) restore(); });
  addEventListener("resize", debounce(60, () => { app.chart.view(app.chart.box); paint(); }));
  addEventListener("beforeprint", () => { paint(); onPaper(app.level); });
}

function wire() {
  const on = (id, call) => byId(id).addEventListener("click", call);
  const tabs = (id, items, pick) => {
    for (const [key, name] of items) byId(id).append(el("button", { type: "button", "data-key": key, click: () => pick(key) }, name));
  };
  tabs("levels", payload.levels.map((told) => [told.level, told.name]), (key) => enter(app.levels.get(key)));
  byId("levels").hidden = payload.levels.length < 2;
  tabs("views", Object.keys(VIEWS).map((key) => [key, say(`view_${key}`)]), (key) => { app.view = key; app.level.brush = null; update(); });
  byId("node").addEventListener("change", (event) => show(Number(event.target.value)));
  for (const id of ["reset", "back"]) on(id, () => { app.level.reset(); update(); });
  on("even", () => { app.level.even(); update(); });
  on("nearer", () => app.chart.zoom(0.7));
  on("farther", () => app.chart.zoom(1.4));
  on("home", () => app.chart.view(app.chart.home));
  on("unbrush", () => brush(""));
  on("csv", () => save(tableOf(app.level, written(app)), "text/csv;charset=utf-8", `${fileName()}.csv`));
  on("svg", () => save(`<?xml version="1.0" encoding="UTF-8"?>\n${drawing(drawn())}`, "image/svg+xml", `${fileName()}.svg`));
  on("png", () => savePng(drawn(), `${fileName()}.png`));
  on("share", shareLink);
  addEventListener("keydown", (event) => { if (event.key === "Escape" && app.level.brush) brush(""); });
  if (innerWidth < 900) byId("weights").open = false;
}

const fileName = () => `suanli-${app.level.told.level}-${app.level.tree.nodes[app.level.node].id}-${app.view}`;
const drawn = () => picture(app.level, app.seen, app.view, app.chart,
  [...(app.view === "lisa" ? [byId("moran").textContent, app.level.told.test.note || ""] : []), ...payload.map_notes]);

function enter(level) {
  app.level = level;
  byId("weights-title").textContent = say("weights_of", { name: level.told.profile });
  byId("note").textContent = level.told.note;
  byId("tested").textContent = level.told.test.note || level.told.test.why || "";
  for (const note of byId("notes").querySelectorAll("[data-level]")) note.hidden = note.dataset.level !== level.told.level;
  byId("scatter-title").textContent = told(level);
  byId("scatter-title").title = level.told.test.note || "";
  byId("year").textContent = say("year", { year: level.told.year });
  const indent = (at) => (at === undefined ? -1 : 1 + indent(level.tree.nodes[at].parent));
  const ordered = (at) => [at, ...level.tree.nodes[at].children.flatMap(ordered)];
  byId("node").replaceChildren(...ordered(0).map((at) =>
    el("option", { value: at }, "\u2003".repeat(indent(at)) + level.tree.nodes[at].name)));
  app.chart.draw(level);
  app.panel.draw(level);
  app.finder.draw(level);
  app.ranking.draw(level);
  overtake();
  paint();
  note();
  app.test();
}

function told(level) {
  const kept = level.tested ? level.tested.nodes.filter((node) => !node.children.length).length : 0;
  return kept ? say("scatter_of", { kept, all: level.tree.nodes.filter((node) => !node.children.length).length }) : say("scatter");
}

function restore() {
  app.written = location.hash.slice(1);
  const { level, view, fits } = restored(app, read(location.hash));
  app.view = view;
  enter(level);
  byId("unfit").textContent = fits ? "" : say("state_unfit");
  byId("unfit").hidden = fits;
  if (level.chosen < 0) return;
  // The card takes its room from the list: it stands before the list is scrolled.
  app.card.paint(level);
  app.chart.seek(level.chosen);
  app.ranking.seek();
}

// Everything but tests, at once; further changes of the same frame are painted together at its end.
function update() {
  overtake();
  byId("unfit").hidden = true;
  app.pending = app.painted;
  if (app.painted) return;
  app.painted = true;
  refresh();
  requestAnimationFrame(() => {
    app.painted = false;
    if (app.pending) { app.pending = false; refresh(); }
  });
}

function refresh() { paint(); note(); app.test(); }

function paint() {
  const { level, view } = app;
  app.seen = look(level, view);
  app.chart.paint(app.seen);
  if (view === "lisa") app.chart.label(letters(), 8.5);
  else app.chart.label(leaders());
  paintLegend(level, app.seen, view, legendBrush);
  app.panel.paint();
  app.ranking.update();
  paintState();
  // Last: its letters make the browser compute styles, which nothing changes after.
  app.parallel.paint(level, app.seen);
}

// Names of the first ten; short ones where there are.
function leaders() {
  const { level } = app, { told } = level;
  return level.order.slice(0, 10).filter((row) => level.ranks[row] <= 10)
    .map((row) => told.rows[row]).map((unit) => [unit, told.short[unit] || told.names[unit]]);
}

// Clusters by their letters, for those who print in grey.
function letters() {
  const found = [];
  app.seen.membership.forEach((at, unit) => {
    const { mark } = app.seen.entries[at];
    if (mark) found.push([unit, mark]);
  });
  return found;
}

function paintState() {
  const { level } = app;
  byId("banner").hidden = !level.changed;
  byId("fault").hidden = !level.fault;
  byId("node").value = level.node;
  byId("unbrush").hidden = !level.brush;
  if (level.brush) byId("unbrush").textContent = say("unbrush", { count: level.brush.units.size });
  for (const [id, key] of [["levels", level.told.level], ["views", app.view]]) {
    for (const button of byId(id).children) button.setAttribute("aria-pressed", String(button.dataset.key === key));
  }
}

// What waits until the hand rests: the card, the address, the announcement.
const note = debounce(40, () => {
  const { level } = app;
  app.card.paint(level);
  address();
  const row = level.chosen < 0 ? -1 : level.rowOf[level.chosen];
  if (row < 0) return;
  const change = level.change[row];
  announce(level.ranks[row] === level.ranks[row]
    ? say("announce", { name: level.told.names[level.chosen], node: level.tree.nodes[level.node].name,
      rank: whole(level.ranks[row]), n: level.scored, change: app.ranking.told(change) })
    : `${level.told.names[level.chosen]}: ${say("no_data")}`);
});

// An address changed from outside is read, not written over.
function address() {
  if (location.hash.slice(1) !== app.written) return;
  app.written = written(app);
  if (!byId("sharing").hidden) byId("address").value = link();
  try {
    history.replaceState(null, "", `#${app.written}`);
  } catch {
    location.hash = app.written;
  }
}

function announce(text) {
  if (byId("live").textContent !== text) byId("live").textContent = text;
}

// What is being tested is out of date; the next test begins when the hand rests.
function overtake() {
  app.testing += 1;
  document.body.classList.add("testing");
}

async function test() {
  const turn = app.testing, { level } = app;
  const found = level.tested ? await inSlices(level.tests(), () => turn === app.testing) : { why: "" };
  if (turn !== app.testing || !found) return;
  level.test = found;
  document.body.classList.remove("testing");
  sayTest(found);
  app.scatter.paint(level);
  app.card.paint(level);
  if (app.view === "lisa") paint();
}

function sayTest(found) {
  const { level } = app, { told } = level, count = (kind) => (found.cluster || []).filter((one) => one === kind).length;
  const box = byId("moran");
  if (!found.local) {
    box.textContent = found.why ? say(`why_${found.why}`) : told.test.why || "";
    app.scatter.paint(level);
    return;
  }
  box.textContent = found.whole
    ? say("moran", { value: decimal(found.whole.statistic, 3), p: pText(found.whole.p), n: found.z.length }) : say("why_no_variance");
  const { draws, published } = told.test, other = draws === published ? "" : say("clusters_published", { draws, published });
  byId("clusters").textContent = say("clusters", { HH: count("HH"), LL: count("LL"), HL: count("HL"), LH: count("LH") }) + other;
  byId("scatter").setAttribute("aria-label", `${box.textContent} ${byId("clusters").textContent}`);
}

function choose(unit, seek) {
  app.level.chosen = unit;
  app.chart.mark();
  app.card.paint(app.level);
  if (seek && unit >= 0) app.chart.seek(unit);
  app.ranking.paint();
  if (unit >= 0) app.ranking.seek();
  app.parallel.paint();
  app.scatter.paint(app.level);
  note();
}

function hover(unit, event, quiet) {
  app.chart.point(unit);
  app.tip.show(app.level, quiet ? -1 : unit, event);
}

function brush(key, units) {
  app.level.brush = key && units && units.length ? { key, units: new Set(units) } : null;
  paint();
  app.scatter.paint(app.level);
}

function legendBrush(key, at) {
  const { brush: held } = app.level;
  if (held && held.key === key) { brush(""); return; }
  const units = [];
  app.seen.membership.forEach((entry, unit) => { if (entry === at) units.push(unit); });
  brush(key, units);
}

function move(at, share) { app.level.move(at, share); update(); }

function show(node) {
  app.level.show(node);
  app.ranking.draw(app.level);
  update();
}

function extreme(row, side) { app.level.extreme(row, side); update(); }

function link() { return location.href.replace(/#.*$/, "") + `#${written(app)}`; }

function shareLink() {
  const field = byId("address");
  byId("sharing").hidden = !byId("sharing").hidden;
  field.value = link();
  if (byId("sharing").hidden) return;
  field.focus();
  field.select();
  const told = () => announce(say("copied"));
  if (navigator.clipboard && isSecureContext) navigator.clipboard.writeText(field.value).then(told, () => {});
}

start();
// For those who check the page against the engine.
window.suanliExplorer = { app, payload, evaluate, ranks, fisherJenks, assign, testedWeights, linkage, drawTuples,
  drawOrders, sfc64, globalMoran, localMoran, deviations, lagged, weightSums, guard, tableOf, written, hierarchy, picture, drawing };
