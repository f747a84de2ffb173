// Turns requests for 16-byte words of memory into bursts for the read arbiter, and the beats that
// come back into a stream of just those words, in order. A burst ends at each multiple of the
// longest one (the largest power of two of BurstBeats at most), so none crosses 4 KiB; the last
// beat may reach behind the request, but not over the next 64-byte boundary. A burst is asked for
// only when the queue has room for all of it, so beats are taken without back-pressure. The next
// request is taken while beats of earlier ones are still to come. At most one burst in three cycles;
// one beat and one word a cycle.
`default_nettype none

module burst_reader #(
  parameter PortBits = 64,    // AXI data width, 32 … 512
  parameter BurstBeats = 16,  // longest burst allowed, 1 … 256
  parameter FifoBeats = 128,  // beats asked for and not yet passed on, at most
  parameter AddrBits = 32,
  parameter WordsBits = 24    // of the number of words in a request
) (
  input wire clk_i, input wire rst_i,

  // requests
  input  wire                 request_valid_i,
  output wire                 request_ready_o,
  input  wire [AddrBits-1:0]  request_addr_i,   // a multiple of 64
  input  wire [WordsBits-1:0] request_words_i,  // at least 1

  // bursts, to the arbiter
  output wire burst_valid_o, input wire burst_ready_i, output wire [AddrBits-1:0] burst_addr_o,
  output reg [8:0] burst_beats_o,

  // beats, from the arbiter
  input wire beat_valid_i, input wire [PortBits-1:0] beat_data_i,

  // words
  output wire word_valid_o, input wire word_ready_i, output wire [127:0] word_data_o
);
  localparam BeatShift = $clog2(PortBits / 8);
  localparam PageBeats = 32768 / PortBits;
  localparam LimitBeats = BurstBeats < PageBeats ? BurstBeats : PageBeats;
  localparam BurstShift = $clog2(LimitBeats + 1) - 1;
  localparam MaxBeats = 1 << BurstShift;
  localparam BeatsBits = WordsBits + 2;  // of the number of beats in a request
  localparam FreeBits = $clog2(FifoBeats + 1);

  if (PortBits < 32 || PortBits > 512 || (1 << $clog2(PortBits)) != PortBits)
    burst_reader_PortBits_must_be_a_power_of_two_from_32_to_512 u_stop ();
  if (BurstBeats < 1 || BurstBeats > 256) burst_reader_BurstBeats_must_be_1_to_256 u_stop ();
  if (FifoBeats < MaxBeats) burst_reader_FifoBeats_must_hold_a_burst u_stop ();

  // Requests to bursts: three steps, the length of the next burst, whether there is room, the offer.
  reg [AddrBits-BeatShift-1:0] index_q;  // of the next beat in memory
  reg [BeatsBits-1:0]          left_q;   // beats of the request not asked for yet
  reg                          some_left_q, sized_q, offered_q;
  reg [FreeBits-1:0]           free_q;

  localparam [31:0] MAX_BEATS = MaxBeats, FIFO_BEATS = FifoBeats;
  wire [8:0] phase = index_q[8:0] & (MAX_BEATS[8:0] - 9'd1);
  wire [8:0] room = MAX_BEATS[8:0] - phase;
  wire       fits = left_q <= {{BeatsBits - 9{1'b0}}, room};

  wire                 lanes_ready;  // the word side can take note of a request
  wire [BeatsBits-1:0] request_beats;
  wire                 take = request_valid_i && request_ready_o;
  wire                 issue = burst_valid_o && burst_ready_i;
  wire                 pop;

  wire [BeatsBits-1:0] beats_wide = {{BeatsBits - 9{1'b0}}, burst_beats_o};
  wire [31:0] free_wide = {{32 - FreeBits{1'b0}}, free_q};
  wire [31:0] free_next = free_wide - (issue ? {23'd0, burst_beats_o} : 32'd0) + {31'd0, pop};

  assign request_ready_o = !some_left_q && lanes_ready;
  // The room only grows while a burst is offered: valid stays.
  assign burst_valid_o = offered_q;
  assign burst_addr_o  = {index_q, {BeatShift{1'b0}}};

  always @(posedge clk_i) begin
    if (take) begin
      index_q <= request_addr_i[AddrBits-1:BeatShift];
      left_q  <= request_beats;
    end else if (issue) begin
      index_q <= index_q + {{AddrBits - BeatShift - 9{1'b0}}, burst_beats_o};
      left_q  <= left_q - beats_wide;
    end
    if (!sized_q) burst_beats_o <= fits ? left_q[8:0] : room;
    if (take) some_left_q <= 1'b1;
    else if (issue && left_q == beats_wide) some_left_q <= 1'b0;
    sized_q <= sized_q ? !issue : some_left_q;
    offered_q <= sized_q && !issue && free_wide >= {23'd0, burst_beats_o};
    free_q  <= free_next[FreeBits-1:0];
    if (rst_i) begin
      free_q <= FIFO_BEATS[FreeBits-1:0];
      {some_left_q, sized_q, offered_q} <= 0;
    end
  end

  wire unused_free_next = &{1'b0, free_next[31:FreeBits]};
  wire unused_addr = &{1'b0, request_addr_i[BeatShift-1:0]};

  // Beats to words.
  wire                beat_valid, beat_ready, unused_fifo_ready;
  wire [PortBits-1:0] beat_data;
  assign pop = beat_valid && beat_ready;

  fifo_block #(.Width(PortBits), .Depth(FifoBeats < 2 ? 2 : FifoBeats)) u_beats (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(beat_valid_i), .ready_o(unused_fifo_ready),
    .data_i(beat_data_i), .valid_o(beat_valid), .ready_i(beat_ready), .data_o(beat_data)
  );

  if (PortBits == 128) begin : g_equal
    assign lanes_ready   = 1'b1;
    assign request_beats = {2'b00, request_words_i};
    assign word_valid_o  = beat_valid;
    assign beat_ready    = word_ready_i;
    assign word_data_o   = beat_data;
  end else if (PortBits < 128) begin : g_narrow
    localparam Parts = 128 / PortBits;
    localparam PartBits = $clog2(Parts);

    reg [PartBits-1:0]   part_q;
    reg [127-PortBits:0] gathered_q;  // the last beat on top
    reg                  valid_q;
    reg [127:0]          word_q;

    wire         last_part = &part_q;
    wire [127:0] shifted = {beat_data, gathered_q};
    wire         unused_shifted = &{1'b0, shifted[PortBits-1:0]};

    assign lanes_ready   = 1'b1;
    assign request_beats = {{2{1'b0}}, request_words_i} << PartBits;
    assign word_valid_o  = valid_q;
    assign word_data_o   = word_q;
    assign beat_ready    = !last_part || !valid_q;

    always @(posedge clk_i) begin
      if (pop && last_part) word_q <= shifted;
      if (pop) gathered_q <= shifted[127:PortBits];
      if (pop) part_q <= part_q + 1'b1;
      if (pop && last_part) valid_q <= 1'b1;
      else if (word_ready_i) valid_q <= 1'b0;
      if (rst_i) {part_q, valid_q} <= 0;
    end
  end else begin : g_wide
    // A beat holds several words, and the last beat of a request may hold some too many: the
    // lengths of the requests on their way tell.
    localparam Lanes = PortBits / 128;
    localparam LaneBits = $clog2(Lanes);
    localparam [31:0] LAST_LANE = Lanes - 1;

    reg  [LaneBits-1:0]  lane_q;
    reg  [WordsBits-1:0] sent_q;  // words of the request
    wire [WordsBits-1:0] words;
    wire                 word_taken = word_valid_o && word_ready_i;
    wire                 last_word = sent_q + 1'b1 == words;
    wire                 last_lane = lane_q == LAST_LANE[LaneBits-1:0];
    wire                 words_valid;
    wire [2:0]           unused_count;

    wire [BeatsBits-1:0] rounded = {2'b00, request_words_i} + LAST_LANE[BeatsBits-1:0];
    assign request_beats = rounded >> LaneBits;
    assign word_valid_o  = beat_valid && words_valid;
    assign word_data_o   = beat_data[{lane_q, 7'd0}+:128];
    assign beat_ready    = word_taken && (last_word || last_lane);

    fifo #(.Width(WordsBits), .Depth(4)) u_lengths (
      .clk_i(clk_i), .rst_i(rst_i), .valid_i(take), .ready_o(lanes_ready),
      .data_i(request_words_i), .valid_o(words_valid), .ready_i(word_taken && last_word),
      .data_o(words), .count_o(unused_count)
    );

    always @(posedge clk_i) begin
      if (rst_i) begin
        lane_q <= 0;
        sent_q <= 0;
      end else if (word_taken) begin
        lane_q <= last_word ? {LaneBits{1'b0}} : lane_q + 1'b1;
        sent_q <= last_word ? {WordsBits{1'b0}} : sent_q + 1'b1;
      end
    end
  end

`ifdef FORMAL
  reg past_q;
  always @(posedge clk_i) begin
    past_q <= !rst_i && burst_valid_o && !burst_ready_i;
    if (!rst_i) begin
      assert (!past_q || burst_valid_o);
      assert (!beat_valid_i || unused_fifo_ready);
    end
  end
`endif
endmodule

`default_nettype wire
