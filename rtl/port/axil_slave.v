// AXI4-Lite slave side: turns accesses into one-cycle strobes for a register file. Address and data
// of a write may come in any order; all answers are OKAY. One access each way at a time, read data
// three cycles after the address.
`default_nettype none

module axil_slave #(parameter AddrBits = 12) (
  input wire clk_i, input wire rst_i,

  // AXI4-Lite
  input wire [AddrBits-1:0] axil_awaddr_i, input wire axil_awvalid_i, output wire axil_awready_o,
  input wire [31:0] axil_wdata_i, input wire [3:0] axil_wstrb_i, input wire axil_wvalid_i,
  output wire axil_wready_o,
  output wire [1:0] axil_bresp_o, output reg axil_bvalid_o, input wire axil_bready_i,
  input wire [AddrBits-1:0] axil_araddr_i, input wire axil_arvalid_i, output wire axil_arready_o,
  output reg [31:0] axil_rdata_o, output wire [1:0] axil_rresp_o, output reg axil_rvalid_o,
  input wire axil_rready_i,

  // registers: addresses are those of whole words, read_data_i is taken in the cycle after read_o
  output wire write_o, output wire [AddrBits-1:0] write_addr_o,
  output reg [31:0] write_data_o, output reg [3:0] write_strobe_o,
  output wire read_o, output wire [AddrBits-1:0] read_addr_o, input wire [31:0] read_data_i
);
  localparam [1:0] OKAY = 2'b00;

  reg                aw_held_q, w_held_q, ar_held_q, read_q;
  reg [AddrBits-1:2] awaddr_q, araddr_q;

  wire unused_addr = &{1'b0, axil_awaddr_i[1:0], axil_araddr_i[1:0]};

  assign axil_awready_o = !aw_held_q;
  assign axil_wready_o  = !w_held_q;
  assign axil_bresp_o   = OKAY;
  assign axil_arready_o = !ar_held_q;
  assign axil_rresp_o   = OKAY;

  // The write is a register that knows what the three flags become.
  reg  write_q;
  wire aw_held = aw_held_q ? !write_o : axil_awvalid_i;
  wire w_held = w_held_q ? !write_o : axil_wvalid_i;
  wire bvalid = axil_bvalid_o ? !axil_bready_i : write_o;

  assign write_o      = write_q;
  assign write_addr_o = {awaddr_q, 2'b00};
  assign read_o       = ar_held_q && !axil_rvalid_o && !read_q;
  assign read_addr_o  = {araddr_q, 2'b00};

  always @(posedge clk_i) begin
    if (!aw_held_q) awaddr_q <= axil_awaddr_i[AddrBits-1:2];
    if (!w_held_q) begin
      write_data_o <= axil_wdata_i;
      write_strobe_o <= axil_wstrb_i;
    end
    if (!ar_held_q) araddr_q <= axil_araddr_i[AddrBits-1:2];
    if (read_q) axil_rdata_o <= read_data_i;
    aw_held_q     <= aw_held;
    w_held_q      <= w_held;
    axil_bvalid_o <= bvalid;
    write_q       <= aw_held && w_held && !bvalid;
    ar_held_q     <= ar_held_q ? !read_o : axil_arvalid_i;
    read_q        <= read_o;
    axil_rvalid_o <= axil_rvalid_o ? !axil_rready_i : read_q;
    if (rst_i) {aw_held_q, w_held_q, write_q, axil_bvalid_o, ar_held_q, read_q, axil_rvalid_o} <= 0;
  end
endmodule

`default_nettype wire
