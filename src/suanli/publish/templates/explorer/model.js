// The state of a level: weights, scores, ranks, tests, what is chosen and what is brushed.

const STEPS = 10000;
const CLASSES = 5;

class Level {
  constructor(told) {
    this.told = told;
    this.tree = hierarchy(told.tree);
    this.tested = told.test.tree ? hierarchy(told.test.tree, this.tree) : null;
    this.local = this.tree.base.slice();
    this.anchor = null;
    this.rowOf = new Int32Array(told.codes.length).fill(-1);
    told.rows.forEach((unit, row) => { this.rowOf[unit] = row; });
    this.outside = new Set(told.outside);
    this.node = 0;
    this.chosen = -1;
    this.brush = null;
    this.test = null;
    this.chance = new Map();
    this.profile = evaluate(this.tree, this.tree.base);
    // Dimensions without a score where the index has one; weights do not change that.
    this.lacking = told.rows.map((_, row) => (this.profile[0][row] !== this.profile[0][row] ? []
      : this.tree.nodes[0].children.filter((at) => this.profile[at][row] !== this.profile[at][row])));
    this.lackers = this.lacking.filter((some) => some.length).length;
    this.evaluate();
  }

  // What a row lacks, in words; said where the index is shown, for it rests on the rest.
  lacks(row) {
    const some = this.node === 0 ? this.lacking[row] : [];
    return some.length ? say("lacking", { names: some.map((at) => this.tree.nodes[at].name).join(say("list_mark")) }) : "";
  }

  get live() { return this.tree.live; }
  get changed() { return this.local.some((weight, at) => weight !== this.tree.base[at]); }
  get values() { return this.scores[this.node]; }

  evaluate() {
    this.fault = false;
    try {
      this.scores = evaluate(this.tree, this.local);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fault = true;
      this.scores = this.tree.nodes.map(() => new Float64Array(this.tree.n).fill(NaN));
    }
    this.rank();
  }

  rank() {
    this.ranks = ranks(this.values, this.told.ties);
    this.before = ranks(this.profile[this.node], this.told.ties);
    this.change = this.ranks.map((rank, row) => this.before[row] - rank);
    this.breaks = fisherJenks(this.values, CLASSES);
    this.classes = assign(this.breaks, this.values);
    this.scored = this.ranks.reduce((count, rank) => count + (rank === rank), 0);
    let order = null;
    // Sorting is left to those who look.
    Object.defineProperty(this, "order", { configurable: true, get: () => {
      order ||= Array.from(this.ranks.keys()).sort((a, b) =>
        (this.ranks[a] || Infinity) - (this.ranks[b] || Infinity) || a - b);
      return order;
    } });
  }

  show(node) { this.node = node; this.brush = null; this.rank(); }

  // One weight moves, its siblings share the rest in the ratios they had when the move began.
  move(at, share) {
    const { parent } = this.tree.nodes[at], { children } = this.tree.nodes[parent];
    if (!this.anchor || this.anchor.at !== at) this.anchor = { at, local: this.local.slice() };
    const target = Math.min(STEPS, Math.max(0, Math.round(share * STEPS)));
    const others = children.filter((child) => child !== at);
    if (!others.length) return;
    const held = others.map((child) => this.anchor.local[child]);
    const total = held.reduce((a, b) => a + b, 0);
    const parts = held.map((weight) =>
      Math.round((STEPS - target) * (total > 0 ? weight / total : 1 / others.length)));
    const largest = parts.indexOf(Math.max(...parts));
    parts[largest] += STEPS - target - parts.reduce((a, b) => a + b, 0);
    this.local[at] = target / STEPS;
    others.forEach((child, place) => { this.local[child] = parts[place] / STEPS; });
    this.settle(parent);
    this.evaluate();
  }

  // Weights that are the profile's to the last step shown are the profile's.
  settle(parent) {
    const { children } = this.tree.nodes[parent];
    const near = (child) => Math.abs(this.local[child] - this.tree.base[child]) <= 0.5 / STEPS;
    if (children.every(near)) children.forEach((child) => { this.local[child] = this.tree.base[child]; });
  }

  rest() { this.anchor = null; }

  // Weights of siblings in whole steps, by the position of their parent.
  set(parent, steps) {
    const { children } = this.tree.nodes[parent];
    const total = steps.reduce((a, b) => a + b, 0);
    if (steps.length !== children.length || !(total > 0)) return false;
    children.forEach((child, place) => { this.local[child] = steps[place] / total; });
    this.settle(parent);
    return true;
  }

  reset() { this.local = this.tree.base.slice(); this.rest(); this.evaluate(); }

  even() {
    this.tree.nodes.forEach((node, at) => {
      if (node.children.length) this.set(at, node.children.map(() => 1));
    });
    this.rest();
    this.evaluate();
  }

