// The evaluation from normalised indicators on: weights of siblings, aggregation, withheld scores.
// The same rules in the same order as suanli.evaluation.aggregate and suanli.evaluation.screen.

function weightedMean(columns, weights, n, change) {
  const total = new Float64Array(n), present = new Float64Array(n);
  columns.forEach((column, place) => {
    const weight = weights[place];
    for (let i = 0; i < n; i++) {
      const value = column[i];
      if (value === value) {
        present[i] += weight;
        total[i] += (change ? change(value, i) : value) * weight;
      }
    }
  });
  for (let i = 0; i < n; i++) total[i] = present[i] > 0 ? total[i] / present[i] : NaN;
  return total;
}

// Scores outside the domain of a mean: Python refuses them, the page says so.
function needs(columns, outside) {
  for (const column of columns) for (const value of column) if (outside(value)) throw new RangeError("domain");
}
const notPositive = (value) => value <= 0;

function powerMean(columns, weights, n, power) {
  if (power === 0) return MEANS.geometric(columns, weights, n);
  needs(columns, power > 0 ? (value) => value < 0 : notPositive);
  return weightedMean(columns, weights, n, (value) => Math.pow(value, power))
    .map((value) => Math.pow(value, 1 / power));
}

const MEANS = {
  arithmetic: (columns, weights, n) => weightedMean(columns, weights, n),
  geometric(columns, weights, n) {
    needs(columns, notPositive);
    return weightedMean(columns, weights, n, Math.log).map(Math.exp);
  },
  harmonic: (columns, weights, n) => powerMean(columns, weights, n, -1),
  power: (columns, weights, n, options) => powerMean(columns, weights, n, options.power),
  ampi(columns, weights, n, options) {
    needs(columns, notPositive);
    const middle = weightedMean(columns, weights, n);
    const spread = weightedMean(columns, weights, n, (value, i) => (value - middle[i]) ** 2);
    const sign = options.penalty === "plus" ? 1 : -1;
    return middle.map((value, i) => value + sign * (spread[i] / value));
  },
  topsis(columns, weights, n) {
    const whole = new Float64Array(n), best = new Float64Array(n), worst = new Float64Array(n);
    columns.forEach((column, place) => {
      for (let i = 0; i < n; i++) if (column[i] === column[i]) whole[i] += weights[place];
    });
    columns.forEach((column, place) => {
      const sorted = known(column), low = sorted[0], high = sorted[sorted.length - 1];
      for (let i = 0; i < n; i++) {
        if (column[i] !== column[i]) continue;
        const share = weights[place] / whole[i];
        best[i] += ((column[i] - high) * share) ** 2;
        worst[i] += ((column[i] - low) * share) ** 2;
      }
    });
    return whole.map((weight, i) => {
      const far = Math.sqrt(worst[i]), total = Math.sqrt(best[i]) + far;
      return weight > 0 && total > 0 ? far / total : NaN;
    });
  },
  copeland(columns, weights, n) {
    const wins = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let k = i + 1; k < n; k++) {
        let balance = 0;
        for (let c = 0; c < columns.length; c++) {
          const one = columns[c][i], other = columns[c][k];
          if (one > other) balance += weights[c];
          else if (one < other) balance -= weights[c];
        }
        // Weights that cancel leave rounding dust, which is no preference.
        if (Math.abs(balance) < 1e-12) continue;
        wins[i] += Math.sign(balance);
        wins[k] -= Math.sign(balance);
      }
    }
    return wins.map((value, i) => (columns.some((column) => column[i] === column[i]) ? value : NaN));
  },
};

// A hierarchy with its data: nodes as the payload lists them, parents before children.
function hierarchy(told, other) {
  const place = new Map(told.nodes.map((node, at) => [node.id, at]));
  const nodes = told.nodes.map((node) => ({ ...node, children: node.children.map((id) => place.get(id)) }));
  nodes.forEach((node, at) => node.children.forEach((child) => { nodes[child].parent = at; }));
  // Both hierarchies have the same rows.
  const codes = told.codes || other.codes, n = codes.length, values = doubles(told.values);
  // What both hierarchies have is written once.
  const given = nodes.map((node) => (node.shared ? other.given[other.place.get(node.id)]
    : node.column === undefined ? null : values.subarray(node.column * n, (node.column + 1) * n)));
  const withheld = nodes.map((node) => Uint16Array.from(node.withheld || []));
  return { nodes, place, n, codes, given, withheld, options: told.options, live: told.live,
    base: Float64Array.from(nodes, (node) => node.base) };
}

// Scores of every node under local weights, missing where the unit has too little data.
function evaluate(tree, local) {
  const scores = tree.given.slice();
  if (tree.live) {
    for (let at = tree.nodes.length - 1; at >= 0; at--) {
      const { children, method } = tree.nodes[at];
      if (!children.length) continue;
      scores[at] = MEANS[method](children.map((child) => scores[child]),
        children.map((child) => local[child]), tree.n, tree.options);
    }
    tree.withheld.forEach((rows, at) => { for (const row of rows) scores[at][row] = NaN; });
  }
  return scores;
}

// Weights of the tested hierarchy: its own, each changed by the factor its sibling's was.
function testedWeights(tree, tested, local) {
  const found = tested.base.slice();
  tested.nodes.forEach((node) => {
    const full = node.children.map((child) => tree.place.get(tested.nodes[child].id));
    const stated = full.reduce((total, at) => total + tree.base[at], 0);
    node.children.forEach((child, place) => {
      const at = full[place];
      if (local[at] === tree.base[at]) return;
      found[child] = tree.base[at] > 0
        ? tested.base[child] * (local[at] / tree.base[at])
        : local[at] / (stated > 0 ? stated : 1);
    });
  });
  return found;
}
