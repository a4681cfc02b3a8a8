// Chance as numpy draws it: SFC64 from a given state, so that Python's engine sees the same draws.

const TWO32 = 4294967296;

// The state: low and high halves of four 64-bit numbers, the last one a counter.
function sfc64(state) {
  let [al, ah, bl, bh, cl, ch, dl, dh] = state.map((part) => part >>> 0);
  let low = 0, high = 0, kept = 0, held = false;
  function next64() {
    let carry = al + bl;
    let sl = carry >>> 0, sh = (ah + bh + (carry >= TWO32 ? 1 : 0)) >>> 0;
    carry = sl + dl;
    sl = carry >>> 0;
    sh = (sh + dh + (carry >= TWO32 ? 1 : 0)) >>> 0;
    dl = (dl + 1) >>> 0;
    if (dl === 0) dh = (dh + 1) >>> 0;
    al = (bl ^ ((bl >>> 11) | (bh << 21))) >>> 0;
    ah = (bh ^ (bh >>> 11)) >>> 0;
    carry = cl + ((cl << 3) >>> 0);
    bl = carry >>> 0;
    bh = (ch + ((ch << 3) | (cl >>> 29)) + (carry >= TWO32 ? 1 : 0)) >>> 0;
    const rl = ((cl << 24) | (ch >>> 8)) >>> 0, rh = ((ch << 24) | (cl >>> 8)) >>> 0;
    carry = rl + sl;
    cl = carry >>> 0;
    ch = (rh + sh + (carry >= TWO32 ? 1 : 0)) >>> 0;
    low = sl;
    high = sh;
  }
  function next32() {
    if (held) { held = false; return kept; }
    next64();
    held = true;
    kept = high;
    return low;
  }
  return {
    // A whole number below the bound (Lemire 2019), as numpy's integers are drawn.
    below(bound) {
      if (bound === 1) return 0;
      let product = next32() * bound, rest = product >>> 0;
      if (rest < bound) {
        const least = (TWO32 - bound) % bound;
        while (rest < least) { product = next32() * bound; rest = product >>> 0; }
      }
      return (product - rest) / TWO32;
    },
    // A whole number from 0 to a greatest one, by masking: numpy's shuffles draw so.
    upTo(greatest) {
      const mask = TWO32 / 2 ** Math.clz32(greatest) - 1;
      let value = (next32() & mask) >>> 0;
      while (value > greatest) value = (next32() & mask) >>> 0;
      return value;
    },
    // Whole 64-bit numbers into pairs of halves, low half first.
    fill(halves) {
      for (let i = 0; i < halves.length; i += 2) {
        next64();
        halves[i] = low;
        halves[i + 1] = high;
      }
    },
  };
}

// Tuples of distinct numbers below n, one per column: geo.statistics.conditional.draw_tuples.
function drawTuples(n, width, size, chance) {
  const table = Array.from({ length: width }, () => new Int32Array(size));
  if (2 * width > n || width * width > 20 * n) return shuffledTuples(table, n, size, chance);
  for (let place = 0; place < width; place++) {
    let pending = Int32Array.from({ length: size }, (_, column) => column);
    while (pending.length) {
      // All are drawn before any is looked at, as numpy does.
      for (const column of pending) table[place][column] = chance.below(n);
      pending = pending.filter((column) => {
        for (let row = 0; row < place; row++) {
          if (table[row][column] === table[place][column]) return true;
        }
        return false;
      });
    }
  }
  return table;
}

function shuffledTuples(table, n, size, chance) {
  const row = new Int32Array(n);
  for (let column = 0; column < size; column++) {
    for (let i = 0; i < n; i++) row[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const other = chance.upTo(i), held = row[i];
      row[i] = row[other];
      row[other] = held;
    }
    table.forEach((line, place) => { line[column] = row[place]; });
  }
  return table;
}

// Orders of n units, row after row: positions sorted by random keys whose last bits number them.
// In slices, so that a large layer does not hold the page up.
function* drawOrders(n, rows, chance) {
  const keys = new BigUint64Array(n), halves = new Uint32Array(keys.buffer);
  const bits = n > 1 ? 32 - Math.clz32(n - 1) : 0, mask = (2 ** bits - 1) >>> 0;
  const orders = new Uint16Array(n * rows);
  for (let row = 0; row < rows; row++) {
    chance.fill(halves);
    for (let i = 0; i < n; i++) halves[2 * i] = ((halves[2 * i] & ~mask) | i) >>> 0;
    keys.sort();
    for (let i = 0; i < n; i++) orders[row * n + i] = halves[2 * i] & mask;
    if (row % 256 === 255) yield;
  }
  return orders;
}
