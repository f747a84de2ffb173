// Two multiply-accumulates of one input lane: one activation times the weights of two output lanes,
// added to the sums of the lane before. Packed, both share one multiplier (weight_pack.v makes the
// word) and the whole cell is one DSP48E1 with its two weight registers, product and sum registers
// and cascade, and the operand register belongs to whoever moves the operand on. Unpacked, it is two
// multipliers with registers of their own on both sides, and two adders. Latency 2 cycles from x_i, 1
// from sum_i; one activation a cycle.
`default_nettype none

module mac_pair #(
  parameter Packed = 1,
  parameter Split = 17,                             // bits of one sum
  parameter WeightBits = Packed != 0 ? Split + 8 : 16  // derived
) (
  input wire clk_i,

  // next weight, and the token that makes it the active one
  input wire load_i, input wire [WeightBits-1:0] weight_i, input wire swap_i,

  // activation - 128 (signed), one cycle behind the swap token, and, for multipliers with a register
  // of their own, what x_i will be in the next cycle
  input wire [7:0] x_i, input wire [7:0] next_x_i,

  // packed: upper * 2^Split + lower, a signed number; unpacked: {upper, lower}
  input wire [2*Split-1:0] sum_i, output wire [2*Split-1:0] sum_o
);
  if (Split < 17) mac_pair_Split_must_be_at_least_17 u_stop ();

  reg [WeightBits-1:0] shadow_q;
  always @(posedge clk_i) if (load_i) shadow_q <= weight_i;

  if (Packed != 0) begin : g_packed
    // The product register has no bit too many: Yosys finds the adder of the DSP only behind the
    // exact product.
    localparam ProductBits = WeightBits + 8;
    reg         [WeightBits-1:0]  active_q;
    wire signed [WeightBits-1:0]  weight = active_q;
    wire signed [7:0]             x = x_i;
    reg  signed [ProductBits-1:0] product_q;
    reg         [2*Split-1:0]     sum_q;

    wire                          unused_next = &next_x_i;

    always @(posedge clk_i) begin
      if (swap_i) active_q <= shadow_q;
      product_q <= weight * x;
      sum_q     <= sum_i + {{(2 * Split - ProductBits) {product_q[ProductBits-1]}}, product_q};
    end

    assign sum_o = sum_q;
  end else begin : g_unpacked
    wire signed [15:0]      lower_product, upper_product;
    reg  signed [Split-1:0] lower_q, upper_q;
    wire                    unused_x = &x_i;

    signed_multiplier u_lower (
      .clk_i(clk_i), .load_i(swap_i), .weight_i(shadow_q[7:0]), .x_i(next_x_i),
      .product_o(lower_product)
    );
    signed_multiplier u_upper (
      .clk_i(clk_i), .load_i(swap_i), .weight_i(shadow_q[15:8]), .x_i(next_x_i),
      .product_o(upper_product)
    );

    always @(posedge clk_i) begin
      lower_q <= $signed(sum_i[Split-1:0]) + lower_product;
      upper_q <= $signed(sum_i[2*Split-1:Split]) + upper_product;
    end

    assign sum_o = {upper_q, lower_q};
  end
endmodule

`default_nettype wire
