// Buffer of image rows, one memory a row, from which all rows of a window column are read at once,
// with two PackLanes those of the column before it too. It places rows round and round and knows
// nothing of when a row is free (row_walker does). A column comes out three cycles after it was asked
// for; all steps stop while advance_i is low.
`default_nettype none

module image_rows #(
  parameter PackLanes = 1,
  parameter MaxSide = 512,  // pixels
  parameter Rows = 11,      // at most 16
  parameter MaxKernel = 7,
  parameter SideBits = 10,
  parameter SliceBits = 9 - PackLanes
) (
  input wire clk_i, input wire rst_i,

  // slices of 2 * PackLanes pixels in, row by row
  input wire slice_valid_i, input wire [SliceBits-1:0] slice_index_i,
  input wire [48*PackLanes-1:0] slice_data_i,
  input wire row_done_i,

  // window row
  input  wire                       enter_i,      // its first column is asked for
  input  wire signed [SideBits+1:0] enter_y_i,    // image row of the window's first row
  input  wire [3:0]                 enter_slot_i, // its slot
  input  wire [SideBits-1:0]        height_i,
  input  wire [23:0]                pad_value_i,
  output wire                       quiet_o,      // no column is on its way out of the memories
  output wire                       idle_o,       // nor chosen from what came out of them

  // column asked for, with two PackLanes the newest of two: either odd, or two behind the last one,
  // or the column before it does not matter
  input  wire                           advance_i,
  input  wire                           ask_valid_i,
  input  wire [SliceBits+PackLanes-1:0] ask_x_i,
  input  wire [1:0]                     ask_outside_i, // bit 1: the column before it
  input  wire [2:0]                     ask_marks_i,   // travel with the column

  // column out: pixel of window row j at bits 24j+23:24j; above it the column before
  output reg column_valid_o, output wire [24*MaxKernel*PackLanes-1:0] column_data_o,
  output reg [2:0] column_marks_o
);
  localparam Pixels = 2 * PackLanes; // a slice
  localparam Slices = (MaxSide + Pixels - 1) / Pixels;
  localparam [3:0] LastSlot = Rows[3:0] - 4'd1;

  reg [3:0] fill_slot_q;
  always @(posedge clk_i)
    if (rst_i) fill_slot_q <= 4'd0;
    else if (row_done_i) fill_slot_q <= fill_slot_q == LastSlot ? 4'd0 : fill_slot_q + 4'd1;

  // memories, then the pixel of the slice and the other one of its pair
  reg                  read_valid_q, picked_valid_q, picked_odd_q;
  reg  [1:0]           picked_outside_q;
  reg  [2:0]           picked_marks_q;
  reg  [PackLanes-1:0] read_x_q;
  reg  [1:0]           read_outside_q;
  reg  [2:0]           read_marks_q;
  // 32 bits for each of 16, so that choosing one takes no multiplier.
  reg  [511:0]         pixels, others;
  genvar r;
  for (r = 0; r < Rows; r = r + 1) begin : g_row
    wire [48*PackLanes-1:0] slice;
    ram_1r1w #(.Width(48*PackLanes), .Depth(Slices)) u_slices (
      .clk_i(clk_i), .write_i(slice_valid_i && fill_slot_q == r),
      .write_addr_i(slice_index_i), .write_data_i(slice_data_i), .read_i(advance_i && ask_valid_i),
      .read_addr_i(ask_x_i[SliceBits+PackLanes-1:PackLanes]), .read_data_o(slice)
    );
    wire [47:0] pair = PackLanes > 1 && read_x_q[PackLanes-1] ? slice[48*PackLanes-1 -: 48]
                                                              : slice[47:0];
    always @(posedge clk_i)
      if (advance_i && read_valid_q) begin
        pixels[32*r +: 32] <= {8'd0, read_x_q[0] ? pair[47:24] : pair[23:0]};
        others[32*r +: 32] <= {8'd0, read_x_q[0] ? pair[23:0] : pair[47:24]};
      end
  end
  if (Rows < 16) begin : g_none
    always @(posedge clk_i) {pixels[511:32*Rows], others[511:32*Rows]} <= 0;
  end

  always @(posedge clk_i) begin
    if (advance_i) begin
      read_valid_q   <= ask_valid_i;
      read_x_q       <= ask_x_i[PackLanes-1:0];
      read_outside_q <= ask_outside_i;
      read_marks_q   <= ask_marks_i;
      {picked_valid_q, picked_odd_q} <= {read_valid_q, read_x_q[0]};
      {picked_outside_q, picked_marks_q} <= {read_outside_q, read_marks_q};
    end
    if (rst_i) {read_valid_q, picked_valid_q} <= 2'b00;
  end
  assign quiet_o = !read_valid_q;
  assign idle_o = !read_valid_q && !picked_valid_q;

  // window rows: which slot each reads, or the pad
  always @(posedge clk_i) begin
    if (advance_i) {column_valid_o, column_marks_o} <= {picked_valid_q, picked_marks_q};
    if (rst_i) column_valid_o <= 1'b0;
  end

  genvar j;
  for (j = 0; j < MaxKernel; j = j + 1) begin : g_window
    localparam signed [SideBits+1:0] Below = j;
    wire signed [SideBits+1:0] y = enter_y_i + Below;
    wire        [4:0]          slot = {1'b0, enter_slot_i} + j;
    reg                        outside_q, picked_row_outside_q;
    reg         [3:0]          slot_q, picked_slot_q;
    reg         [23:0]         pixel_q;
    always @(posedge clk_i) begin
      if (enter_i) begin
        outside_q <= y < 0 || y >= $signed({2'b00, height_i});
        slot_q    <= slot > {1'b0, LastSlot} ? slot[3:0] - Rows[3:0] : slot[3:0];
      end
      if (advance_i) {picked_row_outside_q, picked_slot_q} <= {outside_q, slot_q};
      if (advance_i && picked_valid_q)
        pixel_q <= picked_row_outside_q || picked_outside_q[0] ? pad_value_i
                                                               : pixels[{picked_slot_q, 5'd0} +: 24];
    end
    assign column_data_o[24*j +: 24] = pixel_q;
    if (PackLanes > 1) begin : g_before
      // Behind an even column lies the upper pixel of the pair read last.
      reg  [23:0] upper_q, before_q;
      wire [23:0] other = others[{picked_slot_q, 5'd0} +: 24];
      always @(posedge clk_i)
        if (advance_i && picked_valid_q) begin
          upper_q  <= other;
          before_q <= picked_row_outside_q || picked_outside_q[1] ? pad_value_i
                    : picked_odd_q ? other : upper_q;
        end
      assign column_data_o[24*(MaxKernel+j) +: 24] = before_q;
    end
  end
  wire unused_ok = &{1'b0, others, picked_outside_q, picked_odd_q};
endmodule

`default_nettype wire
