// Product of two signed bytes with registers on both sides of it; the weight's has an enable. Latency
// 2 cycles, one product a cycle.
//
// With FIREFORGE_ECP5 defined it is one MULT18X18D of Lattice's ECP5 with the registers that lie in
// it, which Yosys does not use by itself; without, the same in portable Verilog. The bytes lie at
// the upper end of the primitive's ports and zeros below them: a constant costs no wire, 10 copies
// of the sign would. [Lattice FPGA-TN-02205, ECP5 sysDSP Usage Guide]
`default_nettype none

module signed_multiplier (
  input wire clk_i,
  input wire load_i, input wire [7:0] weight_i,
  input wire [7:0] x_i,
  output wire [15:0] product_o
);
`ifdef FIREFORGE_ECP5
  wire [17:0] a = {x_i, 10'd0};
  wire [17:0] b = {weight_i, 10'd0};
  wire [35:0] p;
  wire        unused_low = &p[19:0];
  assign product_o = p[35:20];

  MULT18X18D #(
    .REG_INPUTA_CLK("CLK0"), .REG_INPUTA_CE("CE1"), .REG_INPUTA_RST("RST0"),
    .REG_INPUTB_CLK("CLK0"), .REG_INPUTB_CE("CE0"), .REG_INPUTB_RST("RST0"),
    .REG_OUTPUT_CLK("CLK0"), .REG_OUTPUT_CE("CE1"), .REG_OUTPUT_RST("RST0"),
    .CLK0_DIV("ENABLED"), .GSR("DISABLED"), .RESETMODE("SYNC"), .MULT_BYPASS("DISABLED")
  ) u_multiplier (
    .CLK0(clk_i), .CE0(load_i), .CE1(1'b1), .RST0(1'b0),
    .SIGNEDA(1'b1), .SIGNEDB(1'b1), .SOURCEA(1'b0), .SOURCEB(1'b0),
    .A17(a[17]), .A16(a[16]), .A15(a[15]), .A14(a[14]), .A13(a[13]), .A12(a[12]), .A11(a[11]),
    .A10(a[10]), .A9(a[9]), .A8(a[8]), .A7(a[7]), .A6(a[6]), .A5(a[5]), .A4(a[4]), .A3(a[3]),
    .A2(a[2]), .A1(a[1]), .A0(a[0]),
    .B17(b[17]), .B16(b[16]), .B15(b[15]), .B14(b[14]), .B13(b[13]), .B12(b[12]), .B11(b[11]),
    .B10(b[10]), .B9(b[9]), .B8(b[8]), .B7(b[7]), .B6(b[6]), .B5(b[5]), .B4(b[4]), .B3(b[3]),
    .B2(b[2]), .B1(b[1]), .B0(b[0]),
    .P35(p[35]), .P34(p[34]), .P33(p[33]), .P32(p[32]), .P31(p[31]), .P30(p[30]), .P29(p[29]),
    .P28(p[28]), .P27(p[27]), .P26(p[26]), .P25(p[25]), .P24(p[24]), .P23(p[23]), .P22(p[22]),
    .P21(p[21]), .P20(p[20]), .P19(p[19]), .P18(p[18]), .P17(p[17]), .P16(p[16]), .P15(p[15]),
    .P14(p[14]), .P13(p[13]), .P12(p[12]), .P11(p[11]), .P10(p[10]), .P9(p[9]), .P8(p[8]),
    .P7(p[7]), .P6(p[6]), .P5(p[5]), .P4(p[4]), .P3(p[3]), .P2(p[2]), .P1(p[1]), .P0(p[0])
  );
`else
  reg signed [7:0]  weight_q, x_q;
  reg signed [15:0] product_q;
  always @(posedge clk_i) begin
    if (load_i) weight_q <= weight_i;
    x_q       <= x_i;
    product_q <= weight_q * x_q;
  end
  assign product_o = product_q;
`endif
endmodule

`default_nettype wire
