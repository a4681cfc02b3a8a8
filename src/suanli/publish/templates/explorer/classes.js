// Natural breaks (Fisher 1958) by dynamic programming: geo.cartography.classify, step by step.

function fisherJenks(values, k) {
  const sorted = known(values), centre = sorted.length ? mean(sorted) : 0;
  const distinct = [], counts = [];
  for (const value of sorted) {
    if (distinct.length && distinct[distinct.length - 1] === value) counts[counts.length - 1] += 1;
    else { distinct.push(value); counts.push(1); }
  }
  const n = distinct.length;
  if (n <= k) return distinct;
  const weight = new Float64Array(n + 1), total = new Float64Array(n + 1), square = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const shifted = distinct[i] - centre;
    weight[i + 1] = weight[i] + counts[i];
    total[i + 1] = total[i] + counts[i] * shifted;
    square[i + 1] = square[i] + counts[i] * (shifted * shifted);
  }
  let best = new Float64Array(n + 1);
  for (let j = 1; j <= n; j++) best[j] = square[j] - (total[j] * total[j]) / weight[j];
  // Costs are rounded: what is left out must be dearer by more than that.
  const dust = 1e-9 * square[n], starts = [];
  for (let level = 1; level < k; level++) {
    const previous = best, start = new Int32Array(n + 1);
    best = new Float64Array(n + 1).fill(Infinity);
    for (let end = level + 1; end <= n; end++) {
      const alone = (from) => {
        const apart = total[end] - total[from];
        return (square[end] - square[from]) - (apart * apart) / (weight[end] - weight[from]);
      };
      // From where the class before began both ways, until one part alone costs too much.
      const first = Math.max(level, start[end - 1]);
      let choice = first, least = previous[first] + alone(first);
      for (let from = first + 1; from < end && previous[from] <= least + dust; from++) {
        const cost = previous[from] + alone(from);
        if (cost < least) { least = cost; choice = from; }
      }
      for (let from = first - 1; from >= level; from--) {
        const own = alone(from), cost = previous[from] + own;
        if (own > least + dust) break;
        if (cost <= least) { least = cost; choice = from; }
      }
      best[end] = least;
      start[end] = choice;
    }
    starts.push(start);
  }
  const ends = [n];
  for (let level = k - 2; level >= 0; level--) ends.push(starts[level][ends[ends.length - 1]]);
  return ends.reverse().map((end) => distinct[end - 1]);
}

// Class of each value: open below, closed above; -1 where it is missing.
function assign(breaks, values) {
  const inner = breaks.slice(0, -1);
  return Int32Array.from(values, (value) => (value === value ? position(inner, value, false) : -1));
}

// Least and greatest value of each class, with just enough decimals to tell them apart.
function classLabels(breaks, values, classes, template) {
  const spans = breaks.map(() => [Infinity, -Infinity]);
  classes.forEach((place, i) => {
    if (place < 0) return;
    spans[place][0] = Math.min(spans[place][0], values[i]);
    spans[place][1] = Math.max(spans[place][1], values[i]);
  });
  const apart = (decimals) => {
    const written = new Map();
    for (const limit of spans.flat()) {
      const text = limit.toFixed(decimals), other = written.get(text);
      if (other !== undefined && other !== limit) return false;
      written.set(text, limit);
    }
    return true;
  };
  let decimals = 1;
  while (decimals < 6 && !apart(decimals)) decimals += 1;
  const text = (value) => value.toFixed(decimals).replace("-", "\u2212");
  return spans.map(([lower, upper]) => (lower === upper ? text(lower)
    : fill(template, { lower: text(lower), upper: text(upper) })));
}
