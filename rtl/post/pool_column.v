// The sums of global_pool of one column of the array: adds the taps down the rows, gathers them
// over the groups for each output lane, and keeps the finished sums in its part of the hand-over
// register, which shifts towards column 0. The tap of row g comes g cycles behind that of row 0,
// the token of the column's sum one cycle behind the last row's; lanes come one after the other.
`default_nettype none

module pool_column #(
  parameter Lanes = 2,
  parameter PixLanes = 1,
  parameter AccBits = 25,
  parameter SumBits = 40
) (
  input wire clk_i,

  // by row, each at its own time: value valid, counted in, cleared when negative
  input wire [PixLanes*AccBits-1:0] tap_i,
  input wire [PixLanes-1:0] valid_i,
  input wire [PixLanes-1:0] use_i,
  input wire [PixLanes-1:0] relu_i,

  // token of the column's sum
  input  wire                        sum_valid_i,
  input  wire                        sum_first_i,  // starts a run
  input  wire                        sum_last_i,   // ends it

  // hand-over register
  input wire shift_i, input wire [SumBits-1:0] held_i, output wire [SumBits-1:0] held_o
);
  localparam RowBits = AccBits + $clog2(PixLanes) + 1;

  genvar g;
  for (g = 0; g < PixLanes; g = g + 1) begin : g_row
    wire [AccBits-1:0] tap = tap_i[AccBits*g+:AccBits];
    wire               counts = use_i[g] && !(relu_i[g] && tap[AccBits-1]);
    wire [RowBits-1:0] value = counts ? {{(RowBits - AccBits) {tap[AccBits-1]}}, tap}
                                      : {RowBits{1'b0}};
    wire [RowBits-1:0] above;
    reg  [RowBits-1:0] sum_q;
    if (g == 0) begin : g_top
      assign above = {RowBits{1'b0}};
    end else begin : g_below
      assign above = g_row[g-1].sum_q;
    end
    always @(posedge clk_i) if (valid_i[g]) sum_q <= above + value;
  end

  wire [RowBits-1:0] row_sum = g_row[PixLanes-1].sum_q;

  // The lanes' sums take turns: the one to be added to stands in front.
  reg  [SumBits-1:0] back_q;
  wire [SumBits-1:0] front;
  wire [SumBits-1:0] sum = (sum_first_i ? {SumBits{1'b0}} : front)
                         + {{(SumBits - RowBits) {row_sum[RowBits-1]}}, row_sum};

  always @(posedge clk_i) if (sum_valid_i) back_q <= sum;

  // Finished sums enter at the back in lane order.
  reg  [SumBits-1:0] held_back_q;
  wire               load = sum_valid_i && sum_last_i;
  always @(posedge clk_i) begin
    if (load) held_back_q <= sum;
    else if (shift_i) held_back_q <= held_i;
  end

  if (Lanes == 2) begin : g_two
    reg [SumBits-1:0] front_q, held_front_q;
    always @(posedge clk_i) begin
      if (sum_valid_i) front_q <= back_q;
      if (load || shift_i) held_front_q <= held_back_q;
    end
    assign front  = front_q;
    assign held_o = held_front_q;
  end else begin : g_one
    assign front  = back_q;
    assign held_o = held_back_q;
  end
endmodule

`default_nettype wire
