"use strict";
(function () {
  const data = JSON.parse(document.getElementById("payload").textContent);
  const byId = (id) => document.getElementById(id);
  if (!byId("rows")) return;
  const words = data.words;
  const [ACTION, RULE, FILE, SHEET, ROW, COLUMN, BEFORE, AFTER, MESSAGE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const body = byId("rows").tBodies[0];
  const kinds = [...document.querySelectorAll("#filters .kind input")];
  const chosen = { file: byId("file"), rule: byId("rule"), column: byId("column") };
  const query = byId("query"), order = byId("order"), size = byId("size");
  let found = [], page = 0;

  // Every string enters the page as text; nothing here parses HTML.
  function el(name, parent, look, said) {
    const node = document.createElement(name);
    if (look) node.className = look;
    if (said !== undefined) node.textContent = said;
    parent.appendChild(node);
    return node;
  }
  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  }
  // A text, or its pieces of which some are marked.
  function put(parent, value) {
    if (typeof value === "string") return parent.append(value);
    for (const [kind, piece] of value) {
      if (!kind) parent.append(piece);
      else {
        const node = el("span", parent, kind, piece);
        if (kind !== "c") node.title = "U+" + piece.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      }
    }
  }
  const flat = (value) => (typeof value === "string" ? value : value.map((piece) => piece[1]).join(""));

  // What the search looks through, made once.
  const haystack = data.rows.map((row) => [
    flat(row[BEFORE]), flat(row[AFTER]), flat(row[MESSAGE]), flat(data.columns[row[COLUMN]]),
    flat(data.sheets[row[SHEET]]), flat(data.files[row[FILE]]), data.rules[row[RULE]].join(" "), row[ROW],
  ].join("\n").toLowerCase());
  const inPlace = data.rows.map((row, at) => at).sort((a, b) => {
    const one = data.rows[a], other = data.rows[b];
    return one[FILE] - other[FILE] || one[SHEET] - other[SHEET] || one[ROW] - other[ROW] || a - b;
  });

  function tell(row) {
    const line = document.createElement("tr");
    const action = data.actions[row[ACTION]];
    el("span", el("td", line), "kind " + action, words[action]);
    const place = el("td", line, "place");
    if (data.files.length > 1) put(el("span", place), data.files[row[FILE]]);
    const sheet = data.sheets[row[SHEET]], column = data.columns[row[COLUMN]];
    if (sheet.length) {
      const [open, close] = words.sheet.split("{sheet}");
      const part = el("span", place);
      part.append(open);
      put(part, sheet);
      part.append(close);
    }
    if (row[ROW]) el("span", place, "", fill(words.row, { row: row[ROW] }));
    if (column.length) put(el("span", place), column);
    if (!place.firstChild) el("span", place, "", words.no_column);
    const change = el("td", line, "change");
    if (row[BEFORE].length) put(el("span", change, "value"), row[BEFORE]);
    if (row[AFTER].length) {
      el("span", change, "arrow", " → ");
      put(el("span", change, "value after"), row[AFTER]);
    }
    const said = el("td", line);
    el("b", said, "", data.rules[row[RULE]][1]);
    said.append(" ");
    put(el("span", said, "said"), row[MESSAGE]);
    return line;
  }

  function draw(first, last) {
    const lines = document.createDocumentFragment();
    for (const at of found.slice(first, last)) lines.append(tell(data.rows[at]));
    if (!found.length) {
      const cell = el("td", el("tr", lines, "empty"), "", words.none);
      cell.colSpan = 4;
    }
    body.replaceChildren(lines);
  }
  function show() {
    const step = Number(size.value), pages = Math.max(1, Math.ceil(found.length / step));
    page = Math.min(page, pages - 1);
    const first = page * step, last = Math.min(found.length, first + step);
    draw(first, last);
    byId("count").textContent = found.length
      ? fill(words.shown, { from: first + 1, to: last, count: found.length }) : words.none;
    byId("page").textContent = fill(words.page, { page: page + 1, pages });
    byId("previous").disabled = page === 0;
    byId("next").disabled = page === pages - 1;
    byId("pager").hidden = data.rows.length <= 50;
  }
  function search() {
    const actions = new Set(kinds.filter((kind) => kind.checked).map((kind) => data.actions.indexOf(kind.value)));
    const asked = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const same = (select, value) => select.value === "" || Number(select.value) === value;
    const all = order.value === "place" ? inPlace : data.rows.keys();
    found = [];
    for (const at of all) {
      const row = data.rows[at];
      if (actions.has(row[ACTION]) && same(chosen.file, row[FILE]) && same(chosen.rule, row[RULE])
        && same(chosen.column, row[COLUMN]) && asked.every((word) => haystack[at].includes(word))) found.push(at);
    }
    page = 0;
    show();
  }

  function choices(select, names) {
    names.forEach((name, at) => {
      const option = el("option", select, "", name);
      option.value = at;
    });
  }
  choices(chosen.file, data.files.map(flat));
  choices(chosen.rule, data.rules.map((rule) => rule[1]));
  choices(chosen.column, data.columns.map((name) => flat(name) || words.no_column));
  byId("by-file").hidden = data.files.length < 2;

  function turn(by) {
    page += by;
    show();
    byId("list").scrollIntoView();
  }
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  size.addEventListener("change", () => { page = 0; show(); });
  for (const input of [...kinds, ...Object.values(chosen), order]) input.addEventListener("change", search);
  let waiting = 0;
  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  function clear() {
    for (const kind of kinds) kind.checked = !kind.disabled || kind.checked;
    for (const select of Object.values(chosen)) select.value = "";
    query.value = "";
  }
  byId("clear").addEventListener("click", () => { clear(); search(); });
  for (const button of document.querySelectorAll("[data-rule]")) {
    const at = data.rules.findIndex((rule) => rule[0] === button.dataset.rule);
    button.disabled = at < 0;
    button.addEventListener("click", () => {
      clear();
      chosen.rule.value = at;
      for (const kind of kinds) kind.checked = kind.value === button.dataset.action;
      search();
      byId("list").scrollIntoView();
      chosen.rule.focus({ preventScroll: true });
    });
  }
  // Paper has no pages to turn: what is found is laid out in one piece.
  addEventListener("beforeprint", () => {
    draw(0, data.printed);
    if (found.length > data.printed) {
      byId("count").textContent = fill(words.printed, { shown: data.printed, count: found.length, csv: data.csv });
    }
  });
  addEventListener("afterprint", show);

  byId("filters").hidden = false;
  search();
})();
