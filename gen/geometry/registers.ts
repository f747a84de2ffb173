/**
 * The control and status registers of the engine's AXI4-Lite port, described once. The RTL's constants
 * (rtl/port/register_map.vh), docs/reference/registers.md and `design.json` are written from this.
 */

/** ro: read only; rw: read and write; wo: a write acts, reads give 0; w1c: writing a 1 clears the bit. */
export type Access = 'ro' | 'rw' | 'wo' | 'w1c';

export interface RegisterField {
  readonly name: string;
  /** Lowest bit. */
  readonly bit: number;
  /** Bits. */
  readonly width: number;
  readonly description: string;
}

export interface Register {
  readonly name: string;
  /** Byte offset, a multiple of 4: all registers are 32 bits, little endian. */
  readonly offset: number;
  readonly access: Access;
  readonly description: string;
  readonly fields?: readonly RegisterField[];
}

export interface ErrorCode {
  readonly name: string;
  readonly code: number;
  /** What happened, for the documentation and for drivers. */
  readonly description: string;
  /** True: the engine stopped, emptied its queue and is idle again. False: only the START was refused. */
  readonly stops: boolean;
}

/** "FFRG" in memory order. */
export const IDENTITY = 0x47524646;
/** Raised by every change of the map that a driver could notice. */
export const REGISTER_MAP_VERSION = 2;
/** Address bits of the AXI4-Lite port. */
export const REGISTER_ADDRESS_BITS = 12;
/** Jobs that the engine holds: one running, the others waiting. */
export const JOB_SLOTS = 3;
/** Addresses of a job are multiples of this many bytes. */
export const JOB_ALIGNMENT = 64;

const bit = (name: string, position: number, description: string): RegisterField => ({
  name,
  bit: position,
  width: 1,
  description,
});

const address = (what: string, offset: number, description: string): Register[] => [
  { name: `${what}_ADDR_LO`, offset, access: 'rw', description },
  {
    name: `${what}_ADDR_HI`,
    offset: offset + 4,
    access: 'rw',
    description: `Upper half of ${what}_ADDR; reads as 0 in an engine with 32 address bits`,
  },
];

const STALL_OFFSET = 0x058;

/** Why the array issues nothing in a cycle, one register each; the cycle count knows the same causes. */
export const STALLS = [
  { name: 'TILE', when: 'a weight tile was still being loaded' },
  { name: 'TAPE', when: 'weights or commands were not read yet' },
  { name: 'BANK', when: 'an accumulator bank was full and its sums not final' },
  { name: 'REQUANTIZER', when: 'an accumulator bank was full and final sums waited to be requantized' },
  { name: 'PACKER', when: "conv1's pixels were still being packed" },
  { name: 'IMAGE', when: 'rows of the image were missing' },
  { name: 'DATA', when: 'pixels that it depends on were not written yet' },
  { name: 'FILL', when: 'a run or a stage was being prepared, or a short tile stretched' },
  { name: 'DRAIN', when: 'everything was issued, the last result not written, or no job there' },
] as const;

