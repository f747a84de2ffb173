// Splits the packed sums of a column's two or four cascades into those of its output lanes and adds
// them. The upper sum is short of carry_o, which the next adder takes in. Latency log2(Segments);
// one set of sums a cycle.
`default_nettype none

module segment_sum #(parameter Packed = 1, parameter Split = 17, parameter Segments = 4) (
  input  wire                        clk_i,
  input  wire [Segments*2*Split-1:0] sums_i,
  output wire [18:0]                 lower_o,  // 16 products of 15 bits each
  output wire [18:0]                 upper_o,
  output wire                        carry_o
);
  if (!((Segments == 4 && Split == 17) || (Segments == 2 && Split == 18)))
    segment_sum_Segments_must_be_4_at_Split_17_or_2_at_Split_18 u_stop ();

  genvar i;
  for (i = 0; i < Segments; i = i + 1) begin : g_split
    wire [Split-1:0] lower = sums_i[2*Split*i+:Split];
    wire [Split-1:0] upper = sums_i[2*Split*i+Split+:Split];
    wire             carry = Packed != 0 ? lower[Split-1] : 1'b0;
  end

  for (i = 0; i < Segments / 2; i = i + 1) begin : g_first
    wire [Split:0] lower, upper;
    wire           carry;
    pair_sum #(.Width(Split)) u_sum (
      .clk_i(clk_i), .a_lower_i(g_split[2*i].lower), .a_upper_i(g_split[2*i].upper),
      .a_carry_i(g_split[2*i].carry), .b_lower_i(g_split[2*i+1].lower),
      .b_upper_i(g_split[2*i+1].upper), .b_carry_i(g_split[2*i+1].carry), .lower_o(lower),
      .upper_o(upper), .carry_o(carry)
    );
  end

  if (Segments == 4) begin : g_second
    pair_sum #(.Width(Split + 1)) u_sum (
      .clk_i(clk_i), .a_lower_i(g_first[0].lower), .a_upper_i(g_first[0].upper),
      .a_carry_i(g_first[0].carry), .b_lower_i(g_first[1].lower), .b_upper_i(g_first[1].upper),
      .b_carry_i(g_first[1].carry), .lower_o(lower_o), .upper_o(upper_o), .carry_o(carry_o)
    );
  end else begin : g_one_level
    assign lower_o = g_first[0].lower;
    assign upper_o = g_first[0].upper;
    assign carry_o = g_first[0].carry;
  end
endmodule

`default_nettype wire
