/** Little-endian reads that never leave the file. */
export class Reader {
  offset = 0;
  private readonly data: Uint8Array;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  bytes(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.data.byteLength)
      throw new RangeError(`it ends within the ${length} bytes from ${this.offset}`);
    const taken = this.data.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }

  uint(size: 1 | 2 | 4 | 8): number {
    return this.bytes(size).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length));
  }

  line(): string {
    const end = this.data.indexOf(0x0a, this.offset);
    if (end < 0) throw new RangeError('a line does not end');
    const text = this.text(end - this.offset);
    this.offset = end + 1;
    return text;
  }
}
