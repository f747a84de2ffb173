// From requantized groups to maps in the feature memory: takes the groups in order, run by run,
// through the max-pool or past it, and hands them to map_writer. It has no back-pressure towards
// the requantizer: a drain takes a credit for each group before it sends it, Depth of them at
// first, and credit_o gives one back for each group taken out. Runs without pool take one group a
// cycle, runs with pool as max_pool.v says.
`default_nettype none

module post_unit #(
  parameter PixLanes = 1,
  parameter OutLanes = 16,
  parameter PoolLanes = (PixLanes + 5) / 4,
  parameter PoolWords = 8192 / OutLanes,
  parameter PoolPasses = 512 / OutLanes,
  parameter PosBits = 16,
  parameter AddrBits = 14,  // of a word in a bank, at most PosBits
  parameter SubBits = 4,
  parameter Depth = 32,     // groups that wait
  parameter RunDepth = 8    // runs that wait
) (
  input wire clk_i, input wire rst_i,

  // runs
  input  wire               run_valid_i,
  output wire               run_ready_o,
  input  wire               run_write_i,          // 0: groups are dropped (a global pool's)
  input  wire [7:0]         run_groups_i,         // 1 or more
  input  wire [PosBits-1:0] run_base_i,           // word address of the destination vector
  input  wire [PosBits-1:0] run_pos_i,            // of the first group; of no use with pool
  input  wire [PosBits-1:0] run_wrap_i,           // groups of the circular destination
  input  wire [PosBits-1:0] run_count_i,          // run_pos_i not wrapped; of no use with pool
  input  wire [SubBits-1:0] run_sub_i,            // bytes sub*OutLanes … of a word
  input  wire               run_mark_i,           // complete groups are marked
  input  wire [1:0]         run_set_i,
  input  wire [5:0]         run_slot_i,
  input  wire [PosBits-1:0] run_total_i,          // groups of the destination; of no use here
  input  wire               run_pool_i,
  input  wire               run_kernel2_i,        // the rest of a run with pool: see max_pool.v
  input  wire               run_partial_x_i,
  input  wire               run_partial_y_i,
  input  wire [15:0]        run_width_i,
  input  wire [15:0]        run_height_i,
  input  wire [15:0]        run_pooled_width_i,
  input  wire [15:0]        run_pooled_height_i,
  input  wire [15:0]        run_step_x_i,
  input  wire [15:0]        run_step_y_i,
  input  wire               run_coord_start_i,
  input  wire [15:0]        run_first_x_i,
  input  wire [15:0]        run_first_y_i,
  input  wire               run_coord_home_i,
  input  wire               run_coord_save_i,
  input  wire [9:0]         run_row_i,

  // requantized groups, byte g*OutLanes + c, each against a credit
  input wire y_valid_i, input wire [PixLanes*OutLanes*8-1:0] y_data_i, output reg credit_o,

  // writes and marks, see feature_memory.v and scoreboard.v
  output wire write_valid_o, output wire [PixLanes-1:0] write_mask_o,
  output wire [AddrBits-1:0] write_addr_o, output wire [SubBits-1:0] write_sub_o,
  output wire [PixLanes*OutLanes*8-1:0] write_data_o,
  output wire mark_valid_o, output wire [1:0] mark_set_o, output wire [5:0] mark_slot_o,
  output wire [PosBits-1:0] mark_count_o,
  output wire run_done_o
);
  localparam GroupBits = PixLanes * OutLanes * 8;

  wire unused_total = &run_total_i;

  // The run at the queue's head stays there until map_writer takes it; the pool may have begun it
  // before.
  localparam RunBits = 4 * PosBits + SubBits + 8 * 16 + 35;
  wire                   run_valid, run_ready;
  wire write;
  wire [7:0] groups;
  wire [PosBits-1:0]     base, pos, wrap, count;
  wire [SubBits-1:0] sub;
  wire mark;
  wire [1:0] set;
  wire [5:0] slot;
  wire                   pool, kernel2, partial_x, partial_y;
  wire [15:0]            width, height, pooled_width, pooled_height;
  wire [15:0]            step_x, step_y, first_x, first_y;
  wire                   start, home, save;
  wire [9:0] row;
  wire [$clog2(RunDepth+1)-1:0] runs;

  fifo #(.Width(RunBits), .Depth(RunDepth)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o),
    .data_i({
      run_write_i, run_groups_i, run_base_i, run_pos_i, run_wrap_i, run_count_i, run_sub_i,
      run_mark_i, run_set_i, run_slot_i,
      run_pool_i, run_kernel2_i, run_partial_x_i, run_partial_y_i,
      run_width_i, run_height_i, run_pooled_width_i, run_pooled_height_i,
      run_step_x_i, run_step_y_i, run_first_x_i, run_first_y_i,
      run_coord_start_i, run_coord_home_i, run_coord_save_i, run_row_i
    }),
      .valid_o(run_valid), .ready_i(run_ready),
    .data_o({
      write, groups, base, pos, wrap, count, sub,
      mark, set, slot,
      pool, kernel2, partial_x, partial_y,
      width, height, pooled_width, pooled_height,
      step_x, step_y, first_x, first_y,
      start, home, save, row
    }),
      .count_o(runs)
  );

  wire                 group_valid, group_ready, queue_ready;
  wire [GroupBits-1:0] group_data;
  wire [$clog2(Depth+1)-1:0] waiting;

  fifo #(.Width(GroupBits), .Depth(Depth)) u_groups (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(y_valid_i), .ready_o(queue_ready), .data_i(y_data_i),
    .valid_o(group_valid), .ready_i(group_ready), .data_o(group_data), .count_o(waiting)
  );
  wire unused_counts = &{runs, waiting, queue_ready};

  // Groups belong to the pool's run while it takes any, for map_writer begins a run without pool
  // only behind it.
  wire writer_takes, pool_takes;
  assign group_ready = writer_takes || pool_takes;
  always @(posedge clk_i) begin
    if (rst_i) credit_o <= 1'b0;
    else credit_o <= group_valid && group_ready;
  end

  // The other way round the pool waits until map_writer has taken the last group of a run without
  // pool.
  wire pool_ready;
  reg begun_q;
  wire pool_valid = run_valid && pool && !begun_q && !writer_takes;
  always @(posedge clk_i) begin
    if (rst_i || (run_valid && run_ready)) begun_q <= 1'b0;
    else if (pool_valid && pool_ready) begun_q <= 1'b1;
  end

  wire [PoolLanes-1:0]            pooled_valid, pooled_last;
  wire [PoolLanes*OutLanes*8-1:0] pooled_data;
  wire pooled_end;

  max_pool #(
    .PixLanes(PixLanes), .OutLanes(OutLanes), .PoolLanes(PoolLanes), .PoolWords(PoolWords),
    .PoolPasses(PoolPasses)
  ) u_pool (
    .clk_i(clk_i), .rst_i(rst_i), .run_valid_i(pool_valid), .run_ready_o(pool_ready),
    .run_groups_i(groups), .run_kernel2_i(kernel2), .run_partial_x_i(partial_x),
    .run_partial_y_i(partial_y), .run_width_i(width), .run_height_i(height),
    .run_pooled_width_i(pooled_width), .run_pooled_height_i(pooled_height), .run_step_x_i(step_x),
    .run_step_y_i(step_y), .run_coord_start_i(start), .run_first_x_i(first_x),
    .run_first_y_i(first_y), .run_coord_home_i(home), .run_coord_save_i(save), .run_row_i(row),
    .group_valid_i(group_valid), .group_ready_o(pool_takes), .group_data_i(group_data),
    .pooled_valid_o(pooled_valid), .pooled_last_o(pooled_last), .pooled_data_o(pooled_data),
    .pooled_end_o(pooled_end)
  );

  map_writer #(
    .PixLanes(PixLanes), .OutLanes(OutLanes), .PoolLanes(PoolLanes), .PosBits(PosBits),
    .AddrBits(AddrBits), .SubBits(SubBits)
  ) u_writer (
    .clk_i(clk_i), .rst_i(rst_i), .run_valid_i(run_valid), .run_ready_o(run_ready),
    .run_write_i(write), .run_groups_i(groups), .run_base_i(base[AddrBits-1:0]), .run_pos_i(pos),
    .run_wrap_i(wrap), .run_count_i(count), .run_sub_i(sub), .run_mark_i(mark), .run_set_i(set),
    .run_slot_i(slot), .run_pool_i(pool), .run_start_i(start),
    .run_resume_i(first_x != 16'd0 || first_y != 16'd0), .run_home_i(home), .run_save_i(save),
    .group_valid_i(group_valid), .group_ready_o(writer_takes), .group_data_i(group_data),
    .pooled_valid_i(pooled_valid), .pooled_last_i(pooled_last), .pooled_data_i(pooled_data),
    .pooled_end_i(pooled_end), .write_valid_o(write_valid_o), .write_mask_o(write_mask_o),
    .write_addr_o(write_addr_o), .write_sub_o(write_sub_o), .write_data_o(write_data_o),
    .mark_valid_o(mark_valid_o), .mark_set_o(mark_set_o), .mark_slot_o(mark_slot_o),
    .mark_count_o(mark_count_o), .run_done_o(run_done_o)
  );
  wire unused_base = &base;

`ifdef FORMAL
  always @(posedge clk_i) begin
    if (!rst_i) begin
      assert (queue_ready || !y_valid_i);  // the drain's credits see to it
      assert (!(writer_takes && pool_takes));
    end
  end
`endif
endmodule

`default_nettype wire
