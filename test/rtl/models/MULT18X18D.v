// The part of an ECP5's MULT18X18D that rtl/ uses, written from Lattice's FPGA-TN-02205 (sysDSP usage
// guide): two operands of 18 bits and the product, each with a register or none, clock enables and a
// synchronous reset chosen by name. All else of the primitive must be left as it is.
`define FIREFORGE_ECP5
`default_nettype none

module MULT18X18D #(
  parameter REG_INPUTA_CLK = "NONE", parameter REG_INPUTA_CE = "CE0", parameter REG_INPUTA_RST = "RST0",
  parameter REG_INPUTB_CLK = "NONE", parameter REG_INPUTB_CE = "CE0", parameter REG_INPUTB_RST = "RST0",
  parameter REG_OUTPUT_CLK = "NONE", parameter REG_OUTPUT_CE = "CE0", parameter REG_OUTPUT_RST = "RST0",
  parameter CLK0_DIV = "ENABLED", parameter GSR = "ENABLED", parameter RESETMODE = "SYNC",
  parameter MULT_BYPASS = "DISABLED"
) (
  input wire CLK0, input wire CE0, input wire CE1, input wire RST0,
  input wire SIGNEDA, input wire SIGNEDB, input wire SOURCEA, input wire SOURCEB,
  input wire A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0,
  input wire B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0,
  output wire P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
              P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0
);
  if (CLK0_DIV != "ENABLED" || RESETMODE != "SYNC" || MULT_BYPASS != "DISABLED" || GSR != "DISABLED"
      || REG_INPUTA_RST != "RST0" || REG_INPUTB_RST != "RST0" || REG_OUTPUT_RST != "RST0")
    MULT18X18D_the_model_does_not_know_these_parameters u_stop ();

  wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};

  reg [18:0] a_q, b_q;
  reg [35:0] p_q;
  wire [18:0] a_used = REG_INPUTA_CLK == "CLK0" ? a_q : {SIGNEDA & a[17], a};
  wire [18:0] b_used = REG_INPUTB_CLK == "CLK0" ? b_q : {SIGNEDB & b[17], b};
  wire signed [37:0] product = $signed(a_used) * $signed(b_used);

  always @(posedge CLK0) begin
    if (RST0) a_q <= 19'd0;
    else if (REG_INPUTA_CE == "CE1" ? CE1 : CE0) a_q <= {SIGNEDA & a[17], a};
    if (RST0) b_q <= 19'd0;
    else if (REG_INPUTB_CE == "CE1" ? CE1 : CE0) b_q <= {SIGNEDB & b[17], b};
    if (RST0) p_q <= 36'd0;
    else if (REG_OUTPUT_CE == "CE1" ? CE1 : CE0) p_q <= product[35:0];
  end

  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18, P17,
          P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0}
         = REG_OUTPUT_CLK == "CLK0" ? p_q : product[35:0];
  wire unused_ok = &{1'b0, SOURCEA, SOURCEB, product[37:36]};
endmodule

`default_nettype wire
