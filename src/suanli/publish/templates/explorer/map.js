// The map: shapes drawn once per level, coloured anew when a class changes.

class Chart {
  constructor(choose, hover) {
    this.choose = choose;
    this.hover = hover;
    this.board = byId("map");
    this.inset = byId("inset");
    this.fills = [];
    this.listen();
  }

  draw(level) {
    const { told } = level;
    this.level = level;
    this.home = told.frame;
    this.units = told.paths.map((path, unit) => svg("path", { id: `u${unit}`, d: path, "data-unit": unit }));
    this.fills = told.paths.map(() => "");
    this.marked = svg("path", { class: "marked" });
    this.pointed = svg("path", { class: "pointed" });
    this.names = svg("g", { class: "names", "aria-hidden": "true" });
    this.dots = svg("g", { class: "dots", fill: "url(#dots)", display: "none" }, ...told.rows
      .flatMap((unit, row) => (level.lacking[row].length ? [svg("path", { d: told.paths[unit] })] : [])));
    this.board.replaceChildren(hatching(), svg("g", { class: "units" }, ...this.units), this.dots,
      svg("g", { class: "lines" }, ...told.lines.map((line) =>
        svg("path", { d: line.path, "stroke-width": line.width }))),
      this.pointed, this.marked, this.names);
    const copies = told.islands.map((unit) => svg("use", { href: `#u${unit}`, "data-unit": unit }));
    this.inset.replaceChildren(svg("g", { class: "units" }, ...copies),
      svg("g", { class: "lines" }, ...told.lines.map((line) =>
        svg("path", { d: line.path, "stroke-width": line.width }))),
      svg("g", { class: "places" }, ...told.places.map(([x, y, name]) =>
        svg("text", { x, y, "font-size": Math.round(told.inset[2] / 15) }, name))));
    this.inset.setAttribute("viewBox", told.inset.join(" "));
    this.view(this.home);
  }

  view(box) {
    this.box = box;
    this.board.setAttribute("viewBox", box.join(" "));
    // The narrower way decides how large the map is drawn.
    this.scale = Math.max(box[2] / Math.max(1, this.board.clientWidth), box[3] / Math.max(1, this.board.clientHeight));
    this.board.classList.toggle("near", box[2] < 0.99 * this.home[2]);
    this.label();
  }

  paint(seen) {
    const { brush } = this.level;
    this.units.forEach((path, unit) => {
      const entry = seen.entries[seen.membership[unit]];
      const faint = brush && !brush.units.has(unit);
      const said = looks(entry) + (faint ? " faint" : "");
      if (this.fills[unit] === said) return;
      this.fills[unit] = said;
      path.setAttribute("fill", looks(entry));
      if (faint) path.setAttribute("opacity", "0.16");
      else path.removeAttribute("opacity");
    });
    const display = seen.dotted ? "inline" : "none";
    if (this.dots.getAttribute("display") !== display) this.dots.setAttribute("display", display);
    this.mark();
  }

  mark() {
    const { chosen, told } = this.level;
    this.marked.setAttribute("d", chosen < 0 ? "" : told.paths[chosen]);
  }

  point(unit) {
    if (this.at === unit) return;
    this.at = unit;
    this.pointed.setAttribute("d", unit < 0 ? "" : this.level.told.paths[unit]);
  }

  centre(unit) {
    const { centres } = this.level.told;
    return [centres[2 * unit], centres[2 * unit + 1]];
  }

