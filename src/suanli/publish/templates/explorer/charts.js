// Moran scatterplot and parallel plot of the dimensions, on canvas; both pick out units by dragging.

class Plot {
  constructor(id, act) {
    this.canvas = byId(id);
    this.act = act;
    this.pen = this.canvas.getContext("2d");
    let start = null;
    this.measure();
    new ResizeObserver(() => { this.measure(); if (this.level) this.paint(); }).observe(this.canvas);
    this.canvas.addEventListener("pointerdown", (event) => {
      start = this.spot(event);
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const spot = this.spot(event);
      if (start && Math.hypot(spot[0] - start[0], spot[1] - start[1]) > 4) this.drag = [start, spot];
      if (this.drag) this.paint();
      else act.hover(this.nearest(spot), event);
    });
    this.canvas.addEventListener("pointerup", (event) => {
      const drag = this.drag, spot = this.spot(event);
      start = this.drag = null;
      if (drag) act.brush(`${id}:${drag.flat().map(Math.round)}`, this.inside(drag));
      else act.choose(this.nearest(spot));
    });
    this.canvas.addEventListener("pointerleave", () => act.hover(-1));
    this.canvas.addEventListener("keydown", (event) => { if (event.key === "Escape") act.brush(""); });
  }

  spot(event) {
    const frame = this.canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  measure() { this.room = [this.canvas.clientWidth, this.canvas.clientHeight]; }

  // A sharp drawing on any screen.
  fit() {
    const [wide, tall] = this.room, ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(wide * ratio) || this.canvas.height !== Math.round(tall * ratio)) {
      this.canvas.width = Math.round(wide * ratio);
      this.canvas.height = Math.round(tall * ratio);
      // Resolving a font makes the browser compute styles: only when the canvas forgot it.
      this.pen.font = `11px ${payload.stack}`;
    }
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.clearRect(0, 0, wide, tall);
    this.size = [wide, tall];
  }

  frame() {
    if (!this.drag) return;
    const [[x, y], [u, v]] = this.drag;
    this.pen.fillStyle = "rgba(22,103,183,.12)";
    this.pen.strokeStyle = "#1667b7";
    this.pen.lineWidth = 1;
    this.pen.fillRect(Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y));
    this.pen.strokeRect(Math.min(x, u), Math.min(y, v), Math.abs(u - x), Math.abs(v - y));
  }

  text(text, x, y, align, most) {
    this.pen.fillStyle = "#5d6a74";
    this.pen.textAlign = align;
    // Measuring is dear, and names are as long as their authors like.
    let said = text.length > 90 ? `${text.slice(0, 89)}…` : text;
    while (most && said.length > 1 && this.pen.measureText(said).width > most) said = `${said.slice(0, -2)}…`;
    this.pen.fillText(said, x, y);
  }
}

const DOTS = { HH: "#d40000", LL: "#0000ff", HL: "#d9736c", LH: "#6f78e0", ns: "#9aa5ad" };

class Scatter extends Plot {
  paint(level) {
    if (level) this.level = level;
    this.fit();
    this.points = [];
    const { test } = this.level;
    if (!test || !test.z) return;
    const [wide, tall] = this.size, edge = { left: 30, right: 8, top: 8, bottom: 30 };
    const spread = Math.sqrt(mean(test.z.map((value) => value * value)));
    const xs = test.z.map((value) => value / spread), ys = test.lag.map((value) => value / spread);
    const reach = (values) => Math.max(1, ...values.map(Math.abs)) * 1.06;
    const rx = reach(Array.from(xs)), ry = reach(Array.from(ys));
    const x = (value) => edge.left + ((value + rx) / (2 * rx)) * (wide - edge.left - edge.right);
    const y = (value) => tall - edge.bottom - ((value + ry) / (2 * ry)) * (tall - edge.top - edge.bottom);
    const pen = this.pen;
    pen.strokeStyle = "#cfd8df";
    pen.lineWidth = 1;
    pen.strokeRect(edge.left, edge.top, wide - edge.left - edge.right, tall - edge.top - edge.bottom);
    pen.beginPath();
    pen.moveTo(x(0), edge.top);
    pen.lineTo(x(0), tall - edge.bottom);
    pen.moveTo(edge.left, y(0));
    pen.lineTo(wide - edge.right, y(0));
    pen.stroke();
    if (test.whole) {
      const slope = test.whole.statistic, end = Math.min(rx, slope ? ry / Math.abs(slope) : rx);
      pen.strokeStyle = "#1f2a33";
      pen.lineWidth = 1.4;
      pen.beginPath();
      pen.moveTo(x(-end), y(-slope * end));
      pen.lineTo(x(end), y(slope * end));
      pen.stroke();
    }
    const { brush, chosen, told } = this.level, small = xs.length > 1000 ? 1.6 : 2.6;
    test.linked.units.forEach((row, at) => {
      const unit = told.rows[row], spot = [x(xs[at]), y(ys[at]), unit];
      this.points.push(spot);
      const kind = test.local ? test.local.cluster[at] : "ns";
      pen.globalAlpha = brush && !brush.units.has(unit) ? 0.1 : kind === "ns" ? 0.6 : 0.95;
      pen.fillStyle = DOTS[kind];
      pen.beginPath();
      pen.arc(spot[0], spot[1], small, 0, 7);
      pen.fill();
    });
    pen.globalAlpha = 1;
    const own = this.points.find((spot) => spot[2] === chosen);
    if (own) {
      pen.strokeStyle = "#111";
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(own[0], own[1], 5.5, 0, 7);
      pen.stroke();
    }
    this.text(say("axis_own"), (edge.left + wide) / 2, tall - 6, "center", wide - 40);
    this.text("0", x(0), tall - edge.bottom + 12, "center");
    pen.save();
    pen.translate(11, (tall - edge.bottom) / 2);
    pen.rotate(-Math.PI / 2);
    this.text(say("axis_lag"), 0, 0, "center", tall - 40);
    pen.restore();
    this.frame();
  }

