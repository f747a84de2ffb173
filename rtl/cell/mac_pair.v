// Two multiply-accumulates of one input lane: one activation times the weights of two output lanes,
// added to the sums of the lane before. Packed, both share one multiplier (weight_pack.v makes the
// word) and the whole cell is one DSP48E1 with its two weight registers, product and sum registers
// and cascade; unpacked, it is two 8x8 products with registers on both sides and two adders. The
// operand register belongs to whoever moves the operand on. Latency 2 cycles from x_i, 1 from
// sum_i; one activation a cycle.
`default_nettype none

module mac_pair #(
  parameter Packed = 1,
  parameter Split = 17,                             // bits of one sum
  parameter WeightBits = Packed != 0 ? Split + 8 : 16  // derived
) (
  input wire clk_i,

  // next weight, and the token that makes it the active one
  input wire load_i, input wire [WeightBits-1:0] weight_i, input wire swap_i,

  // activation - 128 (signed), one cycle behind the swap token
  input wire [7:0] x_i,

  // packed: upper * 2^Split + lower, a signed number; unpacked: {upper, lower}
  input wire [2*Split-1:0] sum_i, output wire [2*Split-1:0] sum_o
);
  if (Split < 17) mac_pair_Split_must_be_at_least_17 u_stop ();

  reg [WeightBits-1:0] shadow_q, active_q;

  always @(posedge clk_i) begin
    if (load_i) shadow_q <= weight_i;
    if (swap_i) active_q <= shadow_q;
  end

  if (Packed != 0) begin : g_packed
    // The product register has no bit too many: Yosys finds the adder of the DSP only behind the
    // exact product.
    localparam ProductBits = WeightBits + 8;
    wire signed [WeightBits-1:0]  weight = active_q;
    wire signed [7:0]             x = x_i;
    reg  signed [ProductBits-1:0] product_q;
    reg         [2*Split-1:0]     sum_q;

    always @(posedge clk_i) begin
      product_q <= weight * x;
      sum_q     <= sum_i + {{(2 * Split - ProductBits) {product_q[ProductBits-1]}}, product_q};
    end

    assign sum_o = sum_q;
  end else begin : g_unpacked
    wire signed [7:0]       lower_weight = active_q[7:0];
    wire signed [7:0]       upper_weight = active_q[15:8];
    wire signed [7:0]       x = x_i;
    reg  signed [Split-1:0] lower_product_q, upper_product_q, lower_q, upper_q;

    always @(posedge clk_i) begin
      lower_product_q <= lower_weight * x;
      upper_product_q <= upper_weight * x;
      lower_q         <= $signed(sum_i[Split-1:0]) + lower_product_q;
      upper_q         <= $signed(sum_i[2*Split-1:Split]) + upper_product_q;
    end

    assign sum_o = {upper_q, lower_q};
  end
endmodule

`default_nettype wire