  // The weights that rank a unit best or worst, as found before the page was written.
  extreme(row, side) {
    const { reach } = this.told, found = reach.rows[row], size = reach.wide ? 4 : 2;
    const view = new DataView(bytes(reach.weights).buffer), from = found[4 + side] * reach.nodes.length;
    const steps = reach.nodes.map((_, place) =>
      (reach.wide ? view.getUint32(size * (from + place), true) : view.getUint16(size * (from + place), true)));
    const given = new Map(reach.nodes.map((id, place) => [this.tree.place.get(id), steps[place]]));
    this.tree.nodes.forEach((node, at) => {
      if (node.children.length) this.set(at, node.children.map((child) => given.get(child)));
    });
    this.rest();
    this.evaluate();
  }

  // Whether every weight lies where best and worst ranks were looked for.
  get admissible() {
    const { reach } = this.told;
    return !reach || reach.nodes.every((id, place) => {
      const weight = this.local[this.tree.place.get(id)], [low, high] = reach.limits[place];
      return weight >= low - 1 / STEPS && weight <= high + 1 / STEPS;
    });
  }

  // What the rank of a unit would be if one weight alone went to the ends of its bounds.
  movers(row) {
    const { reach } = this.told, found = [];
    if (!reach || !this.live) return found;
    const kept = { local: this.local, node: this.node };
    reach.nodes.forEach((id, place) => {
      const at = this.tree.place.get(id), parent = this.tree.nodes[at].parent;
      if (this.tree.nodes[parent].children.length < 2 || !this.above(at)) return;
      const ends = reach.limits[place].map((share) => this.ranked(at, share, row));
      if (ends[0] !== ends[1] || ends[0] !== this.ranks[row]) found.push({ at, ends });
    });
    this.local = kept.local;
    const span = ({ ends }) => Math.max(...ends, this.ranks[row]) - Math.min(...ends, this.ranks[row]);
    return found.sort((a, b) => span(b) - span(a) || a.at - b.at);
  }

  above(at) {
    let { parent } = this.tree.nodes[at];
    while (parent !== this.node && parent !== undefined) parent = this.tree.nodes[parent].parent;
    return parent === this.node;
  }

  ranked(at, share, row) {
    const local = this.local.slice(), { parent } = this.tree.nodes[at];
    const others = this.tree.nodes[parent].children.filter((child) => child !== at);
    const total = others.reduce((sum, child) => sum + local[child], 0);
    others.forEach((child) => {
      local[child] = (1 - share) * (total > 0 ? local[child] / total : 1 / others.length);
    });
    local[at] = share;
    try {
      const values = evaluate(this.tree, local)[this.node], own = values[row];
      return 1 + values.reduce((count, value) => count + (value > own), 0);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return NaN;
    }
  }

  // The node of the tested hierarchy that answers to the one shown.
  get testedNode() {
    const found = this.tested && this.tested.place.get(this.tree.nodes[this.node].id);
    return found === undefined || found === null ? -1 : found;
  }

  testedValues() {
    const { tested } = this;
    const local = this.live ? testedWeights(this.tree, tested, this.local) : tested.base;
    return evaluate(tested, local)[this.testedNode];
  }

  // Local and global Moran of the tested scores, on the draws of Python's engine; in slices.
  *tests() {
    if (this.testedNode < 0 || this.fault) return { why: this.tested ? "untested_node" : "" };
    let values;
    try {
      values = this.testedValues();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { why: "domain" };
    }
    const linked = linkage(values, this.told.test.neighbours);
    const own = Float64Array.from(linked.units, (row) => values[row]);
    if (own.length < 4) return { why: "few_units" };
    const z = deviations(own);
    if (z.every((value) => value === 0)) return { why: "constant" };
    const lag = lagged(z, linked.links), found = { values, linked, z, lag };
    yield;
    const chance = yield* this.drawn(linked);
    found.local = localMoran(z, lag, linked, chance.tuples, this.told.test.alpha);
    yield;
    found.whole = yield* globalMoran(z, lag, chance.sums, chance.orders);
    found.cluster = Array.from({ length: this.tree.n }, (_, row) =>
      (values[row] === values[row] ? "isolate" : ""));
    linked.units.forEach((row, at) => { found.cluster[row] = found.local.cluster[at]; });
    return found;
  }

  // Draws depend on who has a score and on neighbours alone: made once, kept for every weight.
  *drawn(linked) {
    if (this.chance.key === linked.key) return this.chance;
    const { draws, orders, states } = this.told.test, n = linked.units.length;
    const tuples = drawTuples(n, linked.width, draws, sfc64(states.local));
    yield;
    const drawn = yield* drawOrders(n, orders, sfc64(states.global));
    this.chance = { key: linked.key, tuples, orders: drawn, sums: weightSums(linked.links) };
    return this.chance;
  }
}
