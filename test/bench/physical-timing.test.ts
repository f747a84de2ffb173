import { describe, expect, it } from 'vitest';
import { medianOf, readTiming } from '../../bench/physical/timing.ts';

/** A step as nextpnr writes it. */
const step = (type: string, delay: number, from: string, to: string, net?: string) => ({
  type,
  delay,
  from: { cell: from, loc: [1, 2], port: 'Q' },
  to: { cell: to, loc: [3, 4], port: 'A' },
  ...(net && { net }),
});

const REPORT = JSON.stringify({
  critical_paths: [
    { from: '<async>', to: 'posedge $glbnet$clk_i', path: [step('routing', 9, 'pad', 'in_q', 'serial_i')] },
    {
      from: 'posedge $glbnet$clk_i',
      to: 'posedge $glbnet$clk_i',
      path: [
        step('clk-to-q', 0.5, 'u_a.count_q_FF', 'u_a.count_q_FF'),
        step('routing', 1.25, 'u_a.count_q_FF', 'u_b.g[0].sum_LUT4', 'u_a.count_q[3]'),
        step('setup', 0.1, 'last_FF', 'last_FF'),
      ],
    },
  ],
  fmax: {
    slow_is_not_first: { achieved: 200, constraint: 100 },
    $glbnet$clk_i: { achieved: 82.5, constraint: 100 },
  },
  utilization: { MULT18X18D: { used: 136, available: 156 }, GSR: { used: 0, available: 1 } },
});

describe('readTiming', () => {
  const timing = readTiming(REPORT);

  it('takes the slowest clock, and the path between its edges', () => {
    expect(timing.fmaxMHz).toBe(82.5);
    expect(timing.critical).toEqual([
      { kind: 'clk-to-q', nanoseconds: 0.5, instance: 'u_a', name: 'count_q_FF' },
      { kind: 'routing', nanoseconds: 1.25, instance: 'u_a', name: 'count_q[3]' },
      { kind: 'setup', nanoseconds: 0.1, instance: '', name: 'last_FF' },
    ]);
  });

  it('lists what is used', () => {
    expect([...timing.used]).toEqual([['MULT18X18D', { used: 136, available: 156 }]]);
  });
});

describe('medianOf', () => {
  const median = (...values: number[]) => medianOf(values, (value) => value);

  it('takes the middle, of an even number the lower one', () => {
    expect(median(80, 120, 90)).toBe(90);
    expect(median(80, 90, 85, 120)).toBe(85);
    expect(median(80)).toBe(80);
  });
});
