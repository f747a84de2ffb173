// First-in first-out queue of words, first-word fall-through, in distributed memory, with the first
// word in a register. Any depth from 1. A word written into the empty queue shows at the output one
// cycle later; one word in and out a cycle. It does not take a word in while full, even if one
// leaves in the same cycle: input ready is a register.
`default_nettype none

module fifo #(
  parameter Width = 8,
  parameter Depth = 4,
  parameter CountBits = $clog2(Depth + 1)  // derived
) (
  input wire clk_i, input wire rst_i,

  // stream in
  input wire valid_i, output wire ready_o, input wire [Width-1:0] data_i,

  // stream out
  output reg valid_o, input wire ready_i, output reg [Width-1:0] data_o,

  // words in the queue
  output reg [CountBits-1:0] count_o
);
  if (Width < 1 || Depth < 1) fifo_Width_and_Depth_must_be_at_least_1 u_stop ();

  localparam AddrBits = Depth > 1 ? $clog2(Depth) : 1;
  localparam [31:0] LAST = Depth - 1, SECOND = Depth > 1 ? 1 : 0;

  reg [Width-1:0]    mem [0:Depth-1];
  reg [AddrBits-1:0] write_q;
  reg [AddrBits-1:0] second_q;   // of the word behind the first
  reg                several_q;  // there is one
  reg                full_q;

  wire push = valid_i && ready_o;
  wire pop = valid_o && ready_i;

  assign ready_o = !full_q;

  always @(posedge clk_i) if (push) mem[write_q] <= data_i;
  always @(posedge clk_i) if (pop || !valid_o) data_o <= several_q ? mem[second_q] : data_i;

  always @(posedge clk_i) begin
    if (push) write_q <= write_q == LAST[AddrBits-1:0] ? {AddrBits{1'b0}} : write_q + 1'b1;
    if (pop) second_q <= second_q == LAST[AddrBits-1:0] ? {AddrBits{1'b0}} : second_q + 1'b1;
    if (push && !pop) begin
      count_o   <= count_o + 1'b1;
      full_q    <= count_o == LAST[CountBits-1:0];
      valid_o   <= 1'b1;
      several_q <= valid_o;
    end else if (pop && !push) begin
      count_o   <= count_o - 1'b1;
      full_q    <= 1'b0;
      valid_o   <= several_q;
      several_q <= {2'b00, count_o} > 2;
    end
    if (rst_i) {write_q, count_o, full_q, valid_o, several_q} <= 0;
    if (rst_i) second_q <= SECOND[AddrBits-1:0];
  end

`ifdef FORMAL
  always @(posedge clk_i) begin
    if (!rst_i) begin
      assert (count_o <= Depth);
      assert (full_q == (count_o == Depth));
      assert (valid_o == (count_o != 0));
      assert (several_q == (count_o > 1));
    end
  end
`endif
endmodule

`default_nettype wire
