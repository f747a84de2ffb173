// Walks the window of a convolution over an image, row by row and column by column, and keeps the
// books of the row buffer: a window row is entered when all the image rows it reaches are there,
// those behind it are given back. It only counts; the pixels are in image_rows. One column a cycle,
// entering a row costs kernel + 2 - stride cycles; with two PackLanes two columns a cycle, but not
// two windows, and (kernel - 1) / 2 cycles to enter a row whose image rows are there.
`default_nettype none

module row_walker #(
  parameter PackLanes = 1,
  parameter Rows = 11,    // image rows the buffer holds, at most 16
  parameter SideBits = 10,  // of a coordinate, right padding included
  parameter ColumnBits = 9  // of a coordinate inside an image
) (
  input wire clk_i, input wire rst_i,

  // image: fields are held from the cycle after start_i on, pads are less than the kernel; the next
  // one may start when idle_o
  input wire start_i, output wire idle_o,
  output wire lacks_rows_o,  // idle, or before a window row whose image rows are not all there
  input wire [SideBits-1:0] width_i, input wire [SideBits-1:0] height_i,
  input wire [3:0] kernel_i, input wire [3:0] stride_i,
  input wire [3:0] pad_top_i, input wire [3:0] pad_left_i,
  input wire [SideBits-1:0] out_width_i, input wire [SideBits-1:0] out_height_i,

  // row buffer: rows of all images, in order
  input  wire row_filled_i,
  output wire row_free_o, // there is room for the row being filled

  // window row, with one PackLane entered when quiet_i says that no column of the last one is being
  // read any more
  input  wire                       quiet_i,
  output wire                       enter_o,      // with its first column
  output wire signed [SideBits+1:0] enter_y_o,    // image row of the window's first row
  output wire [3:0]                 enter_slot_o, // its slot in the row buffer

  // columns: taken when advance_i; with two PackLanes the newest of the two
  input  wire                advance_i,
  output wire                column_valid_o,
  output wire [ColumnBits-1:0] column_x_o,
  output wire [1:0]          column_outside_o,  // left or right of the image; bit 1: the one before
  output wire                column_double_o,   // the one before counts too
  output wire                column_complete_o, // with it the window of a pixel is complete
  output wire                column_last_o      // and the pixel is the last of the image
);
  localparam IDLE = 3'd0, PLACE = 3'd1, REACH = 3'd2, ENTER = 3'd3, COLUMNS = 3'd4, RELEASE = 3'd5;
  localparam [3:0] LastSlot = Rows[3:0] - 4'd1;
  // Coordinates may lie outside the image by a kernel, on either side.
  localparam PlaceBits = SideBits + 2;

  reg        [2:0]           state_q;
  reg        [4:0]           stored_q;        // complete rows not given back, of all images
  reg                        room_q;          // they are not all that the buffer holds
  reg        [3:0]           oldest_slot_q;   // slot of the first of them
  reg        [SideBits-1:0]  released_q;      // rows of this image given back
  reg        [SideBits-1:0]  releasable_q;    // rows of this image behind the window
  reg signed [PlaceBits-1:0] y_q;             // image row of the window's first row
  reg        [3:0]           slot_q;
  reg        [SideBits-1:0]  reach_q;         // rows of the image that the row to be entered needs
  reg                        next_reached_q;  // they are there, of the row after this one
  reg        [SideBits-1:0]  rows_left_q;     // window rows from this one on
  reg                        first_q;         // no column of the row was taken
  reg                        single_q;        // the last window's stride leads to the next column
  reg signed [PlaceBits-1:0] x_q;
  reg        [3:0]           columns_left_q;  // columns of the next window from this one on
  reg        [SideBits-1:0]  pixels_left_q;   // pixels of the row from this one on

  wire signed [PlaceBits-1:0] width = {2'b00, width_i};
  wire signed [PlaceBits-1:0] height = {2'b00, height_i};
  wire [3:0] below = PackLanes == 1 || state_q == REACH ? kernel_i : kernel_i + stride_i;
  wire signed [PlaceBits-1:0] bottom = y_q + $signed({{PlaceBits-4{1'b0}}, below});
  wire reached = {{SideBits-4{1'b0}}, stored_q} + {1'b0, released_q} >= {1'b0, reach_q};
  wire enter = state_q == ENTER && (PackLanes > 1 || quiet_i) && reached;
  wire column = state_q == COLUMNS && advance_i;
  wire complete = columns_left_q == 4'd1;
  wire pixel = column && complete;
  wire row_end = pixel && pixels_left_q == 1;
  // With two PackLanes the next row follows at once, if it can.
  wire turn = PackLanes > 1 && row_end && next_reached_q && rows_left_q != 1;
  wire [3:0] step = PackLanes == 1 ? 4'd1 : complete ? stride_i : 4'd2;
  wire release_row = stored_q != 5'd0 && released_q != releasable_q;

  // Slots go round: pad and stride are below Rows, so one correction is enough.
  wire [4:0] slot_above = {1'b0, oldest_slot_q} - {1'b0, pad_top_i};
  wire [4:0] slot_below = {1'b0, slot_q} + {1'b0, stride_i};
  wire [3:0] slot_first = slot_above[4] ? slot_above[3:0] + Rows[3:0] : slot_above[3:0];
  wire [3:0] slot_next = slot_below > {1'b0, LastSlot} ? slot_below[3:0] - Rows[3:0]
                                                       : slot_below[3:0];

  assign idle_o = state_q == IDLE;
  assign lacks_rows_o = idle_o || (state_q == ENTER && !reached);
  assign row_free_o = room_q;
  assign enter_o = column && first_q;
  assign enter_y_o = y_q;
  assign enter_slot_o = slot_q;
  assign column_valid_o = state_q == COLUMNS;
  assign column_x_o = x_q[ColumnBits-1:0];
  assign column_outside_o = {x_q < 1 || x_q > width, x_q < 0 || x_q >= width};
  assign column_double_o = !single_q;
  assign column_complete_o = complete;
  assign column_last_o = complete && pixels_left_q == 1 && rows_left_q == 1;

  always @(posedge clk_i)
    if (rst_i) state_q <= IDLE;
    else
      case (state_q)
        IDLE:    if (start_i) state_q <= PLACE;
        PLACE:   state_q <= REACH;
        REACH:   state_q <= ENTER;
        ENTER:   if (enter) state_q <= COLUMNS;
        COLUMNS: if (row_end && !turn) state_q <= rows_left_q == 1 ? RELEASE : REACH;
        // The window may have left the last rows out, and they may still be on their way.
        default: if (released_q == height_i) state_q <= IDLE;
      endcase

  always @(posedge clk_i) begin
    case (state_q)
      PLACE: begin
        y_q         <= -$signed({{PlaceBits-4{1'b0}}, pad_top_i});
        slot_q      <= slot_first;
        rows_left_q <= out_height_i;
      end
      default:
        if (column) begin
          first_q        <= 1'b0;
          single_q       <= PackLanes == 1 || (complete && stride_i == 4'd1);
          x_q            <= x_q + $signed({{PlaceBits-4{1'b0}}, step});
          columns_left_q <= !complete ? columns_left_q - step : PackLanes == 1 ? stride_i : 4'd1;
          if (pixel) pixels_left_q <= pixels_left_q - 1'b1;
          if (row_end) begin
            y_q         <= y_q + $signed({{PlaceBits-4{1'b0}}, stride_i});
            slot_q      <= slot_next;
            rows_left_q <= rows_left_q - 1'b1;
          end
        end
    endcase
    if (state_q == ENTER || turn) begin
      first_q        <= 1'b1;
      single_q       <= PackLanes == 1;
      x_q            <= -$signed({{PlaceBits-4{1'b0}}, pad_left_i});
      columns_left_q <= kernel_i;
      pixels_left_q  <= out_width_i;
    end
    if (state_q == REACH || (PackLanes > 1 && state_q == COLUMNS))
      reach_q <= bottom > height ? height_i : bottom[SideBits-1:0];
    next_reached_q <= reached; // of this row by its third column, before which none ends
  end

  // The pixels of the rows behind were read before y_q moved past them.
  always @(posedge clk_i) begin
    if (row_filled_i != release_row) begin
      stored_q <= row_filled_i ? stored_q + 5'd1 : stored_q - 5'd1;
      room_q   <= !row_filled_i || stored_q != {1'b0, LastSlot};
    end
    if (release_row) oldest_slot_q <= oldest_slot_q == LastSlot ? 4'd0 : oldest_slot_q + 4'd1;
    if (state_q == PLACE) begin
      released_q   <= {SideBits{1'b0}};
      releasable_q <= {SideBits{1'b0}};
    end else begin
      if (release_row) released_q <= released_q + 1'b1;
      if (state_q == RELEASE) releasable_q <= height_i;
      else if ((state_q == REACH || state_q == COLUMNS) && y_q > 0)
        releasable_q <= y_q > height ? height_i : y_q[SideBits-1:0];
    end
    if (rst_i) {stored_q, oldest_slot_q, released_q, releasable_q} <= 0;
    if (rst_i) room_q <= 1'b1;
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
