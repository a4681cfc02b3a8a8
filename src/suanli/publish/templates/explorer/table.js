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
    this.box.addEventListener("scroll", () => this.paint(), { passive: true });
    new ResizeObserver(() => { this.fit(); this.paint(); }).observe(this.box);
    this.box.addEventListener("keydown", (event) => this.key(event));
    byId("by-change").addEventListener("change", (event) => {
      this.byChange = event.target.checked;
      this.box.scrollTop = 0;
      this.update();
    });
  }

  draw(level) {
    this.level = level;
    this.box.scrollTop = 0;
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
    this.body.style.height = `${rows.length * ROW}px`;
    this.box.setAttribute("aria-rowcount", rows.length + 1);
    let low = Infinity, high = -Infinity;
    for (const value of this.level.values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    this.scale = (value) => (high > low ? (value - low) / (high - low) : 1);
    this.paint();
  }

  line() {
    const cell = (name) => el("span", { role: "cell", class: name });
    const parts = { rank: cell("rank"), change: cell("change"), name: cell("name"), bar: el("i", {}), score: cell("score") };
    const line = el("div", { role: "row" }, parts.rank, parts.change, parts.name, parts.score);
    parts.score.append(parts.bar, el("b", {}));
    line.addEventListener("click", () => this.choose(line.unit));
    line.addEventListener("pointerenter", (event) => this.hover(line.unit, event, true));
    line.addEventListener("pointerleave", () => this.hover(-1));
    this.body.append(line);
    return { line, ...parts };
  }

  paint() {
    const { level, rows } = this;
    if (!rows) return;
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW) - 2);
    const count = Math.min(rows.length - first, Math.ceil(this.height / ROW) + 4);
    while (this.lines.length < count) this.lines.push(this.line());
    this.lines.forEach((parts, place) => {
      const { line } = parts, row = rows[first + place];
      line.hidden = place >= count;
      if (line.hidden) return;
      const unit = level.told.rows[row], rank = level.ranks[row], change = level.change[row], value = level.values[row];
      const chosen = unit === level.chosen;
      const said = `${level.told.level}|${first + place}|${row}|${rank}|${change}|${value}|${chosen}|${this.scale(value)}`;
      if (line.said === said) return;
      line.said = said;
      line.unit = unit;
      line.style.transform = `translateY(${(first + place) * ROW}px)`;
      line.setAttribute("aria-rowindex", first + place + 2);
      line.setAttribute("aria-selected", String(chosen));
      line.className = rank <= 10 ? "top" : "";
      parts.rank.textContent = whole(rank);
      parts.change.textContent = arrow(change);
      parts.change.className = `change ${change > 0 ? "up" : change < 0 ? "down" : ""}`;
      parts.change.setAttribute("aria-label", this.told(change));
      parts.name.textContent = level.told.names[unit];
      parts.name.title = level.told.names[unit];
      parts.bar.style.transform = `scaleX(${value === value ? Math.max(0.01, this.scale(value)) : 0})`;
      parts.score.lastChild.textContent = decimal(value, 1);
    });
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
