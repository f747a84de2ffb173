// Words of 16 bytes that come in pieces of PieceBytes, one a beat; reading is one word, one cycle
// later, until the next read. One distributed memory a piece; those of pieces that nobody reads
// vanish in synthesis.
`default_nettype none

module parameter_memory #(
  parameter PieceBytes = 16,  // 1, 2, 4, 8, 16
  parameter Words = 4,
  parameter AddrBits = Words > 1 ? $clog2(Words) : 1  // derived
) (
  input wire clk_i,

  input wire write_i, input wire [AddrBits-1:0] write_addr_i, input wire [3:0] write_piece_i,
  input wire [8*PieceBytes-1:0] write_data_i,

  input wire read_i, input wire [AddrBits-1:0] read_addr_i, output wire [127:0] read_data_o
);
  genvar p;
  for (p = 0; p < 16 / PieceBytes; p = p + 1) begin : g_piece
    localparam [31:0] PIECE = p;
    (* ram_style = "distributed" *)
    reg [8*PieceBytes-1:0] mem [0:Words-1];
    reg [8*PieceBytes-1:0] read_q;

    always @(posedge clk_i) begin
      if (write_i && write_piece_i == PIECE[3:0]) mem[write_addr_i] <= write_data_i;
      if (read_i) read_q <= mem[read_addr_i];
    end

    assign read_data_o[8*PieceBytes*p+:8*PieceBytes] = read_q;
  end
endmodule

`default_nettype wire
