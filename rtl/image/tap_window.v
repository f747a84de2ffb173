// Shift register of the last MaxKernel columns, and the taps of the newest kernel x kernel window
// in order (ky, kx, channel), the rest 0. It does not know where windows begin: the caller says
// which column completes one. One column enters a cycle, or with two PackLanes two; taps_o follows
// by one cycle.
`default_nettype none

module tap_window #(
  parameter PackLanes = 1,
  parameter MaxKernel = 7 // 3, 5 or 7
) (
  input wire clk_i,

  input  wire                              shift_i,
  input  wire                              double_i, // by two columns
  // the newest column, pixel of window row j at bits 24j+23:24j; above it the one before
  input  wire [24*MaxKernel*PackLanes-1:0] column_i,
  input  wire [1:0]                        half_i,   // kernel = 2*half + 1, held with the taps
  output wire [24*MaxKernel*MaxKernel-1:0] taps_o
);
  // Row by row, the newest column on top of each row.
  wire [24*MaxKernel*MaxKernel-1:0] window;
  genvar j;
  for (j = 0; j < MaxKernel; j = j + 1) begin : g_row
    reg  [24*MaxKernel-1:0] row_q;
    wire [24*MaxKernel-1:24] moved; // one column to the right
    if (PackLanes == 1) begin : g_one
      wire unused_ok = double_i;
      assign moved = row_q[24*MaxKernel-1:24];
    end else begin : g_two
      assign moved = double_i ? {column_i[24*(MaxKernel+j) +: 24], row_q[24*MaxKernel-1:48]}
                              : row_q[24*MaxKernel-1:24];
    end
    always @(posedge clk_i) if (shift_i) row_q <= {column_i[24*j +: 24], moved};
    assign window[24*MaxKernel*j +: 24*MaxKernel] = row_q;
  end

  // Tap i of a k x k kernel is row i / k, column i % k of the newest k columns.
  genvar i;
  for (i = 0; i < MaxKernel * MaxKernel; i = i + 1) begin : g_tap
    localparam Has1 = i < 1, Has3 = i < 9, Has5 = i < 25 && MaxKernel >= 5, Has7 = MaxKernel >= 7;
    localparam At1 = Has1 ? MaxKernel - 1 : 0;
    localparam At3 = Has3 ? MaxKernel * (i / 3) + MaxKernel - 3 + i % 3 : 0;
    localparam At5 = Has5 ? MaxKernel * (i / 5) + MaxKernel - 5 + i % 5 : 0;
    localparam At7 = Has7 ? MaxKernel * (i / 7) + MaxKernel - 7 + i % 7 : 0;
    assign taps_o[24*i +: 24] =
        half_i == 2'd0 && Has1 ? window[24*At1 +: 24] :
        half_i == 2'd1 && Has3 ? window[24*At3 +: 24] :
        half_i == 2'd2 && Has5 ? window[24*At5 +: 24] :
        half_i == 2'd3 && Has7 ? window[24*At7 +: 24] : 24'd0;
  end
endmodule

`default_nettype wire
