/** A class and its logit in real units. */
export interface Ranked {
  readonly class: number;
  readonly score: number;
}

/** The `k` classes with the largest logits, largest first; of equal logits the smaller class first. */
export function topK(logits: ArrayLike<number>, k: number, scale = 1): Ranked[] {
  const order = Array.from({ length: logits.length }, (_, index) => index);
  order.sort((a, b) => logits[b] - logits[a] || a - b);
  return order.slice(0, k).map((index) => ({ class: index, score: logits[index] * scale }));
}

/** The class with the largest logit. */
export function topClass(logits: ArrayLike<number>): number {
  let best = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c] > logits[best]) best = c;
  return best;
}

/** Whether `wanted` is among the `k` classes with the largest logits, ties as in `topK`. */
export function inTopK(logits: ArrayLike<number>, wanted: number, k: number): boolean {
  let above = 0;
  for (let c = 0; c < logits.length; c++) {
    if (logits[c] > logits[wanted] || (logits[c] === logits[wanted] && c < wanted)) above++;
  }
  return above < k;
}
