// (sum * m + 2^(s-1)) >> s in the low 32 bits, s = 1...47, by shifting and adding: no multiplier. A
// sum every 18 cycles, the logit 19 cycles behind its sum; a logit that is not taken yet does not
// keep the next product waiting.
`default_nettype none

module logit_scaler #(parameter SumBits = 40) (
  input wire clk_i, input wire rst_i,

  // stream in
  input  wire               valid_i,
  output wire               ready_o,
  input  wire [SumBits-1:0] sum_i,        // signed
  input  wire [15:0]        multiplier_i,
  input  wire [5:0]         shift_i,

  // stream out
  output reg valid_o, input wire ready_i, output reg [31:0] data_o
);
  localparam ProductBits = SumBits + 16;
  localparam FineBits = 33 + 7;  // what a shift by 0 to 7 leaves 33 bits of

  // The product comes a bit of m a cycle; then it goes on to be shifted.
  reg                   multiply_q, product_valid_q;
  reg [3:0]             bit_q;
  reg [5:0]             shift_q;    // s - 1
  reg [SumBits-1:0]     sum_q;
  reg [ProductBits-1:0] product_q;  // upper part of the product, rest of m

  wire               sign = product_q[ProductBits-1];
  wire [SumBits-1:0] addend = product_q[0] ? sum_q : {SumBits{1'b0}};
  wire [SumBits:0]   upper = {sign, product_q[ProductBits-1:16]} + {addend[SumBits-1], addend};
  wire               pass;

  always @(posedge clk_i) begin
    if (ready_o) begin
      sum_q     <= sum_i;
      product_q <= {{SumBits{1'b0}}, multiplier_i};
      shift_q   <= shift_i - 6'd1;
      bit_q     <= 4'd0;
    end else if (multiply_q) begin
      product_q <= {upper, product_q[15:1]};
      bit_q     <= bit_q + 4'd1;
    end
    if (ready_o) multiply_q <= valid_i;
    else if (bit_q == 4'd15) multiply_q <= 1'b0;
    if (multiply_q && bit_q == 4'd15) product_valid_q <= 1'b1;
    else if (pass) product_valid_q <= 1'b0;
    if (rst_i) {multiply_q, product_valid_q} <= 0;
  end

  assign ready_o = !multiply_q && !product_valid_q;

  // Shift by multiples of 8, then by the rest and one more with rounding.
  localparam PaddedBits = 40 + FineBits > ProductBits ? 40 + FineBits : ProductBits;
  wire [PaddedBits-1:0] padded = {{(PaddedBits - ProductBits + 1) {sign}},
                                  product_q[ProductBits-2:0]};
  reg  [FineBits-1:0] coarse_q;
  reg  [2:0]          fine_shift_q;
  reg                 coarse_valid_q;
  wire [FineBits-1:0] fine = coarse_q >> fine_shift_q;
  wire [32:0]         rounded = fine[32:0] + 33'd1;
  wire                unused = &{padded, fine, rounded[0]};
  wire                space = !valid_o || ready_i;

  assign pass = product_valid_q && (!coarse_valid_q || space);

  always @(posedge clk_i) begin
    if (pass) begin
      case (shift_q[5:3])
        3'd0:    coarse_q <= padded[0+:FineBits];
        3'd1:    coarse_q <= padded[8+:FineBits];
        3'd2:    coarse_q <= padded[16+:FineBits];
        3'd3:    coarse_q <= padded[24+:FineBits];
        3'd4:    coarse_q <= padded[32+:FineBits];
        default: coarse_q <= padded[40+:FineBits];
      endcase
      fine_shift_q <= shift_q[2:0];
    end
    if (space) data_o <= rounded[32:1];
    if (pass) coarse_valid_q <= 1'b1;
    else if (space) coarse_valid_q <= 1'b0;
    if (space) valid_o <= coarse_valid_q;
    if (rst_i) {coarse_valid_q, valid_o} <= 0;
  end

`ifdef FORMAL
  reg        past_valid_q, past_stall_q;
  reg [31:0] past_data_q;
  initial past_valid_q = 1'b0;
  always @(posedge clk_i) begin
    past_valid_q <= !rst_i;
    past_stall_q <= valid_o && !ready_i;
    past_data_q  <= data_o;
    if (past_valid_q && past_stall_q) assert (valid_o && data_o == past_data_q);
  end
`endif
endmodule

`default_nettype wire
