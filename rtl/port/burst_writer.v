// Writes a stream of 16-byte words to consecutive addresses in AXI4 bursts. A burst ends at each
// multiple of the longest one (the largest power of two of BurstBeats and 16 at most), so none
// crosses 4 KiB, and behind a word marked last. Its address is given once all its beats are queued:
// they then follow without a gap, and once the address is valid the burst is completed whatever
// stop_i says. Responses are counted, not judged. One beat a cycle.
`default_nettype none

module burst_writer #(parameter PortBits = 64, parameter BurstBeats = 16, parameter AddrBits = 32) (
  input wire clk_i, input wire rst_i,

  // control: starts no burst while stopped, is idle when nothing is outstanding, and settled when
  // nothing waits either; bytes of this cycle
  input wire stop_i, output wire idle_o, output wire settled_o, output wire [6:0] bytes_o,

  // words; the first one behind base_load_i goes to base_i, a multiple of 64
  input wire base_load_i, input wire [AddrBits-1:0] base_i,
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,
  input wire word_last_i,

  // AXI4 write address, data and response channels
  output reg axi_awvalid_o, input wire axi_awready_i, output wire [AddrBits-1:0] axi_awaddr_o,
  output wire [7:0] axi_awlen_o, output wire [2:0] axi_awsize_o, output wire [1:0] axi_awburst_o,
  output wire axi_wvalid_o, input wire axi_wready_i, output wire [PortBits-1:0] axi_wdata_o,
  output wire [PortBits/8-1:0] axi_wstrb_o, output wire axi_wlast_o,
  input wire axi_bvalid_i, output wire axi_bready_o
);
  localparam BeatBytes = PortBits / 8;
  localparam BeatShift = $clog2(BeatBytes);
  localparam LimitBeats = BurstBeats < 16 ? BurstBeats : 16;  // 16 beats of 64 bytes are 1 KiB
  localparam BurstShift = $clog2(LimitBeats + 1) - 1;
  localparam MaxBeats = 1 << BurstShift;
  localparam Lanes = PortBits > 128 ? PortBits / 128 : 1;  // words in a beat
  localparam [31:0] SIZE = BeatShift, BEAT_BYTES = BeatBytes;
  localparam [1:0] INCR = 2'b01;
  localparam [3:0] OPEN_LIMIT = 4'd8;

  if (PortBits < 32 || PortBits > 512 || (1 << $clog2(PortBits)) != PortBits)
    burst_writer_PortBits_must_be_a_power_of_two_from_32_to_512 u_stop ();
  if (BurstBeats < 1 || BurstBeats > 256 || MaxBeats * PortBits < 128)
    burst_writer_BurstBeats_must_be_1_to_256_and_hold_16_bytes u_stop ();

  // Words to beats.
  wire                beat_valid, beat_ready;
  wire [PortBits-1:0] beat_data;
  wire [Lanes-1:0]    beat_lanes;  // words of the beat that are written
  wire                beat_word_last;
  wire [4:0]          beat_index;  // in memory
  wire                beat_taken = beat_valid && beat_ready;
  wire                word_taken = word_valid_i && word_ready_o;

  reg [AddrBits-1:4] word_addr_q;
  always @(posedge clk_i) begin
    if (base_load_i) word_addr_q <= base_i[AddrBits-1:4];
    else if (word_taken) word_addr_q <= word_addr_q + 1'b1;
  end
  wire unused_base = &{1'b0, base_i[3:0]};

  if (PortBits == 128) begin : g_equal
    assign beat_valid     = word_valid_i;
    assign word_ready_o   = beat_ready;
    assign beat_data      = word_data_i;
    assign beat_lanes     = 1'b1;
    assign beat_word_last = word_last_i;
    assign beat_index     = word_addr_q[8:4];
  end else if (PortBits < 128) begin : g_narrow
    localparam PartBits = 4 - BeatShift;
    localparam [31:0] BEFORE_LAST = 128 / PortBits - 2;
    reg  [PartBits-1:0] part_q;
    reg                 last_part_q;

    assign beat_valid     = word_valid_i;
    assign word_ready_o   = beat_ready && last_part_q;
    assign beat_data      = word_data_i[part_q*PortBits+:PortBits];
    assign beat_lanes     = 1'b1;
    assign beat_word_last = word_last_i && last_part_q;
    assign beat_index     = {word_addr_q[8-PartBits:4], part_q};

    always @(posedge clk_i) begin
      if (beat_taken) part_q <= part_q + 1'b1;
      if (beat_taken) last_part_q <= part_q == BEFORE_LAST[PartBits-1:0];
      if (rst_i) {part_q, last_part_q} <= 0;
    end
  end else begin : g_wide
    reg  [PortBits-1:0]  gathered_q;
    reg  [Lanes-1:0]     lanes_q;
    wire [BeatShift-5:0] lane = word_addr_q[BeatShift-1:4];
    wire [Lanes-1:0]     here = {{Lanes - 1{1'b0}}, 1'b1} << lane;
    wire                 ends = (&lane) || word_last_i;

    assign beat_valid     = word_valid_i && ends;
    assign word_ready_o   = beat_ready || !ends;
    assign beat_lanes     = lanes_q | here;
    assign beat_word_last = word_last_i;
    assign beat_index     = word_addr_q[BeatShift+:5];

    genvar l;
    for (l = 0; l < Lanes; l = l + 1) begin : g_lane
      assign beat_data[l*128+:128] = here[l] ? word_data_i : gathered_q[l*128+:128];
      always @(posedge clk_i) if (here[l]) gathered_q[l*128+:128] <= word_data_i;
    end

    always @(posedge clk_i) begin
      if (rst_i || beat_taken) lanes_q <= 0;
      else if (word_taken) lanes_q <= lanes_q | here;
    end
  end

  // Beats to bursts: a burst is offered when its last beat goes into the queue.
  localparam [31:0] LAST_PHASE = MaxBeats - 1;

  reg  [4:0]          beats_q;  // of the burst so far
  reg                 begun_q;  // first_q holds
  reg  [AddrBits-1:4] first_q;
  wire [AddrBits-1:4] first = begun_q ? first_q : word_addr_q;
  wire [4:0]          beats = beats_q + 5'd1;
  wire                burst_ends = (&(beat_index | ~LAST_PHASE[4:0])) || beat_word_last;
  wire                burst_done = beat_taken && burst_ends;
  wire                beats_ready, bursts_ready;

  assign beat_ready = beats_ready && bursts_ready;

  always @(posedge clk_i) begin
    if (!begun_q) first_q <= word_addr_q;
    if (beat_taken) beats_q <= burst_ends ? 5'd0 : beats;
    if (burst_done) begun_q <= 1'b0;
    else if (beat_taken || word_taken) begun_q <= 1'b1;
    if (rst_i) {beats_q, begun_q} <= 0;
  end

  wire                            queued_valid, queued_last;
  wire [PortBits-1:0]             queued_data;
  wire [Lanes-1:0]                queued_lanes;
  wire [$clog2(2*MaxBeats+1)-1:0] unused_beats;
  fifo #(.Width(1 + Lanes + PortBits), .Depth(2 * MaxBeats)) u_beats (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(beat_valid && bursts_ready), .ready_o(beats_ready),
    .data_i({burst_ends, beat_lanes, beat_data}), .valid_o(queued_valid),
    .ready_i(axi_wvalid_o && axi_wready_i), .data_o({queued_last, queued_lanes, queued_data}),
    .count_o(unused_beats)
  );

  wire                burst_valid, start;
  wire [AddrBits-1:4] burst_first;
  wire [4:0]          burst_beats;
  wire [2:0]          unused_bursts;
  fifo #(.Width(AddrBits + 1), .Depth(4)) u_bursts (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(burst_done), .ready_o(bursts_ready),
    .data_i({first, beats}), .valid_o(burst_valid), .ready_i(start),
    .data_o({burst_first, burst_beats}), .count_o(unused_bursts)
  );

  // Bursts to the port. Beats go out only for addresses given, so that a stop leaves no burst half
  // done.
  reg  [AddrBits-1:4] awaddr_q;
  reg  [4:0]          awbeats_q;
  reg  [3:0]          open_q;    // bursts given and not answered
  reg  [3:0]          unsent_q;  // bursts given whose beats are not all sent
  wire                sent = axi_wvalid_o && axi_wready_i;
  wire [4:0]          awlen = awbeats_q - 5'd1;

  assign start = burst_valid && (!axi_awvalid_o || axi_awready_i) && !stop_i
                 && open_q != OPEN_LIMIT;

  always @(posedge clk_i) begin
    if (start) begin
      axi_awvalid_o <= 1'b1;
      awaddr_q      <= burst_first;
      awbeats_q     <= burst_beats;
    end else if (axi_awready_i) axi_awvalid_o <= 1'b0;
    open_q   <= open_q + {3'd0, start} - {3'd0, axi_bvalid_i};
    unsent_q <= unsent_q + {3'd0, start} - {3'd0, sent && queued_last};
    if (rst_i) {axi_awvalid_o, open_q, unsent_q} <= 0;
  end

  // A burst that begins inside a wide beat is given by that beat's address; its strobes leave the
  // rest out.
  assign axi_awaddr_o  = {awaddr_q, 4'd0} & ~(BEAT_BYTES[AddrBits-1:0] - 1'b1);
  assign axi_awlen_o   = {3'd0, awlen};
  assign axi_awsize_o  = SIZE[2:0];
  assign axi_awburst_o = INCR;
  assign axi_wvalid_o  = queued_valid && unsent_q != 4'd0;
  assign axi_wdata_o   = queued_data;
  assign axi_wlast_o   = queued_last;
  assign axi_bready_o  = 1'b1;

  localparam PartBytes = BeatBytes / Lanes;
  genvar n;
  for (n = 0; n < Lanes; n = n + 1) begin : g_strobe
    assign axi_wstrb_o[n*PartBytes+:PartBytes] = {PartBytes{queued_lanes[n]}};
  end

  localparam [31:0] PART_BYTES = PartBytes;
  reg [6:0] strobed;
  integer   i;
  always @* begin
    strobed = 7'd0;
    for (i = 0; i < Lanes; i = i + 1) begin
      if (queued_lanes[i]) strobed = strobed + PART_BYTES[6:0];
    end
  end

  assign bytes_o   = sent ? strobed : 7'd0;
  assign idle_o    = open_q == 4'd0;
  assign settled_o = idle_o && !burst_valid;

`ifdef FORMAL
  always @(posedge clk_i) begin
    if (!rst_i) begin
      assert (open_q <= OPEN_LIMIT);
      assert (unsent_q <= open_q);
    end
  end
`endif
endmodule

`default_nettype wire
