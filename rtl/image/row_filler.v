// Cuts the words of an image into slices of 2 * PackLanes pixels, row by row, and says where each
// slice goes. It does not hold rows and knows nothing of kernels. One slice a cycle; a row's last
// slice may be short, what it lacks is meaningless. What an image leaves of its last word is thrown
// away.
`default_nettype none

module row_filler #(
  parameter PackLanes = 1, parameter SideBits = 10, parameter SliceBits = 9 - PackLanes
) (
  input wire clk_i, input wire rst_i,

  // image, two slices wide at least: its sides are held from the cycle after start_i until the next
  // start_i
  input wire start_i,
  input wire [SideBits-1:0] width_i,
  input wire [SideBits-1:0] height_i,
  output reg busy_o,

  // words in
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,

  // slices out: taken in the cycle they are valid, which row_free_i allows
  input wire row_free_i,
  output wire slice_valid_o, output reg [SliceBits-1:0] slice_index_o,
  output wire [48*PackLanes-1:0] slice_data_o,
  output wire row_done_o
);
  localparam [4:0] SliceBytes = PackLanes == 1 ? 5'd6 : 5'd12;
  // A word is taken once less than a slice is left.
  localparam HeldBytes = 6 * PackLanes - 1 + 16;

  reg [8*HeldBytes-1:0] held_q;
  reg [4:0]             count_q;
  reg [SideBits-1:0]    row_q;

  // The short slice at the end of a row, if there is one.
  wire [PackLanes-1:0] short_columns = width_i[PackLanes-1:0];
  wire                 has_short = short_columns != 0;
  wire [4:0]           short_bytes = {{5-PackLanes{1'b0}}, short_columns} * 5'd3;

  wire [SideBits-1:0] columns = {slice_index_o, {PackLanes{1'b0}}} + (PackLanes == 1 ? 2 : 4);
  wire                row_end = columns >= width_i;
  wire [4:0]          bytes = row_end && has_short ? short_bytes : SliceBytes;
  wire                take = busy_o && row_free_i && count_q >= bytes;
  wire                last_row = row_q + 1'b1 == height_i;
  wire                image_end = take && row_end && last_row;

  // What stays after this cycle's slice; image_end drops the rest of the last word.
  wire [4:0] left = image_end ? 5'd0 : take ? count_q - bytes : count_q;
  wire [8*HeldBytes-1:0] behind;
  if (PackLanes == 1) begin : g_behind_pair
    assign behind = bytes[0] ? held_q >> 24 : held_q >> 48;
  end else begin : g_behind_slice
    assign behind = bytes[1:0] == 2'd3 ? held_q >> 24 : bytes[1:0] == 2'd2 ? held_q >> 48 :
                    bytes[1:0] == 2'd1 ? held_q >> 72 : held_q >> 96;
  end
  wire [8*HeldBytes-1:0] kept = image_end ? {8*HeldBytes{1'b0}} : take ? behind : held_q;
  // A word taken in before the image's last pixel would be lost with the rest of the last word, so
  // none is taken when the bytes of a short last slice are there.
  wire at_end = take ? columns + (PackLanes == 1 ? 2 : 4) >= width_i : row_end;
  wire next_ends = busy_o && last_row && has_short && at_end;
  wire refill = word_valid_i && word_ready_o;

  assign word_ready_o = left < (next_ends ? short_bytes : SliceBytes);
  assign slice_valid_o = take;
  assign slice_data_o = held_q[48*PackLanes-1:0];
  assign row_done_o = take && row_end;

  // Bytes above the count are 0, so a word is put behind them by an OR.
  wire [8*HeldBytes-1:0] word = {{8*HeldBytes-128{1'b0}}, word_data_i};
  always @(posedge clk_i) begin
    held_q  <= refill ? kept | (word << {left[PackLanes+1:0], 3'b000}) : kept;
    count_q <= refill ? left + 5'd16 : left;
    if (rst_i) {held_q, count_q} <= 0;
  end

  always @(posedge clk_i)
    if (rst_i) begin
      busy_o <= 1'b0;
    end else if (start_i) begin
      busy_o        <= 1'b1;
      slice_index_o <= {SliceBits{1'b0}};
      row_q         <= {SideBits{1'b0}};
    end else if (take) begin
      slice_index_o <= row_end ? {SliceBits{1'b0}} : slice_index_o + 1'b1;
      row_q         <= row_end ? row_q + 1'b1 : row_q;
      busy_o        <= !image_end;
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
