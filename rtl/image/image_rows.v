// Buffer of image rows, one memory a row, from which all rows of a window column are read at once.
// It places rows round and round and knows nothing of when a row is free (row_walker does). A
// column comes out two cycles after it was asked for; both steps stop while advance_i is low.
`default_nettype none

module image_rows #(
  parameter MaxSide = 512,  // pixels
  parameter Rows = 11,      // at most 16
  parameter MaxKernel = 7,
  parameter SideBits = 10,
  parameter PairBits = 8
) (
  input wire clk_i, input wire rst_i,

  // pairs of pixels in, row by row
  input wire pair_valid_i, input wire [PairBits-1:0] pair_index_i, input wire [47:0] pair_data_i,
  input wire row_done_i,

  // window row
  input  wire                       enter_i,
  input  wire signed [SideBits+1:0] enter_y_i,    // image row of the window's first row
  input  wire [3:0]                 enter_slot_i, // its slot
  input  wire [SideBits-1:0]        height_i,
  input  wire [23:0]                pad_value_i,
  output wire                       quiet_o,      // no column is on its way out of the memories

  // column asked for
  input  wire                advance_i,
  input  wire                ask_valid_i,
  input  wire [PairBits:0]   ask_x_i,
  input  wire                ask_outside_i,
  input  wire [1:0]          ask_marks_i, // travel with the column

  // column out: pixel of window row j at bits 24j+23:24j
  output reg column_valid_o, output wire [24*MaxKernel-1:0] column_data_o,
  output reg [1:0] column_marks_o
);
  localparam Pairs = (MaxSide + 1) / 2;
  localparam [3:0] LastSlot = Rows[3:0] - 4'd1;

  reg [3:0] fill_slot_q;
  always @(posedge clk_i)
    if (rst_i) fill_slot_q <= 4'd0;
    else if (row_done_i) fill_slot_q <= fill_slot_q == LastSlot ? 4'd0 : fill_slot_q + 4'd1;

  // memories, then the pixel of the pair
  reg                read_valid_q, read_odd_q, read_outside_q;
  reg  [1:0]         read_marks_q;
  wire [24*Rows-1:0] pixels;
  genvar r;
  for (r = 0; r < Rows; r = r + 1) begin : g_row
    wire [47:0] pair;
    ram_1r1w #(.Width(48), .Depth(Pairs)) u_pairs (
      .clk_i(clk_i), .write_i(pair_valid_i && fill_slot_q == r),
      .write_addr_i(pair_index_i), .write_data_i(pair_data_i), .read_i(advance_i && ask_valid_i),
      .read_addr_i(ask_x_i[PairBits:1]), .read_data_o(pair)
    );
    assign pixels[24*r +: 24] = read_odd_q ? pair[47:24] : pair[23:0];
  end

  always @(posedge clk_i) begin
    if (advance_i) begin
      read_valid_q   <= ask_valid_i;
      read_odd_q     <= ask_x_i[0];
      read_outside_q <= ask_outside_i;
      read_marks_q   <= ask_marks_i;
    end
    if (rst_i) read_valid_q <= 1'b0;
  end
  assign quiet_o = !read_valid_q;

  // window rows: which slot each reads, or the pad
  always @(posedge clk_i) begin
    if (advance_i) {column_valid_o, column_marks_o} <= {read_valid_q, read_marks_q};
    if (rst_i) column_valid_o <= 1'b0;
  end

  genvar j;
  for (j = 0; j < MaxKernel; j = j + 1) begin : g_window
    localparam signed [SideBits+1:0] Below = j;
    wire signed [SideBits+1:0] y = enter_y_i + Below;
    wire        [4:0]          slot = {1'b0, enter_slot_i} + j;
    reg                        outside_q;
    reg         [3:0]          slot_q;
    reg         [23:0]         pixel_q;
    always @(posedge clk_i) begin
      if (enter_i) begin
        outside_q <= y < 0 || y >= $signed({2'b00, height_i});
        slot_q    <= slot > {1'b0, LastSlot} ? slot[3:0] - Rows[3:0] : slot[3:0];
      end
      if (advance_i && read_valid_q)
        pixel_q <= outside_q || read_outside_q ? pad_value_i : pixels[24*slot_q +: 24];
    end
    assign column_data_o[24*j +: 24] = pixel_q;
  end
endmodule

`default_nettype wire
