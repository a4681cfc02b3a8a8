// The chosen unit: where it stands, how sure that is, what moves it.

class Card {
  constructor(act) {
    this.act = act;
    this.box = byId("chosen");
  }

  paint(level) {
    const unit = level.chosen;
    byId("hint").hidden = unit >= 0;
    this.box.hidden = unit < 0;
    if (unit < 0) return;
    const row = level.rowOf[unit], { told } = level;
    const head = el("div", { class: "head" }, el("h2", {}, told.names[unit]), el("small", {}, told.codes[unit]),
      el("button", { type: "button", class: "close", "aria-label": say("unchoose"), click: () => this.act.choose(-1) }, "×"));
    if (row < 0 || level.ranks[row] !== level.ranks[row]) {
      const why = level.outside.has(unit) ? say("not_evaluated") : say("no_data");
      this.box.replaceChildren(head, el("p", { class: "quietly" }, why));
      return;
    }
    const change = level.change[row], rank = level.ranks[row];
    const place = el("p", { class: "place" }, el("strong", {}, whole(rank)), el("span", {}, say("of", { n: level.scored })),
      el("em", { class: change > 0 ? "up" : change < 0 ? "down" : "" }, arrow(change)),
      el("span", { class: "points" }, say("points", { value: decimal(level.values[row], 1) })));
    this.box.replaceChildren(head, place, this.facts(level, row), ...this.range(level, row), this.moves(level, row));
  }

  facts(level, row) {
    const list = el("dl", {}), { told } = level, node = level.tree.nodes[level.node];
    const add = (term, text, hint) => list.append(el("dt", hint ? { title: hint } : {}, term), el("dd", {}, text));
    add(say("profile_rank"), whole(level.before[row]));
    if (level.lacks(row)) add(say("lacking_head"), level.lacks(row), say("lacking_hint"));
    const interval = told.intervals[node.id] && told.intervals[node.id][row];
    if (interval) add(say("interval"), `${interval[0]}–${interval[1]}`, say("interval_hint"));
    const { test } = level;
    if (test && test.cluster && test.cluster[row]) {
      const at = test.linked.units.indexOf(row), kind = test.cluster[row];
      const p = at < 0 ? "" : say("cluster_p", { p: pText(test.local.adjusted[at]) });
      add(say("cluster"), `${say(`lisa_${kind}`)}${p}`, told.test.note);
    }
    return list;
  }

  // Best and worst rank under admissible weights: proved, or found by search, and said which.
  range(level, row) {
    const { reach } = level.told, found = reach && reach.rows[row];
    if (reach && reach.many) return [el("h3", {}, say("reach")), el("p", { class: "quietly" }, say("reach_many", { units: reach.many }))];
    if (!found || level.node !== 0) return [];
    const [best, worst, low, high] = found, share = Math.round(100 * reach.share);
    const proved = best === low && worst === high;
    const total = Math.max(1, level.scored - 1), at = (rank) => (100 * (rank - 1)) / total;
    const bar = el("div", { class: "range", role: "img", "aria-label": say("reach_label", { best, worst }) },
      el("i", { class: "bound" }), el("i", { class: "found" }), el("i", { class: "was" }), el("i", { class: "now" }));
    const put = (part, from, to) => {
      part.style.left = `${at(from)}%`;
      part.style.width = to === undefined ? "" : `${Math.max(0.8, at(to) - at(from))}%`;
    };
    put(bar.children[0], low, high);
    put(bar.children[1], best, worst);
    put(bar.children[2], level.before[row]);
    put(bar.children[3], level.ranks[row]);
    const go = (side, rank) => el("button", { type: "button", disabled: !level.live, title: say("take_hint"),
      click: () => this.act.extreme(row, side) }, say(side ? "take_worst" : "take_best", { rank }));
    const how = proved ? say("reach_proved", { share })
      : say("reach_searched", { share, low, high });
    const beyond = level.admissible ? "" : el("p", { class: "quietly warn" }, say("beyond", { share }));
    return [el("h3", {}, say("reach")), el("div", { class: "ends" }, go(0, best), bar, go(1, worst)),
      el("p", { class: "quietly" }, how), el("p", { class: "quietly apart" }, say("two_ranges")), beyond];
  }

  moves(level, row) {
    const { reach } = level.told, movers = level.movers(row).slice(0, 5);
    const box = el("div", { class: "moves" });
    if (!reach || !level.live || !level.tree.nodes[level.node].children.length) return box;
    box.append(el("h3", {}, say("moves")));
    if (!movers.length) { box.append(el("p", { class: "quietly" }, say("moves_none"))); return box; }
    const rank = level.ranks[row], all = [rank, ...movers.flatMap(({ ends }) => ends)];
    const low = Math.min(...all), high = Math.max(...all), wide = Math.max(1, high - low);
    const at = (value) => (100 * (value - low)) / wide;
    for (const { at: node, ends } of movers) {
      const bar = el("i", {}), tick = el("b", {});
      const from = Math.min(...ends, rank), to = Math.max(...ends, rank);
      bar.style.left = `${at(from)}%`;
      bar.style.width = `${Math.max(2, at(to) - at(from))}%`;
      tick.style.left = `${at(rank)}%`;
      box.append(el("button", { type: "button", class: "move", title: say("to_slider"), click: () => this.act.focus(node) },
        el("span", { class: "which" }, level.tree.nodes[node].name),
        el("span", { class: "from" }, say("move_ends", { low: whole(ends[0]), high: whole(ends[1]) })),
        el("span", { class: "track", "aria-hidden": "true" }, bar, tick)));
    }
    box.append(el("p", { class: "quietly" }, say("moves_note", { share: Math.round(100 * reach.share) })));
    return box;
  }
}

// What follows the pointer.
class Tip {
  constructor() { this.box = byId("tip"); }

  show(level, unit, event) {
    this.box.hidden = unit < 0 || !event;
    if (this.box.hidden) return;
    const row = level.rowOf[unit], { told } = level;
    const scored = row >= 0 && level.ranks[row] === level.ranks[row];
    const text = scored
      ? [say("tip_rank", { rank: whole(level.ranks[row]), n: level.scored, value: decimal(level.values[row], 1) }),
        level.change[row] ? say(level.change[row] > 0 ? "moved_up" : "moved_down", { places: Math.abs(level.change[row]) }) : ""]
      : [level.outside.has(unit) ? say("not_evaluated") : say("no_data")];
    const { test } = level, kind = test && test.cluster && row >= 0 ? test.cluster[row] : "";
    if (kind && kind !== "ns") text.push(say(`lisa_${kind}`));
    if (scored) text.push(level.lacks(row));
    this.box.replaceChildren(el("strong", {}, told.names[unit]), ...text.filter(Boolean).map((line) => el("span", {}, line)));
    const { offsetWidth: wide, offsetHeight: tall } = this.box;
    const x = event.clientX + 14, y = event.clientY + 14;
    this.box.style.left = `${x + wide > innerWidth - 4 ? Math.max(4, event.clientX - wide - 10) : x}px`;
    this.box.style.top = `${y + tall > innerHeight - 4 ? Math.max(4, event.clientY - tall - 10) : y}px`;
  }
}
