// Numbers as Python has them: sums in numpy's order, so that means agree to the last bit.

function pairwise(values, from, count) {
  if (count < 8) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[from + i];
    return sum;
  }
  if (count > 128) {
    let half = count >> 1;
    half -= half % 8;
    return pairwise(values, from, half) + pairwise(values, from + half, count - half);
  }
  const part = new Float64Array(8);
  for (let k = 0; k < 8; k++) part[k] = values[from + k];
  const whole = count - (count % 8);
  let i = 8;
  for (; i < whole; i += 8) for (let k = 0; k < 8; k++) part[k] += values[from + i + k];
  let sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
  for (; i < count; i++) sum += values[from + i];
  return sum;
}

const sum = (values) => pairwise(values, 0, values.length);
const mean = (values) => sum(values) / values.length;

function bytes(text) {
  const raw = atob(text), found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) found[i] = raw.charCodeAt(i);
  return found;
}

// Little-endian doubles, missing ones as NaN: no digit is lost on the way.
function doubles(text) {
  const found = bytes(text), view = new DataView(found.buffer);
  const values = new Float64Array(found.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat64(8 * i, true);
  return values;
}

const known = (values) => values.filter((value) => value === value).sort();

// First position whose value is at least (right: above) the one asked for.
function position(sorted, value, right) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (right ? sorted[middle] <= value : sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Ranks with 1 for the highest; equal scores by the profile's rule; missing ones have none.
function ranks(scores, ties) {
  const sorted = known(scores), total = sorted.length;
  const steps = new Float64Array(ties === "dense" ? total : 0);
  for (let i = total - 1, step = 0; i >= 0 && steps.length; i--) {
    if (i === total - 1 || sorted[i] !== sorted[i + 1]) step += 1;
    steps[i] = step;
  }
  return Float64Array.from(scores, (value) => {
    if (value !== value) return NaN;
    const above = position(sorted, value, true);
    if (ties === "dense") return steps[above - 1];
    const best = total - above + 1;
    return ties === "average" ? (best + total - position(sorted, value, false)) / 2 : best;
  });
}
