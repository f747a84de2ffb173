// Writes the taps of each pixel as vectors of 16 bytes to a circular buffer of pixel groups in the
// feature memory, and counts the groups written against those consumed. Each of the PackLanes holds
// a pixel and writes one vector a cycle, the next pixel's first right behind the last one's last.
// taps_ready_o is a register where ready_next_i is known; else it hangs on write_ready_i in the same
// cycle.
`default_nettype none

module packer #(
  parameter PackLanes = 1, // 1 or 2, at most PixLanes
  parameter PixLanes = 1,
  parameter PosBits = 16,
  parameter MapAddrBits = 14,
  parameter TapBits = 1176,
  parameter KnowsReady = 1, // ready_next_i can be told
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1
) (
  input wire clk_i, input wire rst_i,

  // buffer of the next image; images of one base and length follow one another in it, others wait
  // until it is empty
  input  wire                   start_i,
  output wire                   may_start_o,
  output wire                   idle_o,
  input  wire [MapAddrBits-1:0] base_i,
  input  wire [PosBits-1:0]     groups_i,
  input  wire [7:0]             vectors_i, // a pixel

  // pixels in
  input  wire               taps_valid_i,
  output wire               taps_ready_o,
  input  wire [TapBits-1:0] taps_data_i,
  input  wire               taps_last_i, // last pixel of the image

  // vectors out, of two lanes to different banks; write_ready_i is for all of them
  output wire [PackLanes-1:0] write_valid_o, input wire write_ready_i,
  input wire ready_next_i,  // of write_ready_i in the next cycle
  output wire [BankBits*PackLanes-1:0] write_bank_o,
  output wire [MapAddrBits*PackLanes-1:0] write_addr_o,
  output wire [128*PackLanes-1:0] write_data_o,

  // groups, modulo 2^PosBits
  output reg [PosBits-1:0] packed_o, input wire [PosBits-1:0] freed_i
);
  localparam HeldBits = (TapBits + 127) / 128 * 128;
  localparam LastLane = PixLanes - 1;

  // buffer
  reg                   placed_q;  // base and groups were set since reset
  reg [MapAddrBits-1:0] base_q;
  reg [PosBits-1:0]     groups_q, end_q;  // end: the last group's position
  reg [7:0]             vectors_q;

  // groups: begun by a pixel taken in, packed by the last vector written
  reg [PosBits-1:0]  begun_q;  // groups whose last pixel was taken in
  reg [PosBits-1:0]  used_q;   // of them, those not consumed; one cycle late, so never too small
  reg [PosBits-1:0]  position_q;
  reg [BankBits-1:0] lane_q;
  wire [1:0]         ended;    // groups whose last vector is written in this cycle

  // Lanes take pixels in turn. They write in the same cycles, so pixels end in order, and as all
  // are idle between images, the two pixels held are neighbours: their banks differ.
  wire [PackLanes-1:0] turn, turn_d, busy_d, last_d, ends_group;
  if (PackLanes == 1) begin : g_alone
    assign turn = 1'b1;
    assign turn_d = 1'b1;
    assign ended = {1'b0, ends_group};
  end else begin : g_in_turn
    reg [1:0] turn_q;
    always @(posedge clk_i) turn_q <= rst_i ? 2'b01 : turn_d;
    assign turn = turn_q;
    assign turn_d = take ? ~turn_q : turn_q;
    assign ended = {&ends_group, ^ends_group};
  end

  wire                   take = taps_valid_i && taps_ready_o;
  wire                   group_end = take && (lane_q == LastLane[BankBits-1:0] || taps_last_i);
  wire                   moves = !placed_q || base_i != base_q || groups_i != groups_q;
  wire [MapAddrBits-1:0] position = position_q[MapAddrBits-1:0];

  // Whether a pixel is taken is known a cycle ahead but, perhaps, for the write of the one before it.
  // That not all groups are used counts another cycle late.
  reg  ready_q, ready_if_written_q;
  wire written_next = KnowsReady != 0 && ready_next_i;
  wire room = group_end ? used_q + 1'b1 < groups_q : used_q < groups_q;
  always @(posedge clk_i) begin
    ready_q            <= |(turn_d & (~busy_d | (last_d & {PackLanes{written_next}}))) && room && !rst_i;
    ready_if_written_q <= KnowsReady == 0 && |(turn_d & last_d) && room && !rst_i;
  end
  assign taps_ready_o = ready_q || (ready_if_written_q && write_ready_i);
  assign may_start_o = !moves || used_q == {PosBits{1'b0}};
  assign idle_o = write_valid_o == 0;

  always @(posedge clk_i) begin
    if (start_i) begin
      placed_q  <= 1'b1;
      base_q    <= base_i;
      groups_q  <= groups_i;
      end_q     <= groups_i - 1'b1;
      vectors_q <= vectors_i;
    end
    if (rst_i) placed_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    begun_q <= begun_q + {{PosBits-1{1'b0}}, group_end};
    used_q  <= begun_q - freed_i + {{PosBits-1{1'b0}}, group_end};
    packed_o <= packed_o + {{PosBits-2{1'b0}}, ended};
    if (rst_i) {begun_q, used_q, packed_o} <= 0;
  end

  always @(posedge clk_i)
    if (rst_i) lane_q <= {BankBits{1'b0}};
    else if (take) lane_q <= group_end ? {BankBits{1'b0}} : lane_q + 1'b1;

  always @(posedge clk_i)
    if (start_i && moves) position_q <= {PosBits{1'b0}};
    else if (group_end)
      position_q <= position_q == end_q ? {PosBits{1'b0}} : position_q + 1'b1;

  genvar l;
  for (l = 0; l < PackLanes; l = l + 1) begin : g_lane
    // vectors of the pixel taken in last
    reg [HeldBits-1:0]    held_q;
    reg [7:0]             left_q;
    reg                   busy_q, last_q;  // there are some, is one
    reg                   ends_group_q;
    reg [BankBits-1:0]    bank_q;
    reg [MapAddrBits-1:0] addr_q;
    wire take_here = take && turn[l];
    wire write = busy_q && write_ready_i;
    wire last_write = last_q && write_ready_i;

    assign busy_d[l] = take_here || (busy_q && !last_write);
    assign last_d[l] = take_here ? vectors_q == 8'd1 : write ? left_q == 8'd2 : last_q;
    assign ends_group[l] = last_write && ends_group_q;
    assign write_valid_o[l] = busy_q;
    assign write_bank_o[BankBits*l +: BankBits] = bank_q;
    assign write_addr_o[MapAddrBits*l +: MapAddrBits] = addr_q;
    assign write_data_o[128*l +: 128] = held_q[127:0];

    always @(posedge clk_i) begin
      {busy_q, last_q} <= {busy_d[l], last_d[l]};
      if (take_here) begin
        left_q       <= vectors_q;
        held_q       <= {{HeldBits-TapBits{1'b0}}, taps_data_i};
        bank_q       <= lane_q;
        addr_q       <= base_q + position;
        ends_group_q <= group_end;
      end else if (write) begin
        left_q <= left_q - 8'd1;
        held_q <= held_q >> 128;
        addr_q <= addr_q + groups_q[MapAddrBits-1:0];
      end
      if (rst_i) {busy_q, last_q} <= 2'b00;
    end
  end

`ifdef FORMAL
  reg past_valid_q = 1'b0;
  always @(posedge clk_i) past_valid_q <= 1'b1;
  always @(posedge clk_i)
    if (past_valid_q && !$past(rst_i) && !rst_i && $past(|write_valid_o && !write_ready_i)) begin
      assert ($stable(write_valid_o));
      assert ($stable(write_addr_o) && $stable(write_bank_o) && $stable(write_data_o));
    end
  if (PackLanes > 1) begin : g_banks
    always @(posedge clk_i)
      if (&write_valid_o) assert (write_bank_o[BankBits-1:0] != write_bank_o[BankBits +: BankBits]);
  end
`endif
endmodule

`default_nettype wire
