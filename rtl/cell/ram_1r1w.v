// Memory with one write and one read port, inferred as block memory. Read latency 1, or 2 with the
// output register, one word a cycle; the output keeps its value while read_i is low. What a read of
// the very word being written in the same cycle gives is undefined: it is not a bypass. Contents
// are not reset.
`default_nettype none

module ram_1r1w #(
  parameter Width = 128,
  parameter Depth = 512,
  parameter WriteLanes = 1,     // parts of a word with a write enable each
  parameter OutputRegister = 0, // 1: one more register behind the memory
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

  (* ram_style = "block", no_rw_check *)
  reg [Width-1:0] mem [0:Depth-1];
  reg [Width-1:0] word_q;

  integer l;
  always @(posedge clk_i) begin
    for (l = 0; l < WriteLanes; l = l + 1) begin
      if (write_i[l]) begin
        mem[write_addr_i][l*LaneBits+:LaneBits] <= write_data_i[l*LaneBits+:LaneBits];
      end
    end
  end

  always @(posedge clk_i) if (read_i) word_q <= mem[read_addr_i];

  if (OutputRegister != 0) begin : g_output
    reg [Width-1:0] output_q;
    always @(posedge clk_i) output_q <= word_q;
    assign read_data_o = output_q;
  end else begin : g_direct
    assign read_data_o = word_q;
  end
endmodule

`default_nettype wire
