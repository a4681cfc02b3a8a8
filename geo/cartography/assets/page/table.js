// The layer shown as a table: a row for every unit, sorted by any column, kept as a file.
const sheet = byId("rows");
const sheetOrder = { at: -1, down: true };

function columnsOf(slot) {
  const given = stateOf(slot).columns.map((title, at) => ({ title, of: (index) => rowOf(slot, index)[at] || "" }));
  const own = [{ title: words.unit, of: (index) => data.names[index] }, { title: words.code, of: (index) => data.codes[index] }];
  if (data.groups) own.push({ title: words.group, of: groupName });
  return [...own, { title: words.class_shown, of: (index) => entryOf(slot, index).label }, ...given];
}

// What a cell begins with, so that "3 / 31" follows "2 / 31".
function leading(text) {
  const found = /^[+-]?\d+(\.\d+)?/.exec(text.replaceAll("\u2212", "-").replaceAll(",", ""));
  return found ? Number(found[0]) : NaN;
}

// Cells without anything come last, whichever way the rest goes.
function sheetRows(column, down) {
  const texts = data.codes.map((_, index) => column.of(index)), numbers = texts.map(leading);
  const numeric = column.title !== words.code && numbers.some((value) => value === value)
    && texts.every((text, at) => !text || numbers[at] === numbers[at]);
  const empty = (at) => (texts[at] === "" ? 1 : 0), sign = down ? -1 : 1;
  // Cells are rounded; the values behind them tell equal ones apart.
  const values = stateOf(first).values || [], apart = (a, b) => (values[a] || 0) - (values[b] || 0);
  return [...data.codes.keys()].sort((a, b) => empty(a) - empty(b)
    || sign * (numeric ? numbers[a] - numbers[b] || apart(a, b) : texts[a].localeCompare(texts[b], document.documentElement.lang)) || a - b);
}

function drawSheet() {
  const columns = columnsOf(first), at = sheetOrder.at;
  byId("rows-title").textContent = titleOf(first);
  const head = byId("rows-head");
  head.replaceChildren();
  columns.forEach((column, place) => {
    const cell = el("th", null, head, { scope: "col", "aria-sort": place === at ? (sheetOrder.down ? "descending" : "ascending") : "none" });
    button(column.title, cell, () => sortSheet(place), { title: fillIn(words.sort_by, { name: column.title }) });
  });
  const body = byId("rows-body"), lines = document.createDocumentFragment();
  for (const index of sheetRows(columns[at], sheetOrder.down)) {
    const line = el("tr", null, lines);
    columns.forEach((column, place) => {
      if (place) { el("td", column.of(index), line); return; }
      button(column.of(index), el("th", null, line, { scope: "row" }), () => { sheet.close(); choose(index, true); });
    });
  }
  body.replaceChildren(lines);
}

function sortSheet(at) {
  sheetOrder.down = sheetOrder.at === at ? !sheetOrder.down : false;
  sheetOrder.at = at;
  drawSheet();
  byId("rows-head").children[at].firstChild.focus();
}

// What the file holds: numbers in their own columns where the layer has them.
function keptColumns(columns, slot) {
  const { sheet, values } = stateOf(slot);
  if (!sheet) return columns;
  const given = columns.length - stateOf(slot).columns.length, cell = (value) => (value === null || value === undefined ? "" : value);
  return [...columns.slice(0, given), { title: columns[given].title, of: (index) => cell(values && values[index]) },
    ...sheet.columns.map((title, at) => ({ title, of: (index) => cell(sheet.rows[index][at]) }))];
}

function keepSheet() {
  const columns = columnsOf(first), written = keptColumns(columns, first), stem = /([A-Za-z0-9_-]+)\.html$/.exec(location.pathname);
  const kept = [stem ? stem[1] : "map", themeOf(first).key, stateOf(first).label].filter(Boolean);
  const lines = sheetRows(columns[sheetOrder.at], sheetOrder.down).map((index) => written.map((column) => column.of(index)));
  save(csvText([written.map((column) => column.title), ...lines]), "text/csv;charset=utf-8",
    `${kept.join("-").replace(/[^A-Za-z0-9_-]+/g, "_")}.csv`);
}

function table() {
  byId("rows-open").addEventListener("click", () => {
    // Highest first, as the list of the leaders; where there is no number, as the map has them.
    const columns = columnsOf(first), given = columns.length - stateOf(first).columns.length;
    sheetOrder.at = columns.length > given ? given : 1;
    sheetOrder.down = columns.length > given;
    drawSheet();
    sheet.showModal();
  });
  byId("rows-close").addEventListener("click", () => sheet.close());
  byId("rows-save").addEventListener("click", keepSheet);
}
