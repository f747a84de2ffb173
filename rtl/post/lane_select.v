// The word of the lane whose bit is set, 0 if there is none: an AND-OR tree, combinational. No
// priority; of several set bits the words are mixed.
`default_nettype none

module lane_select #(parameter Lanes = 2, parameter Width = 8) (
  input wire [Lanes-1:0] select_i,
  input wire [Lanes*Width-1:0] data_i, output wire [Width-1:0] data_o
);
  genvar l;
  for (l = 0; l < Lanes; l = l + 1) begin : g_lane
    wire [Width-1:0] own = data_i[l*Width+:Width] & {Width{select_i[l]}};
    wire [Width-1:0] up_to;
    if (l == 0) begin : g_first
      assign up_to = own;
    end else begin : g_next
      assign up_to = g_lane[l-1].up_to | own;
    end
  end
  assign data_o = g_lane[Lanes-1].up_to;
endmodule

`default_nettype wire
