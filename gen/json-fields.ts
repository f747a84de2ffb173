/** Unknown JSON, whose fields are checked as they are read: the edge at which it becomes typed. */
import type { FireforgeError } from './diagnostics/diagnostic.ts';
import { parseJson } from './parse-json.ts';

/** Makes the error for a field, named by its path, e.g. `memories[0].kbit`, or `whole file`. */
export type Refuse = (field: string, reason: string) => FireforgeError;

export class JsonFields {
  readonly #values: Record<string, unknown>;
  readonly #refuse: Refuse;
  readonly #path: string;

  private constructor(value: unknown, refuse: Refuse, at: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw refuse(at || 'whole file', 'it must be an object');
    }
    this.#values = value as Record<string, unknown>;
    this.#refuse = refuse;
    this.#path = at;
  }

  static parse(text: string, refuse: Refuse): JsonFields {
    let parsed: unknown;
    try {
      parsed = parseJson(text);
    } catch {
      throw refuse('whole file', 'it is not JSON');
    }
    return new JsonFields(parsed, refuse, '');
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string' || value === '') throw this.#invalid(name, 'must be a text');
    return value;
  }

  /** A whole number from `least`. */
  count(name: string, least = 1): number {
    const value = this.#values[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
      throw this.#invalid(name, `must be a whole number from ${least}`);
    }
    return value;
  }

  positive(name: string): number {
    const value = this.#values[name];
    if (typeof value !== 'number' || !(value > 0)) throw this.#invalid(name, 'must be a number over 0');
    return value;
  }

  /** `null` means without limit. */
  countOrUnlimited(name: string): number {
    return this.#values[name] === null ? Number.POSITIVE_INFINITY : this.count(name);
  }

  oneOf<T extends number | string>(name: string, choices: readonly T[]): T {
    const value = choices.find((choice) => choice === this.#values[name]);
    if (value === undefined) throw this.#invalid(name, `must be ${choices.join(' or ')}`);
    return value;
  }

  /** A list of `length` finite numbers. */
  numbers(name: string, length: number): number[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isFinite)) {
      throw this.#invalid(name, `must be a list of ${length} numbers`);
    }
    return value;
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#values[name], this.#refuse, this.#at(name));
  }

  optionalObject(name: string): JsonFields | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  objects(name: string): JsonFields[] {
    const value = this.#values[name];
    if (!Array.isArray(value) || value.length === 0) throw this.#invalid(name, 'must be a list of objects');
    return value.map((item, index) => new JsonFields(item, this.#refuse, `${this.#at(name)}[${index}]`));
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  #invalid(name: string, rule: string): FireforgeError {
    const value = this.#values[name];
    return this.#refuse(
      this.#at(name),
      value === undefined ? 'the field is missing' : `it is ${JSON.stringify(value)}, but ${rule}`,
    );
  }
}
