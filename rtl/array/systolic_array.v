// The array of multiply-accumulate units: OutLanes output channels of PixLanes pixels, 16 input
// channels a cycle, with accumulators and requantizers; docs/developer has its contract. It knows
// neither layers nor addresses: tokens that travel with operands and weights say what is done. All
// enters at the cell of row 0, column 0 and reaches row g, column j g + j cycles later; here
// operands are skewed and results aligned.
//
// From d_valid_i: tap_valid_o 4 cycles, y_valid_o 7 + PixLanes + Columns + (Phases - 1) cycles.
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
  output wire tap_valid_o, output wire [PixLanes*Columns*25-1:0] tap_data_o
);
  generate
    if (OutLanes != 1 && OutLanes != 2 && OutLanes != 4 && OutLanes != 8 && OutLanes != 16)
      systolic_array_OutLanes_must_be_1_2_4_8_or_16 u_stop ();
    if (PixLanes < 1 || AccDepth < 4)
      systolic_array_PixLanes_must_be_at_least_1_and_AccDepth_4 u_stop ();
    if (MultiplierBits != 18 && MultiplierBits != 25 && MultiplierBits != 27)
      systolic_array_MultiplierBits_must_be_18_25_or_27 u_stop ();
  endgenerate

  localparam AccBits = 25;
  localparam Lanes = OutLanes > 1 ? 2 : 1;  // output lanes of a column, drained one after the other
  localparam Packed = MultiplierBits == 18 ? 0 : 1;
  localparam Segment = MultiplierBits == 27 ? 8 : 4;  // lanes of a cascade
  localparam Segments = 16 / Segment;
  localparam Split = 15 + $clog2(Segment);  // a product has 15 bits: 127 * -128 at most
  localparam SumLatency = Segment + 2 + $clog2(Segments);
  localparam TapLatency = 4;
  localparam LineLatency = 5 + TapLatency + PixLanes - 1 + Columns - 1;

  // Tokens at row 0, column 0: swaps skewed like the operands, sums' tokens at the time of the
  // sums.
  wire [Segment-1:0] swap;
  wire add_valid, add_first, add_last;
  wire [1:0] add_bank;
  wire [GroupBits-1:0] add_group;

  genvar k;
  generate
    for (k = 0; k < Segment; k = k + 1) begin : g_swap
      flag_delay #(.Cycles(k)) u_delay (
        .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i && x_swap_i), .flag_o(swap[k])
      );
    end
  endgenerate

  flag_delay #(.Cycles(SumLatency - 2)) u_add_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i), .flag_o(add_valid)
  );

  delay_line #(.Width(4 + GroupBits), .Cycles(SumLatency - 2)) u_add (
    .clk_i(clk_i), .data_i({x_first_i, x_last_i, x_bank_i, x_group_i}),
    .data_o({add_first, add_last, add_bank, add_group})
  );

  flag_delay #(.Cycles(SumLatency)) u_final (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(x_valid_i && x_last_i), .flag_o(final_o)
  );

  flag_delay #(.Cycles(TapLatency)) u_tap_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(d_valid_i), .flag_o(tap_valid_o)
  );

  flag_delay #(.Cycles(LineLatency + Lanes - 1 - TapLatency)) u_y_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(tap_valid_o), .flag_o(y_valid_o)
  );

  genvar g, j, l;
  generate
    // The parameters of the columns, and the weight stream on its way to the right.
    for (j = 0; j < Columns; j = j + 1) begin : g_param
      wire w_valid, w_param, d_valid, w_valid_next, w_param_next;
      wire [5:0] w_index, w_index_next, shift;
      wire [1:0] w_slot, d_slot, d_slot_next, w_slot_next;
      wire [8*OutLanes-1:0] w_data, w_data_next;
      wire [AccBits-1:0] bias;
      wire [15:0] multiplier;

      if (j == 0) begin : g_entry
        assign w_valid = w_valid_i;
        assign w_param = w_param_i;
        assign w_index = w_index_i;
        assign w_slot  = w_slot_i;
        assign w_data  = w_data_i;
        assign d_valid = d_valid_i;
        assign d_slot  = d_slot_i;
      end else begin : g_left
        assign w_valid = g_param[j-1].w_valid_next;
        assign w_param = g_param[j-1].w_param_next;
        assign w_index = g_param[j-1].w_index_next;
        assign w_slot  = g_param[j-1].w_slot_next;
        assign w_data  = g_param[j-1].w_data_next;
        assign d_valid = g_row[0].g_column[j-1].d_valid_next;
        assign d_slot  = g_param[j-1].d_slot_next;
      end

      if (j == Columns - 1) begin : g_end
        wire unused = &{w_valid_next, w_param_next, w_index_next, w_slot_next, w_data_next,
                        d_slot_next};
      end

      column_parameters #(.OutLanes(OutLanes), .Column(j), .AccBits(AccBits)) u_parameters (
        .clk_i(clk_i), .rst_i(rst_i), .w_valid_i(w_valid), .w_param_i(w_param), .w_index_i(w_index),
        .w_slot_i(w_slot), .w_data_i(w_data), .w_valid_o(w_valid_next), .w_param_o(w_param_next),
        .w_index_o(w_index_next), .w_slot_o(w_slot_next), .w_data_o(w_data_next),
        .drain_valid_i(d_valid), .drain_slot_i(d_slot), .drain_slot_o(d_slot_next), .bias_o(bias),
        .multiplier_o(multiplier), .shift_o(shift)
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
        // What enters the cell: operands and tokens from the left, weights from above, tokens of
        // column 0 too.
        wire [127:0] x, x_next;
        wire [Segment-1:0] x_swap, x_swap_next;
        wire w_valid, w_valid_next, a_valid, a_first, a_last, a_valid_next, a_first_next,
               a_last_next, d_valid, d_valid_next;
        wire [3:0] w_lane, w_lane_next;
        wire [8*Lanes-1:0] w_data, w_data_next;
        wire [1:0] a_bank, a_bank_next, d_bank, d_bank_next;
        wire [GroupBits-1:0] a_group, a_group_next, d_group, d_group_next;
        wire [AccBits-1:0] bias, bias_next;
        wire [15:0] multiplier, multiplier_next;
        wire [5:0] shift, shift_next;

        if (j > 0) begin : g_left
          assign x       = g_column[j-1].x_next;
          assign x_swap  = g_column[j-1].x_swap_next;
          assign a_valid = g_column[j-1].a_valid_next;
          assign a_first = g_column[j-1].a_first_next;
          assign a_last  = g_column[j-1].a_last_next;
          assign a_bank  = g_column[j-1].a_bank_next;
          assign a_group = g_column[j-1].a_group_next;
          assign d_valid = g_column[j-1].d_valid_next;
          assign d_bank  = g_column[j-1].d_bank_next;
          assign d_group = g_column[j-1].d_group_next;
        end else if (g > 0) begin : g_above
          assign x       = x_skewed;
          assign x_swap  = g_row[g-1].g_column[0].x_swap_next;
          assign a_valid = g_row[g-1].g_column[0].a_valid_next;
          assign a_first = g_row[g-1].g_column[0].a_first_next;
          assign a_last  = g_row[g-1].g_column[0].a_last_next;
          assign a_bank  = g_row[g-1].g_column[0].a_bank_next;
          assign a_group = g_row[g-1].g_column[0].a_group_next;
          assign d_valid = g_row[g-1].g_column[0].d_valid_next;
          assign d_bank  = g_row[g-1].g_column[0].d_bank_next;
          assign d_group = g_row[g-1].g_column[0].d_group_next;
        end else begin : g_entry
          assign x       = x_skewed;
          assign x_swap  = swap;
          assign a_valid = add_valid;
          assign a_first = add_first;
          assign a_last  = add_last;
          assign a_bank  = add_bank;
          assign a_group = add_group;
          assign d_valid = d_valid_i;
          assign d_bank  = d_bank_i;
          assign d_group = d_group_i;
        end

        if (g > 0) begin : g_weights_above
          assign w_valid    = g_row[g-1].g_column[j].w_valid_next;
          assign w_lane     = g_row[g-1].g_column[j].w_lane_next;
          assign w_data     = g_row[g-1].g_column[j].w_data_next;
          assign bias       = g_row[g-1].g_column[j].bias_next;
          assign multiplier = g_row[g-1].g_column[j].multiplier_next;
          assign shift      = g_row[g-1].g_column[j].shift_next;
        end else begin : g_weights_entry
          assign w_valid    = g_param[j].w_valid && !g_param[j].w_param;
          assign w_lane     = g_param[j].w_index[3:0];
          assign w_data     = g_param[j].w_data[8*Lanes*j+:8*Lanes];
          assign bias       = g_param[j].bias;
          assign multiplier = g_param[j].multiplier;
          assign shift      = g_param[j].shift;
        end

        // The last column and row hand nothing on.
        wire unused = &{x_next, x_swap_next, a_valid_next, a_first_next, a_last_next, a_bank_next,
                        a_group_next, d_valid_next, d_bank_next, d_group_next, w_valid_next,
                        w_lane_next, w_data_next, bias_next, multiplier_next, shift_next};

        wire [AccBits-1:0] tap;
        wire [7:0] y;

        column #(
          .Packed(Packed), .Split(Split), .Segments(Segments), .Lanes(Lanes), .Depth(AccDepth),
          .AccBits(AccBits)
        ) u_column (
          .clk_i(clk_i), .rst_i(rst_i), .x_data_i(x), .x_swap_i(x_swap), .x_data_o(x_next),
          .x_swap_o(x_swap_next), .w_valid_i(w_valid), .w_lane_i(w_lane), .w_data_i(w_data),
          .w_valid_o(w_valid_next), .w_lane_o(w_lane_next), .w_data_o(w_data_next),
          .add_valid_i(a_valid), .add_first_i(a_first), .add_last_i(a_last), .add_bank_i(a_bank),
          .add_group_i(a_group), .add_valid_o(a_valid_next), .add_first_o(a_first_next),
          .add_last_o(a_last_next), .add_bank_o(a_bank_next), .add_group_o(a_group_next),
          .drain_valid_i(d_valid), .drain_bank_i(d_bank), .drain_group_i(d_group),
          .drain_valid_o(d_valid_next), .drain_bank_o(d_bank_next), .drain_group_o(d_group_next),
          .bias_i(bias), .multiplier_i(multiplier), .shift_i(shift), .bias_o(bias_next),
          .multiplier_o(multiplier_next), .shift_o(shift_next), .tap_o(tap), .y_o(y)
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
  endgenerate
endmodule

`default_nettype wire
