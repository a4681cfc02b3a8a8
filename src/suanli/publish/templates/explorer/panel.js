// Sliders of every level of the hierarchy, grouped by dimension.

class Panel {
  constructor(act) {
    this.act = act;
    this.box = byId("sliders");
  }

  draw(level) {
    this.level = level;
    this.rows = [];
    const { nodes } = level.tree;
    this.box.replaceChildren(...nodes[0].children.map((at) => this.branch(at)));
    byId("weights").classList.toggle("still", !level.live);
    byId("obstacle").textContent = level.told.obstacle;
    byId("obstacle").hidden = level.live;
    for (const id of ["reset", "even"]) byId(id).disabled = !level.live;
  }

  branch(at) {
    const { children } = this.level.tree.nodes[at];
    const row = this.row(at);
    if (!children.length) return row;
    const inner = el("div", { class: "below" }, ...children.map((child) => this.branch(child)));
    const name = this.level.tree.nodes[at].name;
    const top = this.level.tree.nodes[at].parent === 0;
    const few = this.level.tree.nodes.length < 24;
    inner.hidden = top && !few;
    const fold = el("button", { type: "button", class: "fold", "aria-expanded": String(!inner.hidden),
      "aria-label": say("fold", { name }), click: () => {
        inner.hidden = !inner.hidden;
        fold.setAttribute("aria-expanded", String(!inner.hidden));
      } });
    row.querySelector(".label").prepend(fold);
    return el("div", { class: top ? "branch top" : "branch" }, row, inner);
  }

  row(at) {
    const { tree } = this.level, node = tree.nodes[at];
    const single = tree.nodes[node.parent].children.length < 2;
    const input = el("input", { type: "range", min: 0, max: 100, step: 0.1, "aria-label": say("weight_of", { name: node.name }),
      input: () => this.act.move(at, Number(input.value) / 100), change: () => this.act.rest() });
    input.disabled = single || !this.level.live;
    // A mark under the slider shows the profile's weight.
    const track = el("div", { class: "slide" }, input);
    track.style.setProperty("--base", tree.base[at]);
    const show = el("button", { type: "button", class: "name", title: say("show_node", { name: node.name }),
      click: () => this.act.show(at) }, node.name);
    const output = el("output", {});
    const sign = node.excluded ? el("abbr", { title: say("excluded_hint") }, say("excluded")) : null;
    this.rows.push({ at, input, output, show, said: "" });
    return el("div", { class: node.children.length ? "weight inner" : "weight" },
      el("div", { class: "label" }, show, sign, output), track);
  }

  paint() {
    const { level } = this;
    for (const row of this.rows) {
      const weight = level.local[row.at], base = level.tree.base[row.at];
      const said = `${weight}|${row.at === level.node}`;
      if (row.said === said) continue;
      row.said = said;
      const text = percent(weight);
      if (document.activeElement !== row.input || Math.abs(row.input.value / 100 - weight) > 5e-4) row.input.value = 100 * weight;
      row.input.setAttribute("aria-valuetext", weight === base ? text : say("weight_text", { weight: text, base: percent(base) }));
      row.output.textContent = text;
      row.output.className = weight === base ? "" : "moved";
      row.show.setAttribute("aria-pressed", String(row.at === level.node));
    }
  }

  focus(at) {
    const found = this.rows.find((row) => row.at === at);
    if (!found) return;
    for (let box = found.input.closest(".below"); box; box = box.parentElement.closest(".below")) {
      box.hidden = false;
      const fold = box.parentElement.querySelector(".fold");
      if (fold) fold.setAttribute("aria-expanded", "true");
    }
    byId("weights").open = true;
    found.input.focus();
    found.input.scrollIntoView({ block: "nearest" });
  }
}
