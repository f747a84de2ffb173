// One step of CRC-32 (IEEE 802.3, reflected, as in zlib) over the first 1 to 4 little-endian 32-bit
// words of data_i. Combinational, one XOR tree from data and state to each bit. It neither starts
// nor ends a sum: the user begins with 32'hffff_ffff, carries crc_o on, and inverts the last one to
// get zlib's value.
`default_nettype none

module crc32 (
  input  wire [31:0]  crc_i,
  input  wire [127:0] data_i,
  input  wire [2:0]   words_i,  // 1 … 4, in the order of data_i[31:0] first
  output wire [31:0]  crc_o
);
  localparam [31:0] POLYNOMIAL = 32'hedb8_8320;

  // Row b, 128 bits, tells which bits of four data words enter bit b of the state that was 0
  // before. It is the bit-serial algorithm run on sets of inputs instead of bits.
  function [4095:0] input_sets;
    input unused;
    reg [127:0] fed_back;
    integer i, b;
    begin
      input_sets = 4096'd0;
      for (i = 0; i < 128; i = i + 1) begin
        fed_back = input_sets[127:0] ^ (128'd1 << i);
        input_sets = input_sets >> 128;
        for (b = 0; b < 32; b = b + 1) begin
          if (POLYNOMIAL[b]) input_sets[b*128+:128] = input_sets[b*128+:128] ^ fed_back;
        end
      end
    end
  endfunction

  localparam [4095:0] SETS = input_sets(1'b0);

  // The state is added to the first word. A zero state stays zero over zero words, so that fewer
  // words than four are four with zeros before them.
  wire [127:0] all = data_i ^ {96'd0, crc_i};
  reg  [127:0] last;
  always @* begin
    case (words_i)
      3'd1:    last = {all[31:0], 96'd0};
      3'd2:    last = {all[63:0], 64'd0};
      3'd3:    last = {all[95:0], 32'd0};
      default: last = all;
    endcase
  end

  genvar b;
  for (b = 0; b < 32; b = b + 1) begin : g_bit
    assign crc_o[b] = ^(last & SETS[b*128+:128]);
  end
endmodule

`default_nettype wire
