// The part of the country that lies outside the opening view, always shown in a frame.

function pathOf(rings, [west, south, east, north]) {
  const parts = [];
  for (const ring of rings) {
    const box = boxOf(ring);
    if (box.east < west || box.west > east || box.north < south || box.south > north) continue;
    parts.push("M" + ring.map(([y, x]) => (x - west) + " " + (north - y)).join("L"));
  }
  return parts.join("");
}

// Built once per map; what it returns paints it anew.
function addInset(view) {
  if (!data.inset) return null;
  const [west, south, east, north] = data.inset.bounds;
  const wide = east - west, high = north - south;
  const control = L.control({ position: "bottomright" });
  const units = [];
  control.onAdd = () => {
    const box = button(null, null, () => view.map.fitBounds([[south, west], [north, east]], { animate: false }),
      { class: "inset" });
    const drawing = svg("svg", { viewBox: `0 0 ${wide} ${high}` }, box);
    shapes.forEach((unit, index) => {
      const d = pathOf(unit.flat(), data.inset.bounds);
      if (d) units.push([index, svg("path", { d: d + "Z", stroke: EDGE, "fill-rule": "evenodd" }, drawing)]);
    });
    for (const overlay of data.lines) {
      const d = pathOf(overlay.paths.map(decode), data.inset.bounds);
      svg("path", { d, fill: "none", stroke: overlay.colour, class: "overlay" }, drawing);
    }
    for (const [x, y, name] of data.inset.places) {
      svg("text", { x: x - west, y: north - y, "text-anchor": "middle", "font-size": wide / 17 }, drawing)
        .textContent = name;
    }
    el("span", data.inset.title, box);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(view.map);
  return () => {
    for (const [index, path] of units) path.setAttribute("fill", fillOf(view.slot, index));
  };
}
