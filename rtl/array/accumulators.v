// The accumulators of a column's output lanes: adds a sum a cycle to one group (or starts the group
// with it), and hands out, one lane a cycle, the groups that drain tokens name. Sums wrap at
// AccBits.
//
// Only one run at a time is being added up, so one bank of running sums serves all runs; the last
// sum of a group goes to the bank of finished sums that the run names. So both memories need but
// one read port, and a bank can drain while the rest of its run is still being added.
//
// A sum comes 1 cycle behind its token; its group may be added to again 3 cycles later. A drained
// sum comes out 2 cycles behind its token. A drain token may enter 3 cycles behind the sum's token.
`default_nettype none

module accumulators #(
  parameter Lanes = 2,
  parameter Depth = 64,
  parameter AccBits = 25,
  parameter GroupBits = Depth > 1 ? $clog2(Depth) : 1  // derived
) (
  input wire clk_i, input wire rst_i,

  // token of a sum, and the sum a cycle later
  input  wire                 add_valid_i,
  input  wire                 add_first_i,
  input  wire                 add_last_i,
  input  wire [1:0]           add_bank_i,
  input  wire [GroupBits-1:0] add_group_i,
  input  wire [18:0]          lower_i,
  input  wire [18:0]          upper_i,
  input  wire                 carry_i,   // belongs to the upper sum

  // drain token, at most one every Lanes cycles
  input wire drain_valid_i, input wire [1:0] drain_bank_i, input wire [GroupBits-1:0] drain_group_i,
  output reg [AccBits-1:0] drain_data_o
);
  localparam Width = Lanes * AccBits;
  localparam Banks = 3;

  (* ram_style = "distributed" *)
  reg [Width-1:0] running [0:Depth-1];
  (* ram_style = "distributed" *)
  reg [Width-1:0] finished [0:(Banks<<GroupBits)-1];

  // Stages of an addition: read, add, write.
  reg                 sum_valid_q, sum_first_q, sum_last_q, write_running_q, write_finished_q;
  reg [1:0]           sum_bank_q, write_bank_q;
  reg [GroupBits-1:0] sum_group_q, write_group_q;
  reg [Width-1:0]     before_q, after_q;

  always @(posedge clk_i) begin
    sum_valid_q      <= !rst_i && add_valid_i;
    write_running_q  <= !rst_i && sum_valid_q && !sum_last_q;
    write_finished_q <= !rst_i && sum_valid_q && sum_last_q;
    sum_first_q      <= add_first_i;
    sum_last_q       <= add_last_i;
    sum_bank_q       <= add_bank_i;
    sum_group_q      <= add_group_i;
    write_bank_q     <= sum_bank_q;
    write_group_q    <= sum_group_q;
  end

  always @(posedge clk_i) begin
    if (write_running_q) running[write_group_q] <= after_q;
    if (add_valid_i) before_q <= running[add_group_i];
  end

  wire [AccBits-1:0] lower = {{(AccBits - 19) {lower_i[18]}}, lower_i};
  wire [AccBits-1:0] lower_base = sum_first_q ? {AccBits{1'b0}} : before_q[AccBits-1:0];

  if (Lanes == 2) begin : g_upper
    // A bit below the sum brings the carry into the adder.
    wire [AccBits-1:0] upper_base = sum_first_q ? {AccBits{1'b0}} : before_q[Width-1:AccBits];
    wire [AccBits:0]   upper      = {{(AccBits - 19) {upper_i[18]}}, upper_i, 1'b1}
                                  + {upper_base, carry_i};
    wire unused = upper[0];
    always @(posedge clk_i) after_q <= {upper[AccBits:1], lower + lower_base};
  end else begin : g_lower
    wire unused = &{upper_i, carry_i};
    always @(posedge clk_i) after_q <= lower + lower_base;
  end

  // Drained sum: lane 0 in the first cycle behind the read, lane 1 in the second.
  reg [Width-1:0] drained_q;

  always @(posedge clk_i) begin
    if (write_finished_q) finished[{write_bank_q, write_group_q}] <= after_q;
    if (drain_valid_i) drained_q <= finished[{drain_bank_i, drain_group_i}];
  end

  if (Lanes == 2) begin : g_drain_two
    reg drain_lane_q;
    always @(posedge clk_i) begin
      drain_lane_q <= !drain_valid_i;
      drain_data_o <= drain_lane_q ? drained_q[Width-1:AccBits] : drained_q[AccBits-1:0];
    end
  end else begin : g_drain_one
    always @(posedge clk_i) drain_data_o <= drained_q;
  end
endmodule

`default_nettype wire
