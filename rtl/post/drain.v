// Empties the accumulator banks: for each run, in order, one token a group into the array as soon
// as the group's sums are final, at most one every Phases cycles, and only while the post unit has
// room for what comes out. For global-pool runs it also sends the global pool its tokens.
// Latency from a final sum to its token: 2 cycles.
`default_nettype none

module drain #(
  parameter OutLanes  = 16,
  parameter PixLanes  = 1,
  parameter AccDepth  = 64,
  parameter Credits   = 32,   // groups the post unit can hold
  parameter GroupBits = $clog2(AccDepth)
) (
  input wire clk_i, input wire rst_i,

  // runs, in order
  input  wire                 run_valid_i,
  output wire                 run_ready_o,
  input  wire [7:0]           run_groups_i,
  input  wire                 run_global_i,
  input  wire                 run_relu_i,
  input  wire                 run_last_block_i,
  input  wire [7:0]           run_last_lanes_i,  // valid lanes of the map's last group

  input  wire                 final_i,           // one more group of the oldest run is final
  input  wire                 credit_i,          // the post unit took a group out
  input  wire                 pool_busy_i,       // the global pool still scales the last sums

  // progress, for the map reader: runs (modulo 8), groups of the present run
  output wire [2:0] drained_runs_o, output wire [7:0] drained_groups_o,

  // to the array
  output wire d_valid_o, output wire [1:0] d_bank_o, output wire [GroupBits-1:0] d_group_o,
  output wire [1:0] d_slot_o,

  // to the global pool, with the token
  output wire g_valid_o, output wire [PixLanes-1:0] g_mask_o, output wire g_last_o,
  output wire g_relu_o
);
  localparam Phases = OutLanes > 1 ? 2 : 1;
  localparam FinalBits = $clog2(4 * AccDepth) + 1;
  localparam CreditBits = $clog2(Credits + 1);
  localparam [31:0] ALL_CREDITS = Credits;

  wire       run_valid, run_ends;
  wire [7:0] groups, last_lanes;
  wire       is_global, relu, last_block;
  wire [3:0] unused_count;
  fifo #(.Width(19), .Depth(8)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o),
    .data_i({run_groups_i, run_last_lanes_i, run_global_i, run_relu_i, run_last_block_i}),
    .valid_o(run_valid), .ready_i(run_ends),
    .data_o({groups, last_lanes, is_global, relu, last_block}), .count_o(unused_count)
  );

  reg [FinalBits-1:0]  final_q;    // groups that may be drained
  reg [CreditBits-1:0] credit_q;
  reg [7:0] group_q;
  reg [2:0] runs_q;
  reg [1:0]            bank_q, slot_q;
  reg                  pause_q;    // the requantizer is in its second phase

  reg                  d_valid_q, g_valid_q, g_last_q, g_relu_q; // tokens leave registered

  wire last_group = group_q + 8'd1 == groups;
  // The global pool's busy shows two cycles after the decision: its own token counts meanwhile.
  wire pool_busy = pool_busy_i || (g_valid_q && g_last_q);
  wire held = is_global && last_block && last_group && pool_busy;
  wire issue = run_valid && final_q != 0 && credit_q != 0 && !pause_q && !held;
  assign run_ends = issue && last_group;

  always @(posedge clk_i) begin
    final_q <= final_q + {{FinalBits-1{1'b0}}, final_i} - {{FinalBits-1{1'b0}}, issue};
    credit_q <= credit_q + {{CreditBits-1{1'b0}}, credit_i} - {{CreditBits-1{1'b0}}, issue};
    pause_q <= issue && Phases == 2;
    if (issue) group_q <= last_group ? 8'd0 : group_q + 8'd1;
    if (run_ends) begin
      runs_q <= runs_q + 3'd1;
      bank_q <= bank_q == 2'd2 ? 2'd0 : bank_q + 2'd1;
      slot_q <= slot_q + 2'd1;
    end
    if (rst_i) begin
      final_q <= {FinalBits{1'b0}};
      credit_q <= ALL_CREDITS[CreditBits-1:0];
      pause_q <= 1'b0;
      group_q <= 8'd0;
      runs_q <= 3'd0;
      bank_q <= 2'd0;
      slot_q <= 2'd0;
    end
  end
  assign drained_runs_o = runs_q;
  assign drained_groups_o = group_q;

  // Lanes behind the map's end take no part in a global pool.
  reg [1:0]           d_bank_q, d_slot_q;
  reg [GroupBits-1:0] d_group_q;
  reg [PixLanes-1:0] g_mask_q;
  wire [PixLanes-1:0] lanes = {PixLanes{1'b1}};
  always @(posedge clk_i) begin
    d_valid_q <= issue && !rst_i;
    d_bank_q <= bank_q;
    d_group_q <= group_q[GroupBits-1:0];
    d_slot_q <= slot_q;
    g_valid_q <= issue && is_global && !rst_i;
    g_mask_q <= last_block && last_group ? ~(lanes << last_lanes) : lanes;
    g_last_q <= last_block && last_group;
    g_relu_q <= relu;
  end
  assign d_valid_o = d_valid_q;
  assign d_bank_o = d_bank_q;
  assign d_group_o = d_group_q;
  assign d_slot_o = d_slot_q;
  assign g_valid_o = g_valid_q;
  assign g_mask_o = g_mask_q;
  assign g_last_o = g_last_q;
  assign g_relu_o = g_relu_q;
endmodule

`default_nettype wire
