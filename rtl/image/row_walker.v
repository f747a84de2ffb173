// Walks the window of a convolution over an image, row by row and column by column, and keeps the
// books of the row buffer: a window row is entered when all the image rows it reaches are there,
// those behind it are given back. It only counts; the pixels are in image_rows. One column a cycle;
// entering a row costs kernel + 3 - stride cycles.
`default_nettype none

module row_walker #(
  parameter Rows = 11,    // image rows the buffer holds, at most 16
  parameter SideBits = 10,  // of a coordinate, right padding included
  parameter ColumnBits = 9  // of a coordinate inside an image
) (
  input wire clk_i, input wire rst_i,

  // image: fields are held from the cycle after start_i on, pads are less than the kernel; the next
  // one may start when idle_o
  input wire start_i, output wire idle_o,
  input wire [SideBits-1:0] width_i, input wire [SideBits-1:0] height_i,
  input wire [3:0] kernel_i, input wire [3:0] stride_i,
  input wire [3:0] pad_top_i, input wire [3:0] pad_left_i,
  input wire [SideBits-1:0] out_width_i, input wire [SideBits-1:0] out_height_i,

  // row buffer: rows of all images, in order
  input  wire row_filled_i,
  output wire row_free_o, // there is room for the row being filled

  // window row, entered when quiet_i says that no column of the last one is being read any more
  input  wire                       quiet_i,
  output wire                       enter_o,
  output wire signed [SideBits+1:0] enter_y_o,    // image row of the window's first row
  output wire [3:0]                 enter_slot_o, // its slot in the row buffer

  // columns: taken when advance_i
  input  wire                advance_i,
  output wire                column_valid_o,
  output wire [ColumnBits-1:0] column_x_o,
  output wire                column_outside_o,  // left or right of the image
  output wire                column_complete_o, // with it the window of a pixel is complete
  output wire                column_last_o      // and the pixel is the last of the image
);
  localparam IDLE = 3'd0, PLACE = 3'd1, REACH = 3'd2, ENTER = 3'd3, COLUMNS = 3'd4, RELEASE = 3'd5;
  localparam [3:0] LastSlot = Rows[3:0] - 4'd1;
  // Coordinates may lie outside the image by a kernel, on either side.
  localparam PlaceBits = SideBits + 2;

  reg        [2:0]           state_q;
  reg        [4:0]           stored_q;        // complete rows not given back, of all images
  reg        [3:0]           oldest_slot_q;   // slot of the first of them
  reg        [SideBits-1:0]  released_q;      // rows of this image given back
  reg        [SideBits-1:0]  releasable_q;    // rows of this image behind the window
  reg signed [PlaceBits-1:0] y_q;             // image row of the window's first row
  reg        [3:0]           slot_q;
  reg        [SideBits-1:0]  reach_q;         // rows of the image that the window row needs
  reg        [SideBits-1:0]  rows_left_q;     // window rows from this one on
  reg signed [PlaceBits-1:0] x_q;
  reg        [3:0]           columns_left_q;  // columns of the next window from this one on
  reg        [SideBits-1:0]  pixels_left_q;   // pixels of the row from this one on

  wire signed [PlaceBits-1:0] width = {2'b00, width_i};
  wire signed [PlaceBits-1:0] height = {2'b00, height_i};
  wire signed [PlaceBits-1:0] bottom = y_q + $signed({{PlaceBits-4{1'b0}}, kernel_i});
  wire reached = {{SideBits-4{1'b0}}, stored_q} + {1'b0, released_q} >= {1'b0, reach_q};
  wire enter = state_q == ENTER && quiet_i && reached;
  wire column = state_q == COLUMNS && advance_i;
  wire pixel = column && columns_left_q == 4'd1;
  wire row_end = pixel && pixels_left_q == 1;
  wire release_row = stored_q != 5'd0 && released_q != releasable_q;

  // Slots go round: pad and stride are below Rows, so one correction is enough.
  wire [4:0] slot_above = {1'b0, oldest_slot_q} - {1'b0, pad_top_i};
  wire [4:0] slot_below = {1'b0, slot_q} + {1'b0, stride_i};
  wire [3:0] slot_first = slot_above[4] ? slot_above[3:0] + Rows[3:0] : slot_above[3:0];
  wire [3:0] slot_next = slot_below > {1'b0, LastSlot} ? slot_below[3:0] - Rows[3:0]
                                                       : slot_below[3:0];

  assign idle_o = state_q == IDLE;
  assign row_free_o = stored_q != Rows[4:0];
  assign enter_o = enter;
  assign enter_y_o = y_q;
  assign enter_slot_o = slot_q;
  assign column_valid_o = state_q == COLUMNS;
  assign column_x_o = x_q[ColumnBits-1:0];
  assign column_outside_o = x_q < 0 || x_q >= width;
  assign column_complete_o = columns_left_q == 4'd1;
  assign column_last_o = columns_left_q == 4'd1 && pixels_left_q == 1 && rows_left_q == 1;

  always @(posedge clk_i)
    if (rst_i) state_q <= IDLE;
    else
      case (state_q)
        IDLE:    if (start_i) state_q <= PLACE;
        PLACE:   state_q <= REACH;
        REACH:   state_q <= ENTER;
        ENTER:   if (enter) state_q <= COLUMNS;
        COLUMNS: if (row_end) state_q <= rows_left_q == 1 ? RELEASE : REACH;
        // The window may have left the last rows out, and they may still be on their way.
        default: if (released_q == height_i) state_q <= IDLE;
      endcase

  always @(posedge clk_i)
    case (state_q)
      PLACE: begin
        y_q         <= -$signed({{PlaceBits-4{1'b0}}, pad_top_i});
        slot_q      <= slot_first;
        rows_left_q <= out_height_i;
      end
      REACH: reach_q <= bottom > height ? height_i : bottom[SideBits-1:0];
      ENTER: begin
        x_q            <= -$signed({{PlaceBits-4{1'b0}}, pad_left_i});
        columns_left_q <= kernel_i;
        pixels_left_q  <= out_width_i;
      end
      default:
        if (column) begin
          x_q            <= x_q + 1'b1;
          columns_left_q <= pixel ? stride_i : columns_left_q - 1'b1;
          if (pixel) pixels_left_q <= pixels_left_q - 1'b1;
          if (row_end) begin
            y_q         <= y_q + $signed({{PlaceBits-4{1'b0}}, stride_i});
            slot_q      <= slot_next;
            rows_left_q <= rows_left_q - 1'b1;
          end
        end
    endcase

  // REACH follows the last column of a window row, whose pixels are out of the row buffer by then.
  always @(posedge clk_i) begin
    if (row_filled_i != release_row) stored_q <= row_filled_i ? stored_q + 5'd1 : stored_q - 5'd1;
    if (release_row) oldest_slot_q <= oldest_slot_q == LastSlot ? 4'd0 : oldest_slot_q + 4'd1;
    if (state_q == PLACE) begin
      released_q   <= {SideBits{1'b0}};
      releasable_q <= {SideBits{1'b0}};
    end else begin
      if (release_row) released_q <= released_q + 1'b1;
      if (state_q == RELEASE) releasable_q <= height_i;
      else if (state_q == REACH && y_q > 0)
        releasable_q <= y_q > height ? height_i : y_q[SideBits-1:0];
    end
    if (rst_i) {stored_q, oldest_slot_q, released_q, releasable_q} <= 0;
  end

`ifdef FORMAL
  always @(posedge clk_i)
    if (!rst_i) begin
      assert (stored_q <= Rows);
      if (!idle_o && state_q != PLACE) assert (released_q <= releasable_q);
    end
`endif
endmodule

`default_nettype wire
