// One column of one row of the array: 16 mac_pairs in cascades of 4 or 8, the accumulators of their
// two output lanes and one requantizer lane. All that enters moves on one cycle later: operands and
// their tokens to the right, weights down, drain tokens both ways. Lane k of a cascade works k
// cycles behind lane 0: operands, swap tokens come so skewed.
//
// From operand (lane 0) to sum: Segment + 2 + log2(Segments) cycles, the add token comes 2 cycles
// before that sum. From drain token to tap_o: 4 cycles, to y_o: 9, lane 1 one cycle behind lane 0.
`default_nettype none

module column #(
  parameter Packed = 1,
  parameter Split = 17,
  parameter Segments = 4,
  parameter Lanes = 2,
  parameter Depth = 64,
  parameter AccBits = 25,
  parameter Segment = 16 / Segments,                    // derived: lanes of a cascade
  parameter GroupBits = Depth > 1 ? $clog2(Depth) : 1,  // derived
  parameter TokenBits = Segment + 8 + 2 * GroupBits     // derived
) (
  input wire clk_i, input wire rst_i,

  // operands (signed), skewed; to the right
  input wire [127:0] x_i, output reg [127:0] x_o,

  // tokens of the operands (skewed like them), of a sum to add, of a drain; to the right and down:
  // {swaps, add, drain, add's first, last, bank, group, drain's bank, group}
  input wire [TokenBits-1:0] token_i, output reg [TokenBits-1:0] token_o,

  // weights of one input lane, in lane order, {valid, lane, data}; down
  input wire [4+8*Lanes:0] w_i, output reg [4+8*Lanes:0] w_o,

  // {bias, multiplier, shift}, 3 cycles behind the drain token (lane 1: 4 cycles); down
  input wire [AccBits+21:0] parameters_i, output reg [AccBits+21:0] parameters_o,

  // sum + bias, and the requantized value; kept, because Yosys would move the register into the
  // requantizer's DSP48E1 with the adder before it, out of the global pool's reach
  (* keep *) output reg [AccBits-1:0] tap_o, output wire [7:0] y_o
);
  // x_o is the operand register of packed multipliers at the same time.
  always @(posedge clk_i) begin
    x_o          <= x_i;
    token_o      <= token_i;
    w_o          <= w_i;
    parameters_o <= parameters_i;
    if (rst_i) {token_o[TokenBits-1-:Segment+2], w_o[4+8*Lanes]} <= 0;
  end

  wire [Segment-1:0]   swap = token_i[TokenBits-1-:Segment];
  wire [Segment-1:0]   unused_swap;
  wire                 add_valid, add_first, add_last, drain_valid, w_valid;
  wire [1:0]           add_bank, drain_bank;
  wire [GroupBits-1:0] add_group, drain_group;
  wire [3:0]           w_lane;
  wire [8*Lanes-1:0]   w_data;
  assign {unused_swap, add_valid, drain_valid, add_first, add_last, add_bank, add_group,
          drain_bank, drain_group} = token_o;
  assign {w_valid, w_lane, w_data} = w_o;

  // Multiply and add along the cascades.
  localparam WeightBits = Packed != 0 ? Split + 8 : 16;
  wire [15:0]           w_pair = {{(16 - 8 * Lanes) {1'b0}}, w_data};
  wire [WeightBits-1:0] weight;
  weight_pack #(.Packed(Packed), .Split(Split)) u_weight (
    .lower_i(w_pair[7:0]), .upper_i(w_pair[15:8]), .weight_o(weight)
  );

  wire [Segments*2*Split-1:0] sums;

  genvar l;
  for (l = 0; l < 16; l = l + 1) begin : g_lane
    localparam [31:0] LANE = l;
    wire [2*Split-1:0] sum_before, sum;
    if (l % Segment == 0) begin : g_head
      assign sum_before = {2 * Split{1'b0}};
    end else begin : g_next
      assign sum_before = g_lane[l-1].sum;
    end
    mac_pair #(.Packed(Packed), .Split(Split)) u_pair (
      .clk_i(clk_i), .load_i(w_valid && w_lane == LANE[3:0]), .weight_i(weight),
      .swap_i(swap[l%Segment]), .x_i(x_o[8*l+:8]), .next_x_i(x_i[8*l+:8]), .sum_i(sum_before),
      .sum_o(sum)
    );
    if (l % Segment == Segment - 1) begin : g_tail
      assign sums[l/Segment*2*Split+:2*Split] = sum;
    end
  end

  wire [18:0]        lower, upper;
  wire               carry;
  wire [AccBits-1:0] drained;
  segment_sum #(.Packed(Packed), .Split(Split), .Segments(Segments)) u_sum (
    .clk_i(clk_i), .sums_i(sums), .lower_o(lower), .upper_o(upper), .carry_o(carry)
  );

  accumulators #(.Lanes(Lanes), .Depth(Depth), .AccBits(AccBits)) u_accumulators (
    .clk_i(clk_i), .rst_i(rst_i), .add_valid_i(add_valid), .add_first_i(add_first),
    .add_last_i(add_last), .add_bank_i(add_bank), .add_group_i(add_group),
    .lower_i(lower), .upper_i(upper), .carry_i(carry), .drain_valid_i(drain_valid),
    .drain_bank_i(drain_bank), .drain_group_i(drain_group), .drain_data_o(drained)
  );

  always @(posedge clk_i) tap_o <= drained + parameters_i[22+:AccBits];

  requantizer #(.AccBits(AccBits), .Multipliers(Packed != 0 ? 1 : 2)) u_requantizer (
    .clk_i(clk_i), .value_i(tap_o), .multiplier_i(parameters_o[21:6]), .shift_i(parameters_o[5:0]),
    .data_o(y_o)
  );
  wire unused_bias = &parameters_o;
endmodule

`default_nettype wire
