/** The state of an unpickling: a stack, marks in it, and a memo. It knows no opcodes. */
import { pickleGlobalForbidden } from '../../diagnostics/model.ts';
import { allowedGlobal, type PickleValue } from './numpy.ts';
import { Reader } from './reader.ts';

/** Its methods throw RangeError where the pickle is malformed. */
export class Machine {
  readonly reader: Reader;
  private readonly file: string;
  private readonly memo = new Map<number, PickleValue>();
  private readonly marks: number[] = [];
  private readonly stack: PickleValue[] = [];

  constructor(bytes: Uint8Array, file: string) {
    this.reader = new Reader(bytes);
    this.file = file;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  top(): PickleValue {
    if (this.stack.length === 0) throw new RangeError('its stack underflows');
    return this.stack[this.stack.length - 1];
  }

  pop(): PickleValue {
    return this.popMany(1)[0];
  }

  popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw new RangeError('its stack underflows');
    return this.stack.splice(this.stack.length - count);
  }

  popMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined || mark > this.stack.length) throw new RangeError('a mark is missing');
    return this.stack.splice(mark);
  }

  append(items: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new RangeError('something other than a list is appended to');
    for (const item of items) list.push(item);
  }

  setItems(pairs: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map) || pairs.length % 2 !== 0)
      throw new RangeError('items are set without a dict');
    for (let i = 0; i < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1]);
  }

  global(module: string, name: string, offset: number): void {
    const allowed = allowedGlobal(module, name);
    if (!allowed) throw pickleGlobalForbidden(this.file, `${module}.${name}`, offset);
    this.push(allowed);
  }

  remember(slot = this.memo.size): void {
    this.memo.set(slot, this.top());
  }

  recall(slot: number): void {
    const value = this.memo.get(slot);
    if (value === undefined) throw new RangeError(`memo ${slot} is read before it is written`);
    this.push(value);
  }
}
