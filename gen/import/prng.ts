/**
 * A small seeded generator for random weights: xoshiro128** (Blackman and Vigna, 2018), seeded by
 * splitmix32. Integer arithmetic only, so every machine draws the same numbers.
 */
export class Prng {
  private readonly state = new Uint32Array(4);

  /** Seeds 0 … 2^32-1 give different streams. */
  constructor(seed: number) {
    let s = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e3779b9) >>> 0;
      let z = s;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      this.state[i] = z ^ (z >>> 16);
    }
  }

  /** Next 32 bits, unsigned. */
  next(): number {
    const s = this.state;
    const result = Math.imul(rotl(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.next() / 2 ** 32;
  }

  /**
   * Bell-shaped, mean 0, variance 1, within ±2√3: the sum of four uniforms. Unlike a Gaussian by logarithm
   * and cosine it needs no library function whose last bit may differ between machines.
   */
  bell(): number {
    return (this.uniform() + this.uniform() + this.uniform() + this.uniform() - 2) * Math.sqrt(3);
  }
}

function rotl(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
