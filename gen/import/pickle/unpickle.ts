/**
 * A strict unpickler for files of NumPy arrays. Pickle is a program for a stack machine that may import and
 * call anything; this machine knows containers, numbers, texts and bytes, and the three NumPy names of
 * numpy.ts. Every other opcode or name ends the reading.
 */
import { pickleInvalid, pickleOpcodeForbidden } from '../../diagnostics/model.ts';
import { Machine } from './machine.ts';
import type { PickleValue } from './numpy.ts';
import { call, setState } from './numpy.ts';
import { forbiddenName, OPCODE } from './opcodes.ts';

/** Steps of a program; one that makes arrays alone has some hundreds. */
const MAX_STEPS = 100_000;

/** Newest protocol whose opcodes are known. */
const MAX_PROTOCOL = 4;

/** What each opcode does; `offset` is its own place in the file. */
const ACTIONS: Readonly<Record<number, (machine: Machine, offset: number) => void>> = {
  [OPCODE.PROTO]: ({ reader }) => {
    const protocol = reader.uint(1);
    if (protocol > MAX_PROTOCOL) throw new RangeError(`protocol ${protocol} is newer than ${MAX_PROTOCOL}`);
  },
  [OPCODE.FRAME]: ({ reader }) => {
    reader.uint(8);
  },
  [OPCODE.MARK]: (machine) => machine.mark(),

  [OPCODE.NONE]: (machine) => machine.push(null),
  [OPCODE.NEWTRUE]: (machine) => machine.push(true),
  [OPCODE.NEWFALSE]: (machine) => machine.push(false),
  [OPCODE.BININT]: (machine) => machine.push(machine.reader.uint(4) | 0),
  [OPCODE.BININT1]: (machine) => machine.push(machine.reader.uint(1)),
  [OPCODE.BININT2]: (machine) => machine.push(machine.reader.uint(2)),
  [OPCODE.BINUNICODE]: (machine) => machine.push(machine.reader.text(machine.reader.uint(4))),
  [OPCODE.SHORT_BINUNICODE]: (machine) => machine.push(machine.reader.text(machine.reader.uint(1))),
  [OPCODE.BINBYTES]: (machine) => machine.push(machine.reader.bytes(machine.reader.uint(4))),
  [OPCODE.SHORT_BINBYTES]: (machine) => machine.push(machine.reader.bytes(machine.reader.uint(1))),
  [OPCODE.BINBYTES8]: (machine) => machine.push(machine.reader.bytes(machine.reader.uint(8))),

  [OPCODE.EMPTY_LIST]: (machine) => machine.push([]),
  [OPCODE.APPEND]: (machine) => machine.append(machine.popMany(1)),
  [OPCODE.APPENDS]: (machine) => machine.append(machine.popMark()),
  [OPCODE.EMPTY_TUPLE]: (machine) => machine.push([]),
  [OPCODE.TUPLE]: (machine) => machine.push(machine.popMark()),
  [OPCODE.TUPLE1]: (machine) => machine.push(machine.popMany(1)),
  [OPCODE.TUPLE2]: (machine) => machine.push(machine.popMany(2)),
  [OPCODE.TUPLE3]: (machine) => machine.push(machine.popMany(3)),
  [OPCODE.EMPTY_DICT]: (machine) => machine.push(new Map()),
  [OPCODE.SETITEM]: (machine) => machine.setItems(machine.popMany(2)),
  [OPCODE.SETITEMS]: (machine) => machine.setItems(machine.popMark()),

  [OPCODE.GLOBAL]: (machine, offset) => {
    const module = machine.reader.line();
    machine.global(module, machine.reader.line(), offset);
  },
  [OPCODE.STACK_GLOBAL]: (machine, offset) => {
    const [module, name] = machine.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') throw new RangeError('a global has no name');
    machine.global(module, name, offset);
  },
  [OPCODE.REDUCE]: (machine) => {
    const [callable, args] = machine.popMany(2);
    machine.push(call(callable, args));
  },
  [OPCODE.BUILD]: (machine) => {
    const state = machine.pop();
    setState(machine.top(), state);
  },

  [OPCODE.BINPUT]: (machine) => machine.remember(machine.reader.uint(1)),
  [OPCODE.LONG_BINPUT]: (machine) => machine.remember(machine.reader.uint(4)),
  [OPCODE.MEMOIZE]: (machine) => machine.remember(),
  [OPCODE.BINGET]: (machine) => machine.recall(machine.reader.uint(1)),
  [OPCODE.LONG_BINGET]: (machine) => machine.recall(machine.reader.uint(4)),
};

/** The object that a pickle of protocol 2 to 4 describes. `file` is its name in messages. */
export function unpickle(bytes: Uint8Array, file: string): PickleValue {
  const machine = new Machine(bytes, file);
  try {
    for (let step = 0; ; step++) {
      if (step === MAX_STEPS) throw new RangeError(`it has more than ${MAX_STEPS} steps`);
      const offset = machine.reader.offset;
      const opcode = machine.reader.uint(1);
      if (opcode === OPCODE.STOP) return machine.pop();
      const action = ACTIONS[opcode];
      if (!action) throw pickleOpcodeForbidden(file, forbiddenName(opcode), offset);
      action(machine, offset);
    }
  } catch (cause) {
    // RangeError is how the machine and its reader say that the file is malformed.
    if (cause instanceof RangeError) throw pickleInvalid(file, cause.message);
    throw cause;
  }
}
