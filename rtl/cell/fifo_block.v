// First-in first-out queue of words, first-word fall-through, in block memory. Holds Depth words
// and one more at the output. A word written into the empty queue shows at the output two cycles
// later; one word in and out a cycle. For small depths, or if a cycle counts, use fifo.
`default_nettype none

module fifo_block #(parameter Width = 64, parameter Depth = 128) (
  input wire clk_i, input wire rst_i,

  // stream in
  input wire valid_i, output wire ready_o, input wire [Width-1:0] data_i,

  // stream out
  output reg valid_o, input wire ready_i, output wire [Width-1:0] data_o
);
  if (Width < 1 || Depth < 2) fifo_block_Width_must_be_at_least_1_and_Depth_2 u_stop ();

  localparam AddrBits = $clog2(Depth);
  localparam [31:0] LAST = Depth - 1;
  wire [AddrBits-1:0] last = LAST[AddrBits-1:0];

  reg [AddrBits-1:0] write_q, read_q;
  reg [AddrBits:0]   stored_q;  // words in the memory that the output has not fetched
  reg                full_q, some_q;

  wire push = valid_i && ready_o;
  // Only words of earlier cycles count as stored, so a fetch never meets the write of its own word.
  wire fetch = some_q && (!valid_o || ready_i);

  assign ready_o = !full_q;

  always @(posedge clk_i) begin
    if (push)  write_q <= write_q == last ? {AddrBits{1'b0}} : write_q + 1'b1;
    if (fetch) read_q  <= read_q == last ? {AddrBits{1'b0}} : read_q + 1'b1;
    if (push && !fetch) begin
      stored_q <= stored_q + 1'b1;
      full_q   <= stored_q == LAST[AddrBits:0];
      some_q   <= 1'b1;
    end else if (fetch && !push) begin
      stored_q <= stored_q - 1'b1;
      full_q   <= 1'b0;
      some_q   <= stored_q != 1;
    end
    if (fetch || ready_i) valid_o <= fetch;
    if (rst_i) {write_q, read_q, stored_q, full_q, some_q, valid_o} <= 0;
  end

  ram_1r1w #(.Width(Width), .Depth(Depth)) u_ram (
    .clk_i(clk_i), .write_i(push), .write_addr_i(write_q), .write_data_i(data_i), .read_i(fetch),
    .read_addr_i(read_q), .read_data_o(data_o)
  );

`ifdef FORMAL
  always @(posedge clk_i) begin
    if (!rst_i) begin
      assert (stored_q <= Depth);
      assert (full_q == (stored_q == Depth));
      assert (some_q == (stored_q != 0));
    end
  end
`endif
endmodule

`default_nettype wire
