// What paper needs and a screen does not: every row of the ranking, and notes laid open.

const ON_PAPER = { across: 4, rows: 43 };

function onPaper(level) {
  const { told } = level, ranked = told.intervals[level.tree.nodes[level.node].id];
  const reach = level.node === 0 && told.reach && !told.reach.many ? told.reach.rows : null;
  const heads = ["head_rank", "head_change", "head_name", "head_score", ...(ranked ? ["interval"] : []), ...(reach ? ["paper_reach"] : [])];
  // Whoever is not scored has no rank, though some replicates may rank it.
  const range = (ends, row) => (ends && level.ranks[row] === level.ranks[row] ? `${ends[0]}–${ends[1]}` : "");
  const line = (row) => el("tr", {}, ...[whole(level.ranks[row]), arrow(level.change[row]),
    (told.short[told.rows[row]] || told.names[told.rows[row]]) + (level.lacks(row) && "*"), decimal(level.values[row], 1),
    ...(ranked ? [range(ranked[row], row)] : []), ...(reach ? [range(reach[row], row)] : [])].map((text) => el("td", {}, text)));
  const { order } = level, long = Math.min(ON_PAPER.rows, Math.ceil(order.length / ON_PAPER.across)), tables = [];
  for (let from = 0; from < order.length; from += long) {
    tables.push(el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((key) => el("th", {}, say(key))))),
      el("tbody", {}, ...order.slice(from, from + long).map(line))));
  }
  byId("printed").className = tables.length > ON_PAPER.across ? "long" : "";
  const notes = [...(reach ? [say("paper_reach_note", { share: Math.round(100 * told.reach.share) })] : []),
    ...(level.node === 0 && level.lackers ? [say("paper_lacking")] : [])];
  byId("printed").replaceChildren(el("h2", {}, say("paper_ranking", { name: level.tree.nodes[level.node].name, count: order.length })),
    ...notes.map((note) => el("p", { class: "quietly" }, note)), el("div", { class: "sheets" }, ...tables));
  const box = byId("notes"), open = box.open;
  box.open = true;
  addEventListener("afterprint", () => { box.open = open; byId("printed").replaceChildren(); }, { once: true });
}
