// Reads the tape of each job from start to end: checks the header and publishes its fields as the
// job's context, checks the packets, and passes commands (of an extended engine transfers, too) to
// the command memory and weights to the ring. Of commands it only has it checked whether their
// sizes fit the tape. One word a cycle inside packets, three more cycles a packet. After an error
// it stops until it is reset.
`default_nettype none
`include "tape_header.vh"

module tape_parser #(
  parameter AddrBits = 32,
  parameter WordsBits = 24,      // of a tape's length in words
  parameter CommandWords = 512,  // longest command
  parameter OutLanes = 16,
  parameter MaxSide = 512,       // pixels, of an image
  parameter MaxKernel = 7,
  parameter [31:0] GeometryId = 0,
  parameter Extended = 0         // transfers may come where a command may
) (
  input wire clk_i, input wire rst_i,

  // jobs, addresses being multiples of 64; the next is taken when the last tape was read to its end
  input wire job_valid_i, output wire job_ready_o, input wire [AddrBits-1:0] job_tape_i,
  input wire [AddrBits-1:0] job_image_i, input wire [AddrBits-1:0] job_result_i,
  input wire [31:0] job_number_i,

  // requests for the tape's words: the header, then all the rest
  output wire request_valid_o, input wire request_ready_i,
  output reg [AddrBits-1:0] request_addr_o, output wire [WordsBits-1:0] request_words_o,
  input wire word_valid_i, output wire word_ready_o, input wire [127:0] word_data_i,

  // context: the job and its tape's header, once that was found right
  output reg context_valid_o, input wire context_ready_i,
  output reg [AddrBits-1:0] context_image_o, output reg [AddrBits-1:0] context_result_o,
  output reg [31:0] context_number_o, output wire [WordsBits-1:0] context_image_words_o,
  output reg [`TAPE_HEADER] context_header_o,

  // commands: their words, then their commitment
  output wire command_valid_o, input wire command_ready_i, output wire [127:0] command_data_o,
  output wire commit_valid_o, input wire commit_ready_i,

  // weights
  output wire weight_valid_o, input wire weight_ready_i, output wire [127:0] weight_data_o,

  // one cycle, with a code of the register map
  output reg error_o, output reg [7:0] error_code_o
);
  `include "register_map.vh"

  localparam [31:0] MAGIC = 32'h3154_4646;
  localparam [15:0] VERSION = 16'd1;
  localparam [7:0]  COMMAND = 8'd1, WEIGHTS = 8'd2, TRANSFER = 8'd3;
  localparam        HeaderWords = 4;
  localparam [31:0] COMMAND_WORDS = CommandWords, LEAST_COMMAND = 6, TRANSFER_WORDS = 4;
  localparam [31:0] MAX_SIDE = MaxSide, MAX_KERNEL = MaxKernel;

  localparam [3:0] IDLE = 4'd0, ASK_HEADER = 4'd1, HEADER = 4'd2, CHECK_HEADER = 4'd3,
                   ASK_BODY = 4'd4, PACKET = 4'd5, CHECK_PACKET = 4'd6, PAYLOAD = 4'd7,
                   CHECK_PAYLOAD = 4'd8, COMMIT = 4'd9, NEXT = 4'd10, STOPPED = 4'd11;
  reg [3:0] state_q, next_state;

  reg [1:0]           header_left_q;      // header words to come, less one
  reg [WordsBits-1:0] left_q;             // words of the tape behind those taken
  reg                 nothing_left_q;     // left_q is 0, once a packet was begun
  reg [WordsBits-1:0] payload_left_q;
  reg                 payload_last_q;     // payload_left_q is 1
  reg [31:0]          packet_crc_q, payload_crc_q;
  reg                 weights_q;          // it is a packet of weights
  reg                 transfer_q;         // or a transfer, committed as a command, without weights
  reg                 packet_wrong_q;     // its header cannot be right
  reg                 weights_due_q;      // commands and weights alternate

  wire                is_transfer = Extended != 0 && transfer_q;

  // What the state means for a word that comes, in registers: the ready hangs on it.
  reg  in_header_q;   // the tape's or a packet's
  reg  in_commands_q, in_weights_q;
  reg  own_crc_q;     // the word ends with its header's CRC
  wire taken = word_valid_i && word_ready_o;

  assign job_ready_o = state_q == IDLE;
  assign request_valid_o = state_q == ASK_HEADER || state_q == ASK_BODY;
  assign request_words_o = state_q == ASK_HEADER ? HeaderWords[WordsBits-1:0] : left_q;
  assign word_ready_o = in_header_q
                        || (in_weights_q && weight_ready_i) || (in_commands_q && command_ready_i);
  assign command_valid_o = in_commands_q && word_valid_i;
  assign command_data_o = word_data_i;
  assign commit_valid_o = state_q == COMMIT;
  assign weight_valid_o = in_weights_q && word_valid_i;
  assign weight_data_o = word_data_i;

  // A header's CRC covers all but its own last four bytes.
  reg  [31:0] crc_q;
  reg         crc_starts_q;
  wire [31:0] crc;
  crc32 u_crc32 (
    .crc_i(crc_starts_q ? 32'hffff_ffff : crc_q), .data_i(word_data_i),
    .words_i(own_crc_q ? 3'd3 : 3'd4), .crc_o(crc)
  );
  always @(posedge clk_i) begin
    if (taken) crc_q <= crc;
    crc_starts_q <= state_q != HEADER && state_q != PAYLOAD ? 1'b1 : crc_starts_q && !taken;
  end

  // Checks, each in the cycle after the last word; 0 is no error.
  wire [31:0] tape_words = context_header_o[`TAPE_WORDS];
  wire        magic_wrong = context_header_o[`TAPE_MAGIC] != MAGIC;
  wire        header_crc_wrong = context_header_o[`TAPE_CRC] != ~crc_q;
  wire        version_wrong = context_header_o[`TAPE_VERSION] != VERSION;
  wire        geometry_wrong = context_header_o[`TAPE_GEOMETRY] != GeometryId;
  wire        words_wrong = tape_words <= HeaderWords || tape_words >> WordsBits != 0;
  wire [31:0] image_bytes = context_header_o[`TAPE_IMAGE_BYTES];
  wire [15:0] width = context_header_o[`TAPE_IMAGE_WIDTH];
  wire [15:0] height = context_header_o[`TAPE_IMAGE_HEIGHT];
  wire [7:0]  kernel = context_header_o[`TAPE_KERNEL], stride = context_header_o[`TAPE_STRIDE];
  wire [7:0]  vectors = kernel == 8'd1 ? 8'd1 : kernel == 8'd3 ? 8'd2 : kernel == 8'd5 ? 8'd5
                      : kernel == 8'd7 ? 8'd10 : 8'd0;
  wire        image_wrong = image_bytes == 0 || image_bytes[31:27] != 0
                            || width == 0 || width > MAX_SIDE[15:0]
                            || height == 0 || height > MAX_SIDE[15:0]
                            || (Extended == 0 && context_header_o[`TAPE_CLASSES] == 0)
                            || kernel > MAX_KERNEL[7:0] || vectors == 0
                            || context_header_o[`TAPE_VECTORS] != vectors
                            || (stride != 8'd1 && stride != 8'd2)
                            || context_header_o[`TAPE_PAD_TOP] >= kernel
                            || context_header_o[`TAPE_PAD_LEFT] >= kernel;
  wire        packet_crc_wrong = packet_crc_q != ~crc_q;
  wire        payload_crc_wrong = payload_crc_q != ~crc_q;
  // A stage without weights would wait for them for ever, a result for the end of its job.
  wire        ends_early = nothing_left_q != ((weights_q || is_transfer) && ends_job);
  reg         wrong;
  reg  [7:0]  error;
  always @* begin
    wrong = 1'b0;
    error = 8'd0;
    case (state_q)
      CHECK_HEADER: begin
        wrong = magic_wrong || header_crc_wrong || version_wrong || geometry_wrong || words_wrong
                || image_wrong;
        if (magic_wrong) error = ERROR_TAPE_MAGIC;
        else if (header_crc_wrong) error = ERROR_TAPE_CRC;
        else if (version_wrong) error = ERROR_TAPE_VERSION;
        else if (geometry_wrong) error = ERROR_TAPE_GEOMETRY;
        else error = ERROR_BAD_COMMAND;
      end
      CHECK_PACKET: begin
        wrong = packet_crc_wrong || packet_wrong_q;
        if (packet_crc_wrong) error = ERROR_PACKET_CRC;
        else if (packet_wrong_q) error = ERROR_BAD_COMMAND;
      end
      CHECK_PAYLOAD: begin
        wrong = payload_crc_wrong || ends_early || (weights_q ? bytes_left_q != 0 : command_wrong);
        if (payload_crc_wrong) error = weights_q ? ERROR_WEIGHT_CRC : ERROR_PACKET_CRC;
        else error = ERROR_BAD_COMMAND;
      end
      default: ;
    endcase
  end

  always @(posedge clk_i) begin
    error_o      <= !rst_i && wrong;
    error_code_o <= error;
    if (state_q == CHECK_HEADER) context_valid_o <= !wrong;
    else if (context_ready_i) context_valid_o <= 1'b0;
    if (rst_i) context_valid_o <= 1'b0;
  end

  // If nothing is wrong.
  always @* begin
    next_state = state_q;
    case (state_q)
      IDLE:          if (job_valid_i) next_state = ASK_HEADER;
      ASK_HEADER:    if (request_ready_i) next_state = HEADER;
      HEADER:        if (taken && header_left_q == 2'd0) next_state = CHECK_HEADER;
      CHECK_HEADER:  next_state = ASK_BODY;
      ASK_BODY:      if (request_ready_i) next_state = PACKET;
      PACKET:        if (taken) next_state = CHECK_PACKET;
      CHECK_PACKET:  next_state = PAYLOAD;
      PAYLOAD:       if (taken && payload_last_q) next_state = CHECK_PAYLOAD;
      CHECK_PAYLOAD: next_state = weights_q ? NEXT : COMMIT;
      COMMIT:        if (commit_ready_i) next_state = is_transfer ? NEXT : PACKET;
      // The context keeps the header until all have taken it.
      NEXT:          if (!nothing_left_q) next_state = PACKET;
                     else if (!context_valid_o) next_state = IDLE;
      default:       next_state = STOPPED;
    endcase
  end

  wire [3:0] state_d = wrong ? STOPPED : next_state;
  wire payload_next = (state_q == CHECK_PACKET && !wrong)
                      || (state_q == PAYLOAD && !(taken && payload_last_q));
  always @(posedge clk_i) begin
    state_q      <= state_d;
    // No word comes in a state in which something may be wrong.
    in_header_q  <= next_state == HEADER || next_state == PACKET;
    {in_commands_q, in_weights_q} <= {2{payload_next}} & {!weights_q, weights_q};
    own_crc_q    <= next_state == PACKET
                    || (next_state == HEADER && (header_left_q == 2'd0
                                              || (header_left_q == 2'd1 && taken)));
    if (rst_i) begin
      state_q <= IDLE;
      {in_header_q, in_commands_q, in_weights_q} <= 0;
    end
  end

  // A packet's header, as it comes.
  wire [31:0] word_words = word_data_i[47:16];
  wire [31:0] left_words = {{32-WordsBits{1'b0}}, left_q};
  wire        word_transfer = Extended != 0 && word_data_i[7:0] == TRANSFER;
  wire        word_wrong = (word_data_i[7:0] != (weights_due_q ? WEIGHTS : COMMAND)
                            && (weights_due_q || !word_transfer))
                           || word_data_i[15:8] != 8'd0 || word_data_i[63:48] != 16'd0
                           || word_words >= left_words
                           || (weights_due_q ? word_words != {{32-WordsBits{1'b0}}, sections}
                               : word_transfer ? word_words != TRANSFER_WORDS
                               : word_words > COMMAND_WORDS || word_words < LEAST_COMMAND);

  wire [WordsBits-1:0] sections;  // words of the weights that are due
  wire                 ends_job, command_wrong;
  reg  [15:0]          command_words_q;
  descriptor_check #(
    .OutLanes(OutLanes), .WordsBits(WordsBits), .Extended(Extended)
  ) u_descriptor (
    .clk_i(clk_i), .header_i(context_header_o), .first_i(state_q == CHECK_HEADER),
    .begin_i(state_q == PACKET), .words_i(command_words_q), .transfer_i(is_transfer),
    .word_valid_i(taken && in_commands_q), .word_i(word_data_i),
    .sections_o(sections), .ends_job_o(ends_job), .wrong_o(command_wrong)
  );

  // Height * width * 3 must be the image's bytes: a bit of the height a cycle, before the first
  // weights end.
  reg [31:0] bytes_left_q, row_bytes_q;
  reg [15:0] rows_q;
  always @(posedge clk_i)
    if (state_q == CHECK_HEADER) begin
      bytes_left_q <= image_bytes;
      row_bytes_q  <= {16'd0, width} + {15'd0, width, 1'b0};
      rows_q       <= height;
    end else begin
      if (rows_q[0]) bytes_left_q <= bytes_left_q - row_bytes_q;
      row_bytes_q <= row_bytes_q << 1;
      rows_q      <= rows_q >> 1;
    end

  always @(posedge clk_i)
    case (state_q)
      IDLE: begin
        request_addr_o   <= job_tape_i;
        context_image_o  <= job_image_i;
        context_result_o <= job_result_i;
        context_number_o <= job_number_i;
        header_left_q    <= 2'd3;
        weights_due_q    <= 1'b0;
      end
      HEADER: if (taken) begin
        context_header_o <= {word_data_i, context_header_o[511:128]};
        header_left_q    <= header_left_q - 2'd1;
      end
      CHECK_HEADER: begin
        request_addr_o <= request_addr_o + HeaderWords * 16;
        left_q <= tape_words[WordsBits-1:0] - HeaderWords[WordsBits-1:0];
      end
      PACKET: if (taken) begin
        weights_q      <= word_data_i[7:0] == WEIGHTS;
        transfer_q     <= word_transfer;
        packet_wrong_q <= word_wrong;
        if (!weights_due_q) command_words_q <= word_words[15:0];
        payload_left_q <= word_words[WordsBits-1:0];
        payload_last_q <= word_words == 1;
        payload_crc_q  <= word_data_i[95:64];
        packet_crc_q   <= word_data_i[127:96];
        left_q         <= left_q - 1'b1;
        nothing_left_q <= left_q == 1;
      end
      PAYLOAD: if (taken) begin
        payload_left_q <= payload_left_q - 1'b1;
        payload_last_q <= payload_left_q == 2;
        left_q         <= left_q - 1'b1;
        nothing_left_q <= left_q == 1;
      end
      CHECK_PAYLOAD: weights_due_q <= !weights_q && !is_transfer;
      default: ;
    endcase

  wire [31:0] image_words = (image_bytes + 32'd15) >> 4;
  assign context_image_words_o = image_words[WordsBits-1:0];

  wire unused_ok = &{1'b0, image_words[31:WordsBits]};

`ifdef FORMAL
  reg past_valid_q = 1'b0;
  always @(posedge clk_i) past_valid_q <= 1'b1;
  always @(posedge clk_i)
    if (past_valid_q && !$past(rst_i) && !rst_i) begin
      if ($past(context_valid_o && !context_ready_i))
        assert (context_valid_o && $stable(context_header_o) && $stable(context_image_o));
      if ($past(request_valid_o && !request_ready_i))
        assert (request_valid_o && $stable(request_addr_o) && $stable(request_words_o));
    end
`endif
endmodule

`default_nettype wire
