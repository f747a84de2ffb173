/** Faults in what the Verilog does about faults. */
import type { Fault } from './fault.ts';

const BUS = 'test/bus-faults/bus-faults.test.ts';
const TAPE = 'test/bus-faults/tape-faults.test.ts';

export const RECOVERY_FAULTS: readonly Fault[] = [
  {
    name: 'rest-not-awaited',
    what: 'after an abort the engine is idle while bursts are outstanding',
    file: 'rtl/port/job_control.v',
    before: 'else if (port_idle_i && settle_q == SETTLE) state_q <= RESET',
    after: 'else if (settle_q == SETTLE) state_q <= RESET',
    test: BUS,
    only: '16x4x1.*aborts at any cycle',
    says: /the engine is idle while a read burst is outstanding/,
  },
  {
    name: 'decerr-unheard',
    what: 'a read without memory goes unnoticed',
    file: 'rtl/port/axi_read_arbiter.v',
    before: 'axi_rvalid_i && axi_rresp_i[1];',
    after: "axi_rvalid_i && axi_rresp_i == 2'b10;",
    test: BUS,
    only: '16x4x1.*answers with an error at every burst',
  },
  {
    name: 'jobs-not-forgotten',
    what: 'the result writer keeps the jobs that were given up',
    file: 'rtl/engine.v',
    before: '.clk_i(clk_i), .rst_i(reset), .stop_i(stop), .idle_o(write_idle)',
    after: '.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop), .idle_o(write_idle)',
    test: BUS,
    only: '16x4x1.*aborts at any cycle',
  },
  {
    name: 'standstill-unseen',
    what: 'a job that waits for ever without a burst is no error',
    file: 'rtl/port/job_control.v',
    before: "in_flight_q != 2'd0 && !issues_i",
    after: "1'b0",
    test: TAPE,
    only: 'a walk without an end',
  },
  {
    name: 'tape-ends-anywhere',
    what: 'a tape may end before its last stage, and the next one goes on in its place',
    file: 'rtl/tape/tape_parser.v',
    before: 'nothing_left_q != ((weights_q || is_transfer) && ends_job)',
    after: '!weights_q && nothing_left_q',
    test: TAPE,
    only: 'lacks its last stages',
  },
  {
    name: 'write-behind-the-memory',
    what: 'an address behind the feature memory wraps round',
    file: 'rtl/post/map_writer.v',
    before: 'wrong_o    <= write_next_o && away_q',
    after: "wrong_o    <= 1'b0",
    test: TAPE,
    only: 'an output that reaches behind it',
  },
];
