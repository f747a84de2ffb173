// The word that mac_pair multiplies by: packed, upper * 2^Split + lower in one signed number;
// unpacked, both side by side. Weights are -127...127, so that the packed word fits Split + 8 bits.
// Combinational.
`default_nettype none

module weight_pack #(
  parameter Packed = 1,
  parameter Split = 17,
  parameter WeightBits = Packed != 0 ? Split + 8 : 16  // derived
) (
  input wire [7:0] lower_i, input wire [7:0] upper_i, output wire [WeightBits-1:0] weight_o
);
  if (Packed != 0) begin : g_packed
    // A negative lower weight borrows one from the upper.
    wire [7:0] borrowed = upper_i - {7'b0, lower_i[7]};
    assign weight_o = {borrowed, {(Split - 8) {lower_i[7]}}, lower_i};
  end else begin : g_unpacked
    assign weight_o = {upper_i, lower_i};
  end
endmodule

`default_nettype wire
