// Queues jobs, numbers them, and brings the engine to rest after an error or an abort: it raises
// stop_o, waits until both sides of the memory port have nothing outstanding, then resets the
// engine (but not itself), which forgets all jobs; after that the next start works. One watchdog
// counts to 2^WatchdogBits: cycles in which a burst is outstanding and no beat moves, after which it
// gives up (stop_o stays, until rst_i), and cycles in which a job runs, no burst is outstanding and
// the array issues nothing, which is an error like others.
`default_nettype none

module job_control #(parameter AddrBits = 32, parameter WatchdogBits = 24) (
  input wire clk_i, input wire rst_i,

  // commands, one cycle each
  input wire start_i, input wire abort_i, input wire [AddrBits-1:0] tape_i,
  input wire [AddrBits-1:0] image_i, input wire [AddrBits-1:0] result_i,

  // state
  output wire                accepted_o,     // start_i was taken
  output reg  [31:0]         number_o,       // of the next job
  output wire [1:0]          room_o,         // jobs that would be taken
  output wire                busy_o,
  output wire                stopping_o,
  output wire                hung_o,
  output reg                 error_valid_o,  // one cycle an error
  output reg  [7:0]          error_code_o,

  // jobs
  output wire job_valid_o, input wire job_ready_i, output wire [AddrBits-1:0] job_tape_o,
  output wire [AddrBits-1:0] job_image_o, output wire [AddrBits-1:0] job_result_o,
  output wire [31:0] job_number_o, input wire job_done_i,

  // the engine; its port is idle when no burst is outstanding, and progresses with each beat; the
  // array issues
  input wire engine_error_i, input wire [7:0] engine_error_code_i,
  input wire port_idle_i, input wire port_progress_i, input wire issues_i,
  output wire stop_o, output wire engine_reset_o
);
  `include "register_map.vh"

  localparam [1:0] RUN = 2'd0, STOP = 2'd1, RESET = 2'd2, HUNG = 2'd3;

  // The stop must have reached all requesters before their being idle means anything; the reset
  // lasts as long.
  localparam [2:0] SETTLE = 3'd7;
  localparam [31:0] SLOTS = JOB_SLOTS;

  reg [1:0]            state_q, in_flight_q;
  reg [2:0]            settle_q;
  reg [WatchdogBits:0] watchdog_q;
  reg                  idle_q;  // of which of the two it counts

  // The addresses were written two cycles before a start, or earlier.
  reg  aligned;
  always @(posedge clk_i)
    aligned <= (tape_i[JOB_ALIGNMENT_BITS-1:0] | image_i[JOB_ALIGNMENT_BITS-1:0]
                | result_i[JOB_ALIGNMENT_BITS-1:0]) == 0;
  wire full = in_flight_q == SLOTS[1:0] || state_q != RUN;
  wire waits = port_idle_i ? state_q == RUN && in_flight_q != 2'd0 && !issues_i : !port_progress_i;
  wire expired = watchdog_q[WatchdogBits] && !idle_q && state_q != HUNG;
  wire stalled = watchdog_q[WatchdogBits] && idle_q && state_q == RUN;
  wire fatal = (engine_error_i || abort_i || stalled) && state_q == RUN;
  wire finished = job_done_i && in_flight_q != 2'd0;

  assign accepted_o     = start_i && aligned && !full;
  assign room_o         = state_q == RUN ? SLOTS[1:0] - in_flight_q : 2'd0;
  assign busy_o         = in_flight_q != 2'd0 || state_q != RUN;
  assign stopping_o     = state_q == STOP || state_q == RESET;
  assign hung_o         = state_q == HUNG;
  assign stop_o         = state_q != RUN;
  assign engine_reset_o = state_q == RESET;

  always @(posedge clk_i) begin
    case (state_q)
      RUN:     if (expired) state_q <= HUNG;
               else if (fatal) state_q <= STOP;
      STOP:    if (expired) state_q <= HUNG;
               else if (port_idle_i && settle_q == SETTLE) state_q <= RESET;
      RESET:   if (settle_q == SETTLE) state_q <= RUN;
      default: state_q <= HUNG;
    endcase
    if (rst_i) state_q <= RUN;
  end

  always @(posedge clk_i) begin
    if (rst_i || state_q == RUN) settle_q <= 3'd0;
    else if (settle_q != SETTLE) settle_q <= settle_q + 3'd1;
    else if (state_q == STOP && port_idle_i) settle_q <= 3'd0;
  end

  always @(posedge clk_i) begin
    idle_q <= port_idle_i;
    if (rst_i || !waits || port_idle_i != idle_q) watchdog_q <= 0;
    else if (!watchdog_q[WatchdogBits]) watchdog_q <= watchdog_q + 1'b1;
  end

  always @(posedge clk_i) begin
    if (rst_i || state_q == RESET) in_flight_q <= 2'd0;
    else in_flight_q <= in_flight_q + {1'b0, accepted_o} - {1'b0, finished};
    if (rst_i) number_o <= 32'd0;
    else if (accepted_o) number_o <= number_o + 32'd1;
  end

  always @(posedge clk_i) begin
    error_valid_o <= !rst_i && (expired || engine_error_i || abort_i || stalled || (start_i && !accepted_o));
    if (expired) error_code_o <= ERROR_WATCHDOG;
    else if (engine_error_i) error_code_o <= engine_error_code_i;
    else if (abort_i) error_code_o <= ERROR_ABORTED;
    else if (stalled) error_code_o <= ERROR_STALLED;
    else if (!aligned) error_code_o <= ERROR_UNALIGNED_ADDRESS;
    else error_code_o <= ERROR_QUEUE_OVERFLOW;
  end

  wire       unused_ready;
  wire [1:0] unused_count;
  fifo #(.Width(3 * AddrBits + 32), .Depth(JOB_SLOTS)) u_queue (
    .clk_i(clk_i), .rst_i(rst_i || engine_reset_o), .valid_i(accepted_o), .ready_o(unused_ready),
    .data_i({tape_i, image_i, result_i, number_o}), .valid_o(job_valid_o), .ready_i(job_ready_i),
    .data_o({job_tape_o, job_image_o, job_result_o, job_number_o}), .count_o(unused_count)
  );
endmodule

`default_nettype wire
