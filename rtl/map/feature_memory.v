// The memory of all maps: PixLanes banks of 16-byte words, one read and one write port each. A read
// takes one address for all banks, each at it or one behind it, and gives its words 3 cycles later;
// it reads in every cycle, asked for or not. Of the two writers the post unit goes first; the
// packer's words wait. Both sides are registered once before the memory: a write in cycle t is in
// it for reads in cycle t + 1 and later. Reading a word in the very cycle in which it is written
// gives an undefined word.
`default_nettype none

module feature_memory #(
  parameter PixLanes = 1,
  parameter PackLanes = 1,     // 1 or 2
  parameter OutLanes = 16,     // 1, 2, 4, 8 or 16
  parameter MapWords = 16384,  // a bank
  parameter AddrBits = $clog2(MapWords),                     // derived
  parameter BankBits = PixLanes > 1 ? $clog2(PixLanes) : 1,  // derived
  parameter SubBits = 4
) (
  input wire clk_i,

  // read
  input  wire [AddrBits-1:0]     read_addr_i,
  input  wire [PixLanes-1:0]     read_plus_i,  // banks that read the word behind the address
  output wire [PixLanes*128-1:0] read_data_o,

  // the post unit's write: bytes sub*OutLanes … of a word of each bank in the mask, always taken
  input wire write_valid_i, input wire [PixLanes-1:0] write_mask_i,
  input wire [AddrBits-1:0] write_addr_i, input wire [SubBits-1:0] write_sub_i,
  input wire [PixLanes*OutLanes*8-1:0] write_data_i,

  // the packer's writes: a whole word of one bank each, two in the same cycle of different banks
  input wire [PackLanes-1:0] pack_valid_i, output wire pack_ready_o,
  input wire [BankBits*PackLanes-1:0] pack_bank_i,
  input wire [AddrBits*PackLanes-1:0] pack_addr_i, input wire [128*PackLanes-1:0] pack_data_i
);
  localparam Parts = 16 / OutLanes;

  if (Parts * OutLanes != 16) OUTLANES_must_divide_16 u_stop_lanes ();
  if (PixLanes < 1) PIXLANES_must_be_at_least_1 u_stop_banks ();
  if (MapWords < 2) MAPWORDS_must_be_at_least_2 u_stop_words ();

  assign pack_ready_o = !write_valid_i;

  wire [AddrBits-1:0] read_behind = read_addr_i + 1'b1;

  // All words of a cycle take the same part; a number of a part that a word does not have writes
  // nothing.
  wire [Parts-1:0] parts;
  genvar p;
  for (p = 0; p < Parts; p = p + 1) begin : g_part
    localparam [SubBits-1:0] PART = p;
    assign parts[p] = write_sub_i == PART;
  end

  genvar b;
  for (b = 0; b < PixLanes; b = b + 1) begin : g_bank
    localparam [BankBits-1:0] BANK = b;
    wire post = write_valid_i && write_mask_i[b];
    wire first = pack_valid_i[0] && pack_bank_i[BankBits-1:0] == BANK;
    wire last = pack_valid_i[PackLanes-1] && pack_bank_i[BankBits*PackLanes-1 -: BankBits] == BANK;
    wire pack = !write_valid_i && (first || last);

    ram_1r1w #(
      .Width(128), .Depth(MapWords), .WriteLanes(Parts), .InputRegister(1), .OutputRegister(1)
    ) u_ram (
      .clk_i(clk_i), .write_i(post ? parts : {Parts{pack}}),
      .write_addr_i(write_valid_i ? write_addr_i
                    : last ? pack_addr_i[AddrBits*PackLanes-1 -: AddrBits] : pack_addr_i[AddrBits-1:0]),
      .write_data_i(post ? {Parts{write_data_i[b*OutLanes*8+:OutLanes*8]}}
                    : last ? pack_data_i[128*PackLanes-1 -: 128] : pack_data_i[127:0]),
      .read_i(1'b1), .read_addr_i(read_plus_i[b] ? read_behind : read_addr_i),
      .read_data_o(read_data_o[b*128+:128])
    );
  end
endmodule

`default_nettype wire
