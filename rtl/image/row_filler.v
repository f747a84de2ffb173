// Cuts the words of an image into pairs of pixels, row by row, and says where each pair goes. It
// does not hold rows and knows nothing of kernels. One pair a cycle, 16 bytes every 8/3 cycles; a
// row of odd width ends with a pair whose upper pixel is meaningless. What an image leaves of its
// last word is thrown away.
`default_nettype none

module row_filler #(parameter SideBits = 10, parameter PairBits = 8) (
  input wire clk_i, input wire rst_i,

  // image, 3 columns at least: its sides are held from the cycle after start_i until the next
  // start_i
  input wire start_i,
  input wire [SideBits-1:0] width_i,
  input wire [SideBits-1:0] height_i,
  output reg busy_o,

  // words in
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,

  // pairs out: taken in the cycle they are valid, which row_free_i allows
  input wire row_free_i,
  output wire pair_valid_o, output reg [PairBits-1:0] pair_index_o, output wire [47:0] pair_data_o,
  output wire row_done_o
);
  // A word is taken once fewer than 6 bytes are left, so at most 5 + 16 bytes are held.
  localparam HeldBytes = 21;

  reg [8*HeldBytes-1:0] held_q;
  reg [4:0]             count_q;
  reg [SideBits-1:0]    row_q;

  wire [SideBits-1:0] pair_columns = {pair_index_o, 1'b0} + 2;
  wire                row_end = pair_columns >= width_i;
  wire                single = row_end && width_i[0];
  wire                take = busy_o && row_free_i && (count_q >= 6 || (single && count_q >= 3));
  wire                last_row = row_q + 1'b1 == height_i;
  wire                image_end = take && row_end && last_row;

  // What stays after this cycle's pair; image_end drops the rest of the last word.
  wire [4:0] left = image_end ? 5'd0 : !take ? count_q : single ? count_q - 5'd3 : count_q - 5'd6;
  wire [8*HeldBytes-1:0] kept =
      image_end ? {8*HeldBytes{1'b0}} : !take ? held_q : single ? held_q >> 24 : held_q >> 48;
  // A word taken in before the image's last pixel would be lost with the rest of the last word, so
  // none is taken when the bytes of a single last pixel are there.
  wire next_ends = busy_o && last_row && width_i[0] && pair_columns + (take ? 2 : 0) >= width_i;
  wire refill = word_valid_i && word_ready_o;

  assign word_ready_o = left < (next_ends ? 5'd3 : 5'd6);
  assign pair_valid_o = take;
  assign pair_data_o = held_q[47:0];
  assign row_done_o = take && row_end;

  // Bytes above the count are 0, so a word is put behind them by an OR.
  always @(posedge clk_i) begin
    held_q  <= refill ? kept | ({40'd0, word_data_i} << {left[2:0], 3'b000}) : kept;
    count_q <= refill ? left + 5'd16 : left;
    if (rst_i) {held_q, count_q} <= 0;
  end

  always @(posedge clk_i)
    if (rst_i) begin
      busy_o <= 1'b0;
    end else if (start_i) begin
      busy_o       <= 1'b1;
      pair_index_o <= {PairBits{1'b0}};
      row_q        <= {SideBits{1'b0}};
    end else if (take) begin
      pair_index_o <= row_end ? {PairBits{1'b0}} : pair_index_o + 1'b1;
      row_q        <= row_end ? row_q + 1'b1 : row_q;
      busy_o       <= !image_end;
    end

`ifdef FORMAL
  always @(posedge clk_i)
    if (!rst_i) begin
      assert (count_q <= HeldBytes);
      assert (held_q >> {count_q, 3'b000} == 0);
    end
`endif
endmodule

`default_nettype wire
