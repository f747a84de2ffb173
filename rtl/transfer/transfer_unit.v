// Moves rows of a map between the feature memory and the job's result buffer, one transfer at a
// time, while no run is on its way: what the run generator offers is a transfer's descriptor
// (docs/reference/tape.md), stable until transfer_done_o. A load reads words through a burst reader
// of its own and writes them before the packer's; a store reads the feature memory in the map
// reader's place and hands the words to the result writer. One word a cycle, pad words included.
//
// It sits between its neighbours: the map reader's address, the packer's writes and the image's
// bursts pass through it. Without Extended that is all it does.
`default_nettype none

module transfer_unit #(
  parameter Extended = 0,
  parameter PixLanes = 1,
  parameter PackLanes = 1,
  parameter PortBits = 64,
  parameter BurstBeats = 16,
  parameter FifoBeats = 128,
  parameter Outstanding = 8,
  parameter AddrBits = 14,  // of a word in a bank
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1  // derived
) (
  input wire clk_i, input wire rst_i,

  // a transfer; it is done at the last write, of scratch when all of it is answered
  input wire transfer_valid_i, input wire [223:0] transfer_i, output wire transfer_done_o,

  // result writer: where the present job's result lies; then a store's words, of scratch behind
  // store_begin_o, which says where they go
  input wire base_valid_i, input wire [31:0] base_i,
  output wire store_begin_o, output wire [31:0] store_base_o, input wire store_done_i,
  output wire store_valid_o, input wire store_ready_i, output wire [127:0] store_data_o,
  output wire store_last_o,

  // feature memory: its reads (from the map reader) and its writes (from the packer)
  input wire [AddrBits-1:0] reader_addr_i, input wire [PixLanes-1:0] reader_plus_i,
  output wire [AddrBits-1:0] read_addr_o, output wire [PixLanes-1:0] read_plus_o,
  input wire [PixLanes*128-1:0] read_data_i,
  input wire [PackLanes-1:0] pack_valid_i, output wire pack_ready_o,
  input wire [BankBits*PackLanes-1:0] pack_bank_i, input wire [AddrBits*PackLanes-1:0] pack_addr_i,
  input wire [128*PackLanes-1:0] pack_data_i,
  output wire [PackLanes-1:0] write_valid_o, input wire write_ready_i,
  output wire [BankBits*PackLanes-1:0] write_bank_o,
  output wire [AddrBits*PackLanes-1:0] write_addr_o, output wire [128*PackLanes-1:0] write_data_o,

  // read port: bursts of the image, and those with the loads' behind them
  input wire image_valid_i, output wire image_ready_o, input wire [31:0] image_addr_i,
  input wire [8:0] image_beats_i, output wire image_beat_valid_o,
  output wire burst_valid_o, input wire burst_ready_i, output wire [31:0] burst_addr_o,
  output wire [8:0] burst_beats_o,
  input wire beat_valid_i, input wire beat_last_i, input wire [PortBits-1:0] beat_data_i
);
  if (Extended != 0) begin : g_extended
    localparam [2:0] IDLE = 3'd0, LOAD = 3'd1, STORE = 3'd2, ANSWERS = 3'd3, DONE = 3'd4;
    localparam WordsBits = 24;

    // The descriptor's fields (gen/tape/format.ts).
    wire                 is_store = transfer_i[0], is_result = transfer_i[1];
    wire [15:0]          base = transfer_i[47:32], first_group = transfer_i[79:64];
    wire [15:0]          first_addr = base + first_group;
    wire [WordsBits-1:0] words = transfer_i[192 +: WordsBits];
    wire                 unused_fields = &{1'b0, transfer_i, first_addr};

    reg  [2:0]  state_q;
    reg  [31:0] address_q;
    reg         begun_q;     // the first cycle behind the begin
    reg         asked_q;     // the load's words were asked for
    reg         all_read_q;  // the store's words were read
    wire        begins = state_q == IDLE && transfer_valid_i && base_valid_i;
    wire        loads = state_q == LOAD, stores = state_q == STORE;

    // Where the next word lies.
    wire                step, pad, last;
    wire [AddrBits-1:0] addr;
    wire [BankBits-1:0] bank;
    transfer_walk #(.PixLanes(PixLanes), .AddrBits(AddrBits), .CountBits(WordsBits)) u_walk (
      .clk_i(clk_i), .start_i(begins), .first_addr_i(first_addr[AddrBits-1:0]),
      .first_bank_i(transfer_i[80 +: BankBits]), .stride_i(transfer_i[48 +: AddrBits]),
      .vectors_i(transfer_i[23:16]), .pad_words_i(transfer_i[31:24]),
      .row_pixels_i(transfer_i[96 +: WordsBits]), .words_i(words), .step_i(step),
      .pad_o(pad), .last_o(last), .addr_o(addr), .bank_o(bank)
    );

    // Loads: words of the port into the feature memory.
    wire         load_valid, load_beat_valid, load_burst_valid, load_burst_ready, request_ready;
    wire [31:0]  load_burst_addr;
    wire [8:0]   load_burst_beats;
    wire [127:0] load_data;
    wire         load_ready = loads && (pad || write_ready_i);
    wire         load_takes = load_valid && load_ready;
    wire         load_writes = loads && load_valid && !pad;
    burst_reader #(
      .PortBits(PortBits), .BurstBeats(BurstBeats), .FifoBeats(FifoBeats), .WordsBits(WordsBits)
    ) u_reader (
      .clk_i(clk_i), .rst_i(rst_i),
      .request_valid_i(loads && !asked_q), .request_ready_o(request_ready),
      .request_addr_i(address_q), .request_words_i(words),
      .burst_valid_o(load_burst_valid), .burst_ready_i(load_burst_ready),
      .burst_addr_o(load_burst_addr), .burst_beats_o(load_burst_beats),
      .beat_valid_i(load_beat_valid), .beat_data_i(beat_data_i),
      .word_valid_o(load_valid), .word_ready_i(load_ready), .word_data_o(load_data)
    );
    read_merge #(.Outstanding(Outstanding)) u_merge (
      .clk_i(clk_i), .rst_i(rst_i),
      .first_valid_i(image_valid_i), .first_ready_o(image_ready_o), .first_addr_i(image_addr_i),
      .first_beats_i(image_beats_i), .first_beat_valid_o(image_beat_valid_o),
      .second_valid_i(load_burst_valid), .second_ready_o(load_burst_ready),
      .second_addr_i(load_burst_addr), .second_beats_i(load_burst_beats),
      .second_beat_valid_o(load_beat_valid), .burst_valid_o(burst_valid_o),
      .burst_ready_i(burst_ready_i), .burst_addr_o(burst_addr_o), .burst_beats_o(burst_beats_o),
      .beat_valid_i(beat_valid_i), .beat_last_i(beat_last_i)
    );

    assign pack_ready_o = write_ready_i && !load_writes;
    assign write_valid_o = load_writes ? {{PackLanes-1{1'b0}}, 1'b1} : pack_valid_i;
    assign write_bank_o = load_writes ? {PackLanes{bank}} : pack_bank_i;
    assign write_addr_o = load_writes ? {PackLanes{addr}} : pack_addr_i;
    assign write_data_o = load_writes ? {PackLanes{load_data}} : pack_data_i;

    // Stores: a word read shows three cycles later, is selected and goes into a queue, which has a
    // place for each word on the way.
    localparam Depth = 8;
    reg  [3:0]            used_q;  // places taken
    reg  [3:0]            read_q;
    reg  [3*BankBits-1:0] banks_q;
    reg  [2:0]            pads_q;
    reg  [3:0]            lasts_q;
    reg  [127:0]          selected_q;
    wire                  read = stores && !all_read_q && !used_q[3];
    wire [BankBits-1:0]   read_bank = banks_q[3*BankBits-1 -: BankBits];
    wire                  pop = store_valid_o && store_ready_i;
    wire                  unused_room;
    wire [3:0]            unused_count;
    always @(posedge clk_i) begin
      used_q <= used_q + {3'd0, read} - {3'd0, pop};
      read_q <= {read_q[2:0], read};
      banks_q <= {banks_q[2*BankBits-1:0], bank};
      pads_q <= {pads_q[1:0], pad};
      lasts_q <= {lasts_q[2:0], last};
      selected_q <= pads_q[2] ? 128'd0 : read_data_i[read_bank * 128 +: 128];
      if (rst_i) {used_q, read_q} <= 0;
    end
    fifo #(.Width(129), .Depth(Depth)) u_words (
      .clk_i(clk_i), .rst_i(rst_i), .valid_i(read_q[3]), .ready_o(unused_room),
      .data_i({lasts_q[3], selected_q}), .valid_o(store_valid_o), .ready_i(store_ready_i),
      .data_o({store_last_o, store_data_o}), .count_o(unused_count)
    );

    assign read_addr_o = stores ? addr : reader_addr_i;
    assign read_plus_o = stores ? {PixLanes{1'b0}} : reader_plus_i;
    assign store_begin_o = begun_q && stores && !is_result;
    assign store_base_o = address_q;
    assign step = read || load_takes;

    always @(posedge clk_i) begin
      address_q <= base_i + transfer_i[191:160];
      if (begins) begin
        asked_q    <= 1'b0;
        all_read_q <= 1'b0;
      end else begin
        if (loads && request_ready) asked_q <= 1'b1;
        if (read && last) all_read_q <= 1'b1;
      end
      begun_q <= begins;
      case (state_q)
        IDLE:    if (begins) state_q <= is_store ? STORE : LOAD;
        LOAD:    if (load_takes && last) state_q <= DONE;
        STORE:   if (pop && store_last_o) state_q <= is_result ? DONE : ANSWERS;
        ANSWERS: if (store_done_i) state_q <= DONE;
        default: state_q <= IDLE;
      endcase
      if (rst_i) state_q <= IDLE;
    end
    assign transfer_done_o = state_q == DONE;
  end else begin : g_plain
    assign transfer_done_o = 1'b0;
    assign {store_begin_o, store_base_o, store_valid_o, store_data_o, store_last_o} = 0;
    assign {read_addr_o, read_plus_o} = {reader_addr_i, reader_plus_i};
    assign pack_ready_o = write_ready_i;
    assign {write_valid_o, write_bank_o, write_addr_o, write_data_o}
           = {pack_valid_i, pack_bank_i, pack_addr_i, pack_data_i};
    assign {burst_valid_o, burst_addr_o, burst_beats_o}
           = {image_valid_i, image_addr_i, image_beats_i};
    assign {image_ready_o, image_beat_valid_o} = {burst_ready_i, beat_valid_i};
    wire unused_ok = &{1'b0, clk_i, rst_i, transfer_valid_i, transfer_i, base_valid_i, base_i,
                       store_done_i, store_ready_i, read_data_i, beat_last_i, beat_data_i};
  end
endmodule

`default_nettype wire
