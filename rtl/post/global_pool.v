// Global average pool: per output, the sum of relu(acc + bias) over all pixels of a map, from the
// taps of the array as they pass, then scaled to int32 logits. Sums go down the rows with the skew
// of the taps, so that a column has one adder of full width. Finished sums are handed over to a
// serial scaler; those of the next run gather meanwhile.
//
// A token is a drain token of the array, in the same cycle; its taps come TapLatency cycles later.
// While busy_o is high no token may be the last of its run. 18 cycles a logit.
//
// An extended one can keep finished sums, one a cycle, instead of scaling them, and begin with
// sums that it kept for the same pass before.
`default_nettype none

module global_pool #(
  parameter OutLanes = 16,
  parameter PixLanes = 1,
  parameter SumBits = 40,
  parameter TapLatency = 4,                // the array's
  parameter Extended = 0,
  parameter KeptSums = 2048,
  parameter Columns = (OutLanes + 1) / 2   // derived
) (
  input wire clk_i, input wire rst_i,

  // a group: which of its pixels count, whether it ends its run, parameter slot, ReLU before the
  // sum
  input wire token_valid_i, input wire [PixLanes-1:0] token_mask_i, input wire token_last_i,
  input wire [1:0] token_slot_i,
  input wire relu_i,
  input wire [11:0] token_keep_i,  // with the last: begins with kept sums, is kept; of which pass
  output reg busy_o,

  input wire [PixLanes*Columns*25-1:0] tap_data_i,

  // weight stream of the array, for the parameters in it
  input wire w_valid_i, input wire w_param_i, input wire [5:0] w_index_i, input wire [1:0] w_slot_i,
  input wire [OutLanes*8-1:0] w_data_i,

  // logits in the order of the outputs
  output wire logit_valid_o, input wire logit_ready_i, output wire [31:0] logit_data_o,

  // sums before scaling, in the same order, each for one cycle
  output wire sum_valid_o, output wire [SumBits-1:0] sum_data_o
);
  localparam AccBits = 25;
  localparam Lanes = OutLanes > 1 ? 2 : 1;
  localparam Skews = PixLanes + Columns;

  if (SumBits < AccBits + $clog2(PixLanes) + 1 || SumBits < 33 || TapLatency < 2)
    global_pool_SumBits_must_hold_a_logit_and_a_group_and_TapLatency_be_at_least_2 u_stop ();

  // One token an output lane, first at the time of the tap of row 0, column 0. What stands in the
  // token stays in its register until the next one and so serves both lanes.
  wire                last = token_valid_i && token_last_i;
  reg                 first_q;
  reg  [PixLanes+2:0] token_q;

  always @(posedge clk_i) begin
    if (rst_i) first_q <= 1'b1;
    else if (token_valid_i) first_q <= token_last_i;
    if (token_valid_i) token_q <= {first_q, token_last_i, relu_i, token_mask_i};
  end

  wire                lane0_valid, lane1_valid;
  wire [PixLanes+2:0] entry_token;
  flag_delay #(.Cycles(TapLatency)) u_lane0 (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(token_valid_i), .flag_o(lane0_valid)
  );
  flag_delay #(.Cycles(1)) u_lane1 (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(lane0_valid && Lanes == 2), .flag_o(lane1_valid)
  );
  delay_line #(.Width(PixLanes + 3), .Cycles(TapLatency - 1)) u_token (
    .clk_i(clk_i), .data_i(token_q), .data_o(entry_token)
  );

  // The same at every skew of the array.
  genvar i, g, j;
  for (i = 0; i < Skews; i = i + 1) begin : g_skew
    wire                valid;
    wire [PixLanes+2:0] token;
    if (i == 0) begin : g_entry
      assign valid = lane0_valid || lane1_valid;
      assign token = entry_token;
    end else begin : g_later
      reg                skewed_valid_q;
      reg [PixLanes+2:0] skewed_q;
      always @(posedge clk_i) begin
        skewed_valid_q <= !rst_i && g_skew[i-1].valid;
        skewed_q       <= g_skew[i-1].token;
      end
      assign valid = skewed_valid_q;
      assign token = skewed_q;
    end
    wire [PixLanes-1:0] mask;
    wire                relu, ends, first;
    wire                unused = &{first, ends, relu, mask};
    assign {first, ends, relu, mask} = token;
  end

  // Sums of the columns; the hand-over register through all of them.
  wire take;

  for (j = 0; j < Columns; j = j + 1) begin : g_column
    wire [PixLanes*AccBits-1:0] tap;
    wire [PixLanes-1:0]         valid, counts, relu;
    wire [SumBits-1:0]          held, held_right;

    for (g = 0; g < PixLanes; g = g + 1) begin : g_row
      assign tap[AccBits*g+:AccBits] = tap_data_i[AccBits*(g*Columns+j)+:AccBits];
      assign valid[g]                = g_skew[g+j].valid;
      assign counts[g]               = g_skew[g+j].mask[g];
      assign relu[g]                 = g_skew[g+j].relu;
    end

    if (j < Columns - 1) begin : g_right
      assign held_right = g_column[j+1].held;
    end else begin : g_end
      assign held_right = {SumBits{1'b0}};
    end

    pool_column #(
      .Lanes(Lanes), .PixLanes(PixLanes), .AccBits(AccBits), .SumBits(SumBits)
    ) u_column (
      .clk_i(clk_i), .tap_i(tap), .valid_i(valid), .use_i(counts), .relu_i(relu),
      .sum_valid_i(g_skew[PixLanes+j].valid), .sum_first_i(g_skew[PixLanes+j].first),
      .sum_last_i(g_skew[PixLanes+j].ends), .shift_i(take), .held_i(held_right), .held_o(held)
    );
  end

  // The last column's last lane completes the hand-over register.
  localparam [31:0] LAST_OUTPUT = OutLanes - 1;
  localparam IndexBits = OutLanes > 1 ? $clog2(OutLanes) : 1;
  wire                 sums_end = g_skew[Skews-1].valid && g_skew[Skews-1].ends;
  wire                 complete, scaler_ready;
  reg                  full_q;
  reg  [IndexBits-1:0] index_q;

  if (Lanes == 2) begin : g_second_lane
    reg second_q;
    always @(posedge clk_i) second_q <= !rst_i && sums_end && !second_q;
    assign complete = sums_end && second_q;
  end else begin : g_only_lane
    assign complete = sums_end;
  end

  wire               keeps;
  wire [SumBits-1:0] sum;
  assign take = full_q && (keeps || scaler_ready);
  wire taken_all = take && index_q == LAST_OUTPUT[IndexBits-1:0];

  always @(posedge clk_i) begin
    if (last) busy_o <= 1'b1;
    else if (taken_all) busy_o <= 1'b0;
    if (complete) full_q <= 1'b1;
    else if (taken_all) full_q <= 1'b0;
    if (taken_all) index_q <= {IndexBits{1'b0}};
    else if (take) index_q <= index_q + 1'b1;
    if (rst_i) {busy_o, full_q, index_q} <= 0;
  end

  // Kept sums: what the pass of this run kept for the output at hand is read a cycle before.
  if (Extended != 0) begin : g_kept
    localparam KeptBits = $clog2(KeptSums);
    reg                   continues_q, keeps_q;
    reg  [9:0]            pass_q;
    wire [IndexBits-1:0]  index_after = taken_all ? {IndexBits{1'b0}} : index_q + 1'b1;
    wire [10+IndexBits:0] place = {1'b0, pass_q, index_q};
    wire [10+IndexBits:0] place_after = {1'b0, pass_q, take ? index_after : index_q};
    wire [SumBits-1:0]    kept;
    wire                  unused_place = &{1'b0, place, place_after};
    localparam First = OutLanes > 1 ? 0 : 1;  // one output has no index
    always @(posedge clk_i) if (last) {continues_q, keeps_q, pass_q} <= token_keep_i;
    ram_1r1w #(.Width(SumBits), .Depth(KeptSums)) u_sums (
      .clk_i(clk_i), .write_i(take && keeps), .write_addr_i(place[First +: KeptBits]),
      .write_data_i(sum), .read_i(1'b1), .read_addr_i(place_after[First +: KeptBits]),
      .read_data_o(kept)
    );
    assign keeps = keeps_q;
    assign sum = g_column[0].held + (continues_q ? kept : {SumBits{1'b0}});
  end else begin : g_scaled
    assign keeps = 1'b0;
    assign sum = g_column[0].held;
    wire unused_keep = &{1'b0, token_keep_i};
  end

  assign sum_valid_o = take && !keeps;
  assign sum_data_o  = sum;

  wire [15:0] multiplier;
  wire [5:0]  shift;
  pool_parameters #(.OutLanes(OutLanes)) u_parameters (
    .clk_i(clk_i), .rst_i(rst_i), .w_valid_i(w_valid_i && w_param_i), .w_index_i(w_index_i),
    .w_slot_i(w_slot_i), .w_data_i(w_data_i), .copy_i(last), .copy_slot_i(token_slot_i),
    .output_i(index_q), .multiplier_o(multiplier), .shift_o(shift)
  );

  logit_scaler #(.SumBits(SumBits)) u_scaler (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(full_q && !keeps), .ready_o(scaler_ready), .sum_i(sum),
    .multiplier_i(multiplier), .shift_i(shift), .valid_o(logit_valid_o),
    .ready_i(logit_ready_i), .data_o(logit_data_o)
  );

`ifdef FORMAL
  always @(posedge clk_i) if (!rst_i) assume (!(busy_o && last));
`endif
endmodule

`default_nettype wire
