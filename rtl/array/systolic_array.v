// The array of multiply-accumulate units: OutLanes output channels of PixLanes pixels, 16 input
// channels a cycle, with accumulators and requantizers; docs/developer has its contract. It knows
// neither layers nor addresses: tokens that travel with operands and weights say what is done. All
// enters at the cell of row 0, column 0 and reaches row g, column j g + j cycles later; here
// operands are skewed and results aligned.
//
// From d_valid_i: tap_data_o 4 cycles, y_valid_o 7 + PixLanes + Columns + (Phases - 1) cycles.
// From x_valid_i with x_last_i: final_o 8 cycles, 11 with MultiplierBits 27. One group a cycle; one
// drain token every Phases cycles.
`default_nettype none

module systolic_array #(
  parameter OutLanes = 16,        // 1, 2, 4, 8, 16
  parameter PixLanes = 1,         // from 1
  parameter AccDepth = 64,        // groups of an accumulator bank
  parameter MultiplierBits = 25,  // wide port of a multiplier: 18, 25, 27
  parameter Columns = (OutLanes + 1) / 2,  // derived
  parameter GroupBits = AccDepth > 1 ? $clog2(AccDepth) : 1  // derived
) (
  input wire clk_i, input wire rst_i,

  // operands: one group of pixels a cycle, uint8
  input wire x_valid_i, input wire [PixLanes*128-1:0] x_data_i, input wire x_swap_i,
  input wire x_first_i, input wire x_last_i, input wire [1:0] x_bank_i,
  input wire [GroupBits-1:0] x_group_i,

  // weights and parameters
  input wire w_valid_i, input wire w_param_i, input wire [5:0] w_index_i, input wire [1:0] w_slot_i,
  input wire [OutLanes*8-1:0] w_data_i,

  // finished groups, drain tokens
  output wire final_o,
  input wire d_valid_i, input wire [1:0] d_bank_i, input wire [GroupBits-1:0] d_group_i,
  input wire [1:0] d_slot_i,

  // requantized groups
  output wire y_valid_o, output wire [PixLanes*OutLanes*8-1:0] y_data_o,

  // acc + bias of every cell, not aligned
  output wire [PixLanes*Columns*25-1:0] tap_data_o
);
  if (OutLanes != 1 && OutLanes != 2 && OutLanes != 4 && OutLanes != 8 && OutLanes != 16)
    systolic_array_OutLanes_must_be_1_2_4_8_or_16 u_stop ();
  if (PixLanes < 1 || AccDepth < 4)
    systolic_array_PixLanes_must_be_at_least_1_and_AccDepth_4 u_stop ();
  if (MultiplierBits != 18 && MultiplierBits != 25 && MultiplierBits != 27)
    systolic_array_MultiplierBits_must_be_18_25_or_27 u_stop ();

  localparam AccBits = 25;
  localparam Lanes = OutLanes > 1 ? 2 : 1;  // output lanes of a column, drained one after the other
  localparam Packed = MultiplierBits == 18 ? 0 : 1;
  localparam Segment = MultiplierBits == 27 ? 8 : 4;  // lanes of a cascade
  localparam Segments = 16 / Segment;
  localparam Split = 15 + $clog2(Segment);  // a product has 15 bits: 127 * -128 at most
  localparam SumLatency = Segment + 2 + $clog2(Segments);
  localparam TapLatency = 4;
  localparam LineLatency = 5 + TapLatency + PixLanes - 1 + Columns - 1;

  localparam TokenBits = Segment + 8 + 2 * GroupBits;
  localparam StreamBits = 10 + 8 * OutLanes;
  localparam WeightBits = 5 + 8 * Lanes;
  localparam ParameterBits = AccBits + 22;

  // Tokens at row 0, column 0: swaps skewed like the operands, sums' tokens at the time of the
  // sums.
  wire [Segment-1:0]   swap;
  wire                 add_valid;
  wire [3+GroupBits:0] add;

  genvar k;
  for (k = 0; k < Segment; k = k + 1) begin : g_swap
    flag_delay #(.Cycles(k)) u_delay (
      .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i && x_swap_i), .flag_o(swap[k])
    );
  end

  flag_delay #(.Cycles(SumLatency - 2)) u_add_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i), .flag_o(add_valid)
  );

  delay_line #(.Width(4 + GroupBits), .Cycles(SumLatency - 2)) u_add (
    .clk_i(clk_i), .data_i({x_first_i, x_last_i, x_bank_i, x_group_i}), .data_o(add)
  );

  flag_delay #(.Cycles(SumLatency)) u_final (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i && x_last_i), .flag_o(final_o)
  );

  flag_delay #(.Cycles(LineLatency + Lanes - 1)) u_y_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(d_valid_i), .flag_o(y_valid_o)
  );

  genvar g, j, l;
  // The parameters of the columns, and the weight stream on its way to the right.
  for (j = 0; j < Columns; j = j + 1) begin : g_param
    wire [StreamBits-1:0]    w, w_next;
    wire [2:0]               drain, drain_next;
    wire [ParameterBits-1:0] parameters;
    wire                     unused = &{w, w_next, drain_next};

    if (j == 0) begin : g_entry
      assign w = {w_valid_i, w_param_i, w_index_i, w_slot_i, w_data_i};
      assign drain = {d_valid_i, d_slot_i};
    end else begin : g_left
      assign w = g_param[j-1].w_next;
      assign drain = g_param[j-1].drain_next;
    end

    column_parameters #(.OutLanes(OutLanes), .Column(j), .AccBits(AccBits)) u_parameters (
      .clk_i(clk_i), .rst_i(rst_i), .w_i(w), .w_o(w_next), .drain_i(drain), .drain_o(drain_next),
      .parameters_o(parameters)
    );
  end

  for (g = 0; g < PixLanes; g = g + 1) begin : g_row
    // Operands of the row: minus 128 (the sign bit flipped), skewed by row and by place in the
    // cascade.
    wire [127:0] pixel, x_skewed;
    delay_line #(.Width(128), .Cycles(g)) u_row (
      .clk_i(clk_i), .data_i(x_data_i[128*g+:128] ^ {16{8'h80}}), .data_o(pixel)
    );

    for (l = 0; l < 16; l = l + 1) begin : g_lane
      delay_line #(.Width(8), .Cycles(l % Segment)) u_skew (
        .clk_i(clk_i), .data_i(pixel[8*l+:8]), .data_o(x_skewed[8*l+:8])
      );
    end

    for (j = 0; j < Columns; j = j + 1) begin : g_column
      // What enters the cell: operands and tokens from the left, weights and parameters from
      // above, tokens of column 0 too. The last column and row hand nothing on.
      wire [127:0]             x, x_next;
      wire [TokenBits-1:0]     token, token_next;
      wire [WeightBits-1:0]    w, w_next;
      wire [ParameterBits-1:0] parameters, parameters_next;
      wire                     unused = &{x_next, token_next, w_next, parameters_next};

      if (j > 0) begin : g_left
        assign x = g_column[j-1].x_next;
        assign token = g_column[j-1].token_next;
      end else if (g > 0) begin : g_above
        assign x = x_skewed;
        assign token = g_row[g-1].g_column[0].token_next;
      end else begin : g_entry
        assign x = x_skewed;
        assign token = {swap, add_valid, d_valid_i, add, d_bank_i, d_group_i};
      end

      if (g > 0) begin : g_weights_above
        assign w = g_row[g-1].g_column[j].w_next;
        assign parameters = g_row[g-1].g_column[j].parameters_next;
      end else begin : g_weights_entry
        wire       valid, is_parameter;
        wire [5:0] index;
        assign {valid, is_parameter, index} = g_param[j].w[StreamBits-1-:8];
        assign w = {valid && !is_parameter, index[3:0], g_param[j].w[8*Lanes*j+:8*Lanes]};
        assign parameters = g_param[j].parameters;
        wire unused_index = &index;
      end

      wire [AccBits-1:0] tap;
      wire [7:0]         y;
      column #(
        .Packed(Packed), .Split(Split), .Segments(Segments), .Lanes(Lanes), .Depth(AccDepth),
        .AccBits(AccBits)
      ) u_column (
        .clk_i(clk_i), .rst_i(rst_i), .x_i(x), .x_o(x_next),
        .token_i(token), .token_o(token_next), .w_i(w), .w_o(w_next),
        .parameters_i(parameters), .parameters_o(parameters_next), .tap_o(tap), .y_o(y)
      );

      assign tap_data_o[AccBits*(g*Columns+j)+:AccBits] = tap;

      // Aligned with the last cell; lane 0 waits one cycle more for lane 1.
      wire [7:0] y_late;
      delay_line #(.Width(8), .Cycles(PixLanes - 1 - g + Columns - 1 - j)) u_align (
        .clk_i(clk_i), .data_i(y), .data_o(y_late)
      );
      delay_line #(.Width(8), .Cycles(Lanes - 1)) u_lane0 (
        .clk_i(clk_i), .data_i(y_late), .data_o(y_data_o[8*(g*OutLanes+Lanes*j)+:8])
      );
      if (Lanes == 2) begin : g_lane1
        assign y_data_o[8*(g*OutLanes+2*j+1)+:8] = y_late;
      end
    end
  end
endmodule

`default_nettype wire
