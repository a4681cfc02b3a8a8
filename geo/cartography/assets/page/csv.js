// Tables kept as files. Shared by all pages with scripts of their own: nothing here builds on others.
const SIGNS = "=+-@＝＋－＠";
const SPLITS = ";\t\r\n";
const SKIPPED = /[\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]/;
const NUMBER = /^[+-]?(?:\d[\d,]*)?\.?\d+(?:[eE][+-]?\d+)?%?$/;

// An apostrophe wherever a spreadsheet might find a formula: geo.export.table.guard_formula.
function guard(text) {
  if (text.length <= 40 && NUMBER.test(text)) return text;
  const acts = (from) => {
    let at = from;
    while (at < text.length && SKIPPED.test(text[at])) at += 1;
    return at < text.length && SIGNS.includes(text[at]);
  };
  let guarded = acts(0) ? "'" : "";
  for (let at = 0; at < text.length; at++) {
    guarded += text[at];
    const last = SPLITS.includes(text[at]) && !(at + 1 < text.length && SPLITS.includes(text[at + 1]));
    if (last && acts(at + 1)) guarded += "'";
  }
  return /^[\t\r\n]/.test(guarded) ? `'${guarded}` : guarded;
}

const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const inCsv = (value) => (typeof value === "number" ? (value === value ? String(value) : "") : quoted(guard(value)));

// With a mark of its encoding, without which spreadsheets misread Chinese.
function csvText(lines) {
  return `\ufeff${lines.map((line) => line.map(inCsv).join(",")).join("\r\n")}\r\n`;
}

function save(content, type, name) {
  const link = document.createElement("a");
  link.download = name;
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
