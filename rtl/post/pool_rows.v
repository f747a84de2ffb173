// The vertical half of the max-pool: the running maximum of each pooled column, a delay line as
// long as a pooled row for each pass. Every window that ends in a row (in the map's order) meets
// the one above it, exactly one pooled row ago, takes the maximum, and goes into the line itself;
// windows whose last row it is come out.
//
// PoolLanes windows a cycle, in and out, 4 cycles apart. The line of a pass is rounded up to whole
// words of all banks, so that windows in a row never meet in one bank: a stage needs passes *
// roundUp(pooled width, Banks) of the PoolWords, where Banks is PoolLanes rounded up to a power of
// two. The user must issue one window a step if narrow_o, and none while wait_o.
`default_nettype none
`include "run_record.vh"

module pool_rows #(
  parameter OutLanes = 16,
  parameter PoolLanes = 1,
  parameter PoolWords = 512,                   // of OutLanes bytes, over all banks
  parameter CountBits = $clog2(PoolLanes + 1)  // derived
) (
  input wire clk_i, input wire rst_i,

  // a run begins; no step in this cycle
  input wire begin_i, input wire [`RUN_POST] run_i,

  output reg narrow_o, output wire wait_o,

  // a step: slots from 0 on are the next windows, {the map's last window, its row also is the first
  // of the window below, its first row, its last row, maximum of the row}
  input  wire [PoolLanes-1:0]                valid_i,
  input  wire [CountBits-1:0]                count_i,  // of the valid ones
  input  wire [PoolLanes*(OutLanes*8+4)-1:0] window_i,
  input  wire                                end_i,    // the run's last step, also if empty
  input  wire                                save_i,   // the next block follows, else this again

  output reg [PoolLanes-1:0] pooled_valid_o, output reg [PoolLanes-1:0] pooled_last_o,
  output wire [PoolLanes*OutLanes*8-1:0] pooled_data_o, output reg pooled_end_o,
  output reg wrong_o  // the line of this pass does not fit
);
  localparam LaneBits = OutLanes * 8;
  localparam WindowBits = LaneBits + 4;
  localparam BankShift = $clog2(PoolLanes);
  localparam Banks = 1 << BankShift;
  localparam BankBits = BankShift > 0 ? BankShift : 1;
  localparam Depth = PoolWords / Banks;
  localparam AddrBits = Depth > 1 ? $clog2(Depth) : 1;
  // A place in a line: its word, and its bank.
  localparam PlaceBits = AddrBits + BankBits;

  if (Depth * Banks != PoolWords || Depth < 1) POOLWORDS_must_be_whole_in_all_banks u_stop ();

  // Where the pass is in its line: the next window goes to the write place, the one above it is at
  // the read place. As the line is at most Banks - 1 longer than a pooled row, the read place is
  // that much ahead.
  reg [15:0]            words_q;                     // of a line, in each bank
  reg [16:0]            base_q;                      // of this pass' line
  reg [9:0]             row_q;
  reg [2*PlaceBits-1:0] home_q, block_q, current_q;  // {read, write}

  localparam [31:0] BANKS = Banks, LAST_BANK = Banks - 1;
  localparam [31:0] NARROW = 4 * PoolLanes;  // steps read 4 cycles after older ones at the earliest
  wire [15:0]            width = run_i[`RUN_POOLED_WIDTH];
  wire [15:0]            rounded = width + LAST_BANK[15:0];
  wire [15:0]            words = rounded >> BankShift;
  wire [15:0]            padding = (16'd0 - width) & LAST_BANK[15:0];
  wire [2*PlaceBits-1:0] map_start = {{AddrBits{1'b0}}, padding[BankBits-1:0], {PlaceBits{1'b0}}};
  wire                   resumes = run_i[`RUN_FIRST_X] != 16'd0 || run_i[`RUN_FIRST_Y] != 16'd0;
  wire [2*PlaceBits-1:0] home_d = resumes ? block_q : map_start;
  wire                   unused = &{1'b0, run_i, rounded, words, padding};

  wire [2*PlaceBits-1:0] following;
  genvar p;
  for (p = 0; p < 2; p = p + 1) begin : g_place
    wire [AddrBits-1:0] word = current_q[p*PlaceBits+BankBits+:AddrBits];
    wire [BankBits-1:0] bank = current_q[p*PlaceBits+:BankBits];
    wire [Banks-1:0]    ahead = {Banks{1'b1}} << bank;  // banks that still are at this word
    wire [AddrBits-1:0] word_plus = word + 1'b1;
    wire [AddrBits-1:0] word_behind = word_plus == words_q[AddrBits-1:0] ? {AddrBits{1'b0}} : word_plus;
    localparam SumBits = BankBits + 2;
    wire [SumBits-1:0] sum = {2'b00, bank} + {{SumBits - CountBits{1'b0}}, count_i};
    wire               carry = sum >= BANKS[SumBits-1:0];
    wire [SumBits-1:0] over = sum - BANKS[SumBits-1:0];
    wire               unused_over = &{1'b0, over};
    assign following[p*PlaceBits+:PlaceBits] = {carry ? word_behind : word,
                                                carry ? over[BankBits-1:0] : sum[BankBits-1:0]};
  end

  always @(posedge clk_i) begin
    if (begin_i) begin
      row_q <= run_i[`RUN_ROW];
      if (run_i[`RUN_ROW] == 10'd0) base_q <= 17'd0;
      else if (run_i[`RUN_ROW] != row_q) base_q <= base_q + {1'b0, words_q};
      if (run_i[`RUN_FIRST]) begin
        words_q   <= words;
        narrow_o  <= width < NARROW[15:0];
        home_q    <= home_d;
        block_q   <= home_d;
        current_q <= home_d;
      end else if (run_i[`RUN_MAP_START]) begin
        block_q   <= home_q;
        current_q <= home_q;
      end
    end else begin
      current_q <= end_i && !save_i ? block_q : following;
      if (end_i && save_i) block_q <= following;
    end
  end

  localparam [31:0] DEPTH = Depth;
  always @(posedge clk_i) wrong_o <= base_q + {1'b0, words_q} > DEPTH[16:0];

  // Four registers: a_ reads the line, b_ waits for the word, c_ has it, d_ writes the maximum back and
  // gives it out.
  reg [PoolLanes-1:0] a_valid_q, b_valid_q, c_valid_q;
  reg                 a_end_q, b_end_q, c_end_q;
  reg [BankBits-1:0]  a_read_bank_q, b_read_bank_q, c_read_bank_q;
  reg [BankBits-1:0]  a_write_bank_q, b_write_bank_q, c_write_bank_q;

  reg reading_q;  // a window is in a_, b_ or c_
  assign wait_o = narrow_o && reading_q;

  always @(posedge clk_i) begin
    {c_valid_q, b_valid_q, a_valid_q} <= {b_valid_q, a_valid_q, valid_i};
    reading_q <= valid_i[0] || a_valid_q[0] || b_valid_q[0];
    {pooled_end_o, c_end_q, b_end_q, a_end_q} <= {c_end_q, b_end_q, a_end_q, end_i};
    {c_read_bank_q, b_read_bank_q, a_read_bank_q} <= {b_read_bank_q, a_read_bank_q, g_place[1].bank};
    {c_write_bank_q, b_write_bank_q, a_write_bank_q} <= {b_write_bank_q, a_write_bank_q,
                                                         g_place[0].bank};
    if (rst_i)
      {a_valid_q, b_valid_q, c_valid_q, reading_q, a_end_q, b_end_q, c_end_q, pooled_end_o} <= 0;
  end

  // The bank that a slot meets, if slot 0 meets `from`.
  function [BankBits-1:0] turned;
    input [BankBits-1:0] from;
    input [BankBits-1:0] slot;
    turned = (from + slot) & LAST_BANK[BankBits-1:0];
  endfunction

  wire [Banks*LaneBits-1:0]     above;
  wire [PoolLanes*LaneBits-1:0] into;  // what goes into the line

  genvar i;
  for (i = 0; i < PoolLanes; i = i + 1) begin : g_slot
    localparam [31:0] SLOT = i;
    reg  [WindowBits-1:0] a_window_q, b_window_q, c_window_q;
    reg  [LaneBits-1:0]   d_data_q;
    wire                  last, restart, first, emit;
    wire [LaneBits-1:0]   data, larger, maximum;
    assign {last, restart, first, emit, data} = c_window_q;
    wire [BankBits-1:0] bank = turned(c_read_bank_q, SLOT[BankBits-1:0]);
    wire [LaneBits-1:0] running = above[bank*LaneBits+:LaneBits];
    lane_max #(.OutLanes(OutLanes)) u_max (.a_i(data), .b_i(running), .max_o(larger));
    assign maximum = first ? data : larger;
    assign into[i*LaneBits+:LaneBits] = restart ? data : maximum;

    always @(posedge clk_i) begin
      {c_window_q, b_window_q, a_window_q} <= {b_window_q, a_window_q,
                                               window_i[i*WindowBits+:WindowBits]};
      d_data_q                 <= maximum;
      pooled_valid_o[i]        <= !rst_i && c_valid_q[i] && emit;
      pooled_last_o[i]         <= last;
    end
    assign pooled_data_o[i*LaneBits+:LaneBits] = d_data_q;
  end

  genvar b;
  for (b = 0; b < Banks; b = b + 1) begin : g_bank
    localparam [BankBits-1:0] BANK = b;
    wire [AddrBits-1:0] read_word =
      g_place[1].ahead[b] ? g_place[1].word : g_place[1].word_behind;
    wire [AddrBits-1:0] write_word =
      g_place[0].ahead[b] ? g_place[0].word : g_place[0].word_behind;

    wire [PoolLanes-1:0] meets;
    wire [LaneBits-1:0]  picked;
    for (i = 0; i < PoolLanes; i = i + 1) begin : g_meet
      localparam [31:0] SLOT = i;
      assign meets[i] = c_valid_q[i] && turned(c_write_bank_q, SLOT[BankBits-1:0]) == BANK;
    end
    lane_select #(.Lanes(PoolLanes), .Width(LaneBits)) u_select (
      .select_i(meets), .data_i(into), .data_o(picked)
    );

    reg  [AddrBits-1:0] a_read_addr_q, a_write_addr_q, b_write_addr_q, c_write_addr_q, d_write_addr_q;
    reg                 d_write_q;
    reg  [LaneBits-1:0] c_above_q, d_into_q;
    wire [LaneBits-1:0] read_data;
    always @(posedge clk_i) begin
      a_read_addr_q  <= base_q[AddrBits-1:0] + read_word;
      a_write_addr_q <= base_q[AddrBits-1:0] + write_word;
      {d_write_addr_q, c_write_addr_q, b_write_addr_q} <= {c_write_addr_q, b_write_addr_q,
                                                           a_write_addr_q};
      c_above_q      <= read_data;
      d_write_q      <= |meets;
      d_into_q       <= picked;
    end
    assign above[b*LaneBits+:LaneBits] = c_above_q;

    ram_1r1w #(.Width(LaneBits), .Depth(Depth)) u_line (
      .clk_i(clk_i), .write_i(d_write_q), .write_addr_i(d_write_addr_q), .write_data_i(d_into_q),
      .read_i(a_valid_q[0]), .read_addr_i(a_read_addr_q), .read_data_o(read_data)
    );
  end
endmodule

`default_nettype wire