  // Names of the leaders and of the chosen unit, as far as they do not meet.
  label(units, size) {
    if (units) { this.named = units; this.letter = size || 11.5; }
    const { scale } = this, placed = [];
    // Letters are dear to lay out: only anew when there are others or the map is another.
    const said = `${this.letter}|${scale}|${this.level.told.level}|${(this.named || []).join()}`;
    if (said === this.written) return;
    this.written = said;
    const texts = (this.named || []).flatMap(([unit, name]) => {
      const [x, y] = this.centre(unit), wide = scale * (6 + 6.5 * name.length + 5 * (name.match(/[\u2e80-\uffef]/g) || []).length);
      const box = [x - wide / 2, y - 8 * scale, x + wide / 2, y + 8 * scale];
      if (placed.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return [];
      placed.push(box);
      return [svg("text", { x, y, "font-size": this.letter * scale, "stroke-width": 0.26 * this.letter * scale, dy: 0.35 * this.letter * scale }, name)];
    });
    this.names.replaceChildren(...texts);
  }

  zoom(factor, x, y) {
    const [left, top, width, height] = this.box;
    const wide = Math.min(this.home[2], Math.max(this.home[2] / 24, width * factor));
    const share = wide / width, px = x === undefined ? left + width / 2 : x, py = y === undefined ? top + height / 2 : y;
    this.shift([px - (px - left) * share, py - (py - top) * share, wide, height * share]);
  }

  // Keeps the country in sight.
  shift([left, top, width, height]) {
    const [x, y, w, h] = this.home;
    this.view([Math.min(x + w - width, Math.max(x, left)), Math.min(y + h - height, Math.max(y, top)), width, height]);
  }

  // Moves to a unit only if it is out of sight or too small to see.
  seek(unit) {
    const path = this.units[unit], box = path.getBBox(), [left, top, width, height] = this.box;
    const inside = box.x >= left && box.y >= top && box.x + box.width <= left + width && box.y + box.height <= top + height;
    if (inside) return;
    const wide = Math.min(this.home[2], Math.max(width, box.width * 3));
    const tall = wide * this.home[3] / this.home[2];
    this.shift([box.x + box.width / 2 - wide / 2, box.y + box.height / 2 - tall / 2, wide, tall]);
  }

  // The nearest unit in a direction, for the arrow keys.
  beside(unit, dx, dy) {
    const [x, y] = this.centre(unit);
    let best = -1, least = Infinity;
    this.units.forEach((_, other) => {
      if (other === unit) return;
      const [ox, oy] = this.centre(other), along = (ox - x) * dx + (oy - y) * dy;
      const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (along <= 0 || across > along) return;
      const far = along + 1.5 * across;
      if (far < least) { least = far; best = other; }
    });
    return best;
  }

  place(event) {
    const frame = this.board.getBoundingClientRect(), [left, top, width, height] = this.box;
    const scale = Math.max(width / frame.width, height / frame.height);
    return [left + width / 2 + (event.clientX - frame.left - frame.width / 2) * scale,
      top + height / 2 + (event.clientY - frame.top - frame.height / 2) * scale, scale];
  }

  listen() {
    const unitOf = (event) => {
      const target = event.target.closest("[data-unit]");
      return target ? Number(target.dataset.unit) : -1;
    };
    let start = null, moved = false;
    for (const board of [this.board, this.inset]) {
      board.addEventListener("click", (event) => { if (!moved) this.choose(unitOf(event)); });
      board.addEventListener("pointermove", (event) => this.hover(unitOf(event), event));
      board.addEventListener("pointerleave", () => this.hover(-1));
    }
    this.board.addEventListener("wheel", (event) => {
      // The page scrolls unless the map is in use.
      if (!event.ctrlKey && document.activeElement !== this.board && !this.board.classList.contains("near")) return;
      event.preventDefault();
      const [x, y] = this.place(event);
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, x, y);
    }, { passive: false });
    this.board.addEventListener("pointerdown", (event) => {
      moved = false;
      if (event.button === 0 && this.board.classList.contains("near")) start = { x: event.clientX, y: event.clientY, box: this.box };
    });
    addEventListener("pointermove", (event) => {
      if (!start) return;
      const dx = event.clientX - start.x, dy = event.clientY - start.y;
      if (!moved && Math.hypot(dx, dy) < 4) return;
      moved = true;
      const scale = this.place(event)[2];
      this.shift([start.box[0] - dx * scale, start.box[1] - dy * scale, start.box[2], start.box[3]]);
    });
    addEventListener("pointerup", () => { start = null; });
    this.board.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      const { chosen, order, told } = this.level;
      const next = chosen < 0 ? told.rows[order[0]] : this.beside(chosen, step[0], step[1]);
      if (next >= 0) this.choose(next, true);
    } else if (event.key === "+" || event.key === "=") this.zoom(0.8);
    else if (event.key === "-") this.zoom(1.25);
    else if (event.key === "0") this.view(this.home);
    else return;
    event.preventDefault();
  }
}

function hatching() {
  return svg("defs", {}, svg("pattern", { id: "hatch", width: 110, height: 110,
    patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
  svg("rect", { width: 110, height: 110, fill: colours.no_data.colour }),
  svg("line", { x1: 0, y1: 0, x2: 0, y2: 110, stroke: "#98a2aa", "stroke-width": 40 })),
  svg("pattern", { id: "dots", width: 90, height: 90, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("circle", { cx: 45, cy: 45, r: 19, fill: "#ffffff" }), svg("circle", { cx: 45, cy: 45, r: 14, fill: "#1f2a33" })));
}
