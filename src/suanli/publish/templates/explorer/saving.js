// Files made in the page: the table as CSV, the picture as SVG and PNG. Nothing leaves it.

function tableOf(level, share) {
  const { tree, told, test } = level, inner = tree.nodes.flatMap((node, at) => (node.children.length ? [at] : []));
  const heads = [say("csv_code"), say("csv_name"), say("csv_node"), say("csv_rank"), say("csv_before"),
    say("csv_change"), ...inner.map((at) => tree.nodes[at].name), say("csv_tested"), say("csv_cluster"), say("csv_p"),
    say("csv_lacking"), say("csv_weights"), say("csv_state")];
  const state = level.changed ? say("explored") : say("unchanged");
  const rows = level.order.map((row) => {
    const unit = told.rows[row], at = test && test.linked ? test.linked.units.indexOf(row) : -1;
    return [told.codes[unit], told.names[unit], tree.nodes[level.node].name, level.ranks[row], level.before[row],
      level.change[row], ...inner.map((node) => level.scores[node][row]),
      test && test.values ? test.values[row] : NaN, test && test.cluster ? test.cluster[row] : "",
      at < 0 || !test.local ? NaN : test.local.adjusted[at],
      level.lacking[row].map((node) => tree.nodes[node].name).join(say("list_mark")), state, share];
  });
  return csvText([heads, ...rows]);
}

// The map as a drawing of its own: title, state of the weights, map, inset, legend, notes.
function picture(level, seen, view, chart, notes) {
  const wide = 1200, mapTall = Math.round((wide * chart.home[3]) / chart.home[2]), top = 84;
  const clean = (node) => {
    const copy = node.cloneNode(true);
    for (const item of copy.querySelectorAll("[data-unit]")) item.removeAttribute("data-unit");
    return copy;
  };
  const parts = [...chart.board.children].map(clean);
  const style = el("style", {}, payload.drawing);
  const text = (x, y, size, said, more) => svg("text", { x, y, "font-size": size, fill: "#1f2a33", ...more }, said);
  const name = level.tree.nodes[level.node].name;
  const state = level.changed ? say("explored") : say("unchanged");
  const shown = seen.entries.filter((entry, at) => at < seen.fixed || entry.count);
  const legendTop = top + mapTall - 26 * shown.length - 14 - (seen.dotted ? 14 : 0);
  const legend = svg("g", {}, text(28, legendTop - 12, 16, byId("legend-title").textContent, { "font-weight": 600 }),
    ...shown.flatMap((entry, at) => {
      const mark = swatch(entry);
      furnish(mark, { x: 28, y: legendTop + 26 * at }, []);
      return [mark, text(62, legendTop + 26 * at + 13, 15, `${entry.label}  ${say("count", { count: entry.count })}`)];
    }), ...(seen.dotted ? [svg("rect", { x: 28.5, y: top + mapTall - 13.5, width: 25, height: 14, fill: "url(#dots)", stroke: "#7d8891" }),
      text(62, top + mapTall - 1, 15, say("lacking_legend", { count: level.lackers }))] : []));
  const [ix, iy, iw, ih] = level.told.inset, insetWide = 190, insetTall = (insetWide * ih) / iw;
  const inset = svg("svg", { x: wide - insetWide - 16, y: top + mapTall - insetTall - 8, width: insetWide, height: insetTall,
    viewBox: `${ix} ${iy} ${iw} ${ih}` }, svg("rect", { x: ix, y: iy, width: iw, height: ih, fill: "#fff" }),
  ...[...chart.inset.children].map(clean));
  const frame = svg("rect", { x: wide - insetWide - 16, y: top + mapTall - insetTall - 8, width: insetWide, height: insetTall,
    fill: "none", stroke: "#7d8891" });
  const caption = text(wide - insetWide / 2 - 16, top + mapTall - 14, 13, payload.islands, { "text-anchor": "middle" });
  const lines = notes.flatMap((note) => broken(note, 84));
  const tall = top + mapTall + 24 + 20 * lines.length;
  return svg("svg", { xmlns: SVG, width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, "font-family": payload.stack },
    style, svg("rect", { width: wide, height: tall, fill: "#fff" }),
    text(28, 38, 25, `${name} · ${say(`view_${view}`)}`, { "font-weight": 600 }),
    text(28, 66, 16, `${level.told.profile} · ${level.told.year} · ${state}`, level.changed ? { fill: "#a3480c" } : {}),
    svg("svg", { y: top, width: wide, height: mapTall, viewBox: chart.box.join(" ") }, ...parts), inset, frame, caption, legend,
    ...lines.map((line, at) => text(28, top + mapTall + 26 + 20 * at, 13, line)));
}

// Lines of about so many Chinese characters.
function broken(text, most) {
  const lines = [];
  let line = "", room = most;
  for (const word of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) || []) {
    const size = /[\u2e80-\uffef]/.test(word) ? 1 : word.length * 0.55;
    if (size > room && line) { lines.push(line); line = ""; room = most; }
    line += word;
    room -= size;
  }
  return line ? [...lines, line] : lines;
}

function drawing(node) { return new XMLSerializer().serializeToString(node); }

function savePng(node, name) {
  const wide = Number(node.getAttribute("width")), tall = Number(node.getAttribute("height"));
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = el("canvas", { width: 2 * wide, height: 2 * tall });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * wide, 2 * tall);
    canvas.toBlob((blob) => save(blob, "image/png", name), "image/png");
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing(node))}`;
}
