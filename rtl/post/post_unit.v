// From requantized groups to maps in the feature memory: takes the groups in order, run by run,
// through the max-pool or past it, and hands them to map_writer. It has no back-pressure towards
// the requantizer: a drain takes a credit for each group before it sends it, Depth of them at
// first, and credit_o gives one back for each group taken out. Runs without pool take one group a
// cycle, runs with pool as max_pool.v says.
`default_nettype none
`include "run_record.vh"

module post_unit #(
  parameter PixLanes = 1,
  parameter OutLanes = 16,
  parameter PoolLanes = (PixLanes + 5) / 4,
  parameter PoolWords = 8192 / OutLanes,
  parameter PoolPasses = 512 / OutLanes,
  parameter AddrBits = 14,  // of a word in a bank
  parameter MapWords = 1 << AddrBits,
  parameter Depth = 32,     // groups that wait
  parameter RunDepth = 8    // runs that wait
) (
  input wire clk_i, input wire rst_i,

  // runs
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_POST] run_i,

  // requantized groups, byte g*OutLanes + c, each against a credit
  input wire y_valid_i, input wire [PixLanes*OutLanes*8-1:0] y_data_i, output reg credit_o,

  // writes and marks, see feature_memory.v and scoreboard.v
  output wire write_next_o, output wire write_valid_o, output wire [PixLanes-1:0] write_mask_o,
  output wire [AddrBits-1:0] write_addr_o, output wire [3:0] write_sub_o,
  output wire [PixLanes*OutLanes*8-1:0] write_data_o,
  output wire mark_valid_o, output wire [1:0] mark_set_o, output wire [5:0] mark_slot_o,
  output wire [15:0] mark_count_o,
  output wire run_done_o,
  output wire wrong_o  // a map or its pool's rows are larger than their memory
);
  localparam GroupBits = PixLanes * OutLanes * 8;

  // The run at the queue's head stays there until map_writer takes it; the pool may have begun it
  // before.
  wire                          run_valid, run_ready;
  wire [`RUN_POST]              run;
  wire [$clog2(RunDepth+1)-1:0] runs;
  fifo #(.Width(`RUN_POST_BITS), .Depth(RunDepth)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o), .data_i(run_i),
    .valid_o(run_valid), .ready_i(run_ready), .data_o(run), .count_o(runs)
  );

  wire                       group_valid, group_ready, queue_ready;
  wire [GroupBits-1:0]       group_data;
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
  reg  begun_q;
  wire pool_valid = run_valid && run[`RUN_POOL] && !begun_q && !writer_takes;
  always @(posedge clk_i) begin
    if (rst_i || (run_valid && run_ready)) begun_q <= 1'b0;
    else if (pool_valid && pool_ready) begun_q <= 1'b1;
  end

  wire [PoolLanes-1:0]            pooled_valid, pooled_last;
  wire [PoolLanes*OutLanes*8-1:0] pooled_data;
  wire                            pooled_end, pool_wrong, writer_wrong;
  assign wrong_o = pool_wrong || writer_wrong;
  max_pool #(
    .PixLanes(PixLanes), .OutLanes(OutLanes), .PoolLanes(PoolLanes), .PoolWords(PoolWords),
    .PoolPasses(PoolPasses)
  ) u_pool (
    .clk_i(clk_i), .rst_i(rst_i), .run_valid_i(pool_valid), .run_ready_o(pool_ready),
    .run_i(run),
    .group_valid_i(group_valid), .group_ready_o(pool_takes), .group_data_i(group_data),
    .pooled_valid_o(pooled_valid), .pooled_last_o(pooled_last), .pooled_data_o(pooled_data),
    .pooled_end_o(pooled_end), .wrong_o(pool_wrong)
  );

  map_writer #(
    .PixLanes(PixLanes), .OutLanes(OutLanes), .PoolLanes(PoolLanes), .AddrBits(AddrBits),
    .MapWords(MapWords)
  ) u_writer (
    .clk_i(clk_i), .rst_i(rst_i), .run_valid_i(run_valid), .run_ready_o(run_ready),
    .run_i(run),
    .group_valid_i(group_valid), .group_ready_o(writer_takes), .group_data_i(group_data),
    .pooled_valid_i(pooled_valid), .pooled_last_i(pooled_last), .pooled_data_i(pooled_data),
    .pooled_end_i(pooled_end),
    .write_next_o(write_next_o), .write_valid_o(write_valid_o), .write_mask_o(write_mask_o),
    .write_addr_o(write_addr_o), .write_sub_o(write_sub_o), .write_data_o(write_data_o),
    .mark_valid_o(mark_valid_o), .mark_set_o(mark_set_o), .mark_slot_o(mark_slot_o),
    .mark_count_o(mark_count_o), .run_done_o(run_done_o), .wrong_o(writer_wrong)
  );

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
