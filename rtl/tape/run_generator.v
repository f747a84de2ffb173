// Turns stage commands into runs: the hardware half of the loop nest (docs/reference/tape.md).
//
// It reads one command at a time from the command memory, walks its entries and passes block-major
// or pass-major, and offers each run as one wide record; four queues take it in the same cycle. It
// knows nothing of pixels or weights, but says when a run asks for what the engine does not have. A
// run takes about ten cycles to make, fewer than the shortest run takes in the array, so the queues
// stay full.
//
// An extended one also waits for what a command needs finished before it, and hands transfers on.
`default_nettype none
`include "run_record.vh"

module run_generator #(
  parameter OutLanes = 16,
  parameter AccDepth = 64,
  parameter MapWords = 16384,
  parameter IndexBits = 9,  // word index inside a command
  parameter Extended = 0
) (
  input wire clk_i, input wire rst_i,

  // command memory: index to data takes one cycle
  input wire command_valid_i, output wire release_o,
  output wire [IndexBits-1:0] read_index_o, input wire [127:0] read_data_i,
  output wire waits_o,  // there is no command
  output reg wrong_o,   // one cycle or more

  // one run, stable while valid
  output wire run_valid_o, input wire run_ready_i, output wire [`RUN_RECORD] run_o,

  // extended: a run is written back, a result is written; a transfer, stable while valid, and its
  // end; the next command waits for those before it, or is a transfer under way
  input wire run_done_i, input wire result_done_i,
  output wire transfer_valid_o, output wire [223:0] transfer_o, input wire transfer_done_i,
  output wire holds_o
);
  localparam RingBits = 24;
  localparam [31:0] PARAMETER_WORDS = OutLanes > 1 ? OutLanes / 2 : 1;
  localparam [31:0] TILE_WORDS = OutLanes;
  localparam [15:0] DESCRIPTOR_WORDS = 4;

  localparam [3:0] IDLE = 0, DESCRIPTOR = 1, ENTRY = 2, ENTRY_DATA = 3, ENTRY_CHECK = 4, PASS = 5,
                   PASS_DATA = 6, SLOT = 7, PLACE = 8, EMIT = 9, ADVANCE = 10, NEXT_ENTRY = 11,
                   FINISH = 12, WAIT = 13, TRANSFER = 14;

  reg [3:0]   state_q;
  reg [2:0]   word_q;             // descriptor word being read
  reg [511:0] descriptor_q;
  reg [15:0]  entry_q;            // index
  reg [15:0]  pass_q;             // index among the expand or the squeeze passes
  reg [15:0]  number_q;           // index among all passes, the squeeze ones last
  reg [15:0]  resume_q;           // expand pass after a squeeze chunk
  reg         squeezing_q;
  reg         first_q;            // no run of this stage was emitted yet
  reg [7:0]   groups_q, chunk_q;  // of the entry
  reg [1:0]   entry_flags_q;
  reg [7:0]   vectors_q;
  reg [7:0]   slot_q;
  reg [5:0]   pass_flags_q;

  // The descriptor's fields (gen/tape/format.ts).
  wire [15:0]         flags = descriptor_q[15:0];
  wire [5:0]          sets = descriptor_q[21:16];
  wire [7:0]          delay = descriptor_q[31:24];
  wire [15:0]         entries = descriptor_q[47:32];
  wire [15:0]         expands = descriptor_q[63:48], squeezes = descriptor_q[79:64];
  wire [15:0]         source_base = descriptor_q[111:96], source_stride = descriptor_q[127:112];
  wire [15:0]         block_base = descriptor_q[159:144], block_stride = descriptor_q[175:160];
  wire [15:0]         out_base = descriptor_q[191:176], out_stride = descriptor_q[207:192];
  wire [15:0]         first_group = descriptor_q[383:368];
  wire [RingBits-1:0] squeeze_offset = descriptor_q[384 +: RingBits];
  wire [RingBits-1:0] section_words = descriptor_q[416 +: RingBits];
  wire                pass_major = flags[0], packed_source = flags[1], keep_sections = flags[9];

  // Flags 10 and 15, a cycle before the descriptor has moved to its place.
  wire        waits_first = Extended != 0 && (descriptor_q[138] || descriptor_q[143]);

  wire        last_expand_entry = entry_flags_q[0], last_squeeze_entry = entry_flags_q[1];
  wire [15:0] groups = {8'b0, groups_q}, chunk = {8'b0, chunk_q};

  // Where the walk stands.
  reg [15:0]         source_pos_q;                  // expand block, from the map's first group
  reg [15:0]         block_pos_q, block_count_q;    // in the block buffer, wrapped and not
  reg [15:0]         chunk_pos_q, chunk_count_q;    // squeeze chunk, wrapped and not
  reg [15:0]         packed_pos_q, packed_count_q;  // packed pixels, over all images
  reg [31:0]         packed_place_q;                // base and groups of the last packed buffer
  reg [RingBits-1:0] stage_base_q, expand_at_q, squeeze_at_q;

  function [15:0] wrapped;
    input [15:0] pos, step, limit;
    reg [15:0] sum;
    begin
      sum = pos + step;
      wrapped = sum >= limit ? sum - limit : sum;
    end
  endfunction

  wire        taps9 = pass_flags_q[4];
  wire [11:0] tiles = (taps9 ? {1'b0, vectors_q, 3'b0} : 12'b0) + {4'b0, vectors_q};
  // TM is a power of two: the product is a shift.
  wire [RingBits-1:0] words = {{RingBits-12{1'b0}}, tiles} * TILE_WORDS[RingBits-1:0]
                              + PARAMETER_WORDS[RingBits-1:0];
  wire [RingBits-1:0] section = squeezing_q ? squeeze_at_q : expand_at_q;
  reg  [RingBits-1:0] section_end_q;

  // slot * stride in two steps, two bits of the slot at a time, so that no multiplier is spent on
  // it.
  wire [15:0] stride = squeezing_q ? out_stride : block_stride;
  reg  [21:0] stride_q, triple_q, low_q, middle_q, high_q, dest_base_q;
  reg  [15:0] source_start_q;

  function [21:0] times;
    input [1:0] count;
    input [21:0] one, three;
    times = count[1] ? (count[0] ? three : one << 1) : (count[0] ? one : 22'b0);
  endfunction

  // What the passes and entries say of where the walk stands. It moves some cycles before that is
  // asked for, so these are registers.
  reg pass_ends_q, last_expand_q, chunk_due_q, block_ends_q, entry_ends_q, walk_ends_q, goes_back_q;
  reg no_squeezes_q;
  always @(posedge clk_i) begin
    pass_ends_q   <= pass_q + 16'd1 == (squeezing_q ? squeezes : expands);
    last_expand_q <= pass_q + 16'd1 == expands;
    chunk_due_q   <= !squeezing_q && pass_q + 16'd1 == {8'b0, delay} && chunk_q != 0
                     && squeezes != 0;
    block_ends_q  <= squeezing_q ? (groups_q != 0 && pass_ends_q && resume_q == expands)
                                 : (pass_ends_q && !chunk_due_q);
    entry_ends_q  <= entry_q + 16'd1 == entries;
    walk_ends_q   <= squeezing_q ? last_squeeze_entry : last_expand_entry;
    no_squeezes_q <= squeezes == 16'd0;
    goes_back_q   <= squeezing_q && groups_q != 8'd0 && resume_q != expands;
  end

  reg  [15:0] passes_at_q;
  always @(posedge clk_i) passes_at_q <= DESCRIPTOR_WORDS + ((entries + 16'd3) >> 2);
  wire [15:0] index = state_q == DESCRIPTOR ? {13'b0, word_q}
                    : state_q == ENTRY ? DESCRIPTOR_WORDS + (entry_q >> 2)
                    : passes_at_q + (number_q >> 2);
  assign read_index_o = index[IndexBits-1:0];
  wire [17:0] entry_word = read_data_i[{entry_q[1:0], 5'b0} +: 18];
  wire [31:0] pass_word = read_data_i[{number_q[1:0], 5'b0} +: 32];

  always @(posedge clk_i) begin
    case (state_q)
      IDLE: begin
        word_q <= 0;
        if (command_valid_i) state_q <= DESCRIPTOR;
      end
      DESCRIPTOR: begin
        // The word asked for in the last cycle arrives; the first cycle's data is not one.
        word_q <= word_q + 1;
        descriptor_q <= {read_data_i, descriptor_q[511:128]};
        if (word_q == DESCRIPTOR_WORDS[2:0]) begin
          state_q <= waits_first ? WAIT : ENTRY;
          entry_q <= 0;
          pass_q <= 0;
          number_q <= 0;
          squeezing_q <= 1'b0;
          first_q <= 1'b1;
        end
      end
      ENTRY: state_q <= ENTRY_DATA;
      ENTRY_DATA: begin
        groups_q <= entry_word[7:0];
        chunk_q <= entry_word[15:8];
        entry_flags_q <= entry_word[17:16];
        state_q <= ENTRY_CHECK;
      end
      ENTRY_CHECK: begin
        state_q <= PASS;
        if (!pass_major) begin
          pass_q <= 0;
          number_q <= groups_q == 0 ? expands : 16'd0;
          squeezing_q <= groups_q == 0;
          if (groups_q == 0 && (chunk_q == 0 || no_squeezes_q)) state_q <= NEXT_ENTRY;
        end else if ((squeezing_q ? chunk_q : groups_q) == 0) state_q <= NEXT_ENTRY;
      end
      PASS: begin
        stride_q <= {6'b0, stride};
        triple_q <= {6'b0, stride} + {5'b0, stride, 1'b0};
        state_q <= PASS_DATA;
      end
      PASS_DATA: begin
        vectors_q <= pass_word[7:0];
        slot_q <= pass_word[15:8];
        pass_flags_q <= pass_word[21:16];
        state_q <= SLOT;
      end
      SLOT: begin
        low_q <= times(slot_q[1:0], stride_q, triple_q);
        middle_q <= times(slot_q[3:2], stride_q, triple_q) << 2;
        high_q <= times(slot_q[5:4], stride_q, triple_q) << 4;
        state_q <= PLACE;
      end
      PLACE: begin
        dest_base_q <= {6'b0, squeezing_q ? out_base : block_base} + low_q + middle_q + high_q;
        section_end_q <= section + words;
        source_start_q <= source_start;
        state_q <= EMIT;
      end
      EMIT: if (run_ready_i) state_q <= ADVANCE;
      ADVANCE: begin
        first_q <= 1'b0;
        state_q <= PASS;
        if (pass_major) state_q <= NEXT_ENTRY;
        else if (chunk_due_q) begin
          squeezing_q <= 1'b1;
          resume_q <= pass_q + 16'd1;
          pass_q <= 0;
          number_q <= expands;
        end else if (!pass_ends_q) begin
          pass_q <= pass_q + 16'd1;
          number_q <= number_q + 16'd1;
        end else if (goes_back_q) begin
          squeezing_q <= 1'b0;
          pass_q <= resume_q;
          number_q <= resume_q;
        end else state_q <= NEXT_ENTRY;
      end
      NEXT_ENTRY: begin
        state_q <= ENTRY;
        entry_q <= entry_q + 16'd1;
        if (!pass_major) begin
          if (entry_ends_q) state_q <= FINISH;
        end else if (walk_ends_q || entry_ends_q) begin
          // This pass has seen the whole map.
          entry_q <= 0;
          pass_q <= pass_q + 16'd1;
          number_q <= number_q + 16'd1;
          if (pass_ends_q) begin
            pass_q <= 0;
            squeezing_q <= 1'b1;
            if (squeezing_q || no_squeezes_q) state_q <= FINISH;
          end
        end
      end
      default: state_q <= IDLE; // FINISH
    endcase
    if (Extended != 0 && state_q == WAIT) state_q <= !all_before ? WAIT : flags[15] ? TRANSFER : ENTRY;
    if (Extended != 0 && state_q == TRANSFER) state_q <= transfer_done_i ? FINISH : TRANSFER;
    if (rst_i) state_q <= IDLE;
  end
  assign release_o = state_q == FINISH;
  assign waits_o = state_q == IDLE && !command_valid_i;

  // What is on its way: runs, and results of jobs whose last command was gone through. A job ends
  // with a global pool or with the store of its result.
  wire all_before;
  assign transfer_o = descriptor_q[223:0];
  if (Extended != 0) begin : g_extended
    reg  [4:0] runs_q;
    reg  [2:0] results_q;
    wire       job_ends = state_q == FINISH && (flags[15] ? flags[1] : flags[5] && flags[3]);
    always @(posedge clk_i) begin
      runs_q    <= runs_q + {4'd0, run_valid_o && run_ready_i} - {4'd0, run_done_i};
      results_q <= results_q + {2'd0, job_ends} - {2'd0, result_done_i};
      if (rst_i) {runs_q, results_q} <= 0;
    end
    assign all_before = runs_q == 5'd0 && (!flags[15] || results_q == 3'd0);
    assign transfer_valid_o = state_q == TRANSFER;
    assign holds_o = state_q == WAIT || state_q == TRANSFER;
  end else begin : g_plain
    assign all_before = 1'b1;
    assign transfer_valid_o = 1'b0;
    assign holds_o = 1'b0;
    wire unused_done = &{1'b0, run_done_i, result_done_i, transfer_done_i};
  end

  // Positions and ring addresses.
  wire pass_restarts = pass_major && state_q == NEXT_ENTRY && (walk_ends_q || entry_ends_q);
  wire frees = packed_source && !squeezing_q && last_expand_q;
  wire moves_packed_buffer = state_q == ENTRY && first_q && packed_source
                             && packed_place_q != {source_base, source_stride};

  always @(posedge clk_i) begin
    if (moves_packed_buffer) begin
      packed_place_q <= {source_base, source_stride};
      packed_pos_q <= 0;
    end
    if (state_q == ADVANCE) begin
      if (squeezing_q) squeeze_at_q <= pass_major ? squeeze_at_q : section_end_q;
      else expand_at_q <= pass_major ? expand_at_q : section_end_q;
      if (pass_major ? !squeezing_q : block_ends_q) begin
        source_pos_q <= source_pos_q + groups;
        block_pos_q <= wrapped(block_pos_q, groups, block_stride);
        block_count_q <= block_count_q + groups;
      end
      if (squeezing_q && (pass_major || pass_ends_q)) begin
        chunk_pos_q <= wrapped(chunk_pos_q, chunk, block_stride);
        chunk_count_q <= chunk_count_q + chunk;
      end
      if (frees) begin
        packed_pos_q <= wrapped(packed_pos_q, groups, source_stride);
        packed_count_q <= packed_count_q + groups;
      end
    end
    if (state_q == ENTRY && !pass_major) begin
      expand_at_q <= stage_base_q;
      squeeze_at_q <= stage_base_q + squeeze_offset;
    end
    if (state_q == IDLE || pass_restarts) begin
      {source_pos_q, block_pos_q, block_count_q, chunk_pos_q, chunk_count_q} <= 0;
      if (state_q == IDLE) expand_at_q <= stage_base_q;
      else if (!squeezing_q) expand_at_q <= section_end_q;
    end
    if (pass_restarts) squeeze_at_q <= section_end_q;
    if (state_q == FINISH && !keep_sections) stage_base_q <= stage_base_q + section_words;
    if (rst_i) begin
      stage_base_q <= 0;
      {packed_pos_q, packed_count_q, packed_place_q} <= 0;
    end
  end

  // Where the source begins: an extended engine's pass may begin with any vector of it, and its
  // second vector may lie anywhere. What does not depend on the pass is added before it is known.
  wire [15:0] first_place = (squeezing_q ? block_base : source_base) + source_pos;
  wire [15:0] first_stride = squeezing_q ? block_stride : source_stride;
  wire [15:0] source_start, source_step;
  if (Extended != 0) begin : g_first_vector
    wire [15:0] vector_step = descriptor_q[511:496];
    reg  [15:0] place_q;
    reg  [21:0] one_q, three_q, first_low_q, first_middle_q, first_high_q;
    wire [21:0] first_vector = first_low_q + first_middle_q + first_high_q;
    wire        unused_first = &{1'b0, first_vector};
    always @(posedge clk_i) begin
      place_q        <= first_place;
      one_q          <= {6'b0, first_stride};
      three_q        <= {6'b0, first_stride} + {5'b0, first_stride, 1'b0};
      first_low_q    <= times(pass_word[25:24], one_q, three_q);
      first_middle_q <= times(pass_word[27:26], one_q, three_q) << 2;
      first_high_q   <= times(pass_word[29:28], one_q, three_q) << 4;
    end
    assign source_start = place_q + first_vector[15:0];
    assign source_step = !squeezing_q && vector_step != 16'd0 ? vector_step : first_stride;
  end else begin : g_all_vectors
    assign source_start = first_place;
    assign source_step = first_stride;
  end

  // The run.
  wire [15:0] first_source = first_group + source_pos_q;
  wire [15:0] source_pos = squeezing_q ? chunk_pos_q : packed_source ? packed_pos_q : first_source;
  assign run_valid_o = state_q == EMIT;
  assign run_o[`RUN_EXPAND] = !squeezing_q;
  assign run_o[`RUN_GROUPS] = squeezing_q ? chunk_q : groups_q;
  assign run_o[`RUN_SECTION] = section;
  assign run_o[`RUN_SECTION_END] = section_end_q;
  assign run_o[`RUN_TILES] = tiles;
  assign run_o[`RUN_RELEASE] = walk_ends_q && !keep_sections;

  assign run_o[`RUN_VECTORS] = vectors_q;
  assign run_o[`RUN_TAPS9] = taps9;
  assign run_o[`RUN_PACKED] = packed_source && !squeezing_q;
  assign run_o[`RUN_SOURCE_START] = source_start_q;
  assign run_o[`RUN_SOURCE_STRIDE] = source_step;
  assign run_o[`RUN_SOURCE_POS] = source_pos;
  assign run_o[`RUN_SOURCE_WRAP] = squeezing_q ? block_stride
                                 : packed_source ? source_stride : 16'b0;
  assign run_o[`RUN_SOURCE_COUNT] = squeezing_q ? chunk_count_q
                                  : packed_source ? packed_count_q : first_source;
  assign run_o[`RUN_SOURCE_TOTAL] = squeezing_q ? descriptor_q[495:480] : descriptor_q[143:128];
  assign run_o[`RUN_SOURCE_SET] = squeezing_q ? sets[3:2] : sets[1:0];
  assign run_o[`RUN_CLEAR_SETS] = first_q ? (4'd1 << sets[3:2]) | (4'd1 << sets[5:4]) : 4'd0;
  assign run_o[`RUN_FIRST] = first_q;
  assign run_o[`RUN_BLOCK_END] = !squeezing_q && (pass_major || last_expand_q);
  assign run_o[`RUN_MAP_END] = !squeezing_q && pass_major && last_expand_entry;
  assign run_o[`RUN_FREE] = frees;
  assign run_o[`RUN_TAP_GROUP] = taps9 ? descriptor_q[319:304] : 16'd0;
  assign run_o[`RUN_TAP_LANE] = taps9 ? descriptor_q[327:320] : 8'd0;
  assign run_o[`RUN_TAP_ROW_GROUPS] = descriptor_q[351:336];
  assign run_o[`RUN_TAP_ROW_LANES] = descriptor_q[359:352];

  assign run_o[`RUN_GLOBAL] = flags[3];
  assign run_o[`RUN_RELU] = flags[4];
  assign run_o[`RUN_LAST_BLOCK] = walk_ends_q;
  assign run_o[`RUN_SUMS_CONTINUE] = Extended != 0 && flags[11];
  assign run_o[`RUN_SUMS_GO_ON] = Extended != 0 && flags[12];
  assign run_o[`RUN_LAST_LANES] = descriptor_q[87:80];

  assign run_o[`RUN_DEST_BASE] = dest_base_q[15:0];
  assign run_o[`RUN_DEST_POS] = squeezing_q ? chunk_count_q : block_pos_q;
  assign run_o[`RUN_DEST_WRAP] = squeezing_q ? out_stride : block_stride;
  assign run_o[`RUN_DEST_COUNT] = squeezing_q ? chunk_count_q : block_count_q;
  assign run_o[`RUN_DEST_SET] = squeezing_q ? sets[5:4] : sets[3:2];
  assign run_o[`RUN_SLOT] = slot_q[5:0];
  assign run_o[`RUN_SUB] = pass_flags_q[3:0];
  assign run_o[`RUN_COMPLETES] = pass_flags_q[5];
  assign run_o[`RUN_MAP_START] = !squeezing_q && entry_q == 0;
  assign run_o[`RUN_ROW] = pass_q[9:0];
  assign run_o[`RUN_POOL] = flags[2] && !squeezing_q;
  assign run_o[`RUN_KERNEL2] = flags[6];
  assign run_o[`RUN_PARTIAL_X] = flags[7];
  assign run_o[`RUN_PARTIAL_Y] = flags[8];

  assign run_o[`RUN_WIDTH] = descriptor_q[223:208];
  assign run_o[`RUN_HEIGHT] = descriptor_q[239:224];
  assign run_o[`RUN_POOLED_WIDTH] = descriptor_q[255:240];
  assign run_o[`RUN_POOLED_HEIGHT] = descriptor_q[271:256];
  assign run_o[`RUN_STEP_X] = descriptor_q[287:272];
  assign run_o[`RUN_STEP_Y] = descriptor_q[303:288];
  assign run_o[`RUN_FIRST_X] = descriptor_q[463:448];
  assign run_o[`RUN_FIRST_Y] = descriptor_q[479:464];

  // What no run may be: looked at while it is offered, and told in the two cycles behind. All packed
  // groups must be consumed, for the next image lies behind them.
  localparam [31:0] ACC_DEPTH = AccDepth, MAP_WORDS = MapWords, PARTS = 16 / OutLanes;
  reg                advanced_q, size_wrong_q, pass_wrong_q, place_wrong_q;
  reg [RingBits-1:0] sections_q;  // up to the end of the run's, from the stage's first on
  reg [16:0]         reach_q;     // source groups up to its end
  reg [15:0]         total_q;
  always @(posedge clk_i) begin
    advanced_q <= state_q == ADVANCE && !rst_i;
    sections_q <= section_end_q - stage_base_q;
    reach_q <= squeezing_q ? {1'b0, chunk_count_q} + {9'b0, chunk_q}
                           : {1'b0, first_group} + {1'b0, source_pos_q} + {9'b0, groups_q};
    total_q <= run_o[`RUN_SOURCE_TOTAL];
    size_wrong_q <= descriptor_q[223:208] == 0 || descriptor_q[239:224] == 0
                    || descriptor_q[255:240] == 0 || descriptor_q[271:256] == 0
                    || {1'b0, source_stride} > MAP_WORDS[16:0]
                    || {1'b0, block_stride} > MAP_WORDS[16:0]
                    || {1'b0, out_stride} > MAP_WORDS[16:0];
    pass_wrong_q <= groups > ACC_DEPTH[15:0] || chunk > ACC_DEPTH[15:0] || vectors_q == 0
                    || vectors_q > 8'd64 || slot_q[7:6] != 0
                    || {1'b0, pass_flags_q[3:0]} >= PARTS[4:0] || dest_base_q[21:16] != 0;
    // A stage that waits for all before it does not say how many groups its source has, and a
    // global pool may go on behind it.
    place_wrong_q <= sections_q > section_words
                     || (reach_q > {1'b0, total_q} && !(Extended != 0 && (flags[10] || flags[3])));
    wrong_o <= (state_q == ADVANCE && (size_wrong_q || pass_wrong_q))
               || (advanced_q && place_wrong_q)
               || (release_o && packed_source && !(Extended != 0 && flags[15])
                   && source_pos_q != descriptor_q[143:128]);
  end

  wire unused_ok = &{1'b0, flags, descriptor_q, index, pass_word};
endmodule

`default_nettype wire
