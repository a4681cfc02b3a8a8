// The page: layers, choosing, the address, paper.
const view = createView(map_atlas, first);
const showYears = years();

function shown() {
  return other && !byId("second").hidden ? [view, other] : [view];
}

function hover(index) {
  for (const one of shown()) one.over.setLatLngs(index < 0 ? [] : shapes[index]);
}

function show() {
  shown().forEach(restyle);
  legend(first, byId("legend"));
  leaders();
  showYears();
  const double = shown().length > 1;
  byId("legend-second").hidden = !double;
  byId("first-shown").textContent = titleOf(first);
  if (double) legend(second, byId("legend-second"));
  if (chosen >= 0) profile(first, chosen, byId("chosen"));
  if (picked >= 0) groupProfile(first, picked, byId("chosen"));
}

// Where the keyboard was before a profile opened: Escape leads back there.
let before = null;

function choose(index, focus, here) {
  if (focus && !byId("chosen").contains(document.activeElement)) before = document.activeElement;
  chosen = index;
  picked = -1;
  shown().forEach((one) => {
    one.around.setLatLngs([]);
    one.pick.setLatLngs(shapes[index]);
    door(one, index);
  });
  const box = byId("chosen");
  box.hidden = false;
  profile(first, index, box);
  box.scrollTop = 0;
  if (focus) byId("chosen-title").focus({ preventScroll: false });
  announce(fillIn(words.chosen, { name: view.layers[index].getElement().getAttribute("aria-label") }));
  const bounds = view.layers[index].getBounds();
  remember("#" + encodeURIComponent(data.codes[index]));
  // Who points at a unit sees it already: the map stays where it is.
  if (here) return;
  const zoom = Math.min(view.map.getBoundsZoom(bounds.pad(1)), view.map.getBoundsZoom(frame) + 2.5);
  view.map.setView(bounds.getCenter(), Math.max(zoom, view.map.getMinZoom()), { animate: false });
}

// A group of units: outlined, named, its units listed.
function pick(group, focus) {
  if (focus && !byId("chosen").contains(document.activeElement)) before = document.activeElement;
  chosen = -1;
  picked = group;
  shown().forEach((one) => {
    one.pick.setLatLngs([]);
    one.around.setLatLngs(groupOutline(group));
  });
  const box = byId("chosen");
  box.hidden = false;
  groupProfile(first, group, box);
  box.scrollTop = 0;
  if (focus) byId("chosen-title").focus();
  announce(fillIn(words.chosen, { name: byId("chosen-title").textContent }));
  remember("#in-" + encodeURIComponent(data.groups.codes[group]));
  const inside = membersOf(group).map((index) => view.layers[index]);
  view.map.fitBounds(L.featureGroup(inside).getBounds().pad(0.15), { animate: false });
}

function whole(refit) {
  const had = byId("chosen").contains(document.activeElement);
  chosen = picked = -1;
  byId("chosen").hidden = true;
  shown().forEach((one) => {
    one.pick.setLatLngs([]);
    one.around.setLatLngs([]);
  });
  if (refit) fit(view);
  if (had) (before && before.isConnected ? before : byId("query")).focus();
  before = null;
  remember("#");
}

let own = "";
function remember(hash) {
  own = hash;
  history.replaceState(null, "", hash);
}

// #code opens a profile, #in-code a group.
function follow_address() {
  if (location.hash === own || location.hash === "") return;
  let asked = "";
  try {
    asked = decodeURIComponent(location.hash.slice(1));
  } catch (error) {
    return;
  }
  if (place.has(asked)) {
    choose(place.get(asked), false);
  } else if (asked.startsWith("in-") && data.groups) {
    const group = asked.length > 3 ? data.groups.codes.indexOf(asked.slice(3)) : -1;
    if (group >= 0) pick(group, false);
  }
}

function themes() {
  const box = byId("themes");
  byId("layers").hidden = data.themes.length < 2;
  data.themes.forEach((item, index) => {
    const label = el("label", null, box);
    const input = el("input", null, label, { type: "radio", name: "theme", value: item.key });
    input.checked = index === 0;
    input.addEventListener("change", () => {
      const year = stateOf(first).label;
      first.theme = index;
      keepYear(first, year);
      show();
    });
    el("span", item.title, label);
  });
}

// Paper is narrower than a screen: the finished drawing is scaled, so that nothing is cut off,
// and leaves room below for the notes.
function paper() {
  if (matchMedia("print").matches) return;
  const stage = byId("stage"), root = document.documentElement.style;
  const across = stage.clientWidth, down = stage.clientHeight;
  root.setProperty("--across", across);
  root.setProperty("--down", down);
  root.setProperty("--shrink", Math.min(1, 770 / across, Math.max(330, 630 - notesHeight()) / down));
}

// How high the notes stand on paper, tried out of sight.
function notesHeight() {
  const notes = byId("notes");
  if (!notes) return 0;
  const trial = notes.cloneNode(true);
  trial.removeAttribute("id");
  trial.className = "notes trial";
  document.body.append(trial);
  const high = trial.offsetHeight;
  trial.remove();
  return high;
}

function resized() {
  if (matchMedia("print").matches) return;
  const home = atHome(view);
  for (const one of shown()) one.map.invalidateSize({ animate: false });
  if (home) fit(view);
  paper();
}

function start() {
  // Coordinates are in data.metres metres: the scale bar needs true ones.
  const simple = L.CRS.Simple.distance;
  L.CRS.Simple.distance = (a, b) => simple.call(L.CRS.Simple, a, b) * data.metres;
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(view.map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(view.map);
  view.inset = addInset(view);
  fit(view);
  view.map.setMaxBounds(full.pad(0.5));
  view.map.getContainer().setAttribute("aria-label", words.map_label);
  view.map.getContainer().setAttribute("role", "region");
  themes();
  finder();
  twoMaps(view, show);
  table();
  show();
  door(view, stateOf(first).leaders[0] || 0);
  paper();
  new ResizeObserver(resized).observe(byId("stage"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !dialog.open && !sheet.open && (chosen >= 0 || picked >= 0)) whole(false);
  });
  byId("print").addEventListener("click", () => window.print());
  window.addEventListener("hashchange", follow_address);
  follow_address();
}

start();
