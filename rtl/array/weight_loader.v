// Streams the parameters and weight tiles of each run from the ring into the array, one beat of TM
// bytes a cycle, a tile in 16 cycles. It fills the array's shadow weights for the next tile while
// the present one runs; it does not check what it moves. Latency from decision to the array's
// input: 3 cycles (the ring's), one less than the operands', see docs/developer/engine.md.
`default_nettype none
`include "run_record.vh"

module weight_loader #(parameter OutLanes = 16, parameter RingBits = 24) (
  input wire clk_i, input wire rst_i,

  // runs, in order
  input wire run_valid_i, output wire run_ready_o, input wire [`RUN_LOADER] run_i,

  // runs whose sums have left the accumulators, modulo 8: their parameter slots are free
  input wire [2:0] drained_runs_i,

  // ring: running counts, read data after three cycles
  input wire [RingBits-1:0] written_i,
  output reg [RingBits-1:0] released_o,
  output wire read_o, output wire [RingBits-1:0] read_addr_o, input wire [127:0] read_data_i,

  // array
  output wire w_valid_o, output wire w_param_o, output wire [5:0] w_index_o,
  output wire [1:0] w_slot_o, output wire [OutLanes*8-1:0] w_data_o,

  // a tile stands in the shadow registers until the map reader swaps it in
  output reg loaded_o, input wire swap_i,

  output wire starves_o  // it waits for words that the ring does not hold yet
);
  localparam BEATS = 16 / OutLanes;                       // beats a word
  localparam [31:0] PARAMETER_WORDS = OutLanes > 1 ? OutLanes / 2 : 1;
  localparam [31:0] TILE_WORDS = OutLanes;
  localparam [5:0] PARAMETER_BEATS = OutLanes > 1 ? 8 : 16;
  localparam [5:0] TILE_BEATS = 16;
  localparam [31:0] PIECES = BEATS - 1;

  wire               valid, done;
  wire [`RUN_LOADER] run;
  wire [2:0]         unused_count;
  wire [23:0]        parameter_end;
  fifo #(.Width(24 + `RUN_LOADER_BITS), .Depth(4)) u_runs (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(run_valid_i), .ready_o(run_ready_o),
    .data_i({run_i[`RUN_SECTION] + PARAMETER_WORDS[23:0], run_i}), .valid_o(valid),
    .ready_i(done), .data_o({parameter_end, run}), .count_o(unused_count)
  );
  wire [23:0] section = run[`RUN_SECTION], section_end = run[`RUN_SECTION_END];
  wire        unused_ok = &{1'b0, section, section_end, parameter_end, behind};

  reg                busy_q;         // inside a parameter block or a tile
  reg                params_done_q;  // of this run
  reg [5:0]          beat_q;
  reg [11:0]         tile_q;
  reg [RingBits-1:0] addr_q;         // word of the next beat, behind the section's first word
  reg [2:0]          run_q;          // runs loaded, modulo 8

  // Run r takes the slot of run r - 4.
  wire [2:0] undrained = run_q - drained_runs_i;
  wire       slot_free = undrained < 3'd4;

  wire [RingBits-1:0] addr = params_done_q || busy_q ? addr_q : section[RingBits-1:0];
  // What the next block needs: the ring written up to its end.
  reg  [RingBits-1:0] tile_end_q;
  wire [RingBits-1:0] behind = written_i - (params_done_q ? tile_end_q
                                                          : parameter_end[RingBits-1:0]);
  wire       enough = !behind[RingBits-1];
  wire       wanted = valid && !busy_q && (params_done_q ? !loaded_o : slot_free);
  wire       start = wanted && enough;
  assign     starves_o = wanted && !enough;
  wire       issue = busy_q || start;
  // Beats behind a block's first one.
  reg        last_beat_q;
  wire       word_ends = (beat_q & PIECES[5:0]) == PIECES[5:0];
  // A tile lasts longer than this takes to know.
  reg        last_tile_q;
  assign done = busy_q && params_done_q && last_beat_q && last_tile_q;

  always @(posedge clk_i) begin
    if (issue) begin
      beat_q <= last_beat_q ? 6'd0 : beat_q + 6'd1;
      last_beat_q <= beat_q == (params_done_q ? TILE_BEATS : PARAMETER_BEATS) - 6'd2;
      addr_q <= word_ends ? addr + 1'b1 : addr;
      busy_q <= !last_beat_q;
    end
    if (busy_q && last_beat_q) begin
      params_done_q <= !done;
      if (params_done_q) tile_q <= done ? 12'd0 : tile_q + 12'd1;
    end
    tile_end_q <= addr_q + (busy_q && word_ends ? TILE_WORDS[RingBits-1:0] + 1'b1
                                                : TILE_WORDS[RingBits-1:0]);
    if (done) run_q <= run_q + 3'd1;
    if (done && run[`RUN_RELEASE]) released_o <= section_end[RingBits-1:0];
    // One beat early: the flag is seen while the last beat is decided (docs/developer/engine.md).
    if (swap_i) loaded_o <= 1'b0;
    if (busy_q && params_done_q && beat_q == TILE_BEATS - 6'd2) loaded_o <= 1'b1;
    last_tile_q <= tile_q + 12'd1 == run[`RUN_TILES];
    if (rst_i) {busy_q, beat_q, last_beat_q, params_done_q, tile_q, released_o, loaded_o, run_q} <= 0;
  end

  assign read_o = issue;
  assign read_addr_o = addr;

  // What a beat is, beside the ring's three cycles.
  flag_delay #(.Cycles(3)) u_valid (
    .clk_i(clk_i), .rst_i(rst_i), .flag_i(issue), .flag_o(w_valid_o)
  );
  delay_line #(.Width(9), .Cycles(3)) u_kind (
    .clk_i(clk_i), .data_i({!params_done_q, beat_q, run_q[1:0]}),
    .data_o({w_param_o, w_index_o, w_slot_o})
  );

  if (BEATS == 1) begin : g_whole
    assign w_data_o = read_data_i;
  end else begin : g_pieces
    localparam PieceBits = $clog2(BEATS);
    wire [PieceBits-1:0] piece = w_index_o[PieceBits-1:0];
    assign w_data_o = read_data_i[piece * OutLanes * 8 +: OutLanes * 8];
  end
endmodule

`default_nettype wire
