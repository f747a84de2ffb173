// A flag delayed by a constant number of cycles, also 0, with every stage cleared by the reset.
`default_nettype none

module flag_delay #(parameter Cycles = 1) (
  input wire clk_i, input wire rst_i, input wire flag_i, output wire flag_o
);
  if (Cycles == 0) begin : g_none
    wire unused = &{clk_i, rst_i};
    assign flag_o = flag_i;
  end else begin : g_some
    reg  [Cycles-1:0] flags_q;
    wire [Cycles:0]   flags = {flags_q, flag_i};
    always @(posedge clk_i) begin
      if (rst_i) flags_q <= {Cycles{1'b0}};
      else flags_q <= flags[Cycles-1:0];
    end
    assign flag_o = flags[Cycles];
  end
endmodule

`default_nettype wire
