// Walks the words of a transfer in the order of its buffer: pixel by pixel of a row, each pixel's
// vectors one behind the other, and behind each row the pad words, which are in no bank. It says of
// the present word where it is in the feature memory; a step goes on to the next one, which shows
// in the next cycle.
`default_nettype none

module transfer_walk #(
  parameter PixLanes = 1,
  parameter AddrBits = 14,
  parameter CountBits = 24,  // of words and of a row's pixels
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1  // derived
) (
  input wire clk_i,

  // the transfer, stable from the start to the last step; all counts but the pad words at least 1
  input wire start_i,
  input wire [AddrBits-1:0] first_addr_i,  // of the first pixel's group
  input wire [BankBits-1:0] first_bank_i,
  input wire [AddrBits-1:0] stride_i,      // from vector to vector
  input wire [7:0] vectors_i, input wire [7:0] pad_words_i,
  input wire [CountBits-1:0] row_pixels_i, input wire [CountBits-1:0] words_i,

  // the present word
  input  wire                step_i,
  output reg                 pad_o,
  output reg                 last_o,  // of the transfer
  output reg  [AddrBits-1:0] addr_o,
  output reg  [BankBits-1:0] bank_o
);
  localparam [31:0] LAST_BANK = PixLanes - 1;

  reg [AddrBits-1:0]  group_q;         // address of the pixel's first vector
  reg [7:0]           vectors_left_q;  // this one included, and likewise the others
  reg [CountBits-1:0] pixels_left_q, words_left_q;
  reg [7:0]           pads_left_q;

  wire                pixel_ends = vectors_left_q == 8'd1;
  wire                row_ends = pixels_left_q == 1;
  wire                bank_wraps = bank_o == LAST_BANK[BankBits-1:0];
  wire [AddrBits-1:0] group_after = group_q + {{AddrBits-1{1'b0}}, bank_wraps};

  always @(posedge clk_i)
    if (start_i) begin
      pad_o          <= 1'b0;
      last_o         <= words_i == 1;
      addr_o         <= first_addr_i;
      bank_o         <= first_bank_i;
      group_q        <= first_addr_i;
      vectors_left_q <= vectors_i;
      pixels_left_q  <= row_pixels_i;
      words_left_q   <= words_i;
    end else if (step_i) begin
      words_left_q <= words_left_q - 1'b1;
      last_o       <= words_left_q == 2;
      if (pad_o) begin
        pads_left_q <= pads_left_q - 8'd1;
        pad_o       <= pads_left_q != 8'd1;
      end else if (pixel_ends) begin
        addr_o         <= group_after;
        group_q        <= group_after;
        bank_o         <= bank_wraps ? {BankBits{1'b0}} : bank_o + 1'b1;
        vectors_left_q <= vectors_i;
        pixels_left_q  <= row_ends ? row_pixels_i : pixels_left_q - 1'b1;
        pads_left_q    <= pad_words_i;
        pad_o          <= row_ends && pad_words_i != 8'd0;
      end else begin
        addr_o         <= addr_o + stride_i;
        vectors_left_q <= vectors_left_q - 8'd1;
      end
    end
endmodule

`default_nettype wire
