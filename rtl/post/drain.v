// Empties the accumulator banks: for each run, in order, one token a group into the array as soon
// as the group's sums are final, at most one every Phases cycles, and only while the post unit has
// room for what comes out. For global-pool runs it also sends the global pool its tokens.
// Latency from a final sum to its token: 2 cycles.
`default_nettype none
`include "run_record.vh"

module drain #(
  parameter OutLanes  = 16,
  parameter PixLanes  = 1,
  parameter AccDepth  = 64,
  parameter Credits   = 32,   // groups the post unit can hold
  parameter Extended  = 0,
  parameter GroupBits = $clog2(AccDepth)
) (
  input wire clk_i, input wire rst_i,

  // runs, in order
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_RECORD] run_i,

  input wire final_i,      // one more group of the oldest run is final
  input wire credit_i,     // the post unit took a group out
  input wire pool_busy_i,  // the global pool still scales the last sums

  // progress, for the map reader: runs (modulo 8), groups of the present run
  output wire [2:0] drained_runs_o, output wire [7:0] drained_groups_o,
  output wire waits_o,  // final groups are there

  // to the array
  output reg d_valid_o, output reg [1:0] d_bank_o, output reg [GroupBits-1:0] d_group_o,
  output reg [1:0] d_slot_o,

  // to the global pool, with the token
  output reg g_valid_o, output reg [PixLanes-1:0] g_mask_o, output reg g_last_o, output reg g_relu_o,
  output wire [11:0] g_keep_o  // extended: the sums begin with those kept, are kept; by which pass
);
  localparam Phases = OutLanes > 1 ? 2 : 1;
  localparam FinalBits = $clog2(4 * AccDepth) + 1;
  localparam CreditBits = $clog2(Credits + 1);
  localparam [31:0] ALL_CREDITS = Credits;

  wire       run_valid, run_ends, is_global, relu, last_block;
  wire [7:0] groups, last_lanes;
  wire [3:0] unused_count;
  localparam RunBits = Extended != 0 ? 31 : 19;
  wire [30:0] queued = {run_i[`RUN_SUMS_CONTINUE], run_i[`RUN_SUMS_GO_ON], run_i[`RUN_ROW],
                        run_i[`RUN_GROUPS], run_i[`RUN_GLOBAL],
                        run_i[`RUN_LAST_LANES], run_i[`RUN_LAST_BLOCK], run_i[`RUN_RELU]};
  wire [RunBits-1:0] run;
  fifo #(.Width(RunBits), .Depth(8)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o),
    .data_i(queued[RunBits-1:0]), .valid_o(run_valid), .ready_i(run_ends), .data_o(run),
    .count_o(unused_count)
  );
  assign {groups, is_global, last_lanes, last_block, relu} = run[18:0];
  wire unused_ok = &{1'b0, run_i, queued};

  reg [FinalBits-1:0]  final_q;  // groups that may be drained
  reg [CreditBits-1:0] credit_q;
  reg [7:0]            group_q;
  reg [2:0]            runs_q;
  reg [1:0]            bank_q, slot_q;
  reg                  some_q;   // there are groups and credits
  reg                  pause_q;  // the requantizer is in its second phase

  // Compared while the group before is at hand, but for a run's first one.
  reg  first_q, last_q;
  wire last_group = first_q ? groups == 8'd1 : last_q;
  // The global pool's busy shows two cycles after the decision: its own token counts meanwhile.
  wire pool_busy = pool_busy_i || (g_valid_o && g_last_o);
  wire held = is_global && last_block && last_group && pool_busy;
  wire issue = run_valid && some_q && !pause_q && !held;
  assign run_ends = issue && last_group;

  always @(posedge clk_i) begin
    final_q <= final_q + {{FinalBits-1{1'b0}}, final_i} - {{FinalBits-1{1'b0}}, issue};
    credit_q <= credit_q + {{CreditBits-1{1'b0}}, credit_i} - {{CreditBits-1{1'b0}}, issue};
    some_q <= (final_i || (issue ? final_q > 1 : final_q != 0))
              && (credit_i || (issue ? credit_q > 1 : credit_q != 0));
    pause_q <= issue && Phases == 2;
    if (issue) begin
      group_q <= last_group ? 8'd0 : group_q + 8'd1;
      first_q <= last_group;
      last_q  <= group_q + 8'd2 == groups;
    end
    if (run_ends) begin
      runs_q <= runs_q + 3'd1;
      bank_q <= bank_q == 2'd2 ? 2'd0 : bank_q + 2'd1;
      slot_q <= slot_q + 2'd1;
    end
    if (rst_i) begin
      credit_q <= ALL_CREDITS[CreditBits-1:0];
      {final_q, some_q, pause_q, group_q, runs_q, bank_q, slot_q} <= 0;
      first_q <= 1'b1;
    end
  end

  assign drained_runs_o = runs_q;
  assign drained_groups_o = group_q;
  assign waits_o = final_q != 0;

  // Tokens leave registered. Lanes behind the map's end take no part in a global pool.
  wire [PixLanes-1:0] lanes = {PixLanes{1'b1}};
  always @(posedge clk_i) begin
    d_valid_o <= issue && !rst_i;
    d_bank_o  <= bank_q;
    d_group_o <= group_q[GroupBits-1:0];
    d_slot_o  <= slot_q;
    g_valid_o <= issue && is_global && !rst_i;
    g_mask_o  <= last_block && last_group ? ~(lanes << last_lanes) : lanes;
    g_last_o  <= last_block && last_group;
    g_relu_o  <= relu;
  end
  if (Extended != 0) begin : g_keep
    reg [11:0] keep_q;
    always @(posedge clk_i) keep_q <= run[RunBits-1 -: 12];
    assign g_keep_o = keep_q;
  end else begin : g_scale
    assign g_keep_o = 12'd0;
  end
endmodule

`default_nettype wire
