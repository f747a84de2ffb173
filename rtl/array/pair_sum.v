// Adds the sums of two segments for both output lanes. The sums come split from a packed word, so
// that the true upper sum is upper + carry, carry being the sign of the lower one. One carry fits
// the adder's carry input; the other is handed on, so every node of a tree has exactly one carry to
// come. Latency 1.
`default_nettype none

module pair_sum #(parameter Width = 17) (
  input wire clk_i,

  input wire [Width-1:0] a_lower_i, input wire [Width-1:0] a_upper_i, input wire a_carry_i,
  input wire [Width-1:0] b_lower_i, input wire [Width-1:0] b_upper_i, input wire b_carry_i,

  output reg [Width:0] lower_o, output reg [Width:0] upper_o, output reg carry_o
);
  wire [Width:0] a_lower = {a_lower_i[Width-1], a_lower_i};
  wire [Width:0] b_lower = {b_lower_i[Width-1], b_lower_i};

  // A bit below the sum brings the carry into the adder, where a third summand would make a second
  // one.
  wire [Width+1:0] a_upper = {a_upper_i[Width-1], a_upper_i, 1'b1};
  wire [Width+1:0] b_upper = {b_upper_i[Width-1], b_upper_i, a_carry_i};
  wire [Width+1:0] upper = a_upper + b_upper;
  wire             unused = upper[0];

  always @(posedge clk_i) begin
    lower_o <= a_lower + b_lower;
    upper_o <= upper[Width+1:1];
    carry_o <= b_carry_i;
  end
endmodule

`default_nettype wire
