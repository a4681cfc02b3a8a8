// One map: units, borders, points, and what pointer and keyboard do on it.
const EDGE = "#7d8891";
const full = L.latLngBounds(data.bounds), frame = L.latLngBounds(data.frame);
const heavy = groupBorders();

function createView(map, slot) {
  const view = { map, slot, fitted: null };
  for (const [name, z] of [["lines", 450], ["points", 460], ["marks", 470]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = z;
    if (name !== "points") pane.style.pointerEvents = "none";
  }
  view.layers = shapes.map((shape, index) => L.polygon(shape, { ...style(slot, index), smoothFactor: 0.6 }));
  view.group = L.featureGroup(view.layers);
  view.group.bindTooltip((layer) => brief(slot, view.layers.indexOf(layer)),
    { sticky: true, className: "unit", direction: "auto", opacity: 1 });
  view.group.addTo(map);
  view.layers.forEach((layer, index) => listen(view, layer, index));
  overlays(map);
  view.over = outline(map, { color: "#111111", weight: 1.8 });
  view.ring = outline(map, { color: "#0b57d0", weight: 3 });
  view.pick = outline(map, { color: "#111111", weight: 2.6 });
  view.around = L.polyline([], { pane: "marks", interactive: false, color: "#111111", weight: 2.6,
    smoothFactor: 0.6, className: "around" }).addTo(map);
  placeNames(view);
  return view;
}

function outline(map, options) {
  return L.polygon([], { pane: "marks", interactive: false, fill: false, ...options }).addTo(map);
}

function style(slot, index) {
  return { fillColor: fillOf(slot, index), fillOpacity: 1, color: EDGE, weight: 0.5, opacity: 1 };
}

// Colours and the names screen readers say; the geometry stays as it is.
function restyle(view) {
  view.layers.forEach((layer, index) => {
    layer.setStyle(style(view.slot, index));
    const row = rowOf(view.slot, index);
    const said = [data.names[index], entryOf(view.slot, index).label, ...row.slice(0, 2)];
    layer.getElement().setAttribute("aria-label", said.filter(Boolean).join(", "));
  });
  if (chosen >= 0) view.pick.setLatLngs(shapes[chosen]);
  if (view.inset) view.inset();
}

function listen(view, layer, index) {
  layer.on({
    mouseover: () => hover(index),
    mouseout: () => hover(-1),
    click: () => choose(index, false, true),
  });
  const path = layer.getElement();
  path.setAttribute("tabindex", "-1");
  path.setAttribute("role", "button");
  path.addEventListener("focus", () => view.ring.setLatLngs(shapes[index]));
  path.addEventListener("blur", () => view.ring.setLatLngs([]));
  path.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const next = beside(index, step);
      if (next >= 0) enter(view, next);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(index, true, true);
    }
  });
}

// One unit of a map can be reached by Tab; from there the arrow keys go on.
function door(view, index) {
  view.layers.forEach((layer, at) => layer.getElement().setAttribute("tabindex", at === index ? "0" : "-1"));
}

function enter(view, index) {
  door(view, index);
  view.map.panInside(centres[index], { padding: [40, 40], animate: false });
  view.layers[index].getElement().focus({ preventScroll: true });
}

// The nearest unit in a direction: what lies aside counts double.
function beside(index, [up, right]) {
  const [y, x] = centres[index];
  let best = -1, least = Infinity;
  centres.forEach(([v, u], at) => {
    const ahead = (v - y) * up + (u - x) * right;
    if (at === index || ahead <= 0) return;
    const cost = ahead + 2 * Math.abs((v - y) * right + (u - x) * up);
    if (cost < least) {
      least = cost;
      best = at;
    }
  });
  return best;
}

function overlays(map) {
  if (heavy.length) {
    L.polyline(heavy, { pane: "lines", interactive: false, color: "#39444d", weight: 1,
      smoothFactor: 0.6, className: "groups" }).addTo(map);
  }
  for (const overlay of data.lines) {
    L.polyline(overlay.paths.map(decode), { pane: "lines", interactive: false,
      color: overlay.colour, weight: overlay.width, smoothFactor: 0.5, className: "overlay" }).addTo(map);
  }
  for (const group of data.markers) {
    for (const [x, y, name] of group.points) {
      const point = L.circleMarker([y, x], { pane: "points", radius: 4.5, color: "#ffffff", weight: 1.2,
        fillColor: group.colour, fillOpacity: 1, className: "marker" })
        .bindTooltip(() => {
          const box = el("div", null, null, { class: "card" });
          el("strong", name, box);
          el("em", group.label, box);
          return box;
        }, { className: "unit", opacity: 1 })
        .addTo(map);
      // What the point says is read out, but is no stop of the Tab key: the unit below it is one.
      const path = point.getElement();
      for (const [key, value] of [["tabindex", "-1"], ["role", "img"], ["aria-label", name + ", " + group.label]]) {
        path.setAttribute(key, value);
      }
    }
  }
}

// Names of the inset's places on the map itself, once it is large enough for them.
function placeNames(view) {
  if (!data.inset) return;
  const names = L.layerGroup(data.inset.places.map(([x, y, name]) => L.marker([y, x], { pane: "marks",
    interactive: false, keyboard: false, icon: L.divIcon({ className: "place", html: el("span", name), iconSize: null }) })));
  view.map.on("zoomend", () => {
    if (view.fitted !== null && view.map.getZoom() > view.fitted[1] + 0.6) names.addTo(view.map);
    else names.remove();
  });
}

// Where a map opens; farther out there is nothing, farther in no detail.
function fit(view) {
  const zoom = view.map.getBoundsZoom(frame);
  view.map.setMinZoom(Math.min(zoom, view.map.getBoundsZoom(full)) - 0.5);
  view.map.setMaxZoom(zoom + 7);
  // On a tall pane the map goes up, and leaves the room below to the inset.
  const tall = view.map.getSize().y, over = tall - view.map.getZoomScale(zoom, 0) * (frame.getNorth() - frame.getSouth());
  view.map.fitBounds(frame, { animate: false, paddingBottomRight: [0, over > 0.15 * tall ? 0.85 * over : 0] });
  view.fitted = [view.map.getCenter(), view.map.getZoom()];
}

function atHome(view) {
  return view.fitted !== null && view.map.getZoom() === view.fitted[1]
    && view.map.getCenter().equals(view.fitted[0], 1);
}
