// Cuts the words of an image into slices of 2 * PackLanes pixels, row by row, and says where each
// slice goes. It does not hold rows and knows nothing of kernels. One slice a cycle; a row's last
// slice may be short, what it lacks is meaningless. What an image leaves of its last word is thrown
// away.
`default_nettype none

module row_filler #(
  parameter PackLanes = 1, parameter SideBits = 10, parameter SliceBits = 9 - PackLanes
) (
  input wire clk_i, input wire rst_i,

  // image, two slices wide and two rows high at least: its sides are held from the cycle after
  // start_i until the next start_i
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
  localparam DataBits = 48 * PackLanes;
  localparam [4:0] SliceBytes = PackLanes == 1 ? 5'd6 : 5'd12;
  localparam [31:0] COLUMNS = 2 * PackLanes;

  // A word is taken once less than a slice is left, so at most 11 + 16 bytes are held: in two words,
  // written in turn, of which a slice is cut where the last one ended. No byte moves.
  reg [127:0]        even_q, odd_q;
  reg                odd_next_q;  // the next word goes to odd_q
  reg [4:0]          place_q;     // of the next slice's first byte, odd_q being behind even_q
  reg [4:0]          count_q;     // bytes held
  reg [SideBits-1:0] row_q;

  // What the present and the next slice are, found a slice ahead. A row has more than one; the width
  // holds only since the first one's first cycle.
  reg                 first_q, row_end_q, row_ends_next_q, last_row_q;
  wire [SideBits-1:0] columns_after_next = {slice_index_o, {PackLanes{1'b0}}}
                                           + 3 * COLUMNS[SideBits-1:0];
  wire                row_ends_next = first_q ? width_i <= 2 * COLUMNS[SideBits-1:0]
                                              : row_ends_next_q;
  wire [SideBits-1:0] row_next = row_q + 1'b1;
  wire [SideBits-1:0] row_after_next = row_q + 2;

  // The slice at the end of a row may be short.
  wire [PackLanes-1:0] short_columns = width_i[PackLanes-1:0];
  wire [4:0]           short_bytes = {{5-PackLanes{1'b0}}, short_columns}
                                     + {{4-PackLanes{1'b0}}, short_columns, 1'b0};
  wire [4:0]           last_bytes = short_columns == 0 ? SliceBytes : short_bytes;
  wire [4:0]           bytes = row_end_q ? last_bytes : SliceBytes;

  reg  has_slice_q, has_last_q;  // enough for one
  wire take = busy_o && row_free_i && (has_slice_q || (row_end_q && has_last_q));
  wire drops = row_end_q && last_row_q;
  wire image_end = take && drops;

  // What stays after this cycle's slice; the image's last one drops the rest of its word.
  wire [4:0] left = image_end ? 5'd0 : take ? count_q - bytes : count_q;
  wire taken_has_slice = !drops && count_q >= bytes + SliceBytes;
  wire taken_has_last = !drops && count_q >= bytes + last_bytes;
  wire has_last = count_q >= last_bytes;
  // A word taken in before the image's last pixel would be lost with the rest of the last word, so
  // none is taken when the bytes of a short last slice are there.
  wire ends_row = busy_o && last_row_q;
  wire taken_wants = !(ends_row && (row_end_q || row_ends_next) ? taken_has_last
                                                                : taken_has_slice);
  wire untaken_wants = !(ends_row && row_end_q ? has_last : has_slice_q);
  wire refill = word_valid_i && word_ready_o;

  assign word_ready_o = take ? taken_wants : untaken_wants;
  assign slice_valid_o = take;
  assign row_done_o = take && row_end_q;

  always @(posedge clk_i) begin
    if (refill && !odd_next_q) even_q <= word_data_i;
    if (refill && odd_next_q) odd_q <= word_data_i;
    if (refill) odd_next_q <= !odd_next_q;
    count_q     <= refill ? left + 5'd16 : left;
    has_slice_q <= refill || (take ? taken_has_slice : has_slice_q);
    has_last_q  <= refill || (take ? taken_has_last : has_last);
    if (image_end) place_q <= {odd_next_q, 4'd0};
    else if (take) place_q <= place_q + bytes;
    if (rst_i) {odd_next_q, count_q, has_slice_q, place_q} <= 0;
  end

  // The slice starts in one word and may end in the other.
  wire [127:0]            lower = place_q[4] ? odd_q : even_q;
  wire [DataBits-9:0]   upper = place_q[4] ? even_q[DataBits-9:0] : odd_q[DataBits-9:0];
  wire [DataBits+119:0] held = {upper, lower};
  assign slice_data_o = held[{1'b0, place_q[3:0], 3'b000}+:DataBits];

  always @(posedge clk_i) begin
    if (start_i) begin
      first_q    <= 1'b1;
      row_end_q  <= 1'b0;
      last_row_q <= 1'b0;
    end else begin
      if (take) begin
        first_q         <= row_end_q;
        row_end_q       <= !row_end_q && row_ends_next;
        row_ends_next_q <= columns_after_next >= width_i;
      end
      last_row_q <= (take && row_end_q ? row_after_next : row_next) == height_i;
    end
  end

  always @(posedge clk_i)
    if (rst_i) begin
      busy_o <= 1'b0;
    end else if (start_i) begin
      busy_o        <= 1'b1;
      slice_index_o <= {SliceBits{1'b0}};
      row_q         <= {SideBits{1'b0}};
    end else if (take) begin
      slice_index_o <= row_end_q ? {SliceBits{1'b0}} : slice_index_o + 1'b1;
      row_q         <= row_end_q ? row_q + 1'b1 : row_q;
      busy_o        <= !image_end;
    end

`ifdef FORMAL
  always @(posedge clk_i)
    if (!rst_i) begin
      assert (count_q <= 27);
      assert (has_slice_q == (count_q >= SliceBytes));
    end
`endif
endmodule

`default_nettype wire
