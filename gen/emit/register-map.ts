/** Writes the register map for those who need it: Verilog constants and a documentation page. */
import {
  ERROR_CODES,
  IDENTITY,
  JOB_ALIGNMENT,
  JOB_SLOTS,
  REGISTER_ADDRESS_BITS,
  REGISTER_MAP_VERSION,
  REGISTERS,
  type Register,
} from '../geometry/registers.ts';

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

const COLUMNS = 100;

/** `localparam` of a type and its `NAME = value`s, filled into lines. */
function localparam(type: string, values: readonly string[]): string[] {
  const lines = [`localparam ${type}`];
  values.forEach((value, i) => {
    const item = `${value}${i === values.length - 1 ? ';' : ','}`;
    const last = lines[lines.length - 1];
    if (last.length + 1 + item.length <= COLUMNS) lines[lines.length - 1] = `${last} ${item}`;
    else lines.push(`  ${item}`);
  });
  return lines;
}

/** rtl/port/register_map.vh: to be included inside a module. */
export function registerMapVerilog(): string {
  const offsets = REGISTERS.map(
    ({ name, offset }) => `REG_${name} = ${REGISTER_ADDRESS_BITS}'h${hex(offset, 3)}`,
  );
  const bits = REGISTERS.flatMap(({ name, fields = [] }) =>
    fields.map((field) => `${name}_${field.name}_BIT = ${field.bit}`),
  );
  const errors = ERROR_CODES.map(({ name, code }) => `ERROR_${name} = 8'd${code}`);
  return [
    '// The register map and error codes, written from gen/geometry/registers.ts. Include it inside a module.',
    '// No module uses every constant.',
    '/* verilator lint_off UNUSEDPARAM */',
    ...localparam('[31:0]', [
      `IDENTITY = 32'h${hex(IDENTITY, 8)}`,
      `REGISTER_MAP_VERSION = 32'd${REGISTER_MAP_VERSION}`,
    ]),
    ...localparam('integer', [
      `JOB_SLOTS = ${JOB_SLOTS}`,
      `JOB_ALIGNMENT_BITS = ${Math.log2(JOB_ALIGNMENT)}`,
      ...bits,
    ]),
    ...localparam(`[${REGISTER_ADDRESS_BITS - 1}:0]`, offsets),
    ...localparam('[7:0]', errors),
    '/* verilator lint_on UNUSEDPARAM */',
    '',
  ].join('\n');
}

/** docs/reference/registers.md. */
export function registerMapMarkdown(): string {
  return [
    '# Registers',
    '',
    'Written from `gen/geometry/registers.ts`, like the constants of the RTL and the register map in `design.json`.',
    '',
    `The AXI4-Lite port has ${REGISTER_ADDRESS_BITS} address bits and 32 data bits. All registers are whole 32-bit words; writes`,
    'with a strobe missing change only the bytes whose strobe is set. Other addresses read as 0 and ignore writes; every access is',
    'answered with OKAY. Access: ro, read only; rw, read and write; wo, a write acts, reads give 0; w1c, writing a 1 clears the bit.',
    '',
    `Map version ${REGISTER_MAP_VERSION}; IDENTITY reads 0x${hex(IDENTITY, 8)}.`,
    '',
    '| offset | register | access | meaning |',
    '|---|---|---|---|',
    ...REGISTERS.map(
      ({ name, offset, access, description }) =>
        `| 0x${hex(offset, 3)} | ${name} | ${access} | ${description} |`,
    ),
    '',
    '## Fields',
    '',
    '| register | bits | field | meaning |',
    '|---|---|---|---|',
    ...REGISTERS.flatMap(fieldRows),
    '',
    '## Jobs',
    '',
    'A write to START enqueues {TAPE_ADDR, IMAGE_ADDR, RESULT_ADDR}; the registers keep their values. Each address must be a multiple',
    `of ${JOB_ALIGNMENT}. ${JOB_SLOTS} jobs are held, the running one included; ROOM of STATUS says how many more START would take. A START that`,
    'is refused changes nothing but ERROR_CODE and the ERROR cause. Results come in the order of the STARTs, each with its trailer',
    'written after all its data; then DONE_COUNT is one more.',
    '',
    'After an error that stops, or an abort, no new burst is started, the outstanding ones are completed, all jobs are given up, and',
    'the engine is idle: STATUS has BUSY = 0, and the next START works. While it is stopping ROOM is 0.',
    '',
    '## Error codes',
    '',
    '| code | name | what happened | effect |',
    '|---|---|---|---|',
    ...ERROR_CODES.map(
      ({ code, name, description, stops }) =>
        `| ${code} | ${name} | ${description} | ${stops ? 'the engine stops' : 'this START is refused'} |`,
    ),
    '',
  ].join('\n');
}

function fieldRows({ name, fields = [] }: Register): string[] {
  return fields.map(
    (field) =>
      `| ${name} | ${field.width === 1 ? field.bit : `${field.bit + field.width - 1}:${field.bit}`} | ${field.name} | ${field.description} |`,
  );
}