export const REGISTERS: readonly Register[] = [
  {
    name: 'IDENTITY',
    offset: 0x000,
    access: 'ro',
    description: 'The bytes `FFRG`: this is a fireforge engine',
  },
  { name: 'VERSION', offset: 0x004, access: 'ro', description: 'Version of this register map' },
  {
    name: 'GEOMETRY',
    offset: 0x008,
    access: 'ro',
    description: "First 32 bits of the geometry's hash; a tape must name the same",
  },
  {
    name: 'CONTROL',
    offset: 0x00c,
    access: 'wo',
    description: 'Commands; a bit written as 1 acts',
    fields: [
      bit('ABORT', 0, 'give up all jobs: outstanding bursts are completed, then the engine is idle'),
      bit('CLEAR_COUNTERS', 1, 'all counters from CYCLES on become 0; CYCLES starts with the next START'),
    ],
  },
  {
    name: 'STATUS',
    offset: 0x010,
    access: 'ro',
    description: 'What the engine is doing',
    fields: [
      bit('BUSY', 0, 'a job is running or waiting, or the engine is stopping'),
      bit('ERROR', 1, 'ERROR_CODE is not 0'),
      bit('STOPPING', 2, 'outstanding bursts are being completed after an error or abort'),
      bit('HUNG', 3, 'the watchdog gave up on the memory port; only a reset of both sides helps'),
      { name: 'ROOM', bit: 8, width: 2, description: 'jobs that START would take now' },
    ],
  },
  {
    name: 'IRQ_STATUS',
    offset: 0x014,
    access: 'w1c',
    description: 'Causes of the interrupt, which is a level',
    fields: [
      bit('DONE', 0, 'a result is complete in memory'),
      bit('ERROR', 1, 'an error occurred; clearing this clears ERROR_CODE too'),
    ],
  },
  {
    name: 'IRQ_ENABLE',
    offset: 0x018,
    access: 'rw',
    description: 'The interrupt is high while a cause is set whose bit here is 1',
    fields: [bit('DONE', 0, 'let DONE interrupt'), bit('ERROR', 1, 'let ERROR interrupt')],
  },
  {
    name: 'ERROR_CODE',
    offset: 0x01c,
    access: 'ro',
    description: 'The first error since ERROR of IRQ_STATUS was cleared; 0 for none',
  },
  ...address('TAPE', 0x020, 'Where the tape of the next job lies'),
  ...address('IMAGE', 0x028, 'Where the image of the next job lies'),
  ...address('RESULT', 0x030, 'Where the result of the next job goes'),
  {
    name: 'START',
    offset: 0x038,
    access: 'wo',
    description: 'Any write enqueues a job with the three addresses',
  },
  {
    name: 'JOBS',
    offset: 0x03c,
    access: 'ro',
    description: 'Jobs enqueued since the reset; the number that the trailer of the next one will bear',
  },
  {
    name: 'DONE_COUNT',
    offset: 0x040,
    access: 'ro',
    description: 'Results completed since the reset',
  },
  { name: 'TAPE_ID', offset: 0x044, access: 'ro', description: 'Tape id of the last completed result' },
  {
    name: 'CYCLES_LO',
    offset: 0x050,
    access: 'ro',
    description: 'Cycles since the first START; reading it holds CYCLES_HI for the next read',
  },
  { name: 'CYCLES_HI', offset: 0x054, access: 'ro', description: 'Upper half of CYCLES' },
  ...STALLS.map(
    ({ name, when }, index): Register => ({
      name: `STALL_${name}`,
      offset: STALL_OFFSET + 4 * index,
      access: 'ro',
      description: `Cycles since the first START in which the array issued nothing: ${when}`,
    }),
  ),
  {
    name: 'READ_BYTES',
    offset: 0x07c,
    access: 'ro',
    description: 'Bytes of all read beats, modulo 2^32',
  },
  {
    name: 'WRITE_BYTES',
    offset: 0x080,
    access: 'ro',
    description: 'Bytes written (their strobes set), modulo 2^32',
  },
];

export const ERROR_CODES: readonly ErrorCode[] = [
  { name: 'READ_SLVERR', code: 1, stops: true, description: 'the memory answered a read with SLVERR' },
  { name: 'READ_DECERR', code: 2, stops: true, description: 'no memory at a read address (DECERR)' },
  { name: 'WRITE_SLVERR', code: 3, stops: true, description: 'the memory answered a write with SLVERR' },
  { name: 'WRITE_DECERR', code: 4, stops: true, description: 'no memory at a write address (DECERR)' },
  { name: 'TAPE_MAGIC', code: 8, stops: true, description: 'no tape at TAPE_ADDR' },
  { name: 'TAPE_CRC', code: 9, stops: true, description: "the CRC of the tape's header is wrong" },
  { name: 'TAPE_VERSION', code: 10, stops: true, description: 'the tape has another format version' },
  {
    name: 'TAPE_GEOMETRY',
    code: 11,
    stops: true,
    description: 'the tape was compiled for another geometry',
  },
  {
    name: 'PACKET_CRC',
    code: 12,
    stops: true,
    description: 'the CRC of a packet header or command is wrong',
  },
  { name: 'WEIGHT_CRC', code: 13, stops: true, description: 'the CRC of a weight packet is wrong' },
  {
    name: 'BAD_COMMAND',
    code: 14,
    stops: true,
    description: 'the tape asks for what the engine does not have',
  },
  { name: 'QUEUE_OVERFLOW', code: 16, stops: false, description: 'START without room for a job' },
  {
    name: 'UNALIGNED_ADDRESS',
    code: 17,
    stops: false,
    description: `START with an address that is not a multiple of ${JOB_ALIGNMENT}`,
  },
  { name: 'ABORTED', code: 18, stops: true, description: 'ABORT was written to CONTROL' },
  {
    name: 'WATCHDOG',
    code: 19,
    stops: true,
    description: 'the memory port did not answer; reset it and the engine together',
  },
  {
    name: 'STALLED',
    code: 20,
    stops: true,
    description: 'a job came to a standstill: its tape cannot be right',
  },
];
