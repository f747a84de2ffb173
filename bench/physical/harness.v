// The engine between two shift registers, so that a part with few pins holds it for a timing run: every
// input is a bit of one that is filled serially, every output is folded into another that is read
// serially. So nothing of the engine is constant or unread, and no path but its own is of interest. It
// is not a board's shell: what goes through it means nothing.
`default_nettype none

module harness #(
  parameter PortBits = 64
) (
  input wire clk_i, input wire serial_i, output wire serial_o
);
  localparam Inputs  = 1 + 12 + 3 + 1 + 32 + 4 + 1 + 1 + 12 + 3 + 1 + 1 + 1 + PortBits + 2 + 1 + 1 + 1
                     + 1 + 2 + 1;
  localparam Outputs = 1 + 1 + 1 + 2 + 1 + 1 + 32 + 2 + 1 + 2 * (32 + 8 + 3 + 2 + 4 + 3 + 1) + 1
                     + PortBits + PortBits / 8 + 1 + 1 + 1;

  reg  [Inputs-1:0]  in_q;
  reg  [Outputs-1:0] out_q, folded_q;
  wire [Outputs-1:0] out;

  // Outputs have a register of their own before they are folded.
  always @(posedge clk_i) begin
    in_q     <= {in_q[Inputs-2:0], serial_i};
    out_q    <= out;
    folded_q <= {folded_q[Outputs-2:0], 1'b0} ^ out_q;
  end
  assign serial_o = folded_q[Outputs-1];

  wire        aresetn, awvalid, wvalid, bready, arvalid, rready, m_arready, m_rlast, m_rvalid;
  wire        m_awready, m_wready, m_bvalid;
  wire [11:0] awaddr, araddr;
  wire [2:0]  awprot, arprot;
  wire [31:0] wdata;
  wire [3:0]  wstrb;
  wire [1:0]  m_rresp, m_bresp;
  wire [PortBits-1:0] m_rdata;
  assign {aresetn, awaddr, awprot, awvalid, wdata, wstrb, wvalid, bready, araddr, arprot, arvalid, rready,
          m_arready, m_rdata, m_rresp, m_rlast, m_rvalid, m_awready, m_wready, m_bresp, m_bvalid} = in_q;

  wire        interrupt, awready, wready, bvalid, arready, rvalid, m_arvalid, m_rready, m_awvalid;
  wire        m_wlast, m_wvalid, m_bready;
  wire [1:0]  bresp, rresp, m_arburst, m_awburst;
  wire [31:0] rdata, m_araddr, m_awaddr;
  wire [7:0]  m_arlen, m_awlen;
  wire [2:0]  m_arsize, m_awsize, m_arprot, m_awprot;
  wire [3:0]  m_arcache, m_awcache;
  wire [PortBits-1:0]   m_wdata;
  wire [PortBits/8-1:0] m_wstrb;
  assign out = {interrupt, awready, wready, bresp, bvalid, arready, rdata, rresp, rvalid,
                m_araddr, m_arlen, m_arsize, m_arburst, m_arcache, m_arprot, m_arvalid,
                m_awaddr, m_awlen, m_awsize, m_awburst, m_awcache, m_awprot, m_awvalid,
                m_rready, m_wdata, m_wstrb, m_wlast, m_wvalid, m_bready};

  fireforge u_fireforge (
    .aclk(clk_i), .aresetn(aresetn), .interrupt(interrupt),
    .s_axi_awaddr(awaddr), .s_axi_awprot(awprot), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
    .s_axi_wdata(wdata), .s_axi_wstrb(wstrb), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
    .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
    .s_axi_araddr(araddr), .s_axi_arprot(arprot), .s_axi_arvalid(arvalid), .s_axi_arready(arready),
    .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
    .m_axi_araddr(m_araddr), .m_axi_arlen(m_arlen), .m_axi_arsize(m_arsize),
    .m_axi_arburst(m_arburst), .m_axi_arcache(m_arcache), .m_axi_arprot(m_arprot),
    .m_axi_arvalid(m_arvalid), .m_axi_arready(m_arready),
    .m_axi_rdata(m_rdata), .m_axi_rresp(m_rresp), .m_axi_rlast(m_rlast), .m_axi_rvalid(m_rvalid),
    .m_axi_rready(m_rready),
    .m_axi_awaddr(m_awaddr), .m_axi_awlen(m_awlen), .m_axi_awsize(m_awsize),
    .m_axi_awburst(m_awburst), .m_axi_awcache(m_awcache), .m_axi_awprot(m_awprot),
    .m_axi_awvalid(m_awvalid), .m_axi_awready(m_awready),
    .m_axi_wdata(m_wdata), .m_axi_wstrb(m_wstrb), .m_axi_wlast(m_wlast), .m_axi_wvalid(m_wvalid),
    .m_axi_wready(m_wready), .m_axi_bresp(m_bresp), .m_axi_bvalid(m_bvalid), .m_axi_bready(m_bready)
  );
endmodule

`default_nettype wire
