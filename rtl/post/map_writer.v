// Writes what a run makes into the feature memory and marks what is complete: whole groups as they
// are, or pooled pixels gathered into groups, pixel i of the pooled map in lane i mod PixLanes of
// group i div PixLanes. The pixels of a group that is not complete when its run ends are written
// with a lane mask, and the pass goes on behind them in its next block. Runs are taken and finished
// in order.
//
// One group a cycle, one cycle between runs; PoolLanes pooled pixels a cycle. A write is given out
// 2 cycles after its group or pixels, and known a cycle ahead; a mark comes with its write, for the
// word can be read when the scoreboard shows it (see feature_memory.v). run_done_o comes a cycle
// behind the run's last write.
`default_nettype none
`include "run_record.vh"

module map_writer #(
  parameter PixLanes = 1,
  parameter OutLanes = 16,
  parameter PoolLanes = (PixLanes + 5) / 4,
  parameter AddrBits = 14,
  parameter MapWords = 1 << AddrBits
) (
  input wire clk_i, input wire rst_i,

  // a run
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_POST] run_i,

  // groups of runs without pool
  input wire group_valid_i, output wire group_ready_o,
  input wire [PixLanes*OutLanes*8-1:0] group_data_i,

  // pooled pixels, see max_pool.v; at least 2 cycles from the end of a run to the first of the next
  input wire [PoolLanes-1:0] pooled_valid_i, input wire [PoolLanes-1:0] pooled_last_i,
  input wire [PoolLanes*OutLanes*8-1:0] pooled_data_i, input wire pooled_end_i,

  output reg write_next_o,  // of write_valid_o in the next cycle
  output reg write_valid_o, output reg [PixLanes-1:0] write_mask_o,
  output reg [AddrBits-1:0] write_addr_o, output reg [3:0] write_sub_o,
  output reg [PixLanes*OutLanes*8-1:0] write_data_o,

  output reg mark_valid_o, output reg [1:0] mark_set_o, output reg [5:0] mark_slot_o,
  output reg [15:0] mark_count_o,
  output reg run_done_o,
  output reg wrong_o  // a write lay behind the memory
);
  localparam LaneBits = OutLanes * 8;
  localparam CountBits = $clog2(2 * PixLanes);
  localparam [31:0] LANES = PixLanes, LAST_LANE = PixLanes - 1;

  if (PoolLanes < 1 || PoolLanes > PixLanes) POOLLANES_must_be_1_to_PixLanes u_stop_lanes ();
  if (AddrBits > 16) ADDRBITS_must_be_at_most_16 u_stop_addr ();

  reg              busy_q;
  reg              whole_q;  // with a run without pool
  reg  [7:0]       left_q;
  reg  [`RUN_POST] run_q;
  wire             writing = !run_q[`RUN_GLOBAL];
  wire [15:0]      base = run_q[`RUN_DEST_BASE];

  wire begins = run_valid_i && run_ready_o;
  wire takes = group_valid_i && group_ready_o;
  wire ends;

  assign run_ready_o   = !busy_q;
  assign group_ready_o = whole_q;

  always @(posedge clk_i) begin
    if (begins) {busy_q, whole_q} <= {1'b1, !run_i[`RUN_POOL]};
    else if (ends) {busy_q, whole_q} <= 2'b00;
    // Registers of the run follow the input until it begins.
    if (!busy_q) run_q <= run_i;
    if (!busy_q) left_q <= run_i[`RUN_GROUPS];
    else if (takes) left_q <= left_q - 8'd1;
    if (rst_i) {busy_q, whole_q} <= 2'b00;
  end
  wire unused_ok = &{1'b0, run_i, run_q, base};

  // Pooled pixels: their lanes, counted on behind PixLanes for those of the group after the current
  // one.
  wire [PixLanes-1:0]  fills;        // a pixel for this lane of the current group
  wire [PixLanes-1:0]  fills_after;  // of the group after it
  wire [PoolLanes-1:0] at_end;       // the pixel completes the current group
  wire [PoolLanes-1:0] last_after;   // the map's last pixel, and it is in the group after
  wire [CountBits-1:0] lane_behind = g_slot[PoolLanes-1].lane_plus;

  // Lane, position and count of the next pixel or group. A run with pool goes back to its block's
  // start not when it ends but when the next one begins, for its last pixels may still be written
  // then.
  localparam PlaceBits = CountBits + 2 * 16;
  reg  [CountBits-1:0] lane_q;
  reg  [15:0]          pos_q, count_q;
  reg  [PlaceBits-1:0] home_q, block_q;
  wire [15:0]          pos_plus = pos_q + 1'b1;
  wire                 pixels_pass = lane_behind >= LANES[CountBits-1:0];
  wire [CountBits-1:0] lane_over = lane_behind - LANES[CountBits-1:0];
  wire [CountBits-1:0] lane_d = pixels_pass ? lane_over : lane_behind;
  wire [15:0]          pos_behind = pos_plus == run_q[`RUN_DEST_WRAP] ? 16'd0 : pos_plus;
  // Behind pooled pixels; whole groups are not waited for where only they count.
  wire [PlaceBits-1:0] pooled_d = {lane_d, pixels_pass ? pos_behind : pos_q,
                                   count_q + {15'd0, pixels_pass}};
  wire                 resumes = run_i[`RUN_FIRST_X] != 16'd0 || run_i[`RUN_FIRST_Y] != 16'd0;
  wire [PlaceBits-1:0] home_d = resumes ? block_q : {PlaceBits{1'b0}};

  always @(posedge clk_i) begin
    if (begins) begin
      if (!run_i[`RUN_POOL]) begin
        lane_q  <= {CountBits{1'b0}};
        pos_q   <= run_i[`RUN_DEST_POS];
        count_q <= run_i[`RUN_DEST_COUNT];
      end else if (run_i[`RUN_FIRST]) begin
        home_q                   <= home_d;
        block_q                  <= home_d;
        {lane_q, pos_q, count_q} <= home_d;
      end else if (run_i[`RUN_MAP_START]) begin
        block_q <= home_q;
        {lane_q, pos_q, count_q} <= home_q;
      end else {lane_q, pos_q, count_q} <= block_q;
    end else begin
      {lane_q, pos_q, count_q} <= takes ? {lane_d, pos_behind, count_q + 16'd1} : pooled_d;
      if (pooled_end_i && run_q[`RUN_BLOCK_END]) block_q <= pooled_d;
    end
  end

  wire [PixLanes-1:0]          held_mask;
  wire [PixLanes*LaneBits-1:0] next_data;
  reg flush_q;  // the pixels of the group behind a complete one still are to be written
  reg flush_complete_q;  // and complete it
  reg flush_ends_q;  // and end the run
  wire complete = |at_end || |(pooled_valid_i & pooled_last_i & ~last_after);
  wire whole = flush_q ? flush_complete_q : complete;
  wire [PixLanes-1:0] gathered = held_mask | fills;
  wire writes_part = pooled_end_i && |gathered;
  wire writes = flush_q || complete || writes_part;
  wire flush_d = |at_end && |fills_after && (pooled_end_i || |last_after);

  always @(posedge clk_i) begin
    if (rst_i) flush_q <= 1'b0;
    else flush_q <= flush_d;
    flush_complete_q <= |last_after;
    flush_ends_q     <= pooled_end_i;
  end

  assign ends = takes ? left_q == 8'd1 : (pooled_end_i && !flush_d) || (flush_q && flush_ends_q);

  genvar i, g;
  for (i = 0; i < PoolLanes; i = i + 1) begin : g_slot
    wire [CountBits-1:0] lane;
    wire [CountBits-1:0] lane_plus = lane + {{CountBits - 1{1'b0}}, pooled_valid_i[i]};
    if (i == 0) begin : g_first
      assign lane = lane_q;
    end else begin : g_next
      assign lane = g_slot[i-1].lane_plus;
    end
    wire after = lane >= LANES[CountBits-1:0];
    assign at_end[i]     = pooled_valid_i[i] && lane == LAST_LANE[CountBits-1:0];
    assign last_after[i] = pooled_valid_i[i] && pooled_last_i[i] && after;
  end

  for (g = 0; g < PixLanes; g = g + 1) begin : g_lane
    localparam [31:0] LANE = g, LANE_AFTER = g + PixLanes;
    wire [PoolLanes-1:0] here, here_after;
    for (i = 0; i < PoolLanes; i = i + 1) begin : g_meet
      assign here[i]       = pooled_valid_i[i] && g_slot[i].lane == LANE[CountBits-1:0];
      assign here_after[i] = pooled_valid_i[i] && g_slot[i].lane == LANE_AFTER[CountBits-1:0];
    end
    assign fills[g]       = |here;
    assign fills_after[g] = |here_after;

    wire [LaneBits-1:0] pooled;
    lane_select #(.Lanes(PoolLanes), .Width(LaneBits)) u_select (
      .select_i(here | here_after), .data_i(pooled_data_i), .data_o(pooled)
    );

    // Held until the group is complete; the same cycle may already bring a pixel of the group
    // after.
    reg                held_q;
    reg [LaneBits-1:0] pixel_q, data_q;
    always @(posedge clk_i) begin
      if (rst_i) held_q <= 1'b0;
      else held_q <= writes ? fills_after[g] : gathered[g];
    end
    always @(posedge clk_i) begin
      if (fills[g] || fills_after[g]) pixel_q <= pooled;
      if (takes) data_q <= group_data_i[g*LaneBits+:LaneBits];
      else if (writes) data_q <= fills[g] ? pooled : pixel_q;
    end
    assign held_mask[g] = held_q;
    assign next_data[g*LaneBits+:LaneBits] = data_q;
  end

  // Writes and marks through a second register each, ends with a mark's.
  localparam [31:0] MAP_WORDS = MapWords;
  localparam MarkBits = 1 + 2 + 6 + 16;
  reg [PixLanes-1:0] next_mask_q;
  reg [AddrBits-1:0] next_addr_q;
  reg [3:0]          next_sub_q;
  reg [MarkBits-1:0] next_mark_q;
  reg                done_q, next_done_q, away_q;
  always @(posedge clk_i) begin
    write_next_o <= (takes && writing) || writes;
    next_mask_q  <= takes ? {PixLanes{1'b1}} : gathered;
    next_addr_q  <= base[AddrBits-1:0] + pos_q[AddrBits-1:0];
    next_sub_q   <= run_q[`RUN_SUB];
    away_q       <= {1'b0, base} + {1'b0, pos_q} >= MAP_WORDS[16:0];
    next_mark_q  <= {run_q[`RUN_COMPLETES] && ((takes && writing) || (writes && whole)),
                     run_q[`RUN_DEST_SET], run_q[`RUN_SLOT], count_q + 16'd1};
    done_q       <= busy_q && ends;
    next_done_q  <= done_q;

    {write_valid_o, write_mask_o, write_addr_o, write_sub_o, write_data_o}
      <= {write_next_o, next_mask_q, next_addr_q, next_sub_q, next_data};
    {mark_valid_o, mark_set_o, mark_slot_o, mark_count_o} <= next_mark_q;
    wrong_o    <= write_next_o && away_q && !rst_i;
    run_done_o <= next_done_q;
    if (rst_i) begin
      {write_next_o, next_mark_q[MarkBits-1], done_q, next_done_q} <= 0;
      {write_valid_o, mark_valid_o, run_done_o} <= 0;
    end
  end
endmodule

`default_nettype wire