  nearest([x, y]) {
    let best = -1, least = 100;
    for (const [px, py, unit] of this.points || []) {
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least) { least = far; best = unit; }
    }
    return best;
  }

  inside([[x, y], [u, v]]) {
    return (this.points || []).filter(([px, py]) => px >= Math.min(x, u) && px <= Math.max(x, u)
      && py >= Math.min(y, v) && py <= Math.max(y, v)).map((spot) => spot[2]);
  }
}

class Parallel extends Plot {
  paint(level, seen) {
    if (level) { this.level = level; this.seen = seen; }
    if (!this.level) return;
    this.fit();
    const { tree, node, scores, told, brush, chosen } = this.level;
    const shown = tree.nodes[node].children.length ? tree.nodes[node] : tree.nodes[0];
    const axes = shown.children, [wide, tall] = this.size, pen = this.pen;
    const left = 26, right = wide - 26, top = 24, bottom = tall - 10;
    const x = (place) => (axes.length < 2 ? wide / 2 : left + (place * (right - left)) / (axes.length - 1));
    this.axes = axes.map((at, place) => {
      let low = Infinity, high = -Infinity;
      for (const value of scores[at]) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      return { x: x(place), at, y: (value) => bottom - (high > low ? (value - low) / (high - low) : 0.5) * (bottom - top), low, high };
    });
    const line = (row) => {
      pen.beginPath();
      let open = false;
      for (const axis of this.axes) {
        const value = scores[axis.at][row];
        if (value !== value) { open = false; continue; }
        if (open) pen.lineTo(axis.x, axis.y(value));
        else pen.moveTo(axis.x, axis.y(value));
        if (axes.length < 2) pen.arc(axis.x, axis.y(value), 2, 0, 7);
        open = true;
      }
      pen.stroke();
    };
    pen.lineWidth = 1;
    const alpha = Math.max(0.05, Math.min(0.6, 60 / tree.n));
    told.rows.forEach((unit, row) => {
      const picked = !brush || brush.units.has(unit);
      pen.globalAlpha = picked ? (brush ? 0.7 : alpha) : 0.03;
      pen.strokeStyle = this.shade(unit);
      line(row);
    });
    pen.globalAlpha = 1;
    const room = axes.length < 2 ? wide : (right - left) / (axes.length - 1);
    this.axes.forEach((axis, place) => {
      pen.strokeStyle = "#7d8891";
      pen.beginPath();
      pen.moveTo(axis.x, top);
      pen.lineTo(axis.x, bottom);
      pen.stroke();
      const align = axes.length < 2 ? "center" : place === 0 ? "left" : place === axes.length - 1 ? "right" : "center";
      const at = align === "left" ? 4 : align === "right" ? wide - 4 : axis.x;
      this.text(tree.nodes[axis.at].name, at, 12, align, room * (align === "center" ? 0.85 : 0.6));
    });
    const row = chosen < 0 ? -1 : this.level.rowOf[chosen];
    if (row >= 0) {
      pen.strokeStyle = "#111";
      pen.lineWidth = 2.4;
      line(row);
    }
    this.frame();
  }

  // Pale classes would vanish on white paper.
  shade(unit) {
    const { colour } = this.seen.entries[this.seen.membership[unit]];
    return bright(colour) ? "#7fa8b8" : colour;
  }

  nearest([x, y]) {
    const axis = (this.axes || []).find((one) => Math.abs(one.x - x) < 14);
    if (!axis) return -1;
    let best = -1, least = 7;
    this.level.scores[axis.at].forEach((value, row) => {
      const far = Math.abs(axis.y(value) - y);
      if (far < least) { least = far; best = this.level.told.rows[row]; }
    });
    return best;
  }

  inside([[x, y], [u, v]]) {
    const middle = (x + u) / 2;
    const axis = this.axes.reduce((a, b) => (Math.abs(a.x - middle) <= Math.abs(b.x - middle) ? a : b));
    const low = Math.min(y, v), high = Math.max(y, v);
    return this.level.told.rows.filter((_, row) => {
      const at = axis.y(this.level.scores[axis.at][row]);
      return at >= low && at <= high;
    });
  }
}
