// Search by name, romanised name, initials and code; of units, and of groups for their units.

// 全角 letters, accents, case, blanks and apostrophes do not matter.
function plain(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f\s'’·-]/g, "").toLowerCase();
}

const searchable = data.names.map((name, index) =>
  [name, data.codes[index], ...data.keywords[index].split(/\s+/)].map(plain).filter(Boolean));

const groupWords = !data.groups ? [] : data.groups.names.map((name, group) =>
  [name, data.groups.codes[group], ...data.groups.words[group].split(/\s+/)].map(plain).filter(Boolean));

// 0 the word itself, 1 its beginning, 2 the beginning of another word, 3 anywhere.
function closeness(list, asked) {
  if (list.includes(asked)) return 0;
  if (list[0].startsWith(asked)) return 1;
  if (list.some((word) => word.startsWith(asked))) return 2;
  return list.some((word) => word.includes(asked)) ? 3 : -1;
}

// What is found, nearest first: units, groups of several (with all their units after them); of
// what is equally near, the highest value first.
function findings(asked) {
  const near = new Map(), order = byValue(first), most = 30;
  const keep = (key, close) => { if (close >= 0 && !(near.get(key) <= close)) near.set(key, close); };
  searchable.forEach((list, index) => keep(index, closeness(list, asked)));
  groupWords.forEach((list, group) => {
    const close = closeness(list, asked), units = close < 0 || close > 2 ? [] : membersOf(group);
    if (units.length < 2) return;
    keep(~group, close + 0.5);
    if (close < 2) units.forEach((index) => keep(index, 4 + close));
  });
  return [...near].sort(([a, x], [b, y]) => x - y || (a < 0 ? b - a : order(a, b))).slice(0, most)
    .map(([key]) => key);
}

function besideName(index) {
  const group = groupName(index);
  return group && group !== data.names[index] ? group + " " + data.codes[index] : data.codes[index];
}

function finder() {
  const query = byId("query"), hits = byId("hits");
  let found = [], active = 0;
  function close() {
    hits.hidden = true;
    query.setAttribute("aria-expanded", "false");
    query.removeAttribute("aria-activedescendant");
  }
  function take(key) {
    query.value = key < 0 ? data.groups.names[~key] : data.names[key];
    close();
    if (key < 0) pick(~key, true);
    else choose(key, true);
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
    const asked = plain(query.value);
    hits.replaceChildren();
    if (!asked) {
      close();
      return;
    }
    found = findings(asked);
    active = 0;
    found.forEach((key, at) => {
      const item = el("li", null, hits, { role: "option", id: "hit" + at });
      el("span", key < 0 ? data.groups.names[~key] : data.names[key], item);
      el("small", key < 0 ? fillIn(words.group_units, { count: membersOf(~key).length }) : besideName(key), item);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(key);
      });
    });
    if (!found.length) {
      el("li", words.nothingFound, hits, { class: "none", role: "option", "aria-disabled": "true" });
    }
    announce(fillIn(words.found, { count: found.length }));
    hits.hidden = false;
    query.setAttribute("aria-expanded", "true");
    mark();
  }
  query.addEventListener("input", search);
  query.addEventListener("blur", close);
  query.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !hits.hidden) {
      event.stopPropagation();
      close();
    }
    if (event.key === "Enter" && !hits.hidden && found.length) take(found[active]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !hits.hidden && found.length) {
      event.preventDefault();
      active = (active + step + found.length) % found.length;
      mark();
    }
  });
  byId("reset").addEventListener("click", () => {
    query.value = "";
    close();
    whole(true);
  });
}
