// Issues the operands: walks each run's vectors, taps and pixel groups, reads one group of G pixels
// a cycle from the feature memory, turns it into lane order, masks the taps that lie outside the
// map, and sends it into the array with its tokens. It waits for weights, for accumulators that
// still drain, and for source pixels that are not written yet; nothing else ever stops it.
// Latency from decision to the array's input: 4 cycles. Throughput: one group a cycle.
`default_nettype none
`include "run_record.vh"

module map_reader #(
  parameter PixLanes   = 1,
  parameter AddrBits   = 14,
  parameter MapWords   = 1 << AddrBits,
  parameter AccDepth   = 64,
  parameter AccLatency = 4,   // cycles between two groups at the same accumulator
  parameter Extended   = 0,   // pixels behind the map's last row are 0
  parameter GroupBits  = $clog2(AccDepth)
) (
  input wire clk_i, input wire rst_i,

  // runs, in order
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_READER] run_i,

  // weight loader
  input wire loaded_i, output wire swap_o,

  // drain: runs emptied (modulo 8), groups emptied of the run being drained
  input wire [2:0] drained_runs_i, input wire [7:0] drained_groups_i,

  // marks of written pixels (scoreboard.v) and of packed ones, for the next cycle: what the vector
  // read now, that after it and the first one of the next run hold
  output wire [1:0] look_set_o, output wire [5:0] look_slot_o, input wire [15:0] look_count_i,
  output wire [5:0] after_slot_o, input wire [15:0] after_count_i,
  output wire [1:0] first_set_o, input wire [15:0] first_count_i,
  output wire turn_o, output wire to_first_o, output wire to_after_o,
  output reg [3:0] clear_sets_o,
  input wire [15:0] packed_i,
  output reg [15:0] freed_o,

  // feature memory, data after two cycles
  output wire read_o, output wire [AddrBits-1:0] read_addr_o,
  output wire [PixLanes-1:0] read_plus_o,
  input wire [PixLanes*128-1:0] read_data_i,

  // array
  output wire x_valid_o, output wire x_swap_o, output wire x_first_o, output wire x_last_o,
  output wire [1:0] x_bank_o, output wire [GroupBits-1:0] x_group_o,
  output wire [PixLanes*128-1:0] x_data_o,

  // it has a run; why no group was issued this cycle (at most one)
  output wire busy_o, output wire wait_weights_o, output wire wait_bank_o,
  output wire wait_packed_o, output wire wait_source_o,
  output reg wrong_o  // a pixel was read from behind the memory
);
  if (PixLanes < 1 || PixLanes > 255) map_reader_PixLanes_must_be_1_to_255 u_stop ();

  localparam LaneBits = PixLanes > 1 ? $clog2(PixLanes) : 1;
  localparam [31:0] PIX_LANES = PixLanes;
  localparam [LaneBits:0] LANES = PIX_LANES[LaneBits:0];
  localparam [31:0] LATENCY = AccLatency;
  localparam [7:0] MIN_CYCLES = LATENCY[7:0];

  // The run being issued: a copy of the queue's head, so that the queue may move on. The first
  // tile's address and need are added before it, so that the head is only copied.
  wire               head_valid, take;
  wire [`RUN_READER] head;
  wire [15:0]        head_addr, head_need;
  wire [2:0]         unused_count;
  fifo #(.Width(32 + `RUN_READER_BITS), .Depth(4)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o),
    .data_i({run_i[`RUN_SOURCE_START] + run_i[`RUN_TAP_GROUP],
             run_i[`RUN_SOURCE_COUNT] + run_i[`RUN_TAP_GROUP] + {15'd0, |run_i[`RUN_TAP_LANE]},
             run_i}),
    .valid_o(head_valid), .ready_i(take), .data_o({head_addr, head_need, head}),
    .count_o(unused_count)
  );

  reg  [`RUN_READER] run_q;
  wire [7:0]         groups = run_q[`RUN_GROUPS];
  wire [15:0]        wrap = run_q[`RUN_SOURCE_WRAP];
  wire [7:0]         tap_lane = run_q[`RUN_TAP_LANE], head_lane = head[`RUN_TAP_LANE];
  wire [7:0]         row_lanes = run_q[`RUN_TAP_ROW_LANES];
  wire [15:0]        row_groups = run_q[`RUN_TAP_ROW_GROUPS];
  wire [15:0]        width = run_q[`RUN_WIDTH], height = run_q[`RUN_HEIGHT];
  wire               is_expand = run_q[`RUN_EXPAND], taps9 = run_q[`RUN_TAPS9];
  wire               block_end = run_q[`RUN_BLOCK_END], map_end = run_q[`RUN_MAP_END];

  // Where the walk stands.
  wire                coords_busy;
  reg                 active_q;        // run_q holds a run with groups left
  reg                 ready_q;         // and may issue one: neither starting nor stretching
  reg                 start_q;         // its stage starts: lane coordinates begin
  reg                 starting_q;      // until they are there
  reg                 stretch_q;       // a short tile waits out the accumulators' latency
  reg  [7:0]          group_q;
  reg                 first_group_q;   // group_q is 0
  reg                 last_group_q;    // it is the run's last
  reg                 tile_ends_q;     // this group's cycle, or the last of the stretch, ends the tile
  reg  [5:0]          vector_q, after_vector_q;
  reg                 last_tile_q;
  reg  [1:0]          tap_x_q, tap_y_q;
  reg                 first_tile_q;
  reg  [15:0]         vector_start_q;  // address of this vector at the block's first group
  reg  [15:0]         tap_group_q;     // the tap's offset, groups (signed) and lanes
  reg  [LaneBits-1:0] tap_lane_q;
  reg  [15:0]         addr_q;          // address of this group
  reg  [15:0]         pos_q;           // its position where the source is circular
  reg  [15:0]         need_q;          // last source group it reads, signed
  reg  [2:0]          issued_q;        // runs issued, modulo 8
  reg  [1:0]          bank_q;

  wire row_ends = tap_x_q == 2'd2;  // of taps
  reg  last_tap_q;  // from a tile's second cycle on
  always @(posedge clk_i) last_tap_q <= !taps9 || (row_ends && tap_y_q == 2'd2);

  // Whether the bank is free and the source written where this cycle's group goes, found out in the
  // cycle before.
  reg  bank_ok_q, source_ok_q;
  wire weights_ok = loaded_i || !first_group_q;
  reg  may_fire_q;  // ready_q and both of them
  reg  moves_q;     // a step, or no run: it turns without a group
  wire fire = may_fire_q && weights_ok;
  wire step = fire || stretch_q;
  // Where the next step goes is known before it is known whether there is one.
  wire run_ends = tile_ends_q && last_tile_q;  // with this step
  wire to_head = !active_q || run_ends;
  wire turn = fire || moves_q;
  wire start_ends = starting_q && !start_q && !coords_busy;
  assign take = head_valid && to_head && turn;

  assign swap_o = fire && first_group_q;
  assign look_set_o = run_q[`RUN_SOURCE_SET];
  assign look_slot_o = vector_q;
  assign after_slot_o = after_vector_q;
  assign first_set_o = head[`RUN_SOURCE_SET];
  assign turn_o = turn;
  assign to_first_o = to_head;
  assign to_after_o = tile_ends_q && last_tap_q;
  assign wait_weights_o = ready_q && !weights_ok;
  assign wait_bank_o = ready_q && weights_ok && !bank_ok_q;
  wire   wait_pixels = ready_q && weights_ok && bank_ok_q && !source_ok_q;
  assign wait_packed_o = wait_pixels && run_q[`RUN_PACKED];
  assign wait_source_o = wait_pixels && !run_q[`RUN_PACKED];
  assign busy_o = active_q;

  // The next tile's tap and address, prepared while this one runs (a tile lasts four cycles or
  // more).
  reg [15:0]         next_start_q, next_group_q, next_addr_q, next_need_q;
  reg [LaneBits-1:0] next_lane_q;
  wire [LaneBits:0] lane_step = row_ends ? {1'b0, row_lanes[LaneBits-1:0]}
                                         : {{LaneBits{1'b0}}, 1'b1};
  wire [LaneBits:0] lane_sum = {1'b0, tap_lane_q} + lane_step;
  wire              lane_over = lane_sum >= LANES;
  wire [LaneBits:0] lane_rest = lane_over ? lane_sum - LANES : lane_sum;
  always @(posedge clk_i) begin
    next_start_q <= last_tap_q ? vector_start_q + run_q[`RUN_SOURCE_STRIDE] : vector_start_q;
    next_group_q <= last_tap_q ? run_q[`RUN_TAP_GROUP]
                  : tap_group_q + (row_ends ? row_groups : 16'd0) + {15'd0, lane_over};
    next_lane_q <= last_tap_q ? tap_lane[LaneBits-1:0] : lane_rest[LaneBits-1:0];
    next_addr_q <= next_start_q + next_group_q;
    next_need_q <= run_q[`RUN_SOURCE_COUNT] + next_group_q + {15'd0, next_lane_q != 0};
  end

  // What the next cycle's group needs is compared for all that may follow: this group again, the
  // next one, the next tile's or the next run's first.
  // Groups of packed pixels are counted on over all images, those of a map from its start.
  function source_holds;
    input        packed_pixels;
    input [15:0] packed_groups, count, need, total;
    source_holds = packed_pixels ? need - packed_groups >= 16'h8000  // less than 0
                                 : need[15] || count > need || count >= total;
  endfunction

  wire        is_packed = run_q[`RUN_PACKED], head_packed = head[`RUN_PACKED];
  wire [15:0] total = run_q[`RUN_SOURCE_TOTAL], head_total = head[`RUN_SOURCE_TOTAL];
  wire [15:0] next_count = last_tap_q ? after_count_i : look_count_i;
  reg         bank_ok_d, source_ok_d;
  always @* begin
    if (!turn) source_ok_d = source_holds(is_packed, packed_i, look_count_i, need_q, total);
    else if (to_head) source_ok_d = source_holds(head_packed, packed_i, first_count_i, head_need, head_total);
    else if (tile_ends_q) source_ok_d = source_holds(is_packed, packed_i, next_count, next_need_q, total);
    else source_ok_d = source_holds(is_packed, packed_i, look_count_i, need_q + 16'd1, total);
  end

  // Likewise for the bank. A run of fewer groups than the one drained may end before it: then the
  // next run's bank is full.
  wire [2:0] undrained = issued_q - drained_runs_i;
  wire [2:0] undrained_after = undrained + {2'b0, run_ends && active_q};
  wire       any_group = drained_groups_i != 8'd0;
  wire       below_3 = !first_tile_q || undrained < 3'd3;
  wire       is_3 = undrained == 3'd3;
  wire       more = drained_groups_i != group_q + 8'd1;
  always @*
    if (turn && to_head)
      bank_ok_d = undrained_after < 3'd3 || (undrained_after == 3'd3 && any_group);
    else bank_ok_d = (turn && tile_ends_q) || below_3
                     || (is_3 && drained_groups_i > group_q && (!turn || more));

  // Likewise where the next cycle stands in its tile, and whether the next tile is the last.
  wire [7:0] tile_cycles = groups < MIN_CYCLES ? MIN_CYCLES : groups;
  wire [7:0] group_after = group_q + 8'd2;
  wire [7:0] head_groups = head[`RUN_GROUPS], head_vectors = head[`RUN_VECTORS];
  wire [7:0] vectors = run_q[`RUN_VECTORS];
  reg        next_last_q;
  always @(posedge clk_i) begin
    next_last_q <= taps9 ? tap_x_q == 2'd1 && tap_y_q == 2'd2 && {2'b0, vector_q} + 8'd1 == vectors
                         : {2'b0, vector_q} + 8'd2 == vectors;
    if (turn) begin
      first_group_q <= tile_ends_q || !active_q;
      if (to_head) begin
        last_group_q <= head_groups == 8'd1;
        tile_ends_q  <= 1'b0;
        last_tile_q  <= !head[`RUN_TAPS9] && head_vectors == 8'd1;
      end else if (tile_ends_q) begin
        last_group_q <= groups == 8'd1;
        tile_ends_q  <= 1'b0;
        last_tile_q  <= next_last_q;
      end else begin
        last_group_q <= group_after == groups;
        tile_ends_q  <= group_after == tile_cycles;
      end
    end
  end

  // A tile of few groups stretches to the accumulators' latency.
  reg active_d, ready_d, stretch_d;
  always @* begin
    {active_d, ready_d, stretch_d} = {active_q, ready_q, stretch_q};
    if (fire && last_group_q && groups < MIN_CYCLES) stretch_d = 1'b1;
    else if (step && tile_ends_q) stretch_d = 1'b0;
    if (to_head && turn) begin
      active_d = head_valid;
      ready_d = head_valid && !head[`RUN_FIRST];
    end else if (step) ready_d = tile_ends_q || !(last_group_q && groups < MIN_CYCLES) && ready_q;
    else if (start_ends) ready_d = 1'b1;
  end

  always @(posedge clk_i) begin
    start_q <= take && head[`RUN_FIRST];
    clear_sets_o <= start_q ? run_q[`RUN_CLEAR_SETS] : 4'd0;
    if (take) starting_q <= head[`RUN_FIRST];
    else if (start_ends) starting_q <= 1'b0;
    {active_q, ready_q, stretch_q} <= {active_d, ready_d, stretch_d};
    {bank_ok_q, source_ok_q} <= {bank_ok_d, source_ok_d};
    may_fire_q <= ready_d && bank_ok_d && source_ok_d;
    moves_q    <= stretch_d || !active_d;
    if (run_ends && step) begin
      issued_q <= issued_q + 3'd1;
      bank_q <= bank_q == 2'd2 ? 2'd0 : bank_q + 2'd1;
      if (run_q[`RUN_FREE]) freed_o <= freed_o + {8'd0, groups};
    end
    if (rst_i) {active_q, ready_q, may_fire_q, starting_q, stretch_q, issued_q, bank_q, freed_o} <= 0;
    if (rst_i) moves_q <= 1'b1;
  end

  // Without a run the registers follow the queue's head, valid or not.
  always @(posedge clk_i)
    if (turn) begin
      if (to_head) begin
        run_q <= head;
        group_q <= 8'd0;
        first_tile_q <= 1'b1;
        vector_q <= 6'd0;
        after_vector_q <= 6'd1;
        tap_x_q <= 2'd0;
        tap_y_q <= 2'd0;
        addr_q <= head_addr;
        pos_q <= head[`RUN_SOURCE_POS];
        need_q <= head_need;
        vector_start_q <= head[`RUN_SOURCE_START];
        tap_group_q <= head[`RUN_TAP_GROUP];
        tap_lane_q <= head_lane[LaneBits-1:0];
      end else if (tile_ends_q) begin
        group_q <= 8'd0;
        first_tile_q <= 1'b0;
        addr_q <= next_addr_q;
        pos_q <= run_q[`RUN_SOURCE_POS];
        need_q <= next_need_q;
        vector_start_q <= next_start_q;
        tap_group_q <= next_group_q;
        tap_lane_q <= next_lane_q;
        if (last_tap_q) vector_q <= after_vector_q;
        if (last_tap_q) after_vector_q <= after_vector_q + 6'd1;
        tap_x_q <= last_tap_q || row_ends ? 2'd0 : tap_x_q + 2'd1;
        if (last_tap_q) tap_y_q <= 2'd0;
        else if (row_ends) tap_y_q <= tap_y_q + 2'd1;
      end else begin
        group_q <= group_q + 8'd1;
        addr_q <= pos_q + 16'd1 == wrap ? addr_q + 16'd1 - wrap : addr_q + 16'd1;
        pos_q <= pos_q + 16'd1 == wrap ? 16'd0 : pos_q + 16'd1;
        need_q <= need_q + 16'd1;
      end
    end

  // Masks: taps outside the map.
  wire [PixLanes*16-1:0] x, y;
  wire [PixLanes-1:0]    in_map;
  lane_coords #(.PixLanes(PixLanes), .CoordBits(16)) u_coords (
    .clk_i(clk_i), .rst_i(rst_i),
    .width_i(width), .step_x_i(run_q[`RUN_STEP_X]), .step_y_i(run_q[`RUN_STEP_Y]),
    .start_i(start_q), .busy_o(coords_busy),
    .start_x_i(run_q[`RUN_FIRST_X]), .start_y_i(run_q[`RUN_FIRST_Y]),
    .home_i(fire && is_expand && last_group_q && last_tile_q && block_end && map_end),
    .rewind_i(fire && is_expand && last_group_q && !(last_tile_q && block_end)),
    .advance_i(fire && is_expand && (!last_group_q || (last_tile_q && block_end))),
    .save_i(fire && is_expand && last_group_q && last_tile_q && block_end && !map_end), .x_o(x), .y_o(y)
  );
  genvar g;
  for (g = 0; g < PixLanes; g = g + 1) begin : g_mask
    wire [15:0] x_g = x[16 * g +: 16];
    wire [15:0] y_g = y[16 * g +: 16];
    wire        behind = Extended != 0 && is_expand && !taps9 && y_g >= height;
    assign in_map[g] = (!taps9 || !((tap_x_q == 2'd0 && x_g == 16'd0)
                                    || (tap_x_q == 2'd2 && x_g + 16'd1 == width)
                                    || (tap_y_q == 2'd0 && y_g == 16'd0)
                                    || (tap_y_q == 2'd2 && y_g + 16'd1 == height))) && !behind;
  end

  // Only what counts for nothing may lie outside the memory: taps beside the pixel itself, and
  // pixels behind the map.
  localparam [31:0] MAP_WORDS = MapWords;
  reg away_q;
  always @(posedge clk_i) begin
    away_q <= {1'b0, addr_q} >= MAP_WORDS[16:0] && in_map[0]
              && (!taps9 || (tap_x_q == 2'd1 && tap_y_q == 2'd1));
    wrong_o <= valid_q[0] && away_q && !rst_i;
  end

  // To the memory and, three cycles later, to the array.
  assign read_o = fire;
  assign read_addr_o = addr_q[AddrBits-1:0];
  for (g = 0; g < PixLanes; g = g + 1) begin : g_plus
    localparam [31:0] BANK = g;
    assign read_plus_o[g] = BANK[LaneBits:0] < {1'b0, tap_lane_q};
  end

  lane_align #(.PixLanes(PixLanes)) u_align (
    .clk_i(clk_i), .lane_i(tap_lane_q), .inside_i(in_map),
    .read_data_i(read_data_i), .data_o(x_data_o)
  );

  localparam TokenBits = 5 + GroupBits;
  reg [3:0] valid_q;
  always @(posedge clk_i) begin
    valid_q <= {valid_q[2:0], fire};
    if (rst_i) valid_q <= 4'd0;
  end
  assign x_valid_o = valid_q[3];
  wire swap;
  delay_line #(.Width(TokenBits), .Cycles(4)) u_token (
    .clk_i(clk_i),
    .data_i({first_group_q, first_tile_q, last_tile_q, bank_q, group_q[GroupBits-1:0]}),
    .data_o({swap, x_first_o, x_last_o, x_bank_o, x_group_o})
  );
  assign x_swap_o = swap && x_valid_o;

  wire unused_ok = &{1'b0, run_q, tap_lane, head_lane, row_lanes, lane_rest, addr_q, unused_count};
endmodule

`default_nettype wire
