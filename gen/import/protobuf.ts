/** What importers of protobuf messages share: looking before leaping, and saying what is wrong. */
import protobuf from 'protobufjs/light.js';

/** Every field becomes an object or a number in memory; a network has some thousands. */
const MAX_FIELDS = 300_000;
/** Of a packed list of varints, of which one byte becomes eight in memory. */
const MAX_LIST_BYTES = 2 ** 24;

/**
 * Decodes a message that is not larger in memory than its file is on disk, give or take.
 *
 * @throws Error, a RangeError where the file ends too early.
 */
export function decodeMessage(type: protobuf.Type, bytes: Uint8Array): protobuf.Message {
  countFields(type, protobuf.Reader.create(bytes), { left: MAX_FIELDS });
  return type.decode(bytes);
}

/** Walks the fields of a message and those inside it, without keeping any. */
function countFields(type: protobuf.Type, reader: protobuf.Reader, budget: { left: number }): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (budget.left-- === 0) throw new TooLarge(`it has more than ${MAX_FIELDS} fields`);
    const [id, wire] = [tag >>> 3, tag & 7];
    const field = type.fieldsById[id]?.resolve();
    if (wire !== LENGTH_DELIMITED || !field) {
      reader.skipType(wire);
      continue;
    }
    const length = reader.uint32();
    const end = reader.pos + length;
    if (end > reader.len) throw new RangeError('truncated');
    const { resolvedType } = field;
    if (resolvedType instanceof protobuf.Type) {
      countFields(resolvedType, protobuf.Reader.create(reader.buf.subarray(reader.pos, end)), budget);
    } else if (field.repeated && VARINTS.has(field.type) && length > MAX_LIST_BYTES) {
      throw new TooLarge(`a list of numbers in it has ${length} bytes`);
    }
    reader.pos = end;
  }
}

const LENGTH_DELIMITED = 2;
const VARINTS = new Set(['int32', 'int64', 'uint32', 'uint64', 'bool']);

/** Not an error of the format. */
class TooLarge extends Error {}

/** What is wrong with a file that `decodeMessage` threw at. */
export function protobufProblem(cause: unknown): string {
  if (cause instanceof TooLarge) return cause.message;
  const message = cause instanceof Error ? cause.message : String(cause);
  // A read behind the end is a RangeError; so is, in JavaScript, too deep a recursion.
  if (/call stack|max depth/.test(message)) return 'it is nested too deeply';
  return cause instanceof RangeError ? 'it is truncated' : `it is not a protobuf message (${message})`;
}
