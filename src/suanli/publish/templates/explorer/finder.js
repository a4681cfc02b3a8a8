// Search by name, romanised name or code.

class Finder {
  constructor(choose) {
    this.choose = choose;
    this.query = byId("query");
    this.hits = byId("hits");
    this.found = [];
    this.active = 0;
    this.query.addEventListener("input", () => this.search());
    this.query.addEventListener("blur", () => this.close());
    this.query.addEventListener("keydown", (event) => this.key(event));
  }

  draw(level) {
    const { told } = level;
    this.told = told;
    this.level = level;
    this.words = told.names.map((name, unit) =>
      [name, told.short[unit], told.words[unit], told.codes[unit]].join("\n").toLowerCase());
    this.query.value = "";
    this.close();
  }

  close() {
    this.hits.hidden = true;
    this.query.setAttribute("aria-expanded", "false");
    this.query.removeAttribute("aria-activedescendant");
  }

  take(unit) {
    this.query.value = this.told.names[unit];
    this.close();
    this.choose(unit, true);
  }

  search() {
    const asked = this.query.value.trim().toLowerCase();
    this.hits.replaceChildren();
    if (!asked) { this.close(); return; }
    const rank = (unit) => (this.words[unit].startsWith(asked) ? 0 : this.words[unit].includes(`\n${asked}`) ? 1 : 2);
    this.found = this.words.flatMap((text, unit) => (text.includes(asked) ? [unit] : []))
      .sort((a, b) => rank(a) - rank(b) || this.place(a) - this.place(b) || a - b).slice(0, 30);
    this.active = 0;
    this.found.forEach((unit, at) => this.hits.append(el("li", { role: "option", id: `hit${at}`,
      mousedown: (event) => { event.preventDefault(); this.take(unit); } },
    el("span", {}, this.told.names[unit]), el("small", {}, this.told.codes[unit]))));
    if (!this.found.length) this.hits.append(el("li", { class: "none" }, say("nothing_found")));
    this.hits.hidden = false;
    this.query.setAttribute("aria-expanded", "true");
    this.mark();
  }

  // Of what is equally near, the best ranked comes first.
  place(unit) { return this.level.ranks[this.level.rowOf[unit]] || 1e9; }

  mark() {
    [...this.hits.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === this.active)));
    const item = this.hits.children[this.active];
    if (item && this.found.length) {
      this.query.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  }

  key(event) {
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && !this.hits.hidden && this.found.length) this.take(this.found[this.active]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !this.hits.hidden && this.found.length) {
      event.preventDefault();
      this.active = (this.active + step + this.found.length) % this.found.length;
      this.mark();
    }
  }
}
