// Turns the words of G banks into the order of the pixel lanes and zeroes the lanes whose tap lies
// outside the map. Lane g takes bank (g + lane) mod G. The controls arrive with the read, the data
// three cycles later; latency from controls to output 4 cycles, one group a cycle.
`default_nettype none

module lane_align #(
  parameter PixLanes = 1,
  parameter LaneBits = PixLanes > 1 ? $clog2(PixLanes) : 1
) (
  input wire clk_i,
  input wire [LaneBits-1:0] lane_i,
  input wire [PixLanes-1:0] inside_i,
  input wire [PixLanes*128-1:0] read_data_i,
  output wire [PixLanes*128-1:0] data_o
);
  reg [LaneBits-1:0] lane_q, lane_qq, lane_qqq;
  reg [PixLanes-1:0] inside_q, inside_qq, inside_qqq;
  always @(posedge clk_i) begin
    lane_q <= lane_i;
    lane_qq <= lane_q;
    lane_qqq <= lane_qq;
    inside_q <= inside_i;
    inside_qq <= inside_q;
    inside_qqq <= inside_qq;
  end

  genvar g;
  for (g = 0; g < PixLanes; g = g + 1) begin : g_lane
    localparam [31:0] LANE = g, LANES = PixLanes;
    wire [LaneBits:0] sum = LANE[LaneBits:0] + {1'b0, lane_qqq};
    wire [LaneBits:0] bank = sum >= LANES[LaneBits:0] ? sum - LANES[LaneBits:0] : sum;
    reg  [127:0]      data_q;
    always @(posedge clk_i) data_q <= inside_qqq[g] ? read_data_i[bank * 128 +: 128] : 128'd0;
    assign data_o[g * 128 +: 128] = data_q;
  end
endmodule

`default_nettype wire
