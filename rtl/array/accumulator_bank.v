// The sums of one accumulator bank: distributed memory, one write and one read port. A word read shows one cycle
// later and stays until the next read; one written can be read from the cycle after.
`default_nettype none

module accumulator_bank #(
    parameter Width = 50,
    parameter Depth = 64,
    parameter AddrBits = Depth > 1 ? $clog2(Depth) : 1  // derived
) (
    input  wire                clk_i,

    input  wire                write_i,
    input  wire [AddrBits-1:0] write_addr_i,
    input  wire [Width-1:0]    write_data_i,

    input  wire                read_i,
    input  wire [AddrBits-1:0] read_addr_i,
    output wire [Width-1:0]    read_data_o
);
  (* ram_style = "distributed" *)
  reg [Width-1:0] mem [0:Depth-1];
  reg [Width-1:0] read_q;

  always @(posedge clk_i) begin
    if (write_i) mem[write_addr_i] <= write_data_i;
    if (read_i) read_q <= mem[read_addr_i];
  end

  assign read_data_o = read_q;
endmodule

`default_nettype wire
