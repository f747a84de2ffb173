// Circular memory of weight sections, between the tape and the weight loader. Positions are running
// counts of words since reset; the low bits address the memory. It does not know sections: a word
// is free when the reader's released count has passed it. One word in and one out a cycle, read
// latency 3.
`default_nettype none

module weight_ring #(
  parameter Words = 4096,    // a power of two
  parameter CountBits = 24   // more than log2(Words) bits
) (
  input wire clk_i, input wire rst_i,

  // words in
  input wire write_valid_i, output wire write_ready_o, input wire [127:0] write_data_i,

  // counts: words below written_o can be read, those below released_i are given back
  output reg [CountBits-1:0] written_o, input wire [CountBits-1:0] released_i,

  // words out
  input wire read_i, input wire [CountBits-1:0] read_addr_i, output wire [127:0] read_data_o
);
  localparam AddrBits = $clog2(Words);

  if (Words < 2 || (1 << AddrBits) != Words) weight_ring_Words_must_be_a_power_of_two u_stop ();
  if (CountBits <= AddrBits) weight_ring_CountBits_must_exceed_the_address u_stop ();

  reg  [AddrBits:0] used_q;  // knows of a release one cycle late, so it is never too small
  wire              write = write_valid_i && write_ready_o;

  assign write_ready_o = !used_q[AddrBits];

  always @(posedge clk_i) begin
    if (write) written_o <= written_o + 1'b1;
    used_q <= written_o[AddrBits:0] - released_i[AddrBits:0] + {{AddrBits{1'b0}}, write};
    if (rst_i) {written_o, used_q} <= 0;
  end

  ram_1r1w #(.Width(128), .Depth(Words), .InputRegister(1), .OutputRegister(1)) u_words (
    .clk_i(clk_i),
    .write_i(write), .write_addr_i(written_o[AddrBits-1:0]), .write_data_i(write_data_i),
    .read_i(read_i), .read_addr_i(read_addr_i[AddrBits-1:0]), .read_data_o(read_data_o)
  );

  wire unused_addr = &{1'b0, read_addr_i[CountBits-1:AddrBits], released_i};

`ifdef FORMAL
  always @(posedge clk_i) if (!rst_i) assert (used_q <= Words);
`endif
endmodule

`default_nettype wire
