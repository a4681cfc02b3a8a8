// Moran's I and its local form with conditional permutation, as geo.statistics computes them:
// drawn once for all units, both tails, ties within rounding, false discovery rate.

const EPS = 2.220446049250313e-16;

// Linked units among those with a score, their neighbours, and their order in the reference.
function linkage(scores, neighbours) {
  const units = [];
  const alive = (i) => scores[i] === scores[i];
  scores.forEach((value, i) => { if (alive(i) && neighbours[i].some(alive)) units.push(i); });
  const place = new Map(units.map((unit, at) => [unit, at]));
  const links = units.map((unit) => neighbours[unit].filter(alive).map((other) => place.get(other)));
  const order = units.map((_, at) => at).sort((a, b) => links[a].length - links[b].length || a - b);
  return { units, links, order, width: Math.max(0, ...links.map((link) => link.length)) + 1,
    key: units.join() };
}

function deviations(values) {
  const centre = mean(values);
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  const rounding = 8 * EPS * size;
  return values.map((value) => (Math.abs(value - centre) <= rounding ? 0 : value - centre));
}

function lagged(z, links) {
  return Float64Array.from(links, (link) => {
    let total = 0;
    const share = 1 / link.length;
    for (const other of link) total += share * z[other];
    return total;
  });
}

// Both tails of the reference lags of every unit, in the order of the units.
function conditionalCounts(z, linked, draws) {
  const { links, order } = linked, n = z.length, size = draws[0].length;
  const values = Float64Array.from(order, (at) => z[at]);
  const count = Int32Array.from(order, (at) => links[at].length);
  let largest = 0;
  for (const value of z) largest = Math.max(largest, Math.abs(value));
  const low = new Float64Array(n), high = new Float64Array(n);
  order.forEach((at, rank) => {
    let observed = 0;
    for (const other of links[at]) observed += z[other];
    const slack = 4 * EPS * (count[rank] + 1) ** 2 * largest;
    low[rank] = observed - slack;
    high[rank] = observed + slack;
  });
  const sums = [];
  for (let k = 0; k < draws.length - 1; k++) {
    const row = new Float64Array(size), drawn = draws[k], before = sums[k - 1];
    for (let j = 0; j < size; j++) row[j] = (before ? before[j] : 0) + values[drawn[j]];
    sums.push(row);
  }
  const atLeast = new Int32Array(n), atMost = new Int32Array(n);
  let sorted = null, k = 0;
  for (let rank = 0; rank < n; rank++) {
    if (count[rank] !== k) { k = count[rank]; sorted = sums[k - 1].slice().sort(); }
    atLeast[rank] = size - position(sorted, low[rank], false);
    atMost[rank] = position(sorted, high[rank], true);
  }
  // Where a tuple holds the unit itself its next member takes the place.
  for (let place = 0; place < draws.length - 1; place++) {
    const drawn = draws[place];
    for (let j = 0; j < size; j++) {
      const unit = drawn[j], own = count[unit];
      if (own <= place) continue;
      const wrong = sums[own - 1][j], right = wrong - values[unit] + values[draws[own][j]];
      atLeast[unit] += (right >= low[unit]) - (wrong >= low[unit]);
      atMost[unit] += (right <= high[unit]) - (wrong <= high[unit]);
    }
  }
  return { atLeast, atMost };
}

// Benjamini and Hochberg.
function falseDiscovery(p) {
  const order = Array.from(p.keys()).sort((a, b) => p[a] - p[b]);
  const adjusted = new Float64Array(p.length);
  let least = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    least = Math.min(least, (p[order[i]] * order.length) / (i + 1));
    adjusted[order[i]] = least;
  }
  return adjusted;
}

function localMoran(z, lag, linked, draws, alpha) {
  const size = draws[0].length, { order } = linked, n = z.length;
  const { atLeast, atMost } = conditionalCounts(z, linked, draws);
  const p = new Float64Array(n);
  order.forEach((at, rank) => {
    const tail = z[at] === 0 ? size : Math.min(atLeast[rank], atMost[rank]);
    p[at] = Math.min(1, 2 * ((tail + 1) / (size + 1)));
  });
  const adjusted = falseDiscovery(p), square = sum(z.map((value) => value * value));
  const names = ["LL", "LH", "HL", "HH"];
  return {
    p, adjusted,
    statistic: z.map((value, i) => ((n - 1) * value * lag[i]) / square),
    cluster: Array.from(z, (value, i) =>
      (adjusted[i] <= alpha ? names[2 * (value > 0) + (lag[i] > 0)] : "ns")),
  };
}

// Sums of weights after Cliff and Ord, and the pairs that the quadratic form runs over.
function weightSums(links) {
  const pairs = new Map(), n = links.length, into = new Float64Array(n);
  links.forEach((link, i) => link.forEach((other) => {
    const key = Math.min(i, other) * n + Math.max(i, other);
    pairs.set(key, (pairs.get(key) || 0) + 1 / link.length);
    into[other] += 1 / link.length;
  }));
  let s1 = 0, s2 = 0;
  for (const both of pairs.values()) s1 += both * both;
  links.forEach((_, i) => { s2 += (1 + into[i]) ** 2; });
  const keys = Array.from(pairs.keys());
  return { s0: n, s1, s2, weight: Float64Array.from(pairs.values()),
    first: Uint16Array.from(keys, (key) => Math.floor(key / n)),
    second: Uint16Array.from(keys, (key) => key % n) };
}

function moranMoments(z, sums) {
  const n = z.length, { s0, s1, s2 } = sums;
  const second = mean(z.map((value) => value ** 2)), fourth = mean(z.map((value) => value ** 4));
  const kurtosis = fourth / second ** 2, expected = -1 / (n - 1);
  const spread = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 ** 2);
  const peaked = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 ** 2);
  const square = (spread - peaked) / ((n - 1) * (n - 2) * (n - 3) * s0 ** 2);
  return { expected, variance: square - expected ** 2 };
}

// Two-sided p of Moran's I: all values permuted, in orders drawn once; in slices.
function* globalMoran(z, lag, sums, orders) {
  const n = z.length, rows = orders.length / n, square = sum(z.map((value) => value * value));
  const { expected, variance } = moranMoments(z, sums), scale = n / (sums.s0 * square);
  const observed = scale * sum(z.map((value, i) => value * lag[i]));
  if (!(variance > 1e-12 * (expected ** 2 + observed ** 2))) return null;
  const slack = 1e-12 * (Math.abs(observed) + Math.sqrt(variance));
  const { first, second, weight } = sums, permuted = new Float64Array(n);
  let atLeast = 0, atMost = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < n; i++) permuted[i] = z[orders[row * n + i]];
    let total = 0;
    for (let i = 0; i < weight.length; i++) total += weight[i] * permuted[first[i]] * permuted[second[i]];
    total *= scale;
    atLeast += total >= observed - slack;
    atMost += total <= observed + slack;
    if (row % 512 === 511) yield;
  }
  return { statistic: observed, expected, variance,
    p: Math.min(1, (2 * (Math.min(atLeast, atMost) + 1)) / (rows + 1)) };
}
