// The whole engine: ports, tape, image, feature memory, array and post-processing wired together.
// It depends on the geometry's parameters alone; the top of a design names them (rtl/top.v.hbs).
// docs/developer/engine.md describes how the blocks meet.
`default_nettype none
`include "run_record.vh"
`include "tape_header.vh"

module engine #(
  parameter        OutLanes       = 16,
  parameter        PixLanes       = 1,
  parameter        PackLanes      = 1,
  parameter        AccDepth       = 64,
  parameter        MultiplierBits = 25,
  parameter        PortBits       = 64,
  parameter        BurstBeats     = 16,
  parameter        RingWords      = 8192,
  parameter        MapWords       = 16384,
  parameter        CommandWords   = 512,
  parameter        PoolWords      = 512,
  parameter        PoolPasses     = 128,
  parameter        ImageRows      = 11,
  parameter        MaxSide        = 512,
  parameter        MaxKernel      = 7,
  parameter        Extended       = 0,
  parameter [31:0] GeometryId     = 32'd0,
  parameter        Outstanding    = 8,
  parameter        WatchdogBits   = 24
) (
  input wire clk_i, input wire rst_i,

  // AXI4-Lite control and status
  input wire [11:0] axil_awaddr_i, input wire axil_awvalid_i, output wire axil_awready_o,
  input wire [31:0] axil_wdata_i, input wire [3:0] axil_wstrb_i, input wire axil_wvalid_i,
  output wire axil_wready_o,
  output wire [1:0] axil_bresp_o, output wire axil_bvalid_o, input wire axil_bready_i,
  input wire [11:0] axil_araddr_i, input wire axil_arvalid_i, output wire axil_arready_o,
  output wire [31:0] axil_rdata_o, output wire [1:0] axil_rresp_o, output wire axil_rvalid_o,
  input wire axil_rready_i,
  output wire interrupt_o,

  // AXI4 memory port
  output wire axi_arvalid_o, input wire axi_arready_i, output wire [31:0] axi_araddr_o,
  output wire [7:0] axi_arlen_o, output wire [2:0] axi_arsize_o, output wire [1:0] axi_arburst_o,
  input wire axi_rvalid_i, output wire axi_rready_o, input wire [PortBits-1:0] axi_rdata_i,
  input wire [1:0] axi_rresp_i, input wire axi_rlast_i,
  output wire axi_awvalid_o, input wire axi_awready_i, output wire [31:0] axi_awaddr_o,
  output wire [7:0] axi_awlen_o, output wire [2:0] axi_awsize_o, output wire [1:0] axi_awburst_o,
  output wire axi_wvalid_o, input wire axi_wready_i, output wire [PortBits-1:0] axi_wdata_o,
  output wire [PortBits/8-1:0] axi_wstrb_o, output wire axi_wlast_o,
  input wire axi_bvalid_i, output wire axi_bready_o, input wire [1:0] axi_bresp_i
);
  localparam Columns   = (OutLanes + 1) / 2;
  localparam GroupBits = $clog2(AccDepth);
  localparam MapBits   = $clog2(MapWords);
  localparam BankBits  = PixLanes > 1 ? $clog2(PixLanes) : 1;
  localparam RingBits  = 24;
  localparam IndexBits = $clog2(CommandWords);
  localparam FifoBeats = 128;

  // On an error or an abort the requesters stop, what is outstanding ends, then all is reset.
  wire stop, engine_reset;
  reg  reset;
  always @(posedge clk_i) reset <= rst_i || engine_reset;

  // Jobs and the tape.
  wire         job_valid, job_ready;
  wire [31:0]  job_tape, job_image, job_result, job_number;
  wire         tape_request_valid, tape_request_ready, tape_word_valid, tape_word_ready;
  wire [31:0]  tape_request_addr;
  wire [23:0]  tape_request_words;
  wire [127:0] tape_word;

  wire                context_valid, context_ready;
  wire [31:0]         context_image, context_result, context_number;
  wire [23:0]         context_image_words;
  wire [`TAPE_HEADER] context_header;
  wire                unused_header = &context_header;

  wire         command_write_valid, command_write_ready, commit_valid, commit_ready;
  wire [127:0] command_write_data;
  wire         weight_valid, weight_ready;
  wire [127:0] weight_data;
  wire         tape_error, run_wrong, read_wrong, write_wrong;
  wire [7:0]   tape_error_code;
  tape_parser #(
    .CommandWords(CommandWords), .OutLanes(OutLanes), .MaxSide(MaxSide), .MaxKernel(MaxKernel),
    .GeometryId(GeometryId), .Extended(Extended)
  ) u_parser (
    .clk_i(clk_i), .rst_i(reset),
    .job_valid_i(job_valid), .job_ready_o(job_ready), .job_tape_i(job_tape),
    .job_image_i(job_image), .job_result_i(job_result), .job_number_i(job_number),
    .request_valid_o(tape_request_valid), .request_ready_i(tape_request_ready),
    .request_addr_o(tape_request_addr), .request_words_o(tape_request_words),
    .word_valid_i(tape_word_valid), .word_ready_o(tape_word_ready), .word_data_i(tape_word),
    .context_valid_o(context_valid), .context_ready_i(context_ready),
    .context_image_o(context_image), .context_result_o(context_result),
    .context_number_o(context_number), .context_image_words_o(context_image_words),
    .context_header_o(context_header),
    .command_valid_o(command_write_valid), .command_ready_i(command_write_ready),
    .command_data_o(command_write_data), .commit_valid_o(commit_valid),
    .commit_ready_i(commit_ready), .weight_valid_o(weight_valid), .weight_ready_i(weight_ready),
    .weight_data_o(weight_data), .error_o(tape_error), .error_code_o(tape_error_code)
  );

  wire                 command_valid, command_release;
  wire [IndexBits-1:0] command_index;
  wire [127:0]         command_word;
  command_memory #(.CommandWords(CommandWords)) u_commands (
    .clk_i(clk_i), .rst_i(reset),
    .write_valid_i(command_write_valid), .write_ready_o(command_write_ready),
    .write_data_i(command_write_data), .commit_valid_i(commit_valid), .commit_ready_o(commit_ready),
    .command_valid_o(command_valid), .read_index_i(command_index), .read_data_o(command_word),
    .release_i(command_release)
  );

  wire [RingBits-1:0] ring_written, ring_released, ring_read_addr;
  wire                ring_read;
  wire [127:0]        ring_read_data;
  weight_ring #(.Words(RingWords), .CountBits(RingBits)) u_ring (
    .clk_i(clk_i), .rst_i(reset),
    .write_valid_i(weight_valid), .write_ready_o(weight_ready), .write_data_i(weight_data),
    .written_o(ring_written), .released_i(ring_released),
    .read_i(ring_read), .read_addr_i(ring_read_addr), .read_data_o(ring_read_data)
  );

  // Image.
  // A job's image is packed while the one before still runs, unless its packed pixels would lie
  // where maps of that one are. The context goes to three takers in the same cycle.
  wire         image_request_ready, image_config_ready, result_job_ready, done;
  wire         image_word_valid, image_word_ready;
  wire [127:0] image_word;
  reg  [15:0]  running_top_q;
  reg  [2:0]   running_q;  // images begun whose results are not written
  wire         may_pack = running_q == 0 || context_header[`TAPE_PACK_BASE] >= running_top_q;
  assign context_ready = image_request_ready && image_config_ready && result_job_ready && may_pack;
  wire context_taken = context_valid && context_ready;
  always @(posedge clk_i) begin
    if (context_taken) running_top_q <= context_header[`TAPE_MAP_TOP];
    running_q <= running_q + {2'b0, context_taken} - {2'b0, done};
    if (reset) running_q <= 3'd0;
  end

  wire                          pack_ready, image_lacks_rows;
  wire [PackLanes-1:0]          pack_valid;
  wire [BankBits*PackLanes-1:0] pack_bank;
  wire [MapBits*PackLanes-1:0]  pack_addr;
  wire [128*PackLanes-1:0]      pack_data;
  wire [15:0]                   packed_groups, freed_groups;
  wire write_next;  // what the post unit's write_valid will be
  image_unit #(
    .PackLanes(PackLanes), .PixLanes(PixLanes), .PosBits(16), .MaxSide(MaxSide), .Rows(ImageRows),
    .MaxKernel(MaxKernel), .MapAddrBits(MapBits), .KnowsReady(Extended == 0 ? 1 : 0)
  ) u_image (
    .clk_i(clk_i), .rst_i(reset),
    .cfg_valid_i(context_taken), .cfg_ready_o(image_config_ready),
    .cfg_i(context_header[`TAPE_PACKING]),
    .word_valid_i(image_word_valid), .word_ready_o(image_word_ready), .word_data_i(image_word),
    .write_valid_o(pack_valid), .write_ready_i(pack_ready), .ready_next_i(!write_next),
    .write_bank_o(pack_bank), .write_addr_o(pack_addr), .write_data_o(pack_data),
    .packed_o(packed_groups), .freed_i(freed_groups), .lacks_rows_o(image_lacks_rows)
  );

  // Runs: one record, taken by four queues in the same cycle. That all have room comes through a
  // register, for they lie far apart: runs are further apart than it is late.
  wire               run_valid, loader_ready, reader_ready, drain_ready, post_ready;
  reg                run_ready;
  wire               run_taken = run_valid && run_ready;
  always @(posedge clk_i)
    run_ready <= !reset && loader_ready && reader_ready && drain_ready && post_ready;
  wire               waits_command, holds_command, run_done, transfer_valid, transfer_done;
  wire [223:0]       transfer;
  wire [`RUN_RECORD] run;
  run_generator #(
    .OutLanes(OutLanes), .AccDepth(AccDepth), .MapWords(MapWords), .IndexBits(IndexBits),
    .Extended(Extended)
  ) u_runs (
    .clk_i(clk_i), .rst_i(reset),
    .command_valid_i(command_valid), .read_index_o(command_index), .read_data_i(command_word),
    .release_o(command_release), .waits_o(waits_command), .wrong_o(run_wrong),
    .run_valid_o(run_valid), .run_ready_i(run_ready), .run_o(run),
    .run_done_i(run_done), .result_done_i(done), .transfer_valid_o(transfer_valid),
    .transfer_o(transfer), .transfer_done_i(transfer_done), .holds_o(holds_command)
  );

  // Weights.
  wire                  w_valid, w_param, loaded, swap, loader_starves;
  wire [5:0]            w_index;
  wire [1:0]            w_slot;
  wire [OutLanes*8-1:0] w_data;
  weight_loader #(.OutLanes(OutLanes), .RingBits(RingBits)) u_loader (
    .clk_i(clk_i), .rst_i(reset),
    .run_valid_i(run_taken), .run_ready_o(loader_ready), .run_i(run[`RUN_LOADER]),
    .written_i(ring_written), .released_o(ring_released),
    .read_o(ring_read), .read_addr_o(ring_read_addr), .read_data_i(ring_read_data),
    .w_valid_o(w_valid), .w_param_o(w_param), .w_index_o(w_index), .w_slot_o(w_slot),
    .w_data_o(w_data), .loaded_o(loaded), .swap_i(swap), .drained_runs_i(drained_runs),
    .starves_o(loader_starves)
  );

  // Maps and operands.
  wire [2:0]              drained_runs;
  wire [7:0]              drained_groups;
  wire [1:0]              look_set, first_set;
  wire [5:0]              look_slot, after_slot;
  wire [15:0]             look_count, after_count, first_count;
  wire                    look_turn, to_first, to_after;
  wire [3:0]              clear_sets;
  wire                    map_read;
  wire [MapBits-1:0]      reader_addr, map_read_addr;
  wire [PixLanes-1:0]     reader_plus, map_read_plus;
  wire [PixLanes*128-1:0] map_read_data, x_data;
  wire                    x_valid, x_swap, x_first, x_last;
  wire [1:0]              x_bank;
  wire [GroupBits-1:0]    x_group;
  wire                    reader_busy, wait_weights, wait_bank, wait_packed, wait_source;
  map_reader #(
    .PixLanes(PixLanes), .AddrBits(MapBits), .MapWords(MapWords), .AccDepth(AccDepth),
    .Extended(Extended)
  ) u_reader (
    .clk_i(clk_i), .rst_i(reset),
    .run_valid_i(run_taken), .run_ready_o(reader_ready), .run_i(run[`RUN_READER]),
    .loaded_i(loaded), .swap_o(swap),
    .drained_runs_i(drained_runs), .drained_groups_i(drained_groups),
    .look_set_o(look_set), .look_slot_o(look_slot), .look_count_i(look_count),
    .after_slot_o(after_slot), .after_count_i(after_count), .first_set_o(first_set),
    .first_count_i(first_count), .turn_o(look_turn), .to_first_o(to_first), .to_after_o(to_after),
    .clear_sets_o(clear_sets), .packed_i(packed_groups), .freed_o(freed_groups),
    .read_o(map_read), .read_addr_o(reader_addr), .read_plus_o(reader_plus),
    .read_data_i(map_read_data),
    .x_valid_o(x_valid), .x_swap_o(x_swap), .x_first_o(x_first), .x_last_o(x_last),
    .x_bank_o(x_bank), .x_group_o(x_group), .x_data_o(x_data),
    .busy_o(reader_busy), .wait_weights_o(wait_weights), .wait_bank_o(wait_bank),
    .wait_packed_o(wait_packed), .wait_source_o(wait_source), .wrong_o(read_wrong)
  );

  wire                           write_valid, mark_valid;
  wire [PixLanes-1:0]            write_mask;
  wire [MapBits-1:0]             write_addr;
  wire [3:0]                     write_sub;
  wire [PixLanes*OutLanes*8-1:0] write_data;
  wire [1:0]                     mark_set;
  wire [5:0]                     mark_slot;
  wire [15:0]                    mark_count;
  feature_memory #(
    .PixLanes(PixLanes), .PackLanes(PackLanes), .OutLanes(OutLanes), .MapWords(MapWords)
  ) u_map (
    .clk_i(clk_i),
    .read_addr_i(map_read_addr), .read_plus_i(map_read_plus),
    .read_data_o(map_read_data),
    .write_valid_i(write_valid), .write_mask_i(write_mask), .write_addr_i(write_addr),
    .write_sub_i(write_sub), .write_data_i(write_data),
    .pack_valid_i(whole_valid), .pack_ready_o(whole_ready), .pack_bank_i(whole_bank),
    .pack_addr_i(whole_addr), .pack_data_i(whole_data)
  );
  scoreboard #(.PosBits(16)) u_marks (
    .clk_i(clk_i), .rst_i(reset),
    .mark_valid_i(mark_valid), .mark_set_i(mark_set), .mark_slot_i(mark_slot),
    .mark_count_i(mark_count), .clear_i(clear_sets),
    .look_set_i(look_set), .look_slot_i(look_slot), .count_o(look_count),
    .after_slot_i(after_slot), .after_count_o(after_count), .first_set_i(first_set),
    .first_count_o(first_count), .turn_i(look_turn), .to_first_i(to_first), .to_after_i(to_after)
  );

  // Array, drain and what follows.
  wire                           final_group, d_valid, y_valid, credit;
  wire [1:0]                     d_bank, d_slot;
  wire [GroupBits-1:0]           d_group;
  wire [PixLanes*OutLanes*8-1:0] y_data;
  wire [PixLanes*Columns*25-1:0] tap_data;
  systolic_array #(
    .OutLanes(OutLanes), .PixLanes(PixLanes), .AccDepth(AccDepth), .MultiplierBits(MultiplierBits)
  ) u_array (
    .clk_i(clk_i), .rst_i(reset),
    .x_valid_i(x_valid), .x_data_i(x_data), .x_swap_i(x_swap), .x_first_i(x_first),
    .x_last_i(x_last), .x_bank_i(x_bank), .x_group_i(x_group),
    .w_valid_i(w_valid), .w_param_i(w_param), .w_index_i(w_index), .w_slot_i(w_slot),
    .w_data_i(w_data),
    .final_o(final_group), .d_valid_i(d_valid), .d_bank_i(d_bank), .d_group_i(d_group),
    .d_slot_i(d_slot), .y_valid_o(y_valid), .y_data_o(y_data),
    .tap_data_o(tap_data)
  );

  wire                g_valid, g_last, g_relu, pool_busy, drain_waits;
  wire [11:0]         g_keep;
  wire [PixLanes-1:0] g_mask;
  drain #(
    .OutLanes(OutLanes), .PixLanes(PixLanes), .AccDepth(AccDepth), .Credits(32), .Extended(Extended)
  ) u_drain (
    .clk_i(clk_i), .rst_i(reset),
    .run_valid_i(run_taken), .run_ready_o(drain_ready), .run_i(run),
    .final_i(final_group), .credit_i(credit), .pool_busy_i(pool_busy),
    .drained_runs_o(drained_runs), .drained_groups_o(drained_groups), .waits_o(drain_waits),
    .d_valid_o(d_valid), .d_bank_o(d_bank), .d_group_o(d_group), .d_slot_o(d_slot),
    .g_valid_o(g_valid), .g_mask_o(g_mask), .g_last_o(g_last), .g_relu_o(g_relu),
    .g_keep_o(g_keep)
  );

  post_unit #(
    .PixLanes(PixLanes), .OutLanes(OutLanes), .PoolWords(PoolWords), .PoolPasses(PoolPasses),
    .AddrBits(MapBits), .MapWords(MapWords), .Depth(32)
  ) u_post (
    .clk_i(clk_i), .rst_i(reset),
    .run_valid_i(run_taken), .run_ready_o(post_ready), .run_i(run[`RUN_POST]),
    .y_valid_i(y_valid), .y_data_i(y_data), .credit_o(credit),
    .write_next_o(write_next), .write_valid_o(write_valid), .write_mask_o(write_mask),
    .write_addr_o(write_addr), .write_sub_o(write_sub), .write_data_o(write_data),
    .mark_valid_o(mark_valid), .mark_set_o(mark_set), .mark_slot_o(mark_slot),
    .mark_count_o(mark_count), .run_done_o(run_done), .wrong_o(write_wrong)
  );

  wire        logit_valid, logit_ready, unused_sum_valid;
  wire [31:0] logit_data;
  wire [39:0] unused_sum;
  global_pool #(
    .OutLanes(OutLanes), .PixLanes(PixLanes), .SumBits(40), .Extended(Extended)
  ) u_global_pool (
    .clk_i(clk_i), .rst_i(reset),
    .token_valid_i(g_valid), .token_mask_i(g_mask), .token_last_i(g_last), .token_slot_i(d_slot),
    .relu_i(g_relu), .token_keep_i(g_keep), .busy_o(pool_busy), .tap_data_i(tap_data),
    .w_valid_i(w_valid), .w_param_i(w_param), .w_index_i(w_index), .w_slot_i(w_slot),
    .w_data_i(w_data),
    .logit_valid_o(logit_valid), .logit_ready_i(logit_ready), .logit_data_o(logit_data),
    .sum_valid_o(unused_sum_valid), .sum_data_o(unused_sum)
  );

  // Ports.
  wire                image_burst_valid, image_burst_ready, image_beat_valid;
  wire                tape_burst_valid, tape_burst_ready, tape_beat_valid;
  wire [31:0]         image_burst_addr, tape_burst_addr;
  wire [8:0]          image_burst_beats, tape_burst_beats;
  wire [PortBits-1:0] beat_data;
  burst_reader #(
    .PortBits(PortBits), .BurstBeats(BurstBeats), .FifoBeats(FifoBeats)
  ) u_image_reader (
    .clk_i(clk_i), .rst_i(reset),
    .request_valid_i(context_taken), .request_ready_o(image_request_ready),
    .request_addr_i(context_image), .request_words_i(context_image_words),
    .burst_valid_o(image_burst_valid), .burst_ready_i(image_burst_ready),
    .burst_addr_o(image_burst_addr), .burst_beats_o(image_burst_beats),
    .beat_valid_i(image_beat_valid), .beat_data_i(beat_data),
    .word_valid_o(image_word_valid), .word_ready_i(image_word_ready), .word_data_o(image_word)
  );
  burst_reader #(
    .PortBits(PortBits), .BurstBeats(BurstBeats), .FifoBeats(FifoBeats)
  ) u_tape_reader (
    .clk_i(clk_i), .rst_i(reset),
    .request_valid_i(tape_request_valid), .request_ready_o(tape_request_ready),
    .request_addr_i(tape_request_addr), .request_words_i(tape_request_words),
    .burst_valid_o(tape_burst_valid), .burst_ready_i(tape_burst_ready),
    .burst_addr_o(tape_burst_addr), .burst_beats_o(tape_burst_beats),
    .beat_valid_i(tape_beat_valid), .beat_data_i(beat_data),
    .word_valid_o(tape_word_valid), .word_ready_i(tape_word_ready), .word_data_o(tape_word)
  );

  // Transfers between the feature memory and the ports, and what passes through them.
  wire                          result_base_valid, store_begin, store_done;
  wire                          store_valid, store_ready, store_last;
  wire [31:0]                   result_base, store_base;
  wire [127:0]                  store_data;
  wire [PackLanes-1:0]          whole_valid;
  wire                          whole_ready;
  wire [BankBits*PackLanes-1:0] whole_bank;
  wire [MapBits*PackLanes-1:0]  whole_addr;
  wire [128*PackLanes-1:0]      whole_data;
  wire                          first_burst_valid, first_burst_ready, first_beat_valid;
  wire [31:0]                   first_burst_addr;
  wire [8:0]                    first_burst_beats;
  transfer_unit #(
    .Extended(Extended), .PixLanes(PixLanes), .PackLanes(PackLanes), .PortBits(PortBits),
    .BurstBeats(BurstBeats), .FifoBeats(FifoBeats), .Outstanding(Outstanding), .AddrBits(MapBits)
  ) u_transfers (
    .clk_i(clk_i), .rst_i(reset),
    .transfer_valid_i(transfer_valid), .transfer_i(transfer), .transfer_done_o(transfer_done),
    .base_valid_i(result_base_valid), .base_i(result_base),
    .store_begin_o(store_begin), .store_base_o(store_base), .store_done_i(store_done),
    .store_valid_o(store_valid), .store_ready_i(store_ready), .store_data_o(store_data),
    .store_last_o(store_last),
    .reader_addr_i(reader_addr), .reader_plus_i(reader_plus), .read_addr_o(map_read_addr),
    .read_plus_o(map_read_plus), .read_data_i(map_read_data),
    .pack_valid_i(pack_valid), .pack_ready_o(pack_ready), .pack_bank_i(pack_bank),
    .pack_addr_i(pack_addr), .pack_data_i(pack_data),
    .write_valid_o(whole_valid), .write_ready_i(whole_ready), .write_bank_o(whole_bank),
    .write_addr_o(whole_addr), .write_data_o(whole_data),
    .image_valid_i(image_burst_valid), .image_ready_o(image_burst_ready),
    .image_addr_i(image_burst_addr), .image_beats_i(image_burst_beats),
    .image_beat_valid_o(image_beat_valid),
    .burst_valid_o(first_burst_valid), .burst_ready_i(first_burst_ready),
    .burst_addr_o(first_burst_addr), .burst_beats_o(first_burst_beats),
    .beat_valid_i(first_beat_valid), .beat_last_i(axi_rlast_i), .beat_data_i(beat_data)
  );

  wire       read_idle, read_error, write_idle, write_error;
  wire [7:0] read_error_code, write_error_code;
  wire [6:0] read_bytes, write_bytes;
  axi_read_arbiter #(.PortBits(PortBits), .Outstanding(Outstanding)) u_read_port (
    .clk_i(clk_i), .rst_i(rst_i), .stop_i(stop), .idle_o(read_idle),
    .error_valid_o(read_error), .error_code_o(read_error_code), .bytes_o(read_bytes),
    .image_valid_i(first_burst_valid), .image_ready_o(first_burst_ready),
    .image_addr_i(first_burst_addr), .image_beats_i(first_burst_beats),
    .image_beat_valid_o(first_beat_valid),
    .tape_valid_i(tape_burst_valid), .tape_ready_o(tape_burst_ready),
    .tape_addr_i(tape_burst_addr), .tape_beats_i(tape_burst_beats),
    .tape_beat_valid_o(tape_beat_valid), .beat_data_o(beat_data),
    .axi_arvalid_o(axi_arvalid_o), .axi_arready_i(axi_arready_i), .axi_araddr_o(axi_araddr_o),
    .axi_arlen_o(axi_arlen_o), .axi_arsize_o(axi_arsize_o), .axi_arburst_o(axi_arburst_o),
    .axi_rvalid_i(axi_rvalid_i), .axi_rready_o(axi_rready_o), .axi_rdata_i(axi_rdata_i),
    .axi_rresp_i(axi_rresp_i), .axi_rlast_i(axi_rlast_i)
  );

  wire [31:0] done_tape_id;
  result_writer #(
    .PortBits(PortBits), .BurstBeats(BurstBeats), .OutLanes(OutLanes), .Extended(Extended)
  ) u_result (
    .clk_i(clk_i), .rst_i(reset), .stop_i(stop), .idle_o(write_idle),
    .error_valid_o(write_error), .error_code_o(write_error_code), .bytes_o(write_bytes),
    .job_valid_i(context_taken), .job_ready_o(result_job_ready), .job_address_i(context_result),
    .job_tape_id_i(context_header[`TAPE_ID]), .job_classes_i(context_header[`TAPE_CLASSES]),
    .job_number_i(context_number),
    .logit_valid_i(logit_valid), .logit_ready_o(logit_ready), .logit_data_i(logit_data),
    .base_valid_o(result_base_valid), .base_o(result_base), .store_begin_i(store_begin),
    .store_base_i(store_base), .store_done_o(store_done), .store_valid_i(store_valid),
    .store_ready_o(store_ready), .store_data_i(store_data), .store_last_i(store_last),
    .done_o(done), .done_tape_id_o(done_tape_id),
    .axi_awvalid_o(axi_awvalid_o), .axi_awready_i(axi_awready_i), .axi_awaddr_o(axi_awaddr_o),
    .axi_awlen_o(axi_awlen_o), .axi_awsize_o(axi_awsize_o), .axi_awburst_o(axi_awburst_o),
    .axi_wvalid_o(axi_wvalid_o), .axi_wready_i(axi_wready_i), .axi_wdata_o(axi_wdata_o),
    .axi_wstrb_o(axi_wstrb_o), .axi_wlast_o(axi_wlast_o),
    .axi_bvalid_i(axi_bvalid_i), .axi_bready_o(axi_bready_o), .axi_bresp_i(axi_bresp_i)
  );

  wire command_wrong = run_wrong || read_wrong || write_wrong;
  control_regs #(.GeometryId(GeometryId), .WatchdogBits(WatchdogBits)) u_control (
    .clk_i(clk_i), .rst_i(rst_i),
    .axil_awaddr_i(axil_awaddr_i), .axil_awvalid_i(axil_awvalid_i),
    .axil_awready_o(axil_awready_o), .axil_wdata_i(axil_wdata_i), .axil_wstrb_i(axil_wstrb_i),
    .axil_wvalid_i(axil_wvalid_i), .axil_wready_o(axil_wready_o), .axil_bresp_o(axil_bresp_o),
    .axil_bvalid_o(axil_bvalid_o), .axil_bready_i(axil_bready_i), .axil_araddr_i(axil_araddr_i),
    .axil_arvalid_i(axil_arvalid_i), .axil_arready_o(axil_arready_o), .axil_rdata_o(axil_rdata_o),
    .axil_rresp_o(axil_rresp_o), .axil_rvalid_o(axil_rvalid_o), .axil_rready_i(axil_rready_i),
    .interrupt_o(interrupt_o),
    .job_valid_o(job_valid), .job_ready_i(job_ready), .job_tape_o(job_tape),
    .job_image_o(job_image), .job_result_o(job_result), .job_number_o(job_number),
    .done_i(done), .done_tape_id_i(done_tape_id),
    .read_error_i(read_error), .read_error_code_i(read_error_code),
    .write_error_i(write_error), .write_error_code_i(write_error_code),
    .tape_error_i(tape_error), .tape_error_code_i(tape_error_code),
    .command_error_i(command_wrong),
    .read_idle_i(read_idle), .read_bytes_i(read_bytes),
    .write_idle_i(write_idle), .write_bytes_i(write_bytes),
    .stop_o(stop), .engine_reset_o(engine_reset),
    .stall_i(stall_q)
  );

  // Why the array issued nothing: the map reader knows what it waits for, its suppliers know why.
  reg  [8:0] stall_q;
  wire       no_run = !map_read && !wait_weights && !wait_bank && !wait_packed && !wait_source;
  wire       no_command = no_run && !reader_busy && waits_command;
  wire       no_map = no_run && !reader_busy && holds_command;
  wire       no_job = job_ready && !job_valid;
  always @(posedge clk_i)
    stall_q <= {
      no_command && no_job, no_run && !no_command && !no_map, wait_source || no_map,
      wait_packed && image_lacks_rows, wait_packed && !image_lacks_rows,
      wait_bank && drain_waits, wait_bank && !drain_waits,
      (wait_weights && loader_starves) || (no_command && !no_job), wait_weights && !loader_starves
    };
endmodule

`default_nettype wire
