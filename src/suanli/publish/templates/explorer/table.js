// The ranking: as many rows as fit the view, however many units there are.

const ROW = 27;

class Ranking {
  constructor(choose, hover) {
    this.choose = choose;
    this.hover = hover;
    this.box = byId("ranking");
    this.lines = [];
    this.byChange = false;
    this.body = el("div", { class: "body", role: "rowgroup" });
    this.box.append(this.body);
    // Asked for in the midst of a painting, the browser would lay the page out twice.
    this.top = 0;
    this.box.addEventListener("scroll", () => { this.top = this.box.scrollTop; this.paint(); }, { passive: true });
    new ResizeObserver(() => { this.fit(); this.paint(); }).observe(this.box);
    this.box.addEventListener("keydown", (event) => this.key(event));
    byId("by-change").addEventListener("change", (event) => {
      this.byChange = event.target.checked;
      this.box.scrollTop = this.top = 0;
      this.update();
    });
  }

  draw(level) {
    this.level = level;
    this.box.scrollTop = this.top = 0;
    this.fit();
    this.box.setAttribute("aria-label", say("ranking_of", { name: level.tree.nodes[level.node].name }));
  }

  // Asking for sizes makes the browser lay out: only when they may have changed.
  fit() { this.height = this.box.clientHeight; }

  update() {
    const { order, ranks: found, brush, told, change } = this.level;
    let rows = order;
    if (brush) rows = rows.filter((row) => brush.units.has(told.rows[row]));
    if (this.byChange) {
      const size = (row) => (change[row] === change[row] ? Math.abs(change[row]) : -1);
      rows = rows.slice().sort((a, b) => size(b) - size(a) || (found[a] || Infinity) - (found[b] || Infinity));
    }
    this.rows = rows;
    if (this.long !== rows.length) {
      this.long = rows.length;
      this.body.style.height = `${rows.length * ROW}px`;
      this.box.setAttribute("aria-rowcount", rows.length + 1);
    }
    // Bars of scores start at zero: their lengths can be compared.
    let low = 0, high = -Infinity;
    for (const value of this.level.values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.scale = (value) => (high > low ? (value - low) / (high - low) : 1);
    this.paint();
  }

  line() {
    const text = () => document.createTextNode("");
    const said = { rank: text(), change: text(), name: text(), score: text() };
    const cells = {};
    for (const name in said) cells[name] = el("span", { role: "cell", class: name }, said[name]);
    const line = el("div", { role: "row" }, ...Object.values(cells));
    line.addEventListener("click", () => this.choose(line.unit));
    line.addEventListener("pointerenter", (event) => this.hover(line.unit, event, true));
    line.addEventListener("pointerleave", () => this.hover(-1));
    this.body.append(line);
    return { line, said, cells, shown: {} };
  }

  // A row keeps its place while the table stands still: only what differs is written into it.
  paint() {
    const { level, rows } = this;
    if (!rows) return;
    const first = Math.max(0, Math.floor(this.top / ROW) - 2);
    const count = Math.min(rows.length - first, Math.ceil(this.height / ROW) + 4);
    while (this.lines.length < count) this.lines.push(this.line());
    this.lines.forEach((parts, place) => {
      const hidden = place >= count;
      if (parts.line.hidden !== hidden) parts.line.hidden = hidden;
      if (!hidden) this.fill(parts, first + place, level, rows[first + place]);
    });
  }

  fill({ line, said, cells, shown }, at, level, row) {
    const unit = level.told.rows[row], rank = level.ranks[row], change = level.change[row], value = level.values[row];
    const put = (key, now, write) => {
      if (Object.is(shown[key], now)) return;
      shown[key] = now;
      write(now);
    };
    line.unit = unit;
    put("at", at, () => { line.style.top = `${at * ROW}px`; line.setAttribute("aria-rowindex", at + 2); });
    put("chosen", unit === level.chosen, (chosen) => line.setAttribute("aria-selected", String(chosen)));
    put("best", rank <= 10, (best) => { line.className = best ? "top" : ""; });
    put("rank", rank, () => { said.rank.data = whole(rank); });
    put("change", change, () => {
      said.change.data = arrow(change);
      cells.change.className = `change ${change > 0 ? "up" : change < 0 ? "down" : ""}`;
      cells.change.setAttribute("aria-label", this.told(change));
    });
    put("name", level.told.names[unit] + (level.lacks(row) && "*"), (name) => {
      said.name.data = name;
      cells.name.title = [level.told.names[unit], level.lacks(row)].filter(Boolean).join("\n");
    });
    put("score", decimal(value, 1), (score) => { said.score.data = score; });
    put("bar", value === value ? Math.max(1, Math.round(400 * this.scale(value)) / 4) : 0,
      (wide) => { cells.score.style.backgroundSize = `${wide}% 13px`; });
  }

  told(change) {
    if (change !== change) return "";
    return say(change > 0 ? "moved_up" : change < 0 ? "moved_down" : "moved_none", { places: Math.abs(change) });
  }

  // Brings the chosen unit into view.
  seek() {
    const at = this.rows.findIndex((row) => this.level.told.rows[row] === this.level.chosen);
    if (at < 0) return;
    const top = at * ROW, { scrollTop, clientHeight } = this.box, head = 26;
    if (top < scrollTop || top + ROW > scrollTop + clientHeight - head) this.box.scrollTop = top - clientHeight / 2;
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !this.rows.length) return;
    event.preventDefault();
    const at = this.rows.findIndex((row) => this.level.told.rows[row] === this.level.chosen);
    const next = Math.min(this.rows.length - 1, Math.max(0, at < 0 ? 0 : at + step));
    this.choose(this.level.told.rows[this.rows[next]], true);
  }
}
