// Memory with one write and one read port, inferred as block memory. Read latency 1, and one more with
// the input register and with the output register, one word a cycle; without the latter the output
// keeps its value while read_i is low. What a read of
// the very word being written in the same cycle gives is undefined: it is not a bypass. Contents
// are not reset.
//
// With the input register a wide memory is cut into slices, each with registers of its own for
// addresses and enables: else one register would drive all blocks, wherever they lie. Slices have 36
// bits, or short lanes that are 32 together, so that they fill blocks as a whole word would.
`default_nettype none

module ram_1r1w #(
  parameter Width = 128,
  parameter Depth = 512,
  parameter WriteLanes = 1,    // parts of a word with a write enable each
  parameter InputRegister = 0,  // 1: one more register before the memory
  parameter OutputRegister = 0, // 1: one behind it, for a block memory takes half a cycle to answer
  parameter AddrBits = Depth > 1 ? $clog2(Depth) : 1  // derived
) (
  input wire clk_i,

  // write: lane l of the word is bits [l*Width/WriteLanes +: Width/WriteLanes]
  input wire [WriteLanes-1:0] write_i, input wire [AddrBits-1:0] write_addr_i,
  input wire [Width-1:0] write_data_i,

  // read
  input wire read_i, input wire [AddrBits-1:0] read_addr_i, output wire [Width-1:0] read_data_o
);
  if (WriteLanes < 1 || Width % WriteLanes != 0)
    ram_1r1w_Width_must_be_a_multiple_of_WriteLanes u_stop ();

  localparam LaneBits = Width / WriteLanes;
  localparam Cut = LaneBits > 36 ? (LaneBits + 35) / 36 : 1;  // slices of a lane
  localparam Together = 32 % LaneBits == 0 && Width % 32 == 0 ? 32 / LaneBits : WriteLanes;
  localparam Lanes = InputRegister == 0 ? WriteLanes : LaneBits > 36 ? 1 : Together;  // of a slice
  localparam Slices = InputRegister == 0 ? 1 : WriteLanes / Lanes * Cut;

  genvar s;
  for (s = 0; s < Slices; s = s + 1) begin : g_slice
    localparam First = Slices == 1 ? 0 : s / Cut * Lanes * LaneBits + s % Cut * 36;
    localparam Rest = (s / Cut + 1) * Lanes * LaneBits - First;
    localparam SliceBits = Slices > 1 && Cut > 1 && Rest > 36 ? 36 : Rest;
    localparam PartBits = SliceBits / Lanes;
    wire [Lanes-1:0]     write;
    wire [AddrBits-1:0]  write_addr, read_addr;
    wire [SliceBits-1:0] write_data;
    wire                 read;
    if (InputRegister != 0) begin : g_input
      reg [Lanes-1:0]     write_q;
      reg [AddrBits-1:0]  write_addr_q, read_addr_q;
      reg [SliceBits-1:0] write_data_q;
      reg                 read_q;
      (* keep *) always @(posedge clk_i) begin  // Yosys would merge them
        write_q                     <= write_i[s/Cut*Lanes+:Lanes];
        {read_q, read_addr_q}       <= {read_i, read_addr_i};
        {write_addr_q, write_data_q} <= {write_addr_i, write_data_i[First+:SliceBits]};
      end
      assign {write, write_addr, write_data} = {write_q, write_addr_q, write_data_q};
      assign {read, read_addr} = {read_q, read_addr_q};
    end else begin : g_direct
      assign {write, write_addr, write_data} = {write_i, write_addr_i, write_data_i};
      assign {read, read_addr} = {read_i, read_addr_i};
    end

    (* ram_style = "block", no_rw_check *)
    reg [SliceBits-1:0] mem [0:Depth-1];
    reg [SliceBits-1:0] word_q;

    integer l;
    always @(posedge clk_i)
      for (l = 0; l < Lanes; l = l + 1)
        if (write[l]) mem[write_addr][l*PartBits+:PartBits] <= write_data[l*PartBits+:PartBits];

    always @(posedge clk_i) if (read) word_q <= mem[read_addr];
    if (OutputRegister != 0) begin : g_output
      reg [SliceBits-1:0] out_q;
      always @(posedge clk_i) out_q <= word_q;
      assign read_data_o[First+:SliceBits] = out_q;
    end else begin : g_at_once
      assign read_data_o[First+:SliceBits] = word_q;
    end
  end
endmodule

`default_nettype wire
