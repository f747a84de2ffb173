// A word delayed by a constant number of cycles, also 0. Without reset: for data, or for flags
// whose source is held at 0 for that many cycles of reset.
`default_nettype none

module delay_line #(parameter Width = 8, parameter Cycles = 1) (
  input wire clk_i, input wire [Width-1:0] data_i, output wire [Width-1:0] data_o
);
  genvar i;
  // One register a stage, not one long vector that shifts: simulators move only words.
  for (i = 0; i < Cycles; i = i + 1) begin : g_stage
    reg  [Width-1:0] data_q;
    wire [Width-1:0] data_d;
    if (i == 0) begin : g_first
      assign data_d = data_i;
    end else begin : g_next
      assign data_d = g_stage[i-1].data_q;
    end
    always @(posedge clk_i) data_q <= data_d;
  end

  if (Cycles == 0) begin : g_none
    wire unused = clk_i;
    assign data_o = data_i;
  end else begin : g_some
    assign data_o = g_stage[Cycles-1].data_q;
  end
endmodule

`default_nettype wire
