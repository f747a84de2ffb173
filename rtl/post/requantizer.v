// One lane of the requantizer: y = clamp((value * m + 2^(s-1)) >> s, 0, 255), s = 1...47. The shift
// goes first to s - 1, of which only the 9 bits that decide the result are kept, then one bit
// further with rounding; a negative product is 0 whatever its size. Latency 5 cycles; one value a
// cycle. value_i and multiplier_i should come from registers that nothing else needs late: they are
// the input registers of the multiplier. Where one multiplier is too narrow two make the product,
// and are added in the cycle that one would rest.
`default_nettype none

module requantizer #(
  parameter AccBits = 25,    // at least 18
  parameter Multipliers = 1  // 1, or 2 of 18 bits
) (
  input  wire               clk_i,
  input  wire [AccBits-1:0] value_i,       // signed
  input  wire [15:0]        multiplier_i,
  input  wire [5:0]         shift_i,
  output reg  [7:0]         data_o
);
  localparam ProductBits = AccBits + 17;

  if (AccBits < 18) requantizer_AccBits_must_be_at_least_18 u_stop ();

  wire signed [16:0]            multiplier = {1'b0, multiplier_i};
  reg  signed [ProductBits-1:0] product_q;
  if (Multipliers == 1) begin : g_one
    wire signed [AccBits-1:0]     value = value_i;
    reg  signed [ProductBits-1:0] raw_q;
    always @(posedge clk_i) begin
      raw_q     <= value * multiplier;
      product_q <= raw_q;
    end
  end else begin : g_two
    localparam LowerBits = 17, UpperBits = AccBits - LowerBits;
    wire signed [LowerBits:0]     lower = {1'b0, value_i[LowerBits-1:0]};
    wire signed [UpperBits-1:0]   upper = value_i[AccBits-1:LowerBits];
    reg  signed [LowerBits+17:0]  lower_q;
    reg  signed [UpperBits+16:0]  upper_q;
    wire [UpperBits+16:0]         carried = {{(UpperBits - 1) {lower_q[LowerBits+17]}},
                                             lower_q[LowerBits+:18]};
    always @(posedge clk_i) begin
      lower_q   <= lower * multiplier;
      upper_q   <= upper * multiplier;
      product_q <= {upper_q + carried, lower_q[LowerBits-1:0]};
    end
  end

  reg  [5:0] shift1_q, shift2_q;
  reg  [2:0] fine_q;
  always @(posedge clk_i) begin
    shift1_q  <= shift_i - 6'd1;
    shift2_q  <= shift1_q;
    fine_q    <= shift2_q[2:0];
  end

  // By multiples of 8: 16 bits go on, and whether any bit above them is set.
  wire [63:0] padded = {{(64 - ProductBits) {1'b0}}, product_q};
  reg  [15:0] coarse_q;
  reg         above_q, negative_q;
  always @(posedge clk_i) begin
    negative_q <= product_q[ProductBits-1];
    case (shift2_q[5:3])
      3'd0:    {above_q, coarse_q} <= {|padded[63:16], padded[15:0]};
      3'd1:    {above_q, coarse_q} <= {|padded[63:24], padded[23:8]};
      3'd2:    {above_q, coarse_q} <= {|padded[63:32], padded[31:16]};
      3'd3:    {above_q, coarse_q} <= {|padded[63:40], padded[39:24]};
      3'd4:    {above_q, coarse_q} <= {|padded[63:48], padded[47:32]};
      default: {above_q, coarse_q} <= {|padded[63:56], padded[55:40]};
    endcase
  end

  // By 0 to 7.
  wire [15:0] fine = coarse_q >> fine_q;
  reg  [8:0]  fine2_q;
  reg         above2_q, negative2_q;
  always @(posedge clk_i) begin
    fine2_q     <= fine[8:0];
    above2_q    <= above_q || |fine[15:9];
    negative2_q <= negative_q;
  end

  wire [9:0] rounded = {1'b0, fine2_q} + 10'd1;
  wire       unused = rounded[0];
  always @(posedge clk_i) begin
    if (negative2_q) data_o <= 8'd0;
    else if (above2_q || rounded[9]) data_o <= 8'd255;
    else data_o <= rounded[8:1];
  end
endmodule

`default_nettype wire
