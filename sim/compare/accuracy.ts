/** Accuracy over labelled images, of an engine and of the float network on the same ones. */
import { Sqnr } from './sqnr.ts';
import { inTopK, topClass } from './top-k.ts';

/** Percentages of the images. */
export interface LabelledAccuracy {
  readonly images: number;
  readonly top1: number;
  readonly top5: number;
  readonly floatTop1: number;
  readonly floatTop5: number;
  /** Images on which both have the same top class. */
  readonly agreement: number;
  /** Of the engine's logits against float's; null where they are equal. */
  readonly logitSqnrDb: number | null;
}

const TOP = 5;

export class AccuracyTally {
  readonly #logitScale: number;
  readonly #sqnr = new Sqnr();
  readonly #counts = { top1: 0, top5: 0, floatTop1: 0, floatTop5: 0, agreement: 0 };
  #images = 0;

  /** @param logitScale real value of one unit of the engine's logits. */
  constructor(logitScale: number) {
    this.#logitScale = logitScale;
  }

  /** One image: its class, the engine's logits, and the float network's. */
  add(label: number, logits: ArrayLike<number>, float: ArrayLike<number>): void {
    const count = (what: keyof Omit<LabelledAccuracy, 'images' | 'logitSqnrDb'>, holds: boolean) => {
      if (holds) this.#counts[what]++;
    };
    this.#images++;
    count('top1', topClass(logits) === label);
    count('top5', inTopK(logits, label, TOP));
    count('floatTop1', topClass(float) === label);
    count('floatTop5', inTopK(float, label, TOP));
    count('agreement', topClass(logits) === topClass(float));
    this.#sqnr.add(float, logits, () => this.#logitScale);
  }

  result(): LabelledAccuracy {
    const percent = (count: number) => (100 * count) / this.#images;
    const { top1, top5, floatTop1, floatTop5, agreement } = this.#counts;
    return {
      images: this.#images,
      top1: percent(top1),
      top5: percent(top5),
      floatTop1: percent(floatTop1),
      floatTop5: percent(floatTop5),
      agreement: percent(agreement),
      logitSqnrDb: this.#sqnr.decibels(),
    };
  }
}
