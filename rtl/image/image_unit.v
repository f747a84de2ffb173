// From the bytes of images to the first convolution's packed taps in the feature memory: one pixel
// of that convolution every max(stride, vectors) cycles, with two PackLanes every
// max(1, vectors / 2). It fills rows of the next image while it packs the present one, and runs
// ahead of its consumer by what the packed buffer holds; it does not fetch images.
`default_nettype none
`include "tape_header.vh"

module image_unit #(
  parameter PackLanes = 1,  // 1 or 2: columns read and vectors written a cycle
  parameter PixLanes = 1,
  parameter PosBits = 16,
  parameter MaxSide = 512,  // pixels, of an image
  parameter Rows = 11,      // image rows buffered, MaxKernel to 16
  parameter MaxKernel = 7,  // 3, 5 or 7; kernels are odd
  parameter MapAddrBits = 14,
  parameter KnowsReady = 1, // ready_next_i can be told
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1
) (
  input wire clk_i, input wire rst_i,

  // of each image its part of the tape's header, taken when its first row may be filled; stride 1
  // or 2, pads less than the kernel
  input wire cfg_valid_i, output wire cfg_ready_o, input wire [`TAPE_PACKING] cfg_i,

  // image bytes, height x width x 3; each image starts with a new word
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,

  // feature memory: vector v of group q at base + v * groups + q; two lanes write different banks
  output wire [PackLanes-1:0] write_valid_o, input wire write_ready_i,
  input wire ready_next_i,  // of write_ready_i in the next cycle
  output wire [BankBits*PackLanes-1:0] write_bank_o,
  output wire [MapAddrBits*PackLanes-1:0] write_addr_o,
  output wire [128*PackLanes-1:0] write_data_o,

  // groups of all images, modulo 2^PosBits; each image ends with its (perhaps partial) last group
  output wire [PosBits-1:0] packed_o, input wire [PosBits-1:0] freed_i,

  output wire lacks_rows_o  // nothing is packed, for image rows are missing
);
  localparam SideBits = $clog2(MaxSide + MaxKernel);
  localparam SliceBits = $clog2((MaxSide + 2 * PackLanes - 1) / (2 * PackLanes));
  localparam TapBits = 24 * MaxKernel * MaxKernel;

  if (Rows < MaxKernel || Rows > 16) ROWS_must_be_MaxKernel_to_16 u_stop_rows ();
  if (MaxKernel != 3 && MaxKernel != 5 && MaxKernel != 7)
    MAXKERNEL_must_be_3_5_or_7 u_stop_kernel ();
  if (PosBits < MapAddrBits || PosBits > 16) POSBITS_must_be_MapAddrBits_to_16 u_stop_pos ();
  if (PackLanes != 1 && PackLanes != 2) PACKLANES_must_be_1_or_2 u_stop_pack ();
  if (PixLanes < PackLanes) PIXLANES_must_be_at_least_PackLanes u_stop_lanes ();
  if (MaxSide < 16) MAXSIDE_must_be_at_least_16 u_stop_side ();

  // The image being filled, and (pack_*) the image being packed: the same or the one before.
  reg                 waiting_q;  // the image being filled is not being packed yet
  reg [`TAPE_PACKING] fill_q, pack_q;

  wire fill_busy, walker_idle, packer_idle, packer_may_start, window_idle;
  wire fill = cfg_valid_i && cfg_ready_o;
  wire pack = waiting_q && walker_idle && window_idle && packer_idle && packer_may_start;
  assign cfg_ready_o = !fill_busy && !waiting_q;

  always @(posedge clk_i) begin
    if (fill) begin
      waiting_q <= 1'b1;
      fill_q    <= cfg_i;
    end else if (pack) begin
      waiting_q <= 1'b0;
      pack_q    <= fill_q;
    end
    if (rst_i) waiting_q <= 1'b0;
  end

  // Fields are wide enough for every tape; what a geometry cannot hold its compiler refuses.
  wire [15:0] fill_width = fill_q[`TAPE_IMAGE_WIDTH], fill_height = fill_q[`TAPE_IMAGE_HEIGHT];
  wire [15:0] fill_base = fill_q[`TAPE_PACK_BASE], fill_groups = fill_q[`TAPE_PACK_GROUPS];
  wire [15:0] width = pack_q[`TAPE_IMAGE_WIDTH], height = pack_q[`TAPE_IMAGE_HEIGHT];
  wire [15:0] out_width = pack_q[`TAPE_OUT_WIDTH], out_height = pack_q[`TAPE_OUT_HEIGHT];
  wire [7:0]  kernel = pack_q[`TAPE_KERNEL], stride = pack_q[`TAPE_STRIDE];
  wire [7:0]  pad_top = pack_q[`TAPE_PAD_TOP], pad_left = pack_q[`TAPE_PAD_LEFT];
  wire unused_ok = &{1'b0, fill_q, pack_q, fill_width, fill_height, fill_base, fill_groups,
                     width, height, out_width, out_height, kernel, stride, pad_top, pad_left};

  wire                    slice_valid, row_done, row_free;
  wire [SliceBits-1:0]    slice_index;
  wire [48*PackLanes-1:0] slice_data;
  row_filler #(
    .PackLanes(PackLanes), .SideBits(SideBits), .SliceBits(SliceBits)
  ) u_row_filler (
    .clk_i(clk_i), .rst_i(rst_i),
    .start_i(fill), .busy_o(fill_busy),
    .width_i(fill_width[SideBits-1:0]), .height_i(fill_height[SideBits-1:0]),
    .word_valid_i(word_valid_i), .word_ready_o(word_ready_o), .word_data_i(word_data_i),
    .row_free_i(row_free),
    .slice_valid_o(slice_valid), .slice_index_o(slice_index), .slice_data_o(slice_data),
    .row_done_o(row_done)
  );

  wire                           advance, quiet, rows_idle, enter, walker_lacks_rows;
  wire signed [SideBits+1:0]     enter_y;
  wire [3:0]                     enter_slot;
  wire                           ask_valid, ask_double, ask_complete, ask_last;
  wire [1:0]                     ask_outside;
  wire [SliceBits+PackLanes-1:0] ask_x;
  row_walker #(
    .PackLanes(PackLanes), .Rows(Rows), .SideBits(SideBits), .ColumnBits(SliceBits + PackLanes)
  ) u_row_walker (
    .clk_i(clk_i), .rst_i(rst_i), .start_i(pack), .idle_o(walker_idle), .lacks_rows_o(walker_lacks_rows),
    .width_i(width[SideBits-1:0]), .height_i(height[SideBits-1:0]),
    .kernel_i(kernel[3:0]), .stride_i(stride[3:0]),
    .pad_top_i(pad_top[3:0]), .pad_left_i(pad_left[3:0]),
    .out_width_i(out_width[SideBits-1:0]), .out_height_i(out_height[SideBits-1:0]),
    .row_filled_i(row_done), .row_free_o(row_free),
    .quiet_i(quiet), .enter_o(enter), .enter_y_o(enter_y), .enter_slot_o(enter_slot),
    .advance_i(advance), .column_valid_o(ask_valid), .column_x_o(ask_x),
    .column_outside_o(ask_outside), .column_double_o(ask_double),
    .column_complete_o(ask_complete), .column_last_o(ask_last)
  );

  wire                              column_valid, column_double, column_complete, column_last;
  wire [24*MaxKernel*PackLanes-1:0] column_data;
  image_rows #(
    .PackLanes(PackLanes), .MaxSide(MaxSide), .Rows(Rows), .MaxKernel(MaxKernel),
    .SideBits(SideBits), .SliceBits(SliceBits)
  ) u_image_rows (
    .clk_i(clk_i), .rst_i(rst_i),
    .slice_valid_i(slice_valid), .slice_index_i(slice_index), .slice_data_i(slice_data),
    .row_done_i(row_done),
    .enter_i(enter), .enter_y_i(enter_y), .enter_slot_i(enter_slot),
    .height_i(height[SideBits-1:0]),
    .pad_value_i(pack_q[`TAPE_PAD_VALUE]), .quiet_o(quiet), .idle_o(rows_idle),
    .advance_i(advance), .ask_valid_i(ask_valid), .ask_x_i(ask_x), .ask_outside_i(ask_outside),
    .ask_marks_i({ask_double, ask_last, ask_complete}),
    .column_valid_o(column_valid), .column_data_o(column_data),
    .column_marks_o({column_double, column_last, column_complete})
  );

  wire [TapBits-1:0] taps;
  tap_window #(.PackLanes(PackLanes), .MaxKernel(MaxKernel)) u_tap_window (
    .clk_i(clk_i), .shift_i(advance && column_valid), .double_i(column_double),
    .column_i(column_data), .half_i(kernel[2:1]), .taps_o(taps)
  );

  // A complete window stops everything before it until the packer takes it.
  reg  window_valid_q, window_last_q;
  wire window_ready;
  assign advance = !window_valid_q || window_ready;
  assign window_idle = rows_idle && !column_valid && !window_valid_q;
  assign lacks_rows_o = walker_lacks_rows && window_idle && packer_idle;
  always @(posedge clk_i) begin
    if (advance) window_valid_q <= column_valid && column_complete;
    if (advance) window_last_q <= column_last;
    if (rst_i) window_valid_q <= 1'b0;
  end

  packer #(
    .PackLanes(PackLanes), .PixLanes(PixLanes), .PosBits(PosBits), .MapAddrBits(MapAddrBits),
    .TapBits(TapBits), .KnowsReady(KnowsReady)
  ) u_packer (
    .clk_i(clk_i), .rst_i(rst_i),
    .start_i(pack), .may_start_o(packer_may_start), .idle_o(packer_idle),
    .base_i(fill_base[MapAddrBits-1:0]), .groups_i(fill_groups[PosBits-1:0]),
    .vectors_i(fill_q[`TAPE_VECTORS]),
    .taps_valid_i(window_valid_q), .taps_ready_o(window_ready), .taps_data_i(taps),
    .taps_last_i(window_last_q),
    .write_valid_o(write_valid_o), .write_ready_i(write_ready_i), .ready_next_i(ready_next_i),
    .write_bank_o(write_bank_o),
    .write_addr_o(write_addr_o), .write_data_o(write_data_o), .packed_o(packed_o), .freed_i(freed_i)
  );
endmodule

`default_nettype wire
