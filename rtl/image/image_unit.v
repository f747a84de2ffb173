// From the bytes of images to the first convolution's packed taps in the feature memory: one pixel
// of that convolution every max(stride, vectors) cycles. It fills rows of the next image while it
// packs the present one, and runs ahead of its consumer by what the packed buffer holds; it does
// not fetch images.
`default_nettype none

module image_unit #(
  parameter PixLanes = 1,
  parameter PosBits = 16,
  parameter MaxSide = 512,  // pixels, of an image
  parameter Rows = 11,      // image rows buffered, MaxKernel to 16
  parameter MaxKernel = 7,  // 3, 5 or 7; kernels are odd
  parameter MapAddrBits = 14,
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1
) (
  input wire clk_i, input wire rst_i,

  // one descriptor an image, taken when its first row may be filled; stride 1 or 2, pads less than
  // the kernel
  input  wire        cfg_valid_i,
  output wire        cfg_ready_o,
  input  wire [15:0] cfg_width_i,
  input  wire [15:0] cfg_height_i,
  input  wire [7:0]  cfg_kernel_i,
  input  wire [7:0]  cfg_stride_i,
  input  wire [7:0]  cfg_pad_top_i,
  input  wire [7:0]  cfg_pad_left_i,
  input  wire [23:0] cfg_pad_value_i, // red in 7:0
  input  wire [15:0] cfg_out_width_i,
  input  wire [15:0] cfg_out_height_i,
  input  wire [7:0]  cfg_vectors_i,   // a pixel, ceil(kernel * kernel * 3 / 16)
  input  wire [15:0] cfg_base_i,      // of the packed buffer: first word in each bank
  input  wire [15:0] cfg_groups_i,    // of the packed buffer: pixel groups it holds

  // image bytes, height x width x 3; each image starts with a new word
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,

  // feature memory: vector v of group q at base + v * groups + q
  output wire write_valid_o, input wire write_ready_i, output wire [BankBits-1:0] write_bank_o,
  output wire [MapAddrBits-1:0] write_addr_o, output wire [127:0] write_data_o,

  // groups of all images, modulo 2^PosBits; each image ends with its (perhaps partial) last group
  output wire [PosBits-1:0] packed_o, input wire [PosBits-1:0] freed_i
);
  localparam SideBits = $clog2(MaxSide + MaxKernel);
  localparam PairBits = $clog2((MaxSide + 1) / 2);
  localparam TapBits = 24 * MaxKernel * MaxKernel;

  if (Rows < MaxKernel || Rows > 16) ROWS_must_be_MaxKernel_to_16 u_stop_rows ();
  if (MaxKernel != 3 && MaxKernel != 5 && MaxKernel != 7)
    MAXKERNEL_must_be_3_5_or_7 u_stop_kernel ();
  if (PosBits < MapAddrBits || PosBits > 16) POSBITS_must_be_MapAddrBits_to_16 u_stop_pos ();
  if (PixLanes < 1) PIXLANES_must_be_at_least_1 u_stop_lanes ();
  if (MaxSide < 16) MAXSIDE_must_be_at_least_16 u_stop_side ();

  // The image being filled, and (pack_*) the image being packed: the same or the one before.
  reg                waiting_q;  // the image being filled is not being packed yet
  reg [SideBits-1:0] fill_width_q, fill_height_q, fill_out_width_q, fill_out_height_q;
  reg [3:0]          fill_kernel_q, fill_stride_q, fill_pad_top_q, fill_pad_left_q;
  reg [23:0]         fill_pad_value_q;
  reg [7:0]          fill_vectors_q;
  reg [15:0]         fill_base_q, fill_groups_q;

  reg [SideBits-1:0] pack_width_q, pack_height_q, pack_out_width_q, pack_out_height_q;
  reg [3:0]          pack_kernel_q, pack_stride_q, pack_pad_top_q, pack_pad_left_q;
  reg [23:0]         pack_pad_value_q;

  wire fill_busy, walker_idle, packer_idle, packer_may_start;
  wire window_idle;
  wire fill = cfg_valid_i && cfg_ready_o;
  wire pack = waiting_q && walker_idle && window_idle && packer_idle && packer_may_start;
  assign cfg_ready_o = !fill_busy && !waiting_q;

  always @(posedge clk_i)
    if (rst_i) waiting_q <= 1'b0;
    else if (fill) waiting_q <= 1'b1;
    else if (pack) waiting_q <= 1'b0;

  always @(posedge clk_i)
    if (fill) begin
      fill_width_q      <= cfg_width_i[SideBits-1:0];
      fill_height_q     <= cfg_height_i[SideBits-1:0];
      fill_kernel_q     <= cfg_kernel_i[3:0];
      fill_stride_q     <= cfg_stride_i[3:0];
      fill_pad_top_q    <= cfg_pad_top_i[3:0];
      fill_pad_left_q   <= cfg_pad_left_i[3:0];
      fill_pad_value_q  <= cfg_pad_value_i;
      fill_out_width_q  <= cfg_out_width_i[SideBits-1:0];
      fill_out_height_q <= cfg_out_height_i[SideBits-1:0];
      fill_vectors_q    <= cfg_vectors_i;
      fill_base_q       <= cfg_base_i;
      fill_groups_q     <= cfg_groups_i;
    end

  always @(posedge clk_i)
    if (pack) begin
      pack_width_q      <= fill_width_q;
      pack_height_q     <= fill_height_q;
      pack_kernel_q     <= fill_kernel_q;
      pack_stride_q     <= fill_stride_q;
      pack_pad_top_q    <= fill_pad_top_q;
      pack_pad_left_q   <= fill_pad_left_q;
      pack_pad_value_q  <= fill_pad_value_q;
      pack_out_width_q  <= fill_out_width_q;
      pack_out_height_q <= fill_out_height_q;
    end

  // Fields are wide enough for every tape; what a geometry cannot hold its compiler refuses.
  wire unused_cfg = &{1'b0, cfg_width_i[15:SideBits], cfg_height_i[15:SideBits], cfg_kernel_i[7:4],
                      cfg_stride_i[7:4], cfg_pad_top_i[7:4], cfg_pad_left_i[7:4],
                      cfg_out_width_i[15:SideBits], cfg_out_height_i[15:SideBits],
                      fill_base_q, fill_groups_q};

  wire                pair_valid, row_done, row_free;
  wire [PairBits-1:0] pair_index;
  wire [47:0]         pair_data;
  row_filler #(.SideBits(SideBits), .PairBits(PairBits)) u_row_filler (
    .clk_i(clk_i), .rst_i(rst_i),
    .start_i(fill), .width_i(fill_width_q), .height_i(fill_height_q), .busy_o(fill_busy),
    .word_valid_i(word_valid_i), .word_ready_o(word_ready_o), .word_data_i(word_data_i),
    .row_free_i(row_free),
    .pair_valid_o(pair_valid), .pair_index_o(pair_index), .pair_data_o(pair_data),
    .row_done_o(row_done)
  );

  wire                       advance, quiet, enter;
  wire signed [SideBits+1:0] enter_y;
  wire        [3:0]          enter_slot;
  wire                       ask_valid, ask_outside, ask_complete, ask_last;
  wire        [PairBits:0]   ask_x;
  row_walker #(.Rows(Rows), .SideBits(SideBits), .ColumnBits(PairBits + 1)) u_row_walker (
    .clk_i(clk_i), .rst_i(rst_i), .start_i(pack), .idle_o(walker_idle),
    .width_i(pack_width_q), .height_i(pack_height_q),
    .kernel_i(pack_kernel_q), .stride_i(pack_stride_q),
    .pad_top_i(pack_pad_top_q), .pad_left_i(pack_pad_left_q),
    .out_width_i(pack_out_width_q), .out_height_i(pack_out_height_q),
    .row_filled_i(row_done), .row_free_o(row_free),
    .quiet_i(quiet), .enter_o(enter), .enter_y_o(enter_y), .enter_slot_o(enter_slot),
    .advance_i(advance), .column_valid_o(ask_valid), .column_x_o(ask_x),
    .column_outside_o(ask_outside), .column_complete_o(ask_complete), .column_last_o(ask_last)
  );

  wire                    column_valid, column_complete, column_last;
  wire [24*MaxKernel-1:0] column_data;
  image_rows #(
    .MaxSide(MaxSide), .Rows(Rows), .MaxKernel(MaxKernel), .SideBits(SideBits), .PairBits(PairBits)
  ) u_image_rows (
    .clk_i(clk_i), .rst_i(rst_i),
    .pair_valid_i(pair_valid), .pair_index_i(pair_index), .pair_data_i(pair_data),
    .row_done_i(row_done),
    .enter_i(enter), .enter_y_i(enter_y), .enter_slot_i(enter_slot), .height_i(pack_height_q),
    .pad_value_i(pack_pad_value_q), .quiet_o(quiet),
    .advance_i(advance), .ask_valid_i(ask_valid), .ask_x_i(ask_x), .ask_outside_i(ask_outside),
    .ask_marks_i({ask_last, ask_complete}),
    .column_valid_o(column_valid), .column_data_o(column_data),
    .column_marks_o({column_last, column_complete})
  );

  wire [TapBits-1:0] taps;
  tap_window #(.MaxKernel(MaxKernel)) u_tap_window (
    .clk_i(clk_i), .shift_i(advance && column_valid), .column_i(column_data),
    .half_i(pack_kernel_q[2:1]), .taps_o(taps)
  );

  // A complete window stops everything before it until the packer takes it.
  reg  window_valid_q, window_last_q;
  wire window_ready;
  assign advance = !window_valid_q || window_ready;
  assign window_idle = quiet && !column_valid && !window_valid_q;
  always @(posedge clk_i)
    if (rst_i) window_valid_q <= 1'b0;
    else if (advance) window_valid_q <= column_valid && column_complete;
  always @(posedge clk_i) if (advance) window_last_q <= column_last;

  packer #(
    .PixLanes(PixLanes), .PosBits(PosBits), .MapAddrBits(MapAddrBits), .TapBits(TapBits)
  ) u_packer (
    .clk_i(clk_i), .rst_i(rst_i),
    .start_i(pack), .may_start_o(packer_may_start), .idle_o(packer_idle),
    .base_i(fill_base_q[MapAddrBits-1:0]), .groups_i(fill_groups_q[PosBits-1:0]),
    .vectors_i(fill_vectors_q),
    .taps_valid_i(window_valid_q), .taps_ready_o(window_ready), .taps_data_i(taps),
    .taps_last_i(window_last_q),
    .write_valid_o(write_valid_o), .write_ready_i(write_ready_i), .write_bank_o(write_bank_o),
    .write_addr_o(write_addr_o), .write_data_o(write_data_o), .packed_o(packed_o), .freed_i(freed_i)
  );
endmodule

`default_nettype wire
