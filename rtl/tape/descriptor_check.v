// Watches the descriptor of a command pass by and says whether its sizes fit the tape, before the
// command's last word: a stage has as many entries and passes as its command is long, the first
// stage and no other takes the packed image, the last one and no other gives the logits and leaves
// no sections behind; in an extended engine only its length and what it takes of the image count.
// It does not check the runs of a stage (run_generator.v).
`default_nettype none
`include "tape_header.vh"

module descriptor_check #(
  parameter OutLanes = 16, parameter WordsBits = 24, parameter Extended = 0
) (
  input wire clk_i,

  // the tape's header; the next command is the first one, or a command's words begin, of which it
  // has so many
  input wire [`TAPE_HEADER] header_i,
  input wire first_i, input wire begin_i, input wire [15:0] words_i, input wire transfer_i,

  // a word
  input wire word_valid_i, input wire [127:0] word_i,

  // of this command, or of the last one: words of its weights, whether the tape ends with it
  output reg [WordsBits-1:0] sections_o,
  output reg ends_job_o,
  output wire wrong_o
);
  localparam [31:0] LANES = OutLanes;
  localparam        LaneShift = $clog2(OutLanes);

  reg [2:0]  place_q;  // words that passed, up to 4
  reg        first_q, next_is_first_q;
  reg [15:0] entries_q, expands_q, squeezes_q;
  reg [31:0] source_q, size_q;  // stride and base, height and width
  reg        packed_q, global_q, last_q, keeps_q;
  reg        transfer_wrong_q, stage_wrong_q;
  assign wrong_o = transfer_i ? transfer_wrong_q : stage_wrong_q;

  wire is_transfer = Extended != 0 && transfer_i;
  wire ends_job = is_transfer ? word_i[1] : word_i[3] && word_i[5];
  always @(posedge clk_i) begin
    if (begin_i) place_q <= 3'd0;
    else if (word_valid_i && !place_q[2]) place_q <= place_q + 3'd1;
    if (first_i) next_is_first_q <= 1'b1;
    else if (word_valid_i) next_is_first_q <= 1'b0;
    if (word_valid_i) case (place_q)
      3'd0: begin
        {packed_q, global_q, last_q, keeps_q} <= {word_i[1], word_i[3], word_i[5], word_i[9]};
        {source_q, squeezes_q, expands_q, entries_q} <= {word_i[127:96], word_i[79:32]};
        first_q          <= next_is_first_q;
        ends_job_o       <= ends_job;
        transfer_wrong_q <= !word_i[15] || word_i[23:16] == 0 || word_i[127:96] == 0;
      end
      3'd1: begin
        size_q <= word_i[111:80];
        // rows, words, and an address that is a multiple of 64
        if (word_i[31:0] == 0 || word_i[64+:WordsBits] == 0 || word_i[95:64] >> WordsBits != 0
            || word_i[37:32] != 0) transfer_wrong_q <= 1'b1;
      end
      3'd3: sections_o <= word_i[32+:WordsBits];
      default: ;
    endcase
  end

  // A command has two words more, while which these follow.
  reg  [15:0] entry_words_q, pass_words_q, class_passes_q;
  wire [15:0] classes = header_i[`TAPE_CLASSES];
  wire [17:0] pass_sum = {2'd0, expands_q} + {2'd0, squeezes_q} + 18'd3;
  wire        source_wrong = source_q != {header_i[`TAPE_PACK_GROUPS], header_i[`TAPE_PACK_BASE]}
                             || size_q != {header_i[`TAPE_OUT_HEIGHT], header_i[`TAPE_OUT_WIDTH]};
  wire        kind_wrong = packed_q != first_q || global_q != last_q
                           || (global_q && (expands_q != class_passes_q || keeps_q));
  always @(posedge clk_i) begin
    entry_words_q  <= {2'd0, entries_q[15:2]} + {15'd0, |entries_q[1:0]};
    pass_words_q   <= pass_sum[17:2];
    class_passes_q <= (classes + LANES[15:0] - 16'd1) >> LaneShift;
    stage_wrong_q  <= words_i != entry_words_q + pass_words_q + 16'd4
                      || entries_q == 0 || expands_q == 0 || (packed_q && source_wrong)
                      || (Extended == 0 && kind_wrong);
  end

  wire unused_ok = &{1'b0, header_i, word_i, pass_sum[1:0], kind_wrong, transfer_wrong_q};
endmodule

`default_nettype wire
