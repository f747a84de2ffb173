// Max-pool, 3x3 or 2x2 with stride 2, over a flattened map that comes in groups of PixLanes pixels,
// pass by pass over one block after another. This is the horizontal half: it finds the windows that
// end in a group, takes their maxima along the row and hands them, up to PoolLanes a cycle, to
// pool_rows, whose outputs it passes on. What a pass needs of the pixels before its block is kept
// by its row, so blocks and passes may interleave.
//
// A group takes one cycle for each PoolLanes windows that end in it, at least one: with the default
// never more than two in maps at least PixLanes wide (one if PixLanes is 1). Maps whose pooled
// width is under 4 * PoolLanes take 4 cycles a window, for each may need the result of the one
// before. A run costs 3 cycles more, the first of a stage PixLanes + 3. Pooled pixels come out 4
// cycles behind their step, in the map's order, without back-pressure.
`default_nettype none
`include "run_record.vh"

module max_pool #(
  parameter PixLanes = 1,
  parameter OutLanes = 16,
  parameter PoolLanes = (PixLanes + 5) / 4,  // half of a group's windows, PixLanes/2 + 1
  parameter PoolWords = 8192 / OutLanes,     // running maxima, of OutLanes bytes; see pool_rows
  parameter PoolPasses = 512 / OutLanes      // rows of pool state: passes of a stage
) (
  input wire clk_i, input wire rst_i,

  // a run: one pass over one block; the map's shape may change with a stage's first run only
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_POST] run_i,

  // pixel groups, byte g*OutLanes + c
  input wire group_valid_i, output wire group_ready_o,
  input wire [PixLanes*OutLanes*8-1:0] group_data_i,

  // pooled pixels in order, slot 0 first; not each slot that is valid follows a valid one
  output wire [PoolLanes-1:0]            pooled_valid_o,
  output wire [PoolLanes-1:0]            pooled_last_o,  // of the map
  output wire [PoolLanes*OutLanes*8-1:0] pooled_data_o,
  output wire                            pooled_end_o,   // of the run, not before its last pixel
  output reg                             wrong_o         // a run is beyond the memories
);
  localparam LaneBits = OutLanes * 8;
  localparam WindowBits = LaneBits + 4;
  localparam CountBits = $clog2(PixLanes + 1);
  localparam SlotBits = $clog2(PoolLanes + 1);
  localparam RowBits = PoolPasses > 1 ? $clog2(PoolPasses) : 1;

  if (PoolLanes < 1 || PoolLanes > PixLanes) POOLLANES_must_be_1_to_PixLanes u_stop_lanes ();
  if (PoolPasses < 1 || PoolPasses > 1024) POOLPASSES_must_be_1_to_1024 u_stop_passes ();

  localparam [1:0] IDLE = 2'd0, PLACE = 2'd1, RUN = 2'd2, FINISH = 2'd3;

  reg  [1:0]       state_q;
  reg  [7:0]       left_q;              // groups still to take
  reg  [`RUN_POST] run_q;
  reg  [15:0]      last_x_q, last_y_q;  // where the windows of the last pooled column and row end
  wire             kernel2 = run_q[`RUN_KERNEL2], save = run_q[`RUN_BLOCK_END];
  wire [9:0]       row = run_q[`RUN_ROW], row_d = run_i[`RUN_ROW];
  wire [15:0]      width_d = run_i[`RUN_WIDTH], height_d = run_i[`RUN_HEIGHT];
  wire [15:0]      pooled_width = run_i[`RUN_POOLED_WIDTH];
  wire [15:0]      pooled_height = run_i[`RUN_POOLED_HEIGHT];
  wire [15:0]      shift = {15'd0, run_i[`RUN_KERNEL2]};

  wire begins = run_valid_i && run_ready_o;
  reg  begun_q;  // in the cycle before
  wire takes = group_valid_i && group_ready_o;
  wire last_group = left_q == 8'd1;
  wire coords_busy;
  wire leaves;  // the group in the step register goes with this cycle
  reg  full_q;  // there is one
  reg  end_q;   // it is the run's last

  localparam [31:0] PASSES = PoolPasses;
  wire rows_wrong;
  always @(posedge clk_i)
    wrong_o <= !rst_i && takes && (rows_wrong || {1'b0, row} >= PASSES[10:0]);

  assign run_ready_o = state_q == IDLE;
  assign group_ready_o = state_q == RUN && (!full_q || leaves);

  always @(posedge clk_i) begin
    if (rst_i) state_q <= IDLE;
    else begin
      case (state_q)
        IDLE: if (run_valid_i) state_q <= PLACE;
        PLACE: if (!coords_busy && !(begun_q && run_q[`RUN_FIRST])) state_q <= RUN;
        RUN: if (takes && last_group) state_q <= FINISH;
        default: if (leaves) state_q <= IDLE;
      endcase
    end
  end

  always @(posedge clk_i) begin
    begun_q <= begins && !rst_i;
    // Registers of the run follow the input until it begins.
    if (state_q == IDLE) begin
      run_q    <= run_i;
      left_q   <= run_i[`RUN_GROUPS];
      last_x_q <= run_i[`RUN_PARTIAL_X] ? width_d - 16'd1
                                        : {pooled_width[14:0], 1'b0} - shift;
      last_y_q <= run_i[`RUN_PARTIAL_Y] ? height_d - 16'd1
                                        : {pooled_height[14:0], 1'b0} - shift;
    end else if (takes) left_q <= left_q - 8'd1;
  end
  wire unused_ok = &{1'b0, run_i, run_q, pooled_width[15], pooled_height[15], row, row_d};

  wire [PixLanes*16-1:0] x, y;
  lane_coords #(.PixLanes(PixLanes)) u_coords (
    .clk_i(clk_i), .rst_i(rst_i),
    .width_i(run_q[`RUN_WIDTH]), .step_x_i(run_q[`RUN_STEP_X]), .step_y_i(run_q[`RUN_STEP_Y]),
    .start_i(begun_q && run_q[`RUN_FIRST]), .busy_o(coords_busy),
    .start_x_i(run_q[`RUN_FIRST_X]), .start_y_i(run_q[`RUN_FIRST_Y]),
    .home_i(begun_q && run_q[`RUN_MAP_START]), .rewind_i(takes && last_group && !save),
    .advance_i(takes && !(last_group && !save)), .save_i(takes && last_group && save),
    .x_o(x), .y_o(y)
  );

  // The two pixels before the group: of this run, or what the pass has seen last in the block
  // before.
  (* ram_style = "distributed" *)
  reg  [2*LaneBits-1:0]            history [0:PoolPasses-1];
  reg  [2*LaneBits-1:0]            before_q;
  wire [2*LaneBits-1:0]            before_d;  // the later one in the upper half
  wire [(PixLanes+2)*LaneBits-1:0] stream = {group_data_i, before_q};
  assign before_d = stream[PixLanes*LaneBits+:2*LaneBits];

  reg last_taken_q;
  always @(posedge clk_i) if (last_taken_q) history[row[RowBits-1:0]] <= before_q;
  always @(posedge clk_i) begin
    last_taken_q <= takes && last_group;
    if (state_q == IDLE) before_q <= history[row_d[RowBits-1:0]];
    else if (takes) before_q <= before_d;
  end

  // Step register: which lanes of a group end a window, and {the map's last window, its row also is
  // the first of the window below, its first row (there is no running maximum yet), its last row,
  // maximum of the row}.
  reg  [PixLanes-1:0]            ends_q;
  wire [PixLanes-1:0]            ends;
  wire [PixLanes*WindowBits-1:0] windows;

  genvar g;
  for (g = 0; g < PixLanes; g = g + 1) begin : g_lane
    wire [15:0] lane_x = x[16*g+:16];
    wire [15:0] lane_y = y[16*g+:16];
    wire        at_last_x = lane_x == last_x_q;
    wire        at_last_y = lane_y == last_y_q;
    wire        at_first_y = lane_y == 16'd0;

    assign ends[g] = (at_last_x || (kernel2 ? lane_x[0] : !lane_x[0] && lane_x != 16'd0))
                     && lane_y < run_q[`RUN_HEIGHT];

    // Windows that end in the lanes before, and in those up to this one.
    wire [CountBits-1:0] rank;
    wire [CountBits-1:0] rank_plus = rank + {{CountBits - 1{1'b0}}, ends[g]};
    if (g == 0) begin : g_first
      assign rank = {CountBits{1'b0}};
    end else begin : g_next
      assign rank = g_lane[g-1].rank_plus;
    end

    // Left out is what belongs to the window before or to the row above.
    wire                use1 = !kernel2 || lane_x[0];
    wire                use2 = !kernel2 && !lane_x[0];
    wire [LaneBits-1:0] now = stream[(g+2)*LaneBits+:LaneBits];
    wire [LaneBits-1:0] ago1 = stream[(g+1)*LaneBits+:LaneBits];
    wire [LaneBits-1:0] ago2 = stream[g*LaneBits+:LaneBits];
    wire [LaneBits-1:0] larger, largest;
    lane_max #(.OutLanes(OutLanes)) u_earlier (.a_i(ago1), .b_i(ago2), .max_o(larger));
    lane_max #(.OutLanes(OutLanes)) u_maximum (
      .a_i(now), .b_i(use2 ? larger : ago1), .max_o(largest)
    );

    reg [WindowBits-1:0] window_q;
    reg [CountBits-1:0]  rank_q;
    always @(posedge clk_i) begin
      if (takes) begin
        ends_q[g] <= ends[g];
        rank_q    <= rank;
        window_q  <= {at_last_x && at_last_y, !kernel2 && !lane_y[0],
                      at_first_y || (kernel2 && !lane_y[0]),
                      at_last_y || (kernel2 ? lane_y[0] : !lane_y[0] && !at_first_y), use1 ? largest : now};
      end
    end
    assign windows[g*WindowBits+:WindowBits] = window_q;
  end

  // One step: the next windows of the group, PoolLanes of them or, in a narrow map, one.
  wire                 narrow, wait_rows;
  reg  [CountBits-1:0] count_q;  // windows that end in the group
  reg  [CountBits-1:0] done_q;
  localparam [31:0] SLOTS = PoolLanes, ONE = 1;
  wire [CountBits:0] rest = {1'b0, count_q} - {1'b0, done_q};
  wire [CountBits:0] most = narrow ? ONE[CountBits:0] : SLOTS[CountBits:0];
  wire [CountBits:0] taken = rest > most ? most : rest;
  wire               steps = full_q && !wait_rows;

  reg fits_q;  // the rest is one step
  assign leaves = steps && fits_q;

  always @(posedge clk_i) begin
    if (takes) begin
      full_q  <= 1'b1;
      end_q   <= last_group;
      count_q <= g_lane[PixLanes-1].rank_plus;
      done_q  <= {CountBits{1'b0}};
      fits_q  <= {1'b0, g_lane[PixLanes-1].rank_plus} <= most;
    end else if (steps) begin
      full_q <= !fits_q;
      done_q <= done_q + taken[CountBits-1:0];
      fits_q <= rest - taken <= most;
    end
    if (rst_i) full_q <= 1'b0;
  end

  wire [PoolLanes-1:0]            slot_valid;
  wire [PoolLanes*WindowBits-1:0] slot_window;
  genvar i;
  for (i = 0; i < PoolLanes; i = i + 1) begin : g_slot
    localparam [31:0] SLOT = i;
    wire [PixLanes-1:0] select;
    for (g = 0; g < PixLanes; g = g + 1) begin : g_pick
      wire [CountBits:0] slot_of_lane = {1'b0, g_lane[g].rank_q} - {1'b0, done_q};
      assign select[g] = ends_q[g] && slot_of_lane == SLOT[CountBits:0];
    end
    lane_select #(.Lanes(PixLanes), .Width(WindowBits)) u_select (
      .select_i(select), .data_i(windows), .data_o(slot_window[i*WindowBits+:WindowBits])
    );
    assign slot_valid[i] = steps && taken > SLOT[CountBits:0];
  end

  pool_rows #(
    .OutLanes(OutLanes), .PoolLanes(PoolLanes), .PoolWords(PoolWords), .CountBits(SlotBits)
  ) u_rows (
    .clk_i(clk_i), .rst_i(rst_i), .begin_i(begun_q), .run_i(run_q),
    .narrow_o(narrow), .wait_o(wait_rows),
    .valid_i(slot_valid), .count_i(steps ? taken[SlotBits-1:0] : {SlotBits{1'b0}}),
    .window_i(slot_window), .end_i(leaves && end_q), .save_i(save),
    .pooled_valid_o(pooled_valid_o), .pooled_last_o(pooled_last_o), .pooled_data_o(pooled_data_o),
    .pooled_end_o(pooled_end_o), .wrong_o(rows_wrong)
  );
endmodule

`default_nettype wire
