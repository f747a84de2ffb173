// Walks the column and row of PixLanes consecutive pixels of a flattened map, row wrap included,
// one group at a time and again over the same block of groups as often as asked. It knows neither
// the map's end (rows go on behind it) nor what the coordinates are for. Controls take effect in
// the next cycle; a start takes PixLanes cycles more, in which busy_o is high and the outputs are
// not valid.
`default_nettype none

module lane_coords #(parameter PixLanes = 1, parameter CoordBits = 16) (
  input wire clk_i, input wire rst_i,

  // the map, static while walking
  input  wire [CoordBits-1:0] width_i,   // 1 or more
  input  wire [CoordBits-1:0] step_x_i,  // PixLanes mod width
  input  wire [CoordBits-1:0] step_y_i,  // PixLanes div width

  // start: the group whose first pixel is at (start_x, start_y); home, block and current become it
  input wire start_i, input wire [CoordBits-1:0] start_x_i, input wire [CoordBits-1:0] start_y_i,
  output wire busy_o,

  // pulses, not while busy; home goes before the others, save with advance makes block and current
  // the same
  input  wire home_i,     // block := current := home
  input  wire rewind_i,   // current := block
  input  wire advance_i,  // current := the group following current
  input  wire save_i,     // block := the group following current

  // lane g in bits [g*CoordBits +: CoordBits], registers
  output wire [PixLanes*CoordBits-1:0] x_o, output wire [PixLanes*CoordBits-1:0] y_o
);
  if (PixLanes < 1) PIXLANES_must_be_at_least_1 u_stop ();

  // One pixel a cycle walks over the first group and leaves its lanes' homes behind.
  reg  [PixLanes-1:0]  lane_q;  // one-hot, 0 when idle
  reg  [CoordBits-1:0] walk_x_q, walk_y_q;
  wire                 row_ends = walk_x_q + 1'b1 == width_i;

  always @(posedge clk_i) begin
    lane_q <= lane_q << 1;
    walk_x_q <= row_ends ? {CoordBits{1'b0}} : walk_x_q + 1'b1;
    if (row_ends) walk_y_q <= walk_y_q + 1'b1;
    if (start_i) begin
      lane_q <= {{PixLanes - 1{1'b0}}, 1'b1};
      {walk_y_q, walk_x_q} <= {start_y_i, start_x_i};
    end
    if (rst_i) lane_q <= {PixLanes{1'b0}};
  end

  assign busy_o = |lane_q;

  genvar g;
  for (g = 0; g < PixLanes; g = g + 1) begin : g_lane
    reg  [2*CoordBits-1:0] home_q, block_q, current_q;  // {y, x}
    wire [CoordBits-1:0]   x = current_q[CoordBits-1:0];
    wire [CoordBits-1:0]   y = current_q[2*CoordBits-1:CoordBits];
    wire [CoordBits:0]     sum_x = {1'b0, x} + {1'b0, step_x_i};
    wire [CoordBits:0]     over_x = sum_x - {1'b0, width_i};
    wire                   wraps = sum_x >= {1'b0, width_i};
    wire [CoordBits-1:0]   next_x = wraps ? over_x[CoordBits-1:0] : sum_x[CoordBits-1:0];
    wire [CoordBits-1:0]   next_y = y + step_y_i + {{CoordBits - 1{1'b0}}, wraps};
    wire                   unused = over_x[CoordBits];

    always @(posedge clk_i) begin
      if (lane_q[g]) begin
        home_q    <= {walk_y_q, walk_x_q};
        block_q   <= {walk_y_q, walk_x_q};
        current_q <= {walk_y_q, walk_x_q};
      end else if (home_i) begin
        block_q   <= home_q;
        current_q <= home_q;
      end else begin
        if (save_i) block_q <= {next_y, next_x};
        if (advance_i) current_q <= {next_y, next_x};
        else if (rewind_i) current_q <= block_q;
      end
    end

    assign x_o[g*CoordBits+:CoordBits] = x;
    assign y_o[g*CoordBits+:CoordBits] = y;
  end
endmodule

`default_nettype wire
