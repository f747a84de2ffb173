// The greater of two bytes, for each of OutLanes channels. Combinational.
`default_nettype none

module lane_max #(parameter OutLanes = 16) (
  input wire [OutLanes*8-1:0] a_i,
  input wire [OutLanes*8-1:0] b_i,
  output wire [OutLanes*8-1:0] max_o
);
  genvar c;
  for (c = 0; c < OutLanes; c = c + 1) begin : g_channel
    wire [7:0] a = a_i[8*c+:8];
    wire [7:0] b = b_i[8*c+:8];
    assign max_o[8*c+:8] = a > b ? a : b;
  end
endmodule

`default_nettype wire
