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
  parameter Segment = 16 / Segments,                // derived: lanes of a cascade
  parameter GroupBits = Depth > 1 ? $clog2(Depth) : 1  // derived
) (
  input wire clk_i, input wire rst_i,

  // operands (signed) and swap tokens, skewed; to the right
  input wire [127:0] x_data_i, input wire [Segment-1:0] x_swap_i,
  output wire [127:0] x_data_o, output wire [Segment-1:0] x_swap_o,

  // weights of one input lane, in lane order; down
  input wire w_valid_i, input wire [3:0] w_lane_i, input wire [8*Lanes-1:0] w_data_i,
  output wire w_valid_o, output wire [3:0] w_lane_o, output wire [8*Lanes-1:0] w_data_o,

  // token of a sum to add; to the right and down
  input wire add_valid_i, input wire add_first_i, input wire add_last_i,
  input wire [1:0] add_bank_i, input wire [GroupBits-1:0] add_group_i,
  output wire add_valid_o, output wire add_first_o, output wire add_last_o,
  output wire [1:0] add_bank_o, output wire [GroupBits-1:0] add_group_o,

  // drain token; to the right and down
  input wire drain_valid_i, input wire [1:0] drain_bank_i, input wire [GroupBits-1:0] drain_group_i,
  output wire drain_valid_o, output wire [1:0] drain_bank_o,
  output wire [GroupBits-1:0] drain_group_o,

  // parameters of the lane, 3 cycles behind the drain token (lane 1: 4 cycles); down
  input wire [AccBits-1:0] bias_i,
  input wire [15:0] multiplier_i,
  input wire [5:0] shift_i,
  output wire [AccBits-1:0] bias_o,
  output wire [15:0] multiplier_o,
  output wire [5:0] shift_o,

  // sum + bias, and the requantized value
  output wire [AccBits-1:0] tap_o, output wire [7:0] y_o
);
  // Hand-over registers. x_q is the multipliers' operand register at the same time.
  reg [127:0] x_q;
  reg [Segment-1:0] x_swap_q;
  reg w_valid_q, add_valid_q, add_first_q, add_last_q, drain_valid_q;
  reg [3:0] w_lane_q;
  reg [8*Lanes-1:0] w_data_q;
  reg [1:0] add_bank_q, drain_bank_q;
  reg [GroupBits-1:0] add_group_q, drain_group_q;
  reg [AccBits-1:0] bias_q;
  reg [15:0] multiplier_q;
  reg [5:0] shift_q;

  always @(posedge clk_i) begin
    if (rst_i) begin
      x_swap_q      <= {Segment{1'b0}};
      w_valid_q     <= 1'b0;
      add_valid_q   <= 1'b0;
      drain_valid_q <= 1'b0;
    end else begin
      x_swap_q      <= x_swap_i;
      w_valid_q     <= w_valid_i;
      add_valid_q   <= add_valid_i;
      drain_valid_q <= drain_valid_i;
    end
    w_lane_q      <= w_lane_i;
    w_data_q      <= w_data_i;
    add_first_q   <= add_first_i;
    add_last_q    <= add_last_i;
    add_bank_q    <= add_bank_i;
    add_group_q   <= add_group_i;
    drain_bank_q  <= drain_bank_i;
    drain_group_q <= drain_group_i;
    bias_q        <= bias_i;
    multiplier_q  <= multiplier_i;
    shift_q       <= shift_i;
  end

  always @(posedge clk_i) x_q <= x_data_i;

  assign x_data_o      = x_q;
  assign x_swap_o      = x_swap_q;
  assign w_valid_o     = w_valid_q;
  assign w_lane_o      = w_lane_q;
  assign w_data_o      = w_data_q;
  assign add_valid_o   = add_valid_q;
  assign add_first_o   = add_first_q;
  assign add_last_o    = add_last_q;
  assign add_bank_o    = add_bank_q;
  assign add_group_o   = add_group_q;
  assign drain_valid_o = drain_valid_q;
  assign drain_bank_o  = drain_bank_q;
  assign drain_group_o = drain_group_q;
  assign bias_o        = bias_q;
  assign multiplier_o  = multiplier_q;
  assign shift_o       = shift_q;

  // Multiply and add along the cascades.
  localparam WeightBits = Packed != 0 ? Split + 8 : 16;
  wire [15:0]           w_pair = {{(16 - 8 * Lanes) {1'b0}}, w_data_q};
  wire [WeightBits-1:0] weight;

  weight_pack #(.Packed(Packed), .Split(Split)) u_weight (
    .lower_i(w_pair[7:0]), .upper_i(w_pair[15:8]), .weight_o(weight)
  );

  wire [Segments*2*Split-1:0] sums;

  genvar l;
  generate
    for (l = 0; l < 16; l = l + 1) begin : g_lane
      localparam [31:0] LANE = l;
      wire [2*Split-1:0] sum_before, sum;
      if (l % Segment == 0) begin : g_head
        assign sum_before = {2 * Split{1'b0}};
      end else begin : g_next
        assign sum_before = g_lane[l-1].sum;
      end
      mac_pair #(.Packed(Packed), .Split(Split)) u_pair (
        .clk_i(clk_i), .load_i(w_valid_q && w_lane_q == LANE[3:0]), .weight_i(weight),
        .swap_i(x_swap_i[l%Segment]), .x_i(x_q[8*l+:8]), .sum_i(sum_before), .sum_o(sum)
      );
      if (l % Segment == Segment - 1) begin : g_tail
        assign sums[l/Segment*2*Split+:2*Split] = sum;
      end
    end
  endgenerate

  wire [18:0] lower, upper;
  wire carry;
  wire [AccBits-1:0] drained;

  segment_sum #(.Packed(Packed), .Split(Split), .Segments(Segments)) u_sum (
    .clk_i(clk_i), .sums_i(sums), .lower_o(lower), .upper_o(upper), .carry_o(carry)
  );

  accumulators #(.Lanes(Lanes), .Depth(Depth), .AccBits(AccBits)) u_accumulators (
    .clk_i(clk_i), .rst_i(rst_i), .add_valid_i(add_valid_q), .add_first_i(add_first_q),
    .add_last_i(add_last_q), .add_bank_i(add_bank_q), .add_group_i(add_group_q), .lower_i(lower),
    .upper_i(upper), .carry_i(carry), .drain_valid_i(drain_valid_q), .drain_bank_i(drain_bank_q),
    .drain_group_i(drain_group_q), .drain_data_o(drained)
  );

  reg [AccBits-1:0] value_q;
  always @(posedge clk_i) value_q <= drained + bias_i;

  requantizer #(.AccBits(AccBits)) u_requantizer (
    .clk_i(clk_i), .value_i(value_q), .multiplier_i(multiplier_q), .shift_i(shift_q), .data_o(y_o)
  );

  assign tap_o = value_q;
endmodule

`default_nettype wire
