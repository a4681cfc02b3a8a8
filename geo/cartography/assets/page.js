"use strict";
(function () {
  const data = JSON.parse(document.getElementById("payload").textContent);
  const map = map_atlas, units = geo_json_units;
  const SVG = "http://www.w3.org/2000/svg";
  const byId = (id) => document.getElementById(id);
  const place = new Map(data.codes.map((code, index) => [code, index]));
  const layers = new Array(data.codes.length);
  let theme = data.themes[0], chosen = -1;

  // Every string enters the page as text; nothing here parses HTML.
  function el(name, text, parent, attributes) {
    const node = document.createElement(name);
    if (text !== undefined && text !== null) node.textContent = text;
    for (const key in attributes || {}) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  }
  function svg(name, attributes, parent) {
    const node = document.createElementNS(SVG, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  }

  // Hatching, once for all drawings: a pattern is found by its id from any SVG of the page.
  const store = svg("svg", { width: 0, height: 0, "aria-hidden": "true" });
  store.style.position = "absolute";
  document.body.prepend(store);
  const hatched = new Map();
  function fill(entry) {
    if (!entry.hatch) return entry.colour;
    if (!hatched.has(entry.colour)) {
      const id = "hatch" + hatched.size;
      const pattern = svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)" }, store);
      svg("rect", { width: 6, height: 6, fill: entry.colour }, pattern);
      svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: "#98a2aa", "stroke-width": 2 }, pattern);
      hatched.set(entry.colour, "url(#" + id + ")");
    }
    return hatched.get(entry.colour);
  }

  function style(index) {
    const entry = theme.entries[theme.membership[index]];
    const marked = index === chosen;
    return { fillColor: fill(entry), fillOpacity: 1, color: marked ? "#111111" : "#7d8891",
      weight: marked ? 2.4 : 0.5, opacity: 1 };
  }
  function restyle() {
    layers.forEach((layer, index) => layer.setStyle(style(index)));
    if (chosen >= 0) layers[chosen].bringToFront();
  }

  function card(index) {
    const entry = theme.entries[theme.membership[index]];
    const box = el("div", null, null, { class: "card" });
    el("strong", data.names[index], box);
    const line = el("em", null, box);
    const dot = el("i", null, line);
    dot.style.background = entry.colour;
    el("span", entry.label, line);
    const row = theme.rows[index];
    if (row) {
      const list = el("dl", null, box);
      theme.columns.forEach((column, at) => {
        if (row[at] === "") return;
        el("dt", column, list);
        el("dd", row[at], list);
      });
    }
    return box;
  }

  function swatch(entry, parent) {
    const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" }, parent);
    svg("rect", { x: 0.5, y: 0.5, width: 27, height: 15, fill: fill(entry), stroke: "#7d8891" },
      drawing);
    if (entry.mark) {
      const text = svg("text", { x: 14, y: 12, "text-anchor": "middle", "font-size": 10.5,
        fill: bright(entry.colour) ? "#1f2a33" : "#ffffff" }, drawing);
      text.textContent = entry.mark;
    }
  }
  function bright(colour) {
    const part = (at) => parseInt(colour.slice(at, at + 2), 16);
    return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) > 140;
  }

  function legend() {
    const box = byId("legend");
    box.replaceChildren();
    const head = el("div", null, box, { class: "head" });
    if (theme.legendTitle) el("span", theme.legendTitle, head);
    if (theme.scheme) el("small", theme.scheme, head);
    for (const entry of theme.entries) {
      const line = el("div", null, box, { class: "entry" });
      swatch(entry, line);
      el("span", entry.label, line, { class: "figures" });
      el("span", entry.countText, line, { class: "count" });
    }
    for (const group of data.markers) {
      const line = el("div", null, box, { class: "entry" });
      const drawing = svg("svg", { width: 28, height: 16, "aria-hidden": "true" }, line);
      svg("circle", { cx: 14, cy: 8, r: 5, fill: group.colour, stroke: "#fff" }, drawing);
      el("span", group.label, line);
      el("span", group.countText, line, { class: "count" });
    }
  }

  function leaders() {
    const list = byId("leaders");
    list.replaceChildren();
    byId("leading").hidden = !theme.leaders.length;
    for (const index of theme.leaders) {
      const button = el("button", null, el("li", null, list), { type: "button" });
      el("span", data.names[index], button);
      const cells = theme.rows[index] || [""];
      const remark = cells[theme.remark];
      el("span", remark ? `${cells[0]} (${remark})` : cells[0], button, { class: "figures" });
      button.addEventListener("click", () => choose(index));
    }
  }

  function show(next) {
    theme = next;
    restyle();
    legend();
    leaders();
    if (chosen >= 0) byId("chosen").replaceChildren(card(chosen));
  }

  function choose(index) {
    chosen = index;
    restyle();
    const box = byId("chosen");
    box.hidden = false;
    box.replaceChildren(card(index));
    const bounds = layers[index].getBounds();
    map.fitBounds(bounds.pad(0.6), { maxZoom: home.zoom + 3, animate: false });
  }

  const bounds = L.latLngBounds(data.bounds);
  const home = { zoom: 0 };
  function whole() {
    chosen = -1;
    byId("chosen").hidden = true;
    restyle();
    map.fitBounds(bounds, { animate: false, padding: [8, 8] });
  }
  function measure() {
    home.zoom = map.getBoundsZoom(bounds);
    map.setMinZoom(home.zoom - 1);
    map.setMaxZoom(home.zoom + 7);
  }

  function setup() {
    // Coordinates are in data.metres metres: the scale bar needs true ones.
    const plain = L.CRS.Simple.distance;
    L.CRS.Simple.distance = (a, b) => plain.call(L.CRS.Simple, a, b) * data.metres;
    units.eachLayer((layer) => {
      const index = place.get(layer.feature.id);
      layers[index] = layer;
      layer.on({
        mouseover: () => { if (index !== chosen) layer.setStyle({ color: "#111111", weight: 1.6 }); },
        mouseout: () => layer.setStyle(style(index)),
        click: () => choose(index),
      });
    });
    units.bindTooltip((layer) => card(place.get(layer.feature.id)),
      { sticky: true, className: "unit", direction: "auto", opacity: 1 });
    units.addTo(map);
    overlays();
    measure();
    whole();
    map.setMaxBounds(bounds.pad(0.5));
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    map.on("resize", measure);
  }

  function overlays() {
    const lines = map.createPane("lines"), points = map.createPane("points");
    lines.style.zIndex = 450;
    lines.style.pointerEvents = "none";
    points.style.zIndex = 460;
    for (const overlay of data.lines) {
      L.polyline(overlay.paths.map((path) => path.map(([x, y]) => [y, x])), {
        pane: "lines", interactive: false, color: overlay.colour, weight: overlay.width,
        smoothFactor: 0.5, className: "overlay",
      }).addTo(map);
    }
    for (const group of data.markers) {
      for (const [x, y, name] of group.points) {
        L.circleMarker([y, x], { pane: "points", radius: 4.5, color: "#ffffff", weight: 1.2,
          fillColor: group.colour, fillOpacity: 1, className: "marker" })
          .bindTooltip(() => {
            const box = el("div", null, null, { class: "card" });
            el("strong", name, box);
            el("em", group.label, box);
            return box;
          }, { className: "unit", opacity: 1 })
          .addTo(map);
      }
    }
  }

  function themes() {
    const box = byId("themes");
    byId("layers").hidden = data.themes.length < 2;
    data.themes.forEach((item, index) => {
      const label = el("label", null, box);
      const input = el("input", null, label, { type: "radio", name: "theme", value: item.key });
      input.checked = index === 0;
      input.addEventListener("change", () => show(item));
      el("span", item.title, label);
    });
  }

  function finder() {
    const query = byId("query"), hits = byId("hits");
    let found = [], active = 0;
    const words = data.names.map((name, index) =>
      [name, data.codes[index], data.keywords[index]].join("\n").toLowerCase());
    function close() {
      hits.hidden = true;
      query.setAttribute("aria-expanded", "false");
      query.removeAttribute("aria-activedescendant");
    }
    function take(index) {
      query.value = data.names[index];
      close();
      choose(index);
    }
    function mark() {
      [...hits.children].forEach((item, at) => item.setAttribute("aria-selected", at === active));
      const item = hits.children[active];
      if (item && found.length) {
        query.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    }
    function search() {
      const asked = query.value.trim().toLowerCase();
      hits.replaceChildren();
      if (!asked) return close();
      const rank = (index) => (words[index].startsWith(asked) ? 0
        : words[index].includes("\n" + asked) ? 1 : 2);
      found = words.flatMap((text, index) => (text.includes(asked) ? [index] : []))
        .sort((a, b) => rank(a) - rank(b) || a - b).slice(0, 30);
      active = 0;
      found.forEach((index, at) => {
        const item = el("li", null, hits, { role: "option", id: "hit" + at });
        el("span", data.names[index], item);
        el("small", data.codes[index], item);
        item.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      });
      if (!found.length) el("li", data.nothingFound, hits, { class: "none" });
      hits.hidden = false;
      query.setAttribute("aria-expanded", "true");
      mark();
    }
    query.addEventListener("input", search);
    query.addEventListener("blur", close);
    query.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && !hits.hidden && found.length) take(found[active]);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && !hits.hidden && found.length) {
        event.preventDefault();
        active = (active + step + found.length) % found.length;
        mark();
      }
    });
    byId("reset").addEventListener("click", () => { query.value = ""; close(); whole(); });
  }

  // Paper is narrower than a screen: the finished drawing is scaled, so that nothing is cut off.
  function paper() {
    const size = map.getSize(), root = document.documentElement.style;
    root.setProperty("--across", size.x);
    root.setProperty("--down", size.y);
    root.setProperty("--shrink", Math.min(1, 770 / size.x, 570 / size.y));
  }
  map.on("resize", () => { if (!matchMedia("print").matches) paper(); });

  setup();
  paper();
  themes();
  finder();
  show(theme);
})();
