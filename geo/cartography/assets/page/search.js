// Search by name, romanised name, initials and code.

// 全角 letters, accents, case, blanks and apostrophes do not matter.
function plain(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f\s'’·-]/g, "").toLowerCase();
}

const searchable = data.names.map((name, index) =>
  [name, data.codes[index], ...data.keywords[index].split(/\s+/)].map(plain).filter(Boolean));

// 0 the word itself, 1 its beginning, 2 the beginning of another word, 3 anywhere.
function closeness(index, asked) {
  const list = searchable[index];
  if (list.includes(asked)) return 0;
  if (list[0].startsWith(asked)) return 1;
  if (list.some((word) => word.startsWith(asked))) return 2;
  return list.some((word) => word.includes(asked)) ? 3 : -1;
}

function finder() {
  const query = byId("query"), hits = byId("hits");
  let found = [], active = 0;
  function close() {
    hits.hidden = true;
    query.setAttribute("aria-expanded", "false");
    query.removeAttribute("aria-activedescendant");
  }
  function take(index) {
    query.value = data.names[index];
    close();
    choose(index, true);
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
    const ranks = data.codes.map((code, index) => closeness(index, asked));
    found = ranks.flatMap((rank, index) => (rank < 0 ? [] : [index]))
      .sort((a, b) => ranks[a] - ranks[b] || a - b).slice(0, 30);
    active = 0;
    found.forEach((index, at) => {
      const item = el("li", null, hits, { role: "option", id: "hit" + at });
      el("span", data.names[index], item);
      const group = groupName(index);
      el("small", group && group !== data.names[index] ? group + " " + data.codes[index] : data.codes[index], item);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(index);
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
