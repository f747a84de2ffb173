// The AXI4 read channels for two clients: bursts of the image (and, merged with them before, those
// of loads) go before bursts of the tape, and the beats, which come in the order of the addresses
// (one ID), go to the client whose burst is the oldest. RREADY is always 1: a client asks only for
// what it has room for. An address once valid does not change. A response other than OKAY is
// reported; its data is passed on all the same. One burst a cycle.
`default_nettype none

module axi_read_arbiter #(
  parameter PortBits = 64,
  parameter AddrBits = 32,
  parameter Outstanding = 8  // bursts whose last beat has not come, at most
) (
  input wire clk_i, input wire rst_i,

  // control: starts no burst while stopped, is idle when nothing is outstanding; an error a cycle
  // with an erroneous beat; bytes of this cycle
  input wire stop_i, output wire idle_o, output wire [6:0] bytes_o,
  output reg error_valid_o, output reg [7:0] error_code_o,

  // bursts of the image
  input wire image_valid_i, output wire image_ready_o, input wire [AddrBits-1:0] image_addr_i,
  input wire [8:0] image_beats_i, output wire image_beat_valid_o,

  // bursts of the tape
  input wire tape_valid_i, output wire tape_ready_o, input wire [AddrBits-1:0] tape_addr_i,
  input wire [8:0] tape_beats_i, output wire tape_beat_valid_o,

  // beats, of the client whose valid is high
  output wire [PortBits-1:0] beat_data_o,

  // AXI4 read address and data channels
  output reg axi_arvalid_o, input wire axi_arready_i, output reg [AddrBits-1:0] axi_araddr_o,
  output wire [7:0] axi_arlen_o, output wire [2:0] axi_arsize_o, output wire [1:0] axi_arburst_o,
  input wire axi_rvalid_i, output wire axi_rready_o, input wire [PortBits-1:0] axi_rdata_i,
  input wire [1:0] axi_rresp_i, input wire axi_rlast_i
);
  `include "register_map.vh"

  localparam CountBits = $clog2(Outstanding + 1);
  localparam [31:0] SIZE = $clog2(PortBits / 8);
  localparam [31:0] BYTES = PortBits / 8;
  localparam [1:0] INCR = 2'b01;

  reg [8:0] beats_q;

  wire [CountBits-1:0] open;  // bursts from the AR channel's register to their last beat
  wire                 may_open, owner_is_tape, unused_owner_valid;

  wire       slot = (!axi_arvalid_o || axi_arready_i) && may_open && !stop_i;
  wire       start = slot && (image_valid_i || tape_valid_i);
  wire [8:0] arlen = beats_q - 9'd1;
  wire       unused_arlen = arlen[8];

  assign image_ready_o = slot;
  assign tape_ready_o  = slot && !image_valid_i;

  assign axi_arlen_o   = arlen[7:0];
  assign axi_arsize_o  = SIZE[2:0];
  assign axi_arburst_o = INCR;
  assign axi_rready_o  = 1'b1;

  assign image_beat_valid_o = axi_rvalid_i && !owner_is_tape;
  assign tape_beat_valid_o  = axi_rvalid_i && owner_is_tape;
  assign beat_data_o        = axi_rdata_i;
  assign bytes_o            = axi_rvalid_i ? BYTES[6:0] : 7'd0;
  assign idle_o             = open == 0;

  always @(posedge clk_i) begin
    if (start) begin
      axi_arvalid_o <= 1'b1;
      axi_araddr_o  <= image_valid_i ? image_addr_i : tape_addr_i;
      beats_q       <= image_valid_i ? image_beats_i : tape_beats_i;
    end else if (axi_arready_i) axi_arvalid_o <= 1'b0;
    if (rst_i) axi_arvalid_o <= 1'b0;
  end

  fifo #(.Width(1), .Depth(Outstanding)) u_owners (
    .clk_i(clk_i), .rst_i(rst_i), .valid_i(start), .ready_o(may_open), .data_i(!image_valid_i),
    .valid_o(unused_owner_valid), .ready_i(axi_rvalid_i && axi_rlast_i), .data_o(owner_is_tape),
    .count_o(open)
  );

  always @(posedge clk_i) begin
    error_valid_o <= !rst_i && axi_rvalid_i && axi_rresp_i[1];
    error_code_o  <= axi_rresp_i[0] ? ERROR_READ_DECERR : ERROR_READ_SLVERR;
  end

`ifdef FORMAL
  reg                held_q;
  reg [AddrBits-1:0] held_addr_q;
  reg [7:0]          held_len_q;
  always @(posedge clk_i) begin
    held_q      <= !rst_i && axi_arvalid_o && !axi_arready_i;
    held_addr_q <= axi_araddr_o;
    held_len_q  <= axi_arlen_o;
    if (!rst_i && held_q) begin
      assert (axi_arvalid_o);
      assert (axi_araddr_o == held_addr_q);
      assert (axi_arlen_o == held_len_q);
    end
  end
`endif
endmodule

`default_nettype wire
